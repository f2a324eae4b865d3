"""The batch-norm trap: its runs, the checks that find it, and what its figures claim.

What figures print, a second computation finds: NumPy's, or a run, never a function of tinyspatial.figures.
"""

import re
from collections.abc import Callable

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text

from tests.conftest import ROOT
from tinyspatial import figures, trap
from tinyspatial.checkpoint import state
from tinyspatial.figures.acts import COMPANY, PRESENT, mistakes, readings
from tinyspatial.figures.norm import undone
from tinyspatial.figures.running import estimates, follow
from tinyspatial.gradcheck import numerical_gradient
from tinyspatial.layers import BatchNorm2d, Conv2d, Linear, ReLU
from tinyspatial.model import Sequential
from tinyspatial.training import accuracy

pytestmark = pytest.mark.xdist_group("figures")  # of one worker: their runs are made once

IMAGES, LABELS = trap.data()[2:]  # held out


def words(make: Callable[[], Figure]) -> list[str]:
    return [t.get_text() for t in make().findobj(Text) if t.get_visible() and t.get_text().strip()]


def normalised(x: np.ndarray, mean: np.ndarray, var: np.ndarray) -> np.ndarray:
    return (x - mean[:, None, None]) / np.sqrt(var[:, None, None] + 1e-5)


def scores(model: Sequential, x: np.ndarray, training: bool) -> np.ndarray:
    """What the network of the acts gives, by NumPy: windows, means over (0, 2, 3), maxima of 2 × 2."""
    layers = list(model)
    for conv, norm in (layers[:2], layers[3:5]):
        windows = np.lib.stride_tricks.sliding_window_view(x, (3, 3), axis=(2, 3))
        x = np.einsum("ncpqij,fcij->nfpq", windows, conv.weight) + conv.bias[:, None, None]
        mean, var = (
            (x.mean((0, 2, 3)), x.var((0, 2, 3))) if training else (norm.running_mean, norm.running_var)
        )
        x = np.maximum(normalised(x, mean, var) * norm.weight[:, None, None] + norm.bias[:, None, None], 0)
    pooled = x.reshape(len(x), 16, 2, 2, 2, 2).max((3, 5))
    return pooled.reshape(len(x), 64) @ layers[-1].weight.T + layers[-1].bias


def numbers(model: Sequential) -> dict[str, list[float]]:
    return {name: array.ravel().tolist() for name, array in state(model).items()}


# the runs


def test_a_fifth_of_the_digits_is_held_out():
    assert [len(part) for part in trap.data()] == [1438, 1438, 359, 359]


@pytest.mark.parametrize("training", [True, False], ids=["train", "eval"])
def test_the_network_of_the_acts_computes_what_numpy_does(training):
    given = trap.trained().train(training)(IMAGES[:7])
    np.testing.assert_allclose(given, scores(trap.trained(), IMAGES[:7], training), atol=1e-9)


def test_a_trained_network_is_a_new_copy_each_time():
    first = trap.trained()
    first[0].weight[:] = 0
    assert trap.trained()[0].weight.any()
    assert not first.training


def test_what_the_network_learned_in_evaluation_mode_left_the_state_as_it_began():
    norms = [layer for layer in trap.trained(training=False) if isinstance(layer, BatchNorm2d)]
    assert [set(norm.running_mean) for norm in norms] == [{0}, {0}]
    assert [set(norm.running_var) for norm in norms] == [{1}, {1}]


def test_without_its_state_a_network_has_the_same_parameters_and_new_statistics():
    whole, bare = numbers(trap.trained()), numbers(trap.without_state())
    differing = [name for name in whole if whole[name] != bare[name]]
    assert differing == ["1.running_mean", "1.running_var", "4.running_mean", "4.running_var"]
    assert bare["1.running_mean"] == [0] * 8
    assert bare["4.running_var"] == [1] * 16
    assert accuracy(trap.without_state(), IMAGES, LABELS) < 0.2


def test_answers_are_those_of_separate_batches():
    order = np.array([5, 3, 8, 1, 0])
    pair, rest = (scores(trap.trained(), IMAGES[o], training=True) for o in (order[:3], order[3:]))
    assert trap.answers(order, 3).tolist() == [*pair.argmax(1), *rest.argmax(1)]


