"""The layers of a convolutional network, written to be read.

`shapes` counts, `arguments` refuses what makes no sense, `loops` computes, forward and backward, and `fast`
does the same by matrix products (`im2col`); `gradcheck` judges gradients. `base` is what layers share,
`layers` keep the parameters, `model` puts layers in a row, `training` moves the parameters, `checkpoint`
stores them. `data` brings images, `cifar` those of CIFAR-10, and `lists` learns without NumPy.
`receptive_field` says what one output sees, `networks` has the layers of well-known ones, `summary` prints a
model in a table, and `tracing` records a run of the loops (`loop_source` reads their lines). Conventions are
PyTorch's.
"""
