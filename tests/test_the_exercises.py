"""The exercises that this kit gives out: proved, and in agreement with the library that the lectures show."""

from functools import cache
from inspect import signature
from pathlib import Path

import numpy as np
import pytest

from kit import check, packs, prove
from kit.cases import reference
from kit.cells import answers, tagged
from tests import trap
from tests.every_exercise import EVERY, ready
from tinyspatial import arguments, gradcheck, loops, receptive_field, shapes, training
from tinyspatial.im2col import im2col
from tinyspatial.layers import Conv2d, Flatten, GlobalAvgPool2d, Linear, MaxPool2d, ReLU
from tinyspatial.model import Sequential
from tinyspatial.shapes import pair
from tinyspatial.summary import summary

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module", params=EVERY)
def exercise(request):
    """Name, exercise, solution, checks, wrong answers."""
    one = ready(request.param)
    return request.param, one.exercise, one.solution, one.checks, one.wrong


def test_every_gate_is_passed(exercise):
    _, authored, solution, checks, wrong = exercise
    proof = prove.prove(authored, solution, checks, wrong, packs.pack(authored, checks), ROOT)
    assert len(proof.tried) >= 30 * len(checks) / 2


def test_every_answer_has_public_and_hidden_cases(exercise):
    for checks in exercise[3]:
        assert 4 <= len(checks.public) <= 12
        assert 2 <= len(checks.hidden) <= 8


def test_an_answer_that_takes_a_stride_has_a_case_in_which_something_is_left_over(exercise):
    solution, functions = exercise[2], reference(exercise[2])
    asked = {c.metadata.name for c in tagged(solution, "cases", "hidden-cases") if "leftover" in c.metadata}
    strided = {name for name in answers(solution) if "stride" in signature(functions[name]).parameters}
    # these tell where a window lies, or give a number to what is left over: its end always shows
    always = {"window", "never_read", "input_gradient", "conv2d_backward"}
    assert strided - asked <= always


def test_the_stubs_do_not_show_how(exercise):
    """A docstring says what, not how: no arithmetic in it but that of shapes."""
    for cell in answers(exercise[1]).values():
        assert not any(sign in cell.source for sign in ("Σ", "⌊", "//", "·", " + "))


def averaging_filters(channels, kernel_size):
    """What a pool says to a 1 at each place of each channel."""
    height, width = pair("kernel_size", kernel_size, 1)
    impulses = np.eye(channels * height * width).reshape(-1, channels, height, width)
    return loops.avg_pool2d(impulses, (height, width))[:, :, 0, 0].T.reshape(-1, *impulses.shape[1:])


def channel_statistics(x):
    """Mean and variance of a batch as the layer keeps them with a momentum of 1."""
    mean, var = np.zeros(x.shape[1]), np.zeros(x.shape[1])
    loops.batch_norm(x, mean, var, training=True, momentum=1)
    values = x.size / x.shape[1]
    return mean, var * (values - 1) / values


def follow(start, seen, momentum=0.1):
    """The running mean of the layer over batches that are constant."""
    mean, values = np.array([start]), []
    for value in seen:
        loops.batch_norm(np.full((2, 1, 1, 1), value), mean, None, training=True, momentum=momentum)
        values.append(mean.item())
    return values


def framed(image, rows, columns, value=0.0):
    """A wide frame of the library, cut at each side."""
    far = max(*rows, *columns)
    wide = arguments.pad(image[None, None].astype(float), far, float(value))[0, 0]
    return wide[
        far - rows[0] : far + len(image) + rows[1], far - columns[0] : wide.shape[1] - far + columns[1]
    ]


def same_padding(kernel_size):
    """What a line of a hundred lacks, shared out."""
    lost = 100 - shapes.output_size(100, kernel_size)
    return lost // 2, lost - lost // 2


def never_read(size, kernel_size, stride=1, padding=0):
    """The pixels that are in the region of no output."""
    layer, outputs = (kernel_size, stride, padding), shapes.output_size(size, kernel_size, stride, padding)
    regions = [receptive_field.region([layer], place, size).columns for place in range(outputs)]
    return [pixel for pixel in range(size) if not any(pixel in region for region in regions)]


def columns(x, kernel_size, stride=1, padding=0):
    """The library's columns, which have the images last, in the order of exercise 11."""
    layer = Conv2d(x.shape[1], 1, kernel_size, stride, padding)
    P, Q = shapes.output_shape(layer, x.shape)[2:]
    (_, _, found), *more = im2col(x, layer.kernel_size, layer.stride, layer.padding, (P, Q))
    assert not more, "a case is larger than a block"
    return found.reshape(-1, P, Q, len(x)).transpose(0, 3, 1, 2).reshape(len(found), -1)


