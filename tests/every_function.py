"""Every public function of the library, and what it makes of seven odd inputs: a table.

`fast` has no rows: those of `loops` are its own. A row that ends in (grad) leaves the gradient open, the
others the input. What a text means is said in `conditions`.
"""

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from tests.conditions import Not, Refused, Row, nothing
from tinyspatial import fast, lists, loops
from tinyspatial.layers import BatchNorm2d, Conv2d, Linear
from tinyspatial.model import Sequential, SimpleCNN
from tinyspatial.training import SGD

X = ((np.arange(24.0) * 7) % 11 - 5).reshape(2, 2, 2, 3)
IMAGES = ((np.arange(32.0) * 7) % 11 - 5).reshape(2, 1, 4, 4)
FEATURES = X.reshape(6, 4)[:2, :3]
KERNEL = np.arange(8.0).reshape(1, 2, 2, 2)
MATRIX = np.array([[1.0, 2, 0], [0, -1, 3]])


def small() -> SimpleCNN:
    return SimpleCNN(1, (2,), num_classes=3, image_size=4, ops=fast)


def there_and_back(*made_with: Any) -> Callable:
    """What a layer gives, and the gradient of its input."""

    def call(layer_type: Callable, x: np.ndarray) -> tuple:
        layer = layer_type(*made_with)
        return layer(x), layer.backward(np.ones(layer(x).shape))

    return call


def stepped(optimizer: Callable, grad: np.ndarray) -> np.ndarray:
    parameter = np.zeros((2, 3))
    optimizer([parameter]).step([grad])
    return parameter


def trained(function: Callable, x: np.ndarray, *args: Any, **options: Any) -> list:
    """What a training function gives, and the first weights that it leaves behind."""
    model = small()
    result = function(model, SGD(model.parameters(), 0.1), x, [0] * len(x), *args, **options)
    return [*np.ravel(result), model.parameters()[1]]


def trained_lists(function: Callable, x: np.ndarray) -> list:
    parameters = lists.from_model(small())
    return [function(parameters, x, [0] * len(x), 0.1), parameters[1]]


def loaded(load: Callable, weight: np.ndarray) -> np.ndarray:
    """The weight of a layer after it was read from a file."""
    layer = Linear(3, 2)
    with TemporaryDirectory() as folder:
        np.savez(Path(folder) / "layer.npz", weight=weight, bias=np.zeros(2))
        load(layer, Path(folder) / "layer.npz")
    return layer.weight


def not_4d(got: str, what: str = "input") -> Refused:
    return Refused(f"Expected 4D {what} (batch, channels, height, width), got {got}")


def channels(expected: int, got: int, shape: str) -> Refused:
    return Refused(f"Expected {expected} input channels, got {got} in input {shape}")


def features(got: str) -> Refused:
    return Refused(f"Expected 2D input (batch, features), got {got}")


def grad(expected: str, got: str, whose: str = "the result's") -> Refused:
    return Refused(f"Expected grad of {whose} shape {expected}, got {got}")


def not_weight(got: str) -> Refused:
    return Refused(f"Expected weight of (2, 3) floats, got {got}")


def integer(name: str, least: int, got: str) -> Refused:
    return Refused(f"{name} must be an integer of at least {least}, got {got}")


def size_of(shape: str) -> Refused:
    wanted = "an integer of at least 1 or a pair of them (height, width)"
    return Refused(f"input_size must be {wanted}, got {shape}")


