"""Networks that everyone knows, as far as receptive fields need them: kernel size, stride and padding.

Each table holds the longest path from the image to the last feature map, before a global pooling or the first
linear layer. Paths beside it, the shortcuts of a ResNet, see less. Padding is that of the ports to PyTorch,
the same on both sides (TensorFlow pads even sizes on one side only, which moves the field, not its size).
"""

from collections.abc import Callable
from typing import NamedTuple

__all__ = ["NETWORKS", "Network"]

Windows = list[tuple[int, int, int]]  # (kernel_size, stride, padding)


class Network(NamedTuple):
    """The layers of a network and where they are printed."""

    layers: Windows
    source: str


def vgg(convolutions: list[int]) -> Windows:
    """Blocks of so many 3×3 convolutions, with 2×2 pooling behind each block."""
    return [layer for number in convolutions for layer in [(3, 1, 1)] * number + [(2, 2, 0)]]


def resnet(units: list[int], unit: Callable[[int], Windows]) -> Windows:
    """The 7×7 stem with its pooling, then four stages of units; each but the first begins with stride 2."""
    layers = [(7, 2, 3), (3, 2, 1)]
    for first, number in zip((1, 2, 2, 2), units, strict=True):
        layers += unit(first) + unit(1) * (number - 1)
    return layers


def basic(stride: int) -> Windows:
    """The unit of ResNet-18 and 34."""
    return [(3, stride, 1), (3, 1, 1)]


def bottleneck(stride: int) -> Windows:
    """The unit of ResNet-50 as first published: the first 1×1 convolution takes the stride."""
    return [(1, stride, 0), (3, 1, 1), (1, 1, 0)]


def bottleneck_v1_5(stride: int) -> Windows:
    """The unit of ResNet-50 in torchvision: the 3×3 convolution takes the stride, and skips no pixel."""
    return [(1, 1, 0), (3, stride, 1), (1, 1, 0)]


def separable(strides: list[int]) -> Windows:
    """Depthwise 3×3 convolutions with these strides, a 1×1 convolution behind each."""
    return [layer for stride in strides for layer in [(3, stride, 1), (1, 1, 0)]]


HE = "K. He and others, Deep Residual Learning for Image Recognition, 2015, arxiv.org/abs/1512.03385, table 1"

NETWORKS = {
    "AlexNet": Network(
        [(11, 4, 2), (3, 2, 0), (5, 1, 2), (3, 2, 0), *[(3, 1, 1)] * 3, (3, 2, 0)],
        "A. Krizhevsky and others, ImageNet Classification with Deep Convolutional Neural Networks, 2012, "
        "section 3.5; padding as in torchvision.models.alexnet, since 224 pixels do not fit without",
    ),
    "VGG-16": Network(
        vgg([2, 2, 3, 3, 3]),
        "K. Simonyan and A. Zisserman, Very Deep Convolutional Networks for Large-Scale Image Recognition, "
        "2014, arxiv.org/abs/1409.1556, table 1, column D",
    ),
    "ResNet-18": Network(resnet([2, 2, 2, 2], basic), HE),
    "ResNet-34": Network(resnet([3, 4, 6, 3], basic), HE),
    "ResNet-50": Network(
        resnet([3, 4, 6, 3], bottleneck), f"{HE}; stride in the first 1×1 convolution, as the authors' models"
    ),
    "ResNet-50 v1.5": Network(
        resnet([3, 4, 6, 3], bottleneck_v1_5),
        f"{HE}; stride in the 3×3 convolution, as torchvision.models.resnet50",
    ),
    "MobileNet-v1": Network(
        [(3, 2, 1), *separable([1, 2, 1, 2, 1, 2, 1, 1, 1, 1, 1, 2, 1])],
        "A. Howard and others, MobileNets: Efficient Convolutional Neural Networks for Mobile Vision "
        "Applications, 2017, arxiv.org/abs/1704.04861, table 1; its last depthwise layer is printed with "
        "stride 2, but keeps 7×7 and so has stride 1",
    ),
}