def apart(a, b):
    """Element by element, in Python's own numbers."""
    if a.shape != b.shape:
        raise ValueError("shape")
    differences = [abs(p - q) for p, q in zip(a.ravel().tolist(), b.ravel().tolist(), strict=True)]
    return sorted(differences, key=lambda d: (d != d, d))[-1]


LIBRARY = {
    "last_start": lambda size, kernel_size, padding=0: shapes.output_size(size, kernel_size, 1, padding) - 1,
    "output_size": shapes.output_size,
    "conv2d_shape": lambda shape, filters, *window, **options: shapes.output_shape(
        Conv2d(shape[1], filters, *window, **options), shape
    ),
    "max_pool2d_shape": lambda shape, *window, **options: shapes.output_shape(
        MaxPool2d(*window, **options), shape
    ),
    "window_sum": lambda window, kernel: loops.conv2d(window[None], kernel[None]).item(),
    "conv2d": loops.conv2d,
    "frame": framed,
    "same_padding": same_padding,
    "never_read": never_read,
    "convolve": lambda image, kernel, stride=1, padding=0: loops.conv2d(
        image[None, None], kernel[None, None], None, stride, padding
    )[0, 0],
    "largest": lambda window: loops.max_pool2d(window[None, None], window.shape).item(),
    "max_pool2d": loops.max_pool2d,
    "global_max_pool2d": lambda x: loops.max_pool2d(x, x.shape[2:]),
    "average": lambda window: loops.avg_pool2d(window[None, None], window.shape).item(),
    "avg_pool2d": loops.avg_pool2d,
    "global_avg_pool2d": lambda x: GlobalAvgPool2d()(x),
    "averaging_filters": averaging_filters,
    "channel_statistics": channel_statistics,
    "normalise": lambda x, *four, eps=1e-5: loops.batch_norm(x, *four, eps=eps),
    "follow": follow,
    "batch_norm": loops.batch_norm,
    "predictions": trap.predictions,
    "before_and_after": trap.before_and_after,
    "learning_curve": trap.learning_curve,
    "saved_scores": trap.saved_scores,
    "conv2d_parameters": lambda channels, filters, kernel_size, bias=True: shapes.parameters(
        Conv2d(channels, filters, kernel_size, bias=bias)
    ),
    "conv2d_macs": lambda shape, filters, *window, **options: shapes.macs(
        Conv2d(shape[1], filters, *window, **options), shape
    ),
    "mebibytes": lambda shape, bytes_per_number=4: (
        shapes.activation_bytes(ReLU(), shape, bytes_per_number) / 2**20
    ),
    "network_cost": lambda layers, shape: [
        (row.parameters, row.macs, row.activation_bytes)
        for row in summary(built(layers, shape), shape)
        if "Flatten" not in row.name
    ],
    "window": lambda place, *layer, **options: ends(
        receptive_field.region([triple(*layer, **options)], place, 1000, clip=False)
    ),
    "field": lambda layers: tuple(receptive_field.receptive_field(layers)),
    "region": lambda layers, place, size: ends(receptive_field.region(layers, place, size)),
    "window_gradients": lambda g, window, kernel: tuple(
        found[0] for found in loops.conv2d_backward(np.full((1, 1, 1, 1), g), window[None], kernel[None])[:2]
    ),
    "numerical_gradient": lambda name, values, step=1e-4: gradcheck.numerical_gradient(
        functions()[name], (values,), step=step
    ),
    "bias_gradient": lambda grad: loops.conv2d_backward(
        grad, np.zeros((len(grad), 1, *grad.shape[2:])), np.zeros((grad.shape[1], 1, 1, 1)), grad[0, :, 0, 0]
    )[2],
    "weight_gradient": lambda grad, x, kernel_size, *layer, **options: loops.conv2d_backward(
        grad, x, np.zeros((grad.shape[1], x.shape[1], *kernel_size)), None, *layer, **options
    )[1],
    "input_gradient": lambda grad, weight, size, *layer, **options: loops.conv2d_backward(
        grad, np.zeros((len(grad), weight.shape[1], *size)), weight, None, *layer, **options
    )[0],
    "conv2d_backward": loops.conv2d_backward,
    "stage_shapes": lambda shape, widths, classes=10: [
        step.output_shape
        for step in shapes.steps(blocks(shape, widths, classes), shape)
        if not isinstance(step.layer, ReLU)
    ],
    "features": lambda x, weights: filled(x, weights)[:-2](x),
    "forward": lambda x, weights: filled(x, weights)(x),
    "parameters_by_layer": lambda weights: {
        place: sum(array.size for name, array in weights.items() if name.startswith(f"{place}."))
        for place in layers_of(weights)
    },
    "accuracy": lambda logits, labels: training.accuracy(Sequential(), logits, labels),
    "columns": lambda image, kernel_size: columns(image[None, None], kernel_size),
    "im2col": columns,
    "conv2d_fast": loops.conv2d,
    "largest_difference": apart,
    "columns_mebibytes": lambda shape, *window, bytes_per_number=4, **options: (
        shapes.macs(Conv2d(shape[1], 1, *window, **options), shape) * bytes_per_number / 2**20
    ),
    "stack_or_one": lambda channels, filters, large, small=3: (
        count := receptive_field.layers_to_cover(large, small),
        shapes.parameters(Conv2d(channels, filters, small, bias=False))
        + (count - 1) * shapes.parameters(Conv2d(filters, filters, small, bias=False)),
        shapes.parameters(Conv2d(channels, filters, large, bias=False)),
    ),
}