NO_RANK, NO_CHANNELS, FLAT = not_4d("(2, 2, 3)"), channels(2, 3, "(2, 3, 2, 3)"), features("(3,)")
FOUR = Refused("Expected 3 input features, got 4 in input (2, 4)")
OF_IMAGES = not_4d("(1, 4, 4)"), channels(1, 2, "(2, 2, 4, 4)")
OF_LISTS = (
    Refused("Expected 3D image (channels, height, width), got (4, 4)"),
    Refused("Expected 1 input channels, got 2 in image (2, 4, 4)"),
)
NO_MEAN = Refused("Expected running_mean of shape (3,), got (2,)")
NO_CLASSES = Refused("Expected 2D input (batch, classes), got (3,)")
NO_IMAGES = Refused("Expected images and one label for each, got (0, 1, 4, 4) and (0,)")
NOT_FINITE = Refused("Expected an image of finite numbers, got NaN or infinity")
ONE_NUMBER, TWO_NUMBERS = Not("it takes a single number"), Not("it takes two numbers")
PICTURES = (
    *(
        "by_channel",
        "coarser",
        "filters",
        "following",
        "one_filter",
        "one_window",
        "open_border",
        "padded_line",
    ),
    *("ruler", "side_by_side", "three_bills", "tree", "two_modes"),
)
RUNS = ("network", "by_epoch", "by_rate", "trained", "answers", "company", "moved", "second_set")
FIRST_IMAGE = "n" + "." * 31
SIZE_0, SIZE_NAN, SIZE_5 = (integer("size", 1, got) for got in ("0", "nan", "np.float32(5.0)"))
WAY = "........................"
SHAPE = {
    "nan": integer("each number of input_shape", 0, "nan"),
    "float32": integer("each number of input_shape", 0, "np.float32(2.0)"),
}
TRIPLE = {
    "rank": Refused("Expected a layer or (kernel_size, stride, padding), got (1, 1)"),
    "channels": Not("a triple has no channels"),
    "empty": Refused("kernel_size must be an integer of at least 1 or a pair of them (height, width), got 0"),
    "nan": Refused("kernel_size must be an integer of at least 1 or a pair of them (height, width), got nan"),
    "float32": Refused(
        "kernel_size must be an integer of at least 1 or a pair of them (height, width), got np.float32(3.0)"
    ),
}