def test_a_second_set_moves_the_state_by_momentum_and_no_weight():
    rng, images = np.random.default_rng(0), trap.data().images / 2
    mean = trap.trained()[1].running_mean.copy()
    for _ in range(trap.PASSES):
        batch = images[rng.choice(len(images), 32, replace=False)]
        mean = 0.9 * mean + 0.1 * trap.trained()[0](batch).mean((0, 2, 3))
    np.testing.assert_allclose(trap.moved("pale")[1].running_mean, mean)
    for one, other in zip(trap.moved("pale").parameters(), trap.trained().parameters(), strict=True):
        assert (one == other).all()


def test_a_shaken_network_gives_each_channel_another_mean_in_each_batch_and_none_in_evaluation():
    shake, x = trap.Shake(2), np.ones((3, 2, 2, 2))
    first, second = shake(x), shake(x)
    assert (first != second).any()
    assert np.ptp(first, axis=(0, 2, 3)).tolist() == [0, 0]  # one shift and one stretch for all of a channel
    assert 0.5 <= first.min() <= first.max() <= 1.75
    assert (shake.eval()(x) == x).all()


def test_the_gradient_of_a_shake_is_its_stretch():
    shake, x, grad = trap.Shake(2), np.arange(8.0).reshape(1, 2, 2, 2), np.arange(8.0).reshape(1, 2, 2, 2)

    def again(x: np.ndarray) -> np.ndarray:
        shake.rng = np.random.default_rng(2)
        return shake(x)

    found = numerical_gradient(again, (x,), grad=grad)
    np.testing.assert_allclose(shake.backward(grad), found, atol=1e-6)


# the checks


@pytest.mark.parametrize(("training", "found"), [(True, True), (False, False)], ids=["train", "eval"])
def test_neighbours_matter_in_training_mode_only(training, found):
    assert trap.depends_on_neighbours(trap.trained().train(training), IMAGES[:4]) is found


def test_neighbours_do_not_matter_without_batch_norm():
    assert trap.depends_on_neighbours(trap.network(norm=False), IMAGES[:4]) is False


def test_looking_moves_the_statistics_in_training_mode():
    moved = ["1.running_mean", "1.running_var", "4.running_mean", "4.running_var"]
    assert trap.changes_when_read(trap.trained().train(), IMAGES[:4]) == moved
    assert trap.changes_when_read(trap.trained(), IMAGES[:4]) == []


@pytest.mark.parametrize("check", [trap.depends_on_neighbours, trap.changes_when_read, trap.drift])
def test_a_check_leaves_the_model_as_it_is(check):
    model = trap.trained().train()
    before = numbers(model)
    check(model, IMAGES[:4])
    assert numbers(model) == before
    assert model.training


def test_what_was_done_to_a_model_is_undone_after_an_error_too():
    def spoil(model: Sequential) -> None:
        with trap.kept(model):
            model[0].weight[:] = 7
            raise KeyError

    model = trap.trained()
    before = numbers(model)
    with pytest.raises(KeyError):
        spoil(model)
    assert numbers(model) == before


def test_drift_is_the_largest_distance_of_a_mean_in_running_deviations():
    norm = BatchNorm2d(2).eval()
    norm.running_mean[:], norm.running_var[:] = (1, -1), (4, 0.25)
    images = np.stack([np.full((3, 3), 2.0), np.full((3, 3), 0.5)])[None]
    assert trap.drift(Sequential(norm), images) == pytest.approx(max((2 - 1) / 2, 1.5 / 0.5), rel=1e-4)


def test_without_batch_norm_nothing_drifts():
    assert trap.drift(Sequential(Conv2d(1, 2, 3), ReLU()), IMAGES[:2]) == 0
    assert trap.drift(Linear(3, 2), np.ones((1, 3))) == 0


def test_each_fault_is_found_by_another_check():
    found = trap.faults()
    assert list(found) == [
        *("none", "`eval()` forgotten", "`eval()` before training", "saved without its state"),
        "a second set, x / 2",
    ]
    assert [row[1] for row in found.values()] == [False, True, False, False, False]
    assert [row[2] for row in found.values()] == [0, 4, 0, 0, 0]
    assert [row[3] > 1 for row in found.values()] == [False, False, True, True, True]
    assert found["none"][0] == found["`eval()` forgotten"][0] > 0.97  # the notes say why
    assert found["`eval()` before training"][0] > 0.95


# the figures


