"""batch_norm: the arithmetic in both modes, and what becomes of the running statistics."""

from types import ModuleType

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinyspatial import loops
from tinyspatial.loops.normalisation import running_statistics

quick = settings(max_examples=25, deadline=None, derandomize=True)

# Two images, two channels, 1×2. Channel 0 holds 1 3 5 7: mean 4, variance 5, unbiased 20/3.
# Channel 1 holds 10 10 10 14: mean 11, variance 3, unbiased 4.
X = np.array([[[[1.0, 3.0]], [[10.0, 10.0]]], [[[5.0, 7.0]], [[10.0, 14.0]]]])


def test_training_normalises_with_the_biased_variance_of_the_batch(ops: ModuleType) -> None:
    out = ops.batch_norm(X, None, None, training=True, eps=0.0)
    np.testing.assert_allclose(out[:, 0, 0].ravel() * np.sqrt(5), [-3, -1, 1, 3], atol=1e-12)
    np.testing.assert_allclose(out[:, 1, 0].ravel() * np.sqrt(3), [-1, -1, -1, 3], atol=1e-12)


def test_training_moves_the_running_statistics_in_place_with_the_unbiased_variance(ops: ModuleType) -> None:
    mean, var = np.array([0.0, 1.0]), np.array([1.0, 2.0])
    ops.batch_norm(X, mean, var, training=True, momentum=0.25)
    np.testing.assert_allclose(mean, [0.75 * 0 + 0.25 * 4, 0.75 * 1 + 0.25 * 11])
    np.testing.assert_allclose(var, [0.75 * 1 + 0.25 * 20 / 3, 0.75 * 2 + 0.25 * 4])


def test_momentum_is_one_tenth_and_weighs_the_new_value(ops: ModuleType) -> None:
    mean, var = np.zeros(2), np.ones(2)
    ops.batch_norm(X, mean, var, training=True)
    np.testing.assert_allclose(mean, [0.4, 1.1])


def test_what_training_gives_does_not_depend_on_the_running_statistics(ops: ModuleType) -> None:
    once = ops.batch_norm(X, np.array([5.0, 6.0]), np.array([7.0, 8.0]), training=True)
    np.testing.assert_array_equal(once, ops.batch_norm(X, None, None, training=True))


def test_evaluation_uses_the_running_statistics_and_leaves_them_alone(ops: ModuleType) -> None:
    mean, var = np.array([1.0, 10.0]), np.array([4.0, 16.0])
    out = ops.batch_norm(X, mean, var, weight=[10, 100], bias=[1, 2], eps=0.0)
    assert out.tolist() == [[[[1.0, 11.0]], [[2.0, 2.0]]], [[[21.0, 31.0]], [[2.0, 102.0]]]]
    assert (mean.tolist(), var.tolist()) == ([1.0, 10.0], [4.0, 16.0])


def test_eps_is_added_to_the_variance_before_the_root(ops: ModuleType) -> None:
    assert ops.batch_norm([[[[6.0]]]], [0.0], [1.0], eps=3.0).item() == 3.0


def test_a_constant_channel_becomes_beta(ops: ModuleType) -> None:
    out = ops.batch_norm(np.full((2, 1, 2, 3), 7.0), None, None, [5.0], [-2.0], training=True)
    assert (out == -2.0).all()


def test_running_statistics_in_float32_are_updated_as_they_are(ops: ModuleType) -> None:
    mean, var = np.zeros(2, np.float32), np.ones(2, np.float32)
    ops.batch_norm(X, mean, var, training=True)
    np.testing.assert_allclose(mean, [0.4, 1.1], rtol=1e-6)


def test_an_empty_batch_gives_an_empty_result_and_moves_nothing(ops: ModuleType) -> None:
    mean, var = np.zeros(2), np.ones(2)
    assert ops.batch_norm(np.zeros((0, 2, 3, 4)), mean, var, training=True).shape == (0, 2, 3, 4)
    assert (mean.tolist(), var.tolist()) == ([0, 0], [1, 1])


def test_one_value_per_channel_cannot_be_normalised_in_training(ops: ModuleType) -> None:
    problem = r"Expected more than 1 value per channel when training, got input size \(1, 3, 1, 1\)"
    mean, var = np.zeros(3), np.ones(3)
    with pytest.raises(ValueError, match=problem):
        ops.batch_norm(np.ones((1, 3, 1, 1)), mean, var, training=True)
    assert (mean.tolist(), var.tolist()) == ([0, 0, 0], [1, 1, 1])


