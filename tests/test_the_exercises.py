"""The exercises that this kit gives out: proved, and in agreement with the library that the lectures show."""

from pathlib import Path

import numpy as np
import pytest

from kit import check, packs, prove
from kit.author import author
from kit.cases import frozen
from kit.cells import answers
from kit.sources import Source, discover
from kit.wrong import wrong_answers
from tests import trap
from tinyspatial import loops, shapes
from tinyspatial.layers import Conv2d, MaxPool2d

ROOT = Path(__file__).resolve().parent.parent
NAMES = [source.name for source in discover(ROOT) if source.kind == "exercises"]


def read(name):
    return tuple(author(Source(k, name, f"{k}/{name}.md"), ROOT) for k in ("exercises", "solutions"))


@pytest.fixture(scope="module", params=NAMES)
def exercise(request):
    """Name, exercise, solution, checks, wrong answers."""
    pair = read(request.param)
    return request.param, *pair, frozen(pair[1]), wrong_answers(pair[1])


def test_the_stub_fails_the_solution_passes_and_no_wrong_answer_survives(exercise):
    _, authored, solution, checks, wrong = exercise
    proof = prove.prove(authored, solution, checks, wrong, packs.pack(authored, checks))
    assert len(proof.caught) >= 8
    taught = {case["name"] for each in checks for case in each.public}
    by_hidden_only = [wrong.name for wrong, cases in proof.caught if not taught & set(cases)]
    assert len(by_hidden_only) <= len(proof.caught) / 8, "students should see their mistakes themselves"


def test_every_answer_has_public_and_hidden_cases(exercise):
    for checks in exercise[3]:
        assert 4 <= len(checks.public) <= 10
        assert 2 <= len(checks.hidden) <= 6


def test_the_stubs_do_not_show_how(exercise):
    """A docstring says what, not how: no arithmetic in it but that of shapes."""
    for cell in answers(exercise[1]).values():
        assert not any(sign in cell.source for sign in ("Σ", "⌊", "//", "·", " + "))


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
    "largest": lambda window: loops.max_pool2d(window[None, None], window.shape).item(),
    "max_pool2d": loops.max_pool2d,
    "global_max_pool2d": lambda x: loops.max_pool2d(x, x.shape[2:]),
    "channel_statistics": channel_statistics,
    "normalise": lambda x, *four, eps=1e-5: loops.batch_norm(x, *four, eps=eps),
    "follow": follow,
    "batch_norm": loops.batch_norm,
    "predictions": trap.predictions,
    "before_and_after": trap.before_and_after,
    "learning_curve": trap.learning_curve,
    "saved_scores": trap.saved_scores,
}


@pytest.mark.parametrize("name", NAMES)
def test_expected_values_are_those_of_the_library(name):
    for checks in frozen(read(name)[1]):
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
    checks = frozen(read("02_conv2d")[1])[-1]
    assert [check.examine(einsum, case) for case in [*checks.public, *checks.hidden]] == [""] * 16