def test_more_learning_rates_work_with_batch_norm():
    label = figures.learning_rates().get_label()
    for norm in (True, False):
        assert all(f"{share:.1%} at {rate:g}" in label for rate, share in trap.by_rate(norm).items())
    assert {rate for rate, share in trap.by_rate(True).items() if share > 0.85} == {0.03, 0.1, 0.3, 1.0}
    assert {rate for rate, share in trap.by_rate(False).items() if share > 0.85} == {0.1, 0.3}
    assert max(trap.by_rate(True).values()) - max(trap.by_rate(False).values()) < 0.05


def test_shaken_networks_learn_nearly_as_fast_as_unshaken_ones():
    norm, shaken, neither = (trap.by_epoch(trap.RATE, *how) for how in ((), (True, True), (False,)))
    assert norm[0] - shaken[0] < 0.03 < 0.2 < norm[0] - neither[0]
    label = figures.shaken().get_label()
    assert all(", ".join(f"{share:.1%}" for share in seen) in label for seen in (norm, shaken, neither))


def test_a_mean_is_taken_over_images_rows_and_columns():
    kernels, bias = trap.trained()[0].weight[:4], trap.trained()[0].bias[:4]
    windows = np.lib.stride_tricks.sliding_window_view(trap.data().images[:32, 0], (3, 3), axis=(1, 2))
    maps = np.einsum("npqij,fij->nfpq", windows, kernels[:, 0]) + bias[:, None, None]
    assert maps[:, 0].size == 32 * 36
    said = words(figures.axes_of_a_mean)
    means = [f"μ = {value:.2f}".replace("-", "−") for value in maps.mean((0, 2, 3))]
    assert [w for w in said if w.startswith("μ")] == means
    assert [w for w in said if w.startswith("σ")] == [f"σ² = {v:.2f}" for v in maps.var((0, 2, 3))]


def test_gamma_and_beta_can_undo_the_norm():
    scale, shift, error = undone()
    assert error < 1e-14
    x = trap.trained()[0](trap.data().images[:32])[:, 1]
    assert (scale, shift) == (pytest.approx(np.sqrt(x.var() + 1e-5)), pytest.approx(x.mean()))


def test_training_made_every_scale_larger_and_kept_the_shifts_small():
    norm = trap.trained()[4]
    assert norm.weight.min() > 1
    assert np.abs(norm.bias).max() < 0.15
    label = figures.scale_and_shift().get_label()
    assert f"the scales lie from {norm.weight.min():.2f} to {norm.weight.max():.2f}" in label
    marked = [line.get_xydata() for line in figures.scale_and_shift().axes[0].lines]
    assert marked[2].tolist() == np.stack([norm.weight, norm.bias], axis=1).tolist()


def test_divided_by_m_a_variance_is_too_small_by_what_theory_says():
    for count, (biased, unbiased) in estimates().items():
        assert biased == pytest.approx((count - 1) / count, abs=0.02)
        assert unbiased == pytest.approx(1, abs=0.02)
        assert biased == pytest.approx(unbiased * (count - 1) / count)
    assert f"{estimates()[2][0]:.2f} of 2 values" in figures.two_variances().get_label()


@pytest.mark.parametrize("momentum", [0.1, 0.9, 0.01])
def test_the_running_mean_moves_a_share_of_the_way_towards_each_batch(momentum):
    seen, kept = follow(momentum)
    expected = [0.0]
    for mean in seen:
        expected.append(expected[-1] + momentum * (mean - expected[-1]))
    np.testing.assert_allclose(kept, expected)


def test_the_curves_of_the_running_mean_are_those_of_the_run():
    lines = figures.running_mean().axes[0].lines
    assert [line.get_ydata().tolist() for line in lines[1:]] == [each.tolist() for each in follow(0.1)]


def test_keras_names_the_other_share():
    said = [w for w in words(figures.conventions) if "Keras" in w]
    assert said == ["PyTorch 0.9 = Keras 0.1", "PyTorch 0.01 = Keras 0.99", "PyTorch 0.1 = Keras 0.9"]


