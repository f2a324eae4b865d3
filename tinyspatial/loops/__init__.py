"""The operations of a convolutional network as nested loops: slow, and nothing is hidden.

Each axis has one name everywhere:  n   image of the batch      p q  row and column of the output
                                    c   channel of the input    i j  row and column of the kernel
                                    f   filter, which makes one channel of the output
A small letter counts, its capital says how many there are. Names, argument order and conventions are those
of torch.nn.functional. Arrays come in as anything that NumPy can read; all arithmetic and all results are
float64. An empty batch gives an empty result. No argument is changed, except the running statistics of
`batch_norm` in training.

`name_backward(grad, ...)` takes the gradient of what `name` gave, then the very arguments of `name`. It gives
the gradients of the arrays that training can change, in the order of the arguments. NaN and infinity spread
as the arithmetic has it.
"""

from tinyspatial.loops.convolution import conv2d, conv2d_backward
from tinyspatial.loops.dense import linear, linear_backward, relu, relu_backward
from tinyspatial.loops.loss import cross_entropy, cross_entropy_backward
from tinyspatial.loops.normalisation import batch_norm, batch_norm_backward
from tinyspatial.loops.pooling import avg_pool2d, avg_pool2d_backward, max_pool2d, max_pool2d_backward

__all__ = [
    "avg_pool2d",
    "avg_pool2d_backward",
    "batch_norm",
    "batch_norm_backward",
    "conv2d",
    "conv2d_backward",
    "cross_entropy",
    "cross_entropy_backward",
    "linear",
    "linear_backward",
    "max_pool2d",
    "max_pool2d_backward",
    "relu",
    "relu_backward",
]