# The columns: rank, channels, empty, nan; integers, strided and float32 give the same unless a row says so.
# fmt: off
ROWS: dict[str, Row] = {
    "loops.conv2d": Row(lambda f, x: f(x, KERNEL), X, NO_RANK, NO_CHANNELS, "0×1×1×2", "n..."),
    "loops.conv2d_backward": Row(
        lambda f, x: f(np.ones((len(x), 1, 1, 2)), x, KERNEL), X,
        NO_RANK, NO_CHANNELS, "0×2×2×3 1×2×2×2", f"{WAY} n......."),
    "loops.conv2d_backward (grad)": Row(
        lambda f, g: f(g, X, KERNEL), np.ones((2, 1, 1, 2)),
        grad("(2, 1, 1, 2)", "(1, 1, 2)"), grad("(2, 1, 1, 2)", "(2, 2, 1, 2)"),
        grad("(2, 1, 1, 2)", "(0, 1, 1, 2)"), "nn.nn.nn.nn............. nnnnnnnn"),
    "loops.max_pool2d": Row(lambda f, x: f(x, 2), X, NO_RANK, "2×3×1×1", "0×2×1×1", "n..."),
    "loops.max_pool2d_backward": Row(
        lambda f, x: f(np.ones((*x.shape[:2], 1, 1)), x, 2), X, NO_RANK, "2×3×2×3", "0×2×2×3", WAY),
    "loops.max_pool2d_backward (grad)": Row(
        lambda f, g: f(g, X, 2), np.ones((2, 2, 1, 1)),
        grad("(2, 2, 1, 1)", "(2, 1, 1)"), grad("(2, 2, 1, 1)", "(2, 3, 1, 1)"),
        grad("(2, 2, 1, 1)", "(0, 2, 1, 1)"), "...n...................."),
    "loops.avg_pool2d": Row(lambda f, x: f(x, 2), X, NO_RANK, "2×3×1×1", "0×2×1×1", "n..."),
    "loops.avg_pool2d_backward": Row(
        lambda f, x: f(np.ones((*x.shape[:2], 1, 1)), x, 2), X, NO_RANK, "2×3×2×3", "0×2×2×3", WAY),
    "loops.avg_pool2d_backward (grad)": Row(
        lambda f, g: f(g, X, 2), np.ones((2, 2, 1, 1)),
        grad("(2, 2, 1, 1)", "(2, 1, 1)"), grad("(2, 2, 1, 1)", "(2, 3, 1, 1)"),
        grad("(2, 2, 1, 1)", "(0, 2, 1, 1)"), "nn.nn..................."),
    "loops.batch_norm": Row(
        lambda f, x: f(x, np.zeros(2), np.ones(2), training=True), X,
        NO_RANK, NO_MEAN, "0×2×2×3", "nnnnnn......nnnnnn......"),
    "loops.batch_norm_backward": Row(
        lambda f, x: f(np.ones(x.shape), x, np.zeros(2), np.ones(2), [1, 2], training=True), X,
        NO_RANK, NO_MEAN, "0×2×2×3 2", "nnnnnn......nnnnnn...... n."),
    "loops.batch_norm_backward (grad)": Row(
        lambda f, g: f(g, X, np.zeros(2), np.ones(2), [1, 2]), np.ones((2, 2, 2, 3)),
        grad("(2, 2, 2, 3)", "(2, 2, 3)"), grad("(2, 2, 2, 3)", "(2, 3, 2, 3)"),
        grad("(2, 2, 2, 3)", "(0, 2, 2, 3)"), "n....................... n."),
    "loops.linear": Row(lambda f, x: f(x, MATRIX), FEATURES, FLAT, FOUR, "0×2", "nn.."),
    "loops.linear_backward": Row(
        lambda f, x: f(np.ones((len(x), 2)), x, MATRIX, [0, 0]), FEATURES,
        FLAT, FOUR, "0×3 2×3 2", "...... n..n.. .."),
    "loops.linear_backward (grad)": Row(
        lambda f, g: f(g, FEATURES, MATRIX, [0, 0]), np.ones((2, 2)),
        grad("(2, 2)", "(2,)"), grad("(2, 2)", "(2, 3)"), grad("(2, 2)", "(0, 2)"),
        "nnn... nnn... n."),
    "loops.relu": Row(lambda f, x: f(x), FEATURES, "3", "2×4", "0×3", "n....."),
    "loops.relu_backward": Row(lambda f, x: f(np.ones(x.shape), x), FEATURES, "3", "2×4", "0×3", "......"),
    "loops.relu_backward (grad)": Row(
        lambda f, g: f(g, FEATURES), np.ones((2, 3)),
        grad("(2, 3)", "(3,)"), grad("(2, 3)", "(2, 4)"), grad("(2, 3)", "(0, 3)"),
        "......"),
    "loops.cross_entropy": Row(
        lambda f, x: [f(x, [2] * len(x))], FEATURES, NO_CLASSES, "·", "· with NaN", "n"),
    "loops.cross_entropy_backward": Row(
        lambda f, x: f(1, x, [2] * len(x)), FEATURES, NO_CLASSES, "2×4", "0×3", "nnn..."),
    "loops.cross_entropy_backward (grad)": Row(
        lambda f, g: f(g[0, 0], FEATURES, [2, 2]), np.ones((2, 2)),
        Not("it is a single number"), Not("it is a single number"), Not("it is a single number"), "nnnnnn"),

    "layers.AvgPool2d": Row(
        there_and_back(2), X, NO_RANK, "2×3×1×1 2×3×2×3", "0×2×1×1 0×2×2×3", f"n... {WAY}"),
    "layers.BatchNorm2d": Row(
        there_and_back(2), X, NO_RANK, NO_CHANNELS, "0×2×2×3 0×2×2×3",
        "nnnnnn......nnnnnn...... nnnnnn......nnnnnn......"),
    "layers.Conv2d": Row(
        there_and_back(2, 1, 2), X, NO_RANK, NO_CHANNELS, "0×1×1×2 0×2×2×3", f"n... {WAY}"),
    "layers.Flatten": Row(
        there_and_back(), X, "2×6 2×2×3", "2×18 2×3×2×3", "0×12 0×2×2×3", f"n{WAY[1:]} {WAY}"),
    "layers.GlobalAvgPool2d": Row(
        there_and_back(), X, NO_RANK, "2×3×1×1 2×3×2×3", "0×2×1×1 0×2×2×3", f"n... {WAY}"),
    "layers.Linear": Row(there_and_back(3, 2), FEATURES, FLAT, FOUR, "0×2 0×3", "nn.. ......"),
    "layers.MaxPool2d": Row(
        there_and_back(2), X, NO_RANK, "2×3×1×1 2×3×2×3", "0×2×1×1 0×2×2×3", f"n... {WAY}"),
    "layers.ReLU": Row(
        there_and_back(), X, "2×2×3 2×2×3", "2×3×2×3 2×3×2×3", "0×2×2×3 0×2×2×3", f"n{WAY[1:]} {WAY}"),
    "base.Layer": nothing("it computes nothing; its kinds are in layers"),
    "model.Sequential": Row(
        lambda f, x: f(Conv2d(1, 1, 3), BatchNorm2d(1).eval())(x), IMAGES, *OF_IMAGES, "0×1×2×2", "n......."),
    "model.SimpleCNN": Row(
        lambda f, x: f(1, (2,), num_classes=3, image_size=4)(x), IMAGES, *OF_IMAGES, "0×3", "nnn..."),

    "training.SGD": Row(
        stepped, FEATURES,
        *(grad("(2, 3)", got, "the parameter's") for got in ("(3,)", "(2, 4)", "(0, 3)")), "n....."),
    "training.train_step": Row(trained, IMAGES, *OF_IMAGES, "· · 2 with NaN", "n . nn"),
    "training.fit": Row(
        lambda f, x: trained(f, x, 1, progress=False), IMAGES, *OF_IMAGES, NO_IMAGES, "n . nn"),
    "training.accuracy": Row(
        lambda f, x: [f(small(), x, [0] * len(x))], IMAGES, *OF_IMAGES, NO_IMAGES, "."),
    "lists.from_model": nothing("it takes a model"),
    "lists.predict": Row(
        lambda f, x: [f(lists.from_model(small()), x[0])], IMAGES,
        *OF_LISTS, Not("it takes a single image"), NOT_FINITE),
    "lists.train_step": Row(trained_lists, IMAGES, *OF_LISTS, "· 2 with NaN", NOT_FINITE),
    "gradcheck.numerical_gradient": Row(
        lambda f, x: f(fast.conv2d, (x, KERNEL)), X, NO_RANK, NO_CHANNELS, "0×2×2×3", WAY.replace(".", "n")),
    "gradcheck.check_gradients": Row(
        lambda f, x: f(fast.linear, fast.linear_backward, (x, MATRIX), np.ones((len(x), 2))), FEATURES,
        FLAT, FOUR, "", Not("NaN agrees with nothing: test_gradcheck")),
    "checkpoint.load": Row(
        loaded, FEATURES,
        *(not_weight(got) for got in ("(3,) float64", "(2, 4) float64", "(0, 3) float64")),
        "n.....", integers=not_weight("(2, 3) int8")),
    "checkpoint.save": nothing("it takes a layer, whose arrays are floats"),
    "checkpoint.state": nothing("it takes a layer, whose arrays it gives"),
    "data.split": Row(
        lambda f, x: f(x, np.arange(len(x)), 0.5), X,
        "1×2×3 1 1×2×3 1", "1×3×2×3 1 1×3×2×3 1", "0×2×2×3 0 0×2×2×3 0", "............ . n........... .",
        integers="1×2×2×3 1 1×2×2×3 1", float32="1×2×2×3 1 1×2×2×3 1"),
    "data.photo": Row(
        lambda f, size: f(*size), (3, 4), TWO_NUMBERS, TWO_NUMBERS,
        *(integer("height", 1, got) for got in ("0", "nan")),
        float32=integer("height", 1, "np.float32(3.0)")),
    "cifar.cifar10": nothing("it takes a path; what is in the files is in test_cifar"),

    "shapes.output_size": Row(
        lambda f, size: [f(size[0], 3)], (5, 0), ONE_NUMBER, ONE_NUMBER, SIZE_0, SIZE_NAN, float32=SIZE_5),
    "shapes.output_shape": Row(
        lambda f, shape: np.zeros(f(small(), shape)), (2, 1, 4, 4), *OF_IMAGES, "0×3", **SHAPE),
    "shapes.steps": Row(
        lambda f, shape: [np.zeros(step.output_shape) for step in f(small(), shape)], (2, 1, 4, 4),
        *OF_IMAGES, "0×2×4×4 0×2×4×4 0×2×2×2 0×8 0×3", **SHAPE),
    "shapes.macs": Row(lambda f, shape: f(small(), shape), (2, 1, 4, 4), *OF_IMAGES, "0", **SHAPE),
    "shapes.activation_bytes": Row(
        lambda f, shape: f(small(), shape), (2, 1, 4, 4), *OF_IMAGES, "0", **SHAPE),
    "shapes.leaves": nothing("it takes a layer"),
    "shapes.parameters": nothing("it takes a layer"),
    "summary.summary": Row(
        lambda f, shape: sum(row.macs for row in f(small(), shape)), (2, 1, 4, 4), *OF_IMAGES, "0", **SHAPE),
    "summary.total": nothing("it takes the rows of a summary"),
    "summary.as_text": nothing("it takes the rows of a summary"),
    "summary.as_markdown": nothing("it takes the rows of a summary"),

    "receptive_field.receptive_field": Row(lambda f, triple: f([triple]), (3, 1, 1), **TRIPLE),
    "receptive_field.table": Row(lambda f, triple: f([triple])[0].field, (3, 1, 1), **TRIPLE),
    "receptive_field.region": Row(
        lambda f, size: [len(side) for side in f([(3, 1, 0)], 0, size)], (5, 6),
        size_of("(6,)"), Not("a size has no channels"), size_of("(0, 6)"), size_of("(nan, 6)"),
        float32=size_of("(np.float32(5.0), np.float32(6.0))")),
    "receptive_field.layers_to_cover": Row(
        lambda f, size: [f(size[0])], (5, 0), ONE_NUMBER, ONE_NUMBER, SIZE_0, SIZE_NAN, float32=SIZE_5),
    "receptive_field.effective_field": Row(
        lambda f, g: f(lambda seed: g, (2, 3, 4, 5), (0, 0, 1, 1)), X,
        not_4d("(2, 2, 3)", "gradient"), "2×3",
        Refused("Expected a gradient of 2 images, got (0, 2, 2, 3)"), "n....."),
    "corners.placed": Row(
        lambda f, x: f(x, 1, 2)[:, :, 1:5, 2:6], IMAGES, OF_IMAGES[0], "2×2×4×4", "0×1×4×4", FIRST_IMAGE),
    "corners.network": nothing("it takes the name of a head"),
    "corners.found": nothing("it takes a head and a place"),
    "trap.depends_on_neighbours": Row(
        lambda f, x: [f(small().eval(), x)], IMAGES, *OF_IMAGES,
        Refused("need at least one array to concatenate"), "."),
    "trap.changes_when_read": Row(
        lambda f, x: [len(f(small(), x))], IMAGES, *OF_IMAGES, "·", "."),
    "trap.drift": Row(
        lambda f, x: [f(Sequential(BatchNorm2d(1)), x)], IMAGES,
        OF_IMAGES[0], channels(1, 2, "(2, 2, 4, 4)"), Refused("Expected at least one image, got none"), "n"),
    "trap.kept": nothing("it takes a model"),
    "trap.Shake": Row(lambda f, x: f(1).eval()(x), IMAGES, *OF_IMAGES, "0×1×4×4", FIRST_IMAGE),
    **{f"trap.{name}": nothing("it takes what to run, and no images") for name in RUNS},
    "ways.ways": Row(lambda f, triple: f([triple], 0, 5), (3, 1, 1), **TRIPLE),
    "tracing.record": Row(
        lambda f, x: np.array(f(loops.conv2d, x, KERNEL).result), X, NO_RANK, NO_CHANNELS, "0", "n..."),
    "tracing.compact": nothing("it takes a trace"),
    "loop_source.read": nothing("it takes a function"),
    "telling.tellings": nothing("it takes a trace"),
    "watching.watch": nothing("it takes a function and its arguments, which go to tracing.record"),
    "watching.ink": nothing("it takes places in a collection"),
    "watching.levels": nothing("it takes places in a collection"),
    **{f"figures.{name}": nothing("it draws; see test_figures_tasks") for name in PICTURES},
}