def test_alone_an_image_and_a_bright_copy_have_the_same_scores():
    x, bright = IMAGES[:1], 5 * IMAGES[:1] + 100
    one, other = (scores(trap.trained(), each, training=True)[0] for each in (x, bright))
    assert np.abs(one - other).max() < 1e-3
    said = [w for w in words(figures.one_image) if w.startswith("reads")]
    assert said[0] == said[2] == f"reads {one.argmax()}, score {one.max():.0f}"
    for place, each in ((1, x), (3, bright)):
        frozen = scores(trap.trained(), each, training=False)[0]
        assert said[place] == f"reads {frozen.argmax()}, score {frozen.max():,.0f}"
    assert said[1] != said[3]


def test_small_test_batches_make_mistakes():
    alone = [scores(trap.trained(), image[None], training=True).argmax() for image in IMAGES]
    frozen, wrong = mistakes()
    assert set(wrong[1]) == {np.sum(alone != LABELS)}
    assert frozen == np.sum(scores(trap.trained(), IMAGES, training=False).argmax(1) != LABELS)
    middle = [np.mean(wrong[size]) for size in (1, 2, 4, 8)]
    assert middle == sorted(middle, reverse=True)
    assert all(abs(np.mean(wrong[size]) - frozen) < 2 for size in (8, 16, 32, 128))
    label = figures.batch_sizes().get_label()
    assert f"{np.mean(wrong[2]):.1f} in batches of 2" in label
    assert label.endswith(f"In evaluation mode {frozen}.")


def test_ones_among_ones_are_read_worst():
    shares = []
    for kind in range(10):
        own = IMAGES[kind == LABELS]
        shares.append(float(np.mean(scores(trap.trained(), own, training=True).argmax(1) == kind)))
    printed = [word for word in words(figures.sorted_batches) if "%" in word]
    assert printed == [f"{100 * share:.0f}\N{NO-BREAK SPACE}%" for share in shares]
    assert shares.index(min(shares)) == 1
    assert shares[0] == shares[5] == 1  # the notes say so
    assert min(frozen for frozen, _ in trap.by_class()) > 0.9


def test_one_digit_is_read_differently_in_other_company():
    runs = trap.company(PRESENT, COMPANY)
    assert len(runs) == 200
    for answer, *neighbours in runs[:20]:
        assert PRESENT not in neighbours
        batch = IMAGES[[PRESENT, *neighbours]]
        assert scores(trap.trained(), batch, training=True)[0].argmax() == answer
    frozen, counts = readings()
    assert frozen == LABELS[PRESENT]
    assert counts == {digit: sum(run[0] == digit for run in runs) for digit in sorted({r[0] for r in runs})}
    assert len(counts) > 1
    said = words(figures.other_company)
    assert [w for w in said if w.isdigit()] == [*map(str, counts.values()), "200"]


def test_the_cover_shows_two_batches_that_were_run():
    said = [w for w in words(figures.verdicts) if w.isdigit()]
    assert said[0] == str(LABELS[PRESENT]) != said[1]
    assert {int(w) for w in said} <= {run[0] for run in trap.company(PRESENT, COMPANY)}


def test_learning_in_evaluation_mode_fails_at_a_large_rate_only():
    assert trap.by_epoch(0.3, training=False)[-1] > 0.9
    assert trap.by_epoch(1.0, training=False)[-1] < 0.2 < 0.9 < trap.by_epoch(1.0)[-1]
    lines = [line.get_ydata() for panel in figures.eval_first().axes for line in panel.lines]
    runs = [trap.by_epoch(rate, training=training) for rate in (0.3, 1.0) for training in (True, False)]
    assert [list(line) for line in lines] == runs


def test_a_second_set_lowers_the_accuracy_and_the_first_restores_it():
    pale, inverted = trap.second_set("pale"), trap.second_set("inverted")
    assert len(pale) == len(inverted) == 61
    assert pale[30] < 0.55 < 0.9 < inverted[30] < pale[0] == inverted[0]
    assert pale[30] == accuracy(trap.moved("pale"), IMAGES, LABELS)
    assert abs(pale[-1] - pale[0]) < 0.01
    lines = [line.get_ydata() for line in figures.foreign_images().axes[0].lines]
    assert [list(line) for line in lines[:2]] == [inverted, pale]


# what the lecture says


def test_the_minutes_of_the_notes_are_those_of_the_lecture():
    deck = (ROOT / "decks" / "03_batchnorm_trap.md").read_text(encoding="utf-8")
    (minutes,) = re.findall(r"^minutes: (\d+)$", deck, re.MULTILINE)
    assert sum(map(int, re.findall(r"\((\d+) min\)", deck))) == int(minutes)
