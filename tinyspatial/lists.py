"""A network that learns with loops alone: lists of numbers, and no NumPy anywhere.

It is `SimpleCNN` without a hidden layer, one image at a time. The parameters are those of the model as lists,
each filter one row. Two things make it fast enough to learn with: a window is collected once for all filters,
and max pooling sends a gradient to one pixel in four at most, so that the way back through a convolution
visits these alone.
"""

from __future__ import annotations

from math import exp, isfinite, log, nan
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tinyspatial.base import Layer

__all__ = ["from_model", "predict", "train_step"]

Row = list[float]
Map = list[Row]
Maps = list[Map]  # an image (C, H, W), or its windows (H, W, C·9)
Places = list[list[tuple[int, int] | None]]  # for every channel, where each largest value was
Blocks = list[tuple[Maps, Places]]  # of each block, what the way back needs
Parameters = list[Any]  # weight rows, biases, weight rows, …: Map, Row, Map, Row


def from_model(model: Layer) -> Parameters:
    """The parameters of a `SimpleCNN` without hidden layer as lists of floats: weight rows, biases, …

    (F, C, 3, 3) -> F rows of C·9; (F, C) and (F,) stay as they are. The lists are copies; NaN is copied too.
    Raises ValueError for a model with other layers.
    """
    arrays = model.parameters()
    forms = [array.shape[2:] if array.ndim == 4 else array.ndim for array in arrays]
    if len(forms) < 4 or forms != [(3, 3), 1] * (len(forms) // 2 - 1) + [2, 1]:
        raise ValueError(f"Expected a SimpleCNN without hidden layer, got {model!r}")
    return [array.reshape(len(array), -1).tolist() if array.ndim > 1 else array.tolist() for array in arrays]


def windows(x: Maps) -> Maps:
    """What each place of a 3×3 kernel sees, the border being zeros, as one row: (C, H, W) -> (H, W, C·9)."""
    H, W = len(x[0]), len(x[0][0])
    edge = [0.0] * (W + 2)
    x = [[edge, *([0.0, *row, 0.0] for row in channel), edge] for channel in x]
    return [
        [[v for channel in x for row in channel[p : p + 3] for v in row[q : q + 3]] for q in range(W)]
        for p in range(H)
    ]


def conv2d(seen: Maps, weight: Map, bias: Row) -> Maps:
    """Every filter (C·9) on every window of (H, W, C·9): (F, H, W)."""
    out = []
    for filter_row, b in zip(weight, bias, strict=True):
        out.append([[b] * len(row) for row in seen])
        for p, row in enumerate(seen):
            for q, window in enumerate(row):
                total = b
                for pixel, w in zip(window, filter_row, strict=True):
                    total += pixel * w
                out[-1][p][q] = total
    return out


def relu_max_pool2d(x: Maps) -> tuple[Maps, Places]:
    """The largest value of every 2×2 window, zero if none is positive: (C, H, W) -> (C, H/2, W/2).

    With it comes where each one was: for every channel a row of (p, q), or None for a zero.
    """
    out, places = [], []
    for channel in x:
        rows, columns = range(0, len(channel) - 1, 2), range(0, len(channel[0]) - 1, 2)
        found = [[largest(channel, p, q) for q in columns] for p in rows]
        out.append([[value for value, _ in row] for row in found])
        places.append([place for row in found for _, place in row])
    return out, places


def largest(channel: Map, p: int, q: int) -> tuple[float, tuple[int, int] | None]:
    """The largest positive value of one 2×2 window, and the first place where it is; or zero and None."""
    best, place = 0.0, None
    for i in range(p, p + 2):
        for j in range(q, q + 2):
            if channel[i][j] > best:
                best, place = channel[i][j], (i, j)
    return best, place


def linear(x: Row, weight: Map, bias: Row) -> Row:
    """(C,) -> (F,)"""
    out = []
    for row, b in zip(weight, bias, strict=True):
        total = b
        for value, w in zip(x, row, strict=True):
            total += value * w
        out.append(total)
    return out


def forward(parameters: Parameters, image: Maps) -> tuple[Row, Row, Blocks]:
    """The logits of one image (C, H, W), and what the way back needs of each block: windows and places."""
    x, blocks = image, []
    for weight, bias in zip(parameters[:-2:2], parameters[1:-2:2], strict=True):
        seen = windows(x)
        x, places = relu_max_pool2d(conv2d(seen, weight, bias))
        blocks.append((seen, places))
    features = [value for channel in x for row in channel for value in row]
    return linear(features, *parameters[-2:]), features, blocks


def predict(parameters: Parameters, image: Maps) -> int:
    """The class of an image: that of the largest logit, of equal ones the first.

    The image (C, H, W) may be lists or an array of any type.
    Raises ValueError when the image does not have the axes, channels and size that the parameters are made
    for, and when a value is NaN or infinite: NaN would be lost in max pooling, which compares.
    """
    logits = forward(parameters, read_image(parameters, image))[0]
    return logits.index(max(logits))


def cross_entropy(logits: Row, label: int) -> tuple[float, Row]:
    """The loss of one image, and its gradient for every logit: softmax minus what was right."""
    scores = [exp(logit - max(logits)) for logit in logits]
    softmax = [score / sum(scores) for score in scores]
    return -log(softmax[label]), [share - (k == label) for k, share in enumerate(softmax)]


def linear_backward(grad: Row, x: Row, weight: Map, grad_weight: Map, grad_bias: Row) -> Row:
    """Add to the gradients of weight and bias; give that of x."""
    grad_x = [0.0] * len(x)
    for f, g in enumerate(grad):
        grad_bias[f] += g
        for c, value in enumerate(x):
            grad_x[c] += g * weight[f][c]
            grad_weight[f][c] += g * value
    return grad_x


def conv2d_backward(
    grad: Row, places: Places, seen: Maps, weight: Map, grad_weight: Map, grad_bias: Row
) -> Row:
    """Back through pooling, ReLU and convolution: add to the gradients of weight and bias, give that of x.

    grad is that of the pooled values, (F·H/2·W/2) in one row; only the places they came from are visited.
    """
    shares = [[[0.0] * len(window) for window in row] for row in seen]
    size = len(grad) // len(places)
    for f, (row, sums) in enumerate(zip(weight, grad_weight, strict=True)):
        for place, g in zip(places[f], grad[f * size : (f + 1) * size], strict=True):
            if place is not None:
                p, q = place
                window, share = seen[p][q], shares[p][q]
                grad_bias[f] += g
                for k in range(len(row)):
                    sums[k] += g * window[k]
                    share[k] += g * row[k]
    return add_windows(shares)


def add_windows(shares: Maps) -> Row:
    """What each window passes on to its pixels, added up; the border is dropped: (H, W, C·9) -> (C·H·W)."""
    H, W, C = len(shares), len(shares[0]), len(shares[0][0]) // 9
    x = [[[0.0] * (W + 2) for _ in range(H + 2)] for _ in range(C)]
    for p in range(H):
        for q in range(W):
            for k, share in enumerate(shares[p][q]):
                x[k // 9][p + k // 3 % 3][q + k % 3] += share
    return [value for channel in x for row in channel[1:-1] for value in row[1:-1]]


def backward(parameters: Parameters, grads: Parameters, grad: Row, features: Row, blocks: Blocks) -> None:
    """From the gradient of the logits back to the first block; adds to `grads`, lists like the parameters."""
    grad = linear_backward(grad, features, parameters[-2], *grads[-2:])
    for number, (seen, places) in reversed(list(enumerate(blocks))):
        weight, sums = parameters[2 * number], grads[2 * number : 2 * number + 2]
        grad = conv2d_backward(grad, places, seen, weight, *sums)


def train_step(parameters: Parameters, images: list[Maps], labels: list[int], lr: float) -> float:
    """One step against the mean gradient of a mini-batch: moves the parameters IN PLACE; gives the mean loss.

    images (N, C, H, W), lists or arrays of any type, and labels (N,); lr is the learning rate; the loss is in
    nats. An empty batch has the loss NaN and moves nothing. The same step as that of `training.train_step`
    with `SGD`.
    Raises ValueError, before anything is moved, for images that `predict` refuses, and when there is not one
    label for each, an integer from 0 to the number of classes - 1.
    """
    images = [read_image(parameters, image) for image in images]
    if len(labels) != len(images):
        raise ValueError(f"Expected one label for each image, got {len(labels)} for {len(images)}")
    for label in labels:
        if label not in range(len(parameters[-1])):
            raise ValueError(f"Expected label from 0 to {len(parameters[-1]) - 1}, got {label}")
    if not len(images):
        return nan
    grads, loss = [zeros_like(parameter) for parameter in parameters], 0.0
    for image, label in zip(images, labels, strict=True):
        logits, features, blocks = forward(parameters, image)
        one_loss, grad = cross_entropy(logits, label)
        backward(parameters, grads, grad, features, blocks)
        loss += one_loss / len(images)
    for parameter, grad in zip(parameters, grads, strict=True):
        move(parameter, grad, lr / len(images))
    return loss


def read_image(parameters: Parameters, image: Any) -> Maps:
    """The image as lists of floats; raises ValueError unless it fits the parameters and is finite."""
    blocks, channels, form = len(parameters) // 2 - 1, len(parameters[0][0]) // 9, lengths(image)
    if len(form) != 3:
        raise ValueError(f"Expected 3D image (channels, height, width), got {form}")
    if form[0] != channels:
        raise ValueError(f"Expected {channels} input channels, got {form[0]} in image {form}")
    features, got = len(parameters[-2][0]), len(parameters[-4]) * (form[1] >> blocks) * (form[2] >> blocks)
    if got != features:
        raise ValueError(f"Expected an image that ends in {features} features, got {got} from image {form}")
    if not all(isfinite(value) for channel in image for row in channel for value in row):
        raise ValueError("Expected an image of finite numbers, got NaN or infinity")
    return [[[float(value) for value in row] for row in channel] for channel in image]


def lengths(values: Any) -> tuple[int, ...]:
    """The shape of nested lists, going by the first of each."""
    return (len(values), *lengths(values[0])) if hasattr(values, "__len__") and len(values) else ()


def zeros_like(values: Any) -> Any:
    """Lists of the same form, of zeros."""
    return [zeros_like(value) for value in values] if isinstance(values, list) else 0.0


def move(values: list[Any], grads: list[Any], rate: float) -> None:
    """Take rate · gradient from every value, in place."""
    for k, grad in enumerate(grads):
        if isinstance(grad, list):
            move(values[k], grad, rate)
        else:
            values[k] -= rate * grad