@pytest.mark.parametrize("shape", [(2, 3, 1, 1), (1, 3, 1, 2)], ids=["two images", "two pixels"])
def test_two_values_per_channel_are_enough_in_training(ops: ModuleType, shape: tuple) -> None:
    assert ops.batch_norm(np.ones(shape), None, None, training=True).shape == shape


def test_one_value_per_channel_is_fine_in_evaluation(ops: ModuleType) -> None:
    assert ops.batch_norm(np.ones((1, 3, 1, 1)), np.ones(3), np.ones(3)).tolist() == [[[[0]], [[0]], [[0]]]]


def test_a_single_image_in_training_mode_forgets_brightness_and_contrast(ops: ModuleType) -> None:
    """The trap of a network left in training mode: x and 5x + 100 give the same result."""
    x = np.random.default_rng(0).normal(size=(1, 2, 4, 5))
    out = ops.batch_norm(x, None, None, training=True, eps=0.0)
    np.testing.assert_allclose(
        ops.batch_norm(5 * x + 100, None, None, training=True, eps=0.0), out, atol=1e-12
    )
    np.testing.assert_allclose(ops.batch_norm(x + 4, np.zeros(2), np.ones(2)) - x, 4, atol=1e-4)


def test_no_argument_but_the_running_statistics_is_changed(ops: ModuleType) -> None:
    x, weight, bias = X.copy(), np.array([2.0, 3.0]), np.array([4.0, 5.0])
    ops.batch_norm(x, np.zeros(2), np.ones(2), weight, bias, training=True)
    assert (x == X).all()
    assert (weight.tolist(), bias.tolist()) == ([2.0, 3.0], [4.0, 5.0])


@quick
@given(st.integers(0, 999), st.floats(-50, 50), st.floats(0.1, 50))
def test_training_gives_every_channel_mean_0_and_variance_1(
    ops: ModuleType, seed: int, at: float, by: float
) -> None:
    x = at + by * np.random.default_rng(seed).normal(size=(2, 2, 3, 4))
    out = ops.batch_norm(x, None, None, training=True)
    np.testing.assert_allclose(out.mean(axis=(0, 2, 3)), 0, atol=1e-9)
    var = x.var(axis=(0, 2, 3))
    np.testing.assert_allclose(out.var(axis=(0, 2, 3)), var / (var + 1e-5))


@quick
@given(st.integers(0, 999))
def test_gamma_and_beta_can_undo_the_normalisation(ops: ModuleType, seed: int) -> None:
    x = 3 + 2 * np.random.default_rng(seed).normal(size=(2, 2, 3, 4))
    gamma, beta = np.sqrt(x.var(axis=(0, 2, 3)) + 1e-5), x.mean(axis=(0, 2, 3))
    np.testing.assert_allclose(ops.batch_norm(x, None, None, gamma, beta, training=True), x, atol=1e-12)


def test_running_statistics_are_those_that_batch_norm_leaves_behind() -> None:
    batches = np.random.default_rng(4).normal(3, 2, size=(4, 5))
    mean, var = np.zeros(1), np.ones(1)
    followed_mean, followed_var = running_statistics(batches, momentum=0.3)
    assert (followed_mean[0], followed_var[0]) == (0, 1)
    for b, batch in enumerate(batches, 1):
        loops.batch_norm(batch.reshape(1, 1, 1, 5), mean, var, training=True, momentum=0.3)
        np.testing.assert_allclose([followed_mean[b], followed_var[b]], [mean[0], var[0]], rtol=1e-12)


def test_running_statistics_by_hand() -> None:
    mean, var = running_statistics([[0, 4], [2, 2]], momentum=0.5)
    assert (mean.tolist(), var.tolist()) == ([0, 1, 1.5], [1, 4.5, 2.25])


@pytest.mark.parametrize("x", [[1.0, 2.0], [[1.0], [2.0]]], ids=["one axis", "one value"])
def test_running_statistics_need_batches_of_several_values(x: list) -> None:
    with pytest.raises(ValueError, match=r"^Expected a 2D array \(batches, values\), more than 1 value each"):
        running_statistics(x)