@cache
def functions():
    """Those that exercise 12 names in its cases, with an argument x, as the library wants them."""
    given = reference(ready("12_backward").solution)["FUNCTIONS"]
    return {name: lambda x, function=function: function(x) for name, function in given.items()}


def triple(kernel_size, stride=1, padding=0):
    return kernel_size, stride, padding


def ends(region):
    """First and last column."""
    return region.columns.start, region.columns.stop - 1


def built(layers, shape):
    """The model that exercise 6 tells as tuples."""
    made = Sequential()
    for kind, *numbers in layers:
        channels = shapes.output_shape(made, shape)[1:] if made.layers else shape[1:]
        if kind == "linear":
            flat = [Flatten()] if len(channels) > 1 else []
            more = [*flat, Linear(int(np.prod(channels)), *numbers)]
        else:
            more = [MaxPool2d(*numbers) if kind == "pool" else Conv2d(channels[0], *numbers)]
        made = Sequential(*made, *more)
    return made


def blocks(shape, widths, classes, kernels=(3,) * 9):
    """A SimpleCNN for images of any shape, with kernels of odd sides."""
    layers, channels = [], shape[1]
    for width, kernel in zip(widths, kernels, strict=False):
        padding = tuple(side // 2 for side in pair("kernel_size", kernel, 1))
        layers += [Conv2d(channels, width, kernel, padding=padding), ReLU(), MaxPool2d(2)]
        channels = width
    numbers = int(np.prod(shapes.output_shape(Sequential(*layers), shape)[1:]))
    return Sequential(*layers, Flatten(), Linear(numbers, classes))


def filled(x, weights):
    """The network of exercise 10, with these weights."""
    stacks = [weights[name] for name in ("features.0.weight", "features.3.weight", "classifier.0.weight")]
    widths, kernels = [len(stack) for stack in stacks], [stack.shape[2:] for stack in stacks[:2]]
    model = blocks(x.shape, widths[:2], widths[2], kernels)
    for layer, name in zip((model[0], model[3], model[-1]), layers_of(weights), strict=True):
        layer.weight, layer.bias = weights[f"{name}.weight"], weights[f"{name}.bias"]
    return model


def layers_of(weights):
    """Every layer's place once, in order."""
    return dict.fromkeys(name.rpartition(".")[0] for name in weights)


@pytest.mark.parametrize("name", EVERY)
def test_expected_values_are_those_of_the_library(name):
    for checks in ready(name).checks:
        for case in [*checks.public, *checks.hidden]:
            case = {**case, "match": ""}  # the library words its errors itself
            assert check.examine(LIBRARY[checks.name], case) == "", case["name"]


def einsum(x, weight, bias=None, stride=1, padding=0):
    """Another right answer: no loops at all."""
    (s, t), (h, w) = (v if isinstance(v, tuple) else (v, v) for v in (stride, padding))
    x = np.pad(x, ((0, 0), (0, 0), (h, h), (w, w)))
    windows = np.lib.stride_tricks.sliding_window_view(x, weight.shape[2:], axis=(2, 3))[:, :, ::s, ::t]
    if x.shape[1] != weight.shape[1]:
        raise ValueError("channels differ")
    out = np.einsum("ncpqij,fcij->nfpq", windows, weight)
    return out if bias is None else out + np.reshape(bias, (-1, 1, 1))


def test_another_right_answer_passes():
    checks = ready("02_conv2d").checks[-1]
    assert [check.examine(einsum, case) for case in [*checks.public, *checks.hidden]] == [""] * 16


def test_the_table_of_vgg_16_has_the_published_sums():
    """Parameters and MACs as torchvision has them: VGG16_Weights.IMAGENET1K_V1.meta, num_params and _ops."""
    given = reference(ready("06_count_the_cost").solution)
    table = given["network_cost"](given["VGG_16"], (1, 3, 224, 224))
    assert [sum(column) for column in zip(*table, strict=True)] == [138_357_544, 15_470_264_320, 60_348_320]
