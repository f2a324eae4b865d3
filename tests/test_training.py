"""Training: the arithmetic of one step, what repeats, and a network that really learns to read digits."""

from copy import deepcopy
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from tinyspatial import fast, lists, loops
from tinyspatial.base import Layer
from tinyspatial.data import digits, split
from tinyspatial.layers import BatchNorm2d, Conv2d, Flatten, Linear, MaxPool2d, ReLU
from tinyspatial.model import Sequential, SimpleCNN
from tinyspatial.training import SGD, Epoch, accuracy, batches, fit, train_step

DIGITS = split(*digits())


def reader(ops: ModuleType = fast) -> Sequential:
    """A small network for digits, with batch normalisation."""
    rng = np.random.default_rng(0)
    return Sequential(
        *(Conv2d(1, 8, 3, padding=1, ops=ops, rng=rng), BatchNorm2d(8, ops=ops), ReLU(ops=ops)),
        *(MaxPool2d(2, ops=ops), Conv2d(8, 16, 3, padding=1, ops=ops, rng=rng), BatchNorm2d(16, ops=ops)),
        *(ReLU(ops=ops), MaxPool2d(2, ops=ops), Flatten(), Linear(64, 10, ops=ops, rng=rng)),
    )


def test_it_learns_to_read_digits_that_it_never_saw() -> None:
    model = reader()
    optimizer = SGD(model.parameters(), lr=0.05, momentum=0.9, weight_decay=1e-4)
    history = fit(model, optimizer, DIGITS.images, DIGITS.labels, epochs=8, progress=False)
    assert history[-1].loss < history[0].loss / 10
    assert accuracy(model, DIGITS.held_out_images, DIGITS.held_out_labels) >= 0.97


def test_one_step_with_loops_and_one_with_fast_give_the_same_weights() -> None:
    slow, quick = reader(loops), reader(fast)
    for model, ops in ((slow, loops), (quick, fast)):
        optimizer = SGD(model.parameters(), lr=0.1, momentum=0.9, weight_decay=0.01)
        train_step(model, optimizer, DIGITS.images[:8], DIGITS.labels[:8], ops)
    for one, other, start in zip(slow.parameters(), quick.parameters(), reader().parameters(), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)
        assert (one != start).any()
    np.testing.assert_allclose(slow[1].running_var, quick[1].running_var, atol=1e-6)


def test_plain_lists_take_the_same_steps() -> None:
    model = SimpleCNN(1, (3, 4), image_size=8, ops=fast)
    optimizer, parameters = SGD(model.parameters(), lr=0.5), lists.from_model(model)
    for first in (0, 6):
        images, labels = DIGITS.images[first : first + 6], DIGITS.labels[first : first + 6]
        loss, _ = train_step(model, optimizer, images, labels)
        assert lists.train_step(parameters, images.tolist(), labels.tolist(), 0.5) == pytest.approx(loss)
    for ours, array in zip(parameters, lists.from_model(model), strict=True):
        np.testing.assert_allclose(ours, array, atol=1e-12)
    seen = [lists.predict(parameters, image.tolist()) for image in DIGITS.images[:20]]
    assert seen == model(DIGITS.images[:20]).argmax(axis=1).tolist()


def test_plain_lists_learn() -> None:
    """A few seconds in which loops alone get most held-out digits right; the benchmark waits for 97 %."""
    parameters = lists.from_model(SimpleCNN(1, (8, 16), image_size=8))
    images, labels = DIGITS.images[:1000].tolist(), DIGITS.labels[:1000].tolist()
    for first in range(0, 1000, 8):
        lists.train_step(parameters, images[first : first + 8], labels[first : first + 8], 0.1)
    unseen = zip(DIGITS.held_out_images[:200].tolist(), DIGITS.held_out_labels[:200], strict=True)
    assert np.mean([lists.predict(parameters, image) == label for image, label in unseen]) > 0.4


def test_the_arithmetic_of_sgd() -> None:
    weight = np.array([1.0, -2.0])
    optimizer = SGD([weight], lr=0.5, momentum=0.5, weight_decay=0.1)
    optimizer.step([np.array([1.0, 0.0])])  # gradient 1.1, -0.2
    assert weight.tolist() == [1 - 0.5 * 1.1, -2 + 0.5 * 0.2]
    optimizer.step([np.array([0.0, 0.0])])  # velocity 0.55 + 0.045, -0.1 - 0.19
    np.testing.assert_allclose(weight, [0.45 - 0.5 * 0.595, -1.9 + 0.5 * 0.29])


@pytest.mark.parametrize("option", ["lr", "momentum", "weight_decay"])
@pytest.mark.parametrize("value", [-0.1, float("nan")], ids=str)
def test_sgd_refuses_what_is_negative(option: str, value: float) -> None:
    with pytest.raises(ValueError, match=f"^{option} must not be negative, got {value}$"):
        SGD([], **{option: value})


def test_a_step_needs_the_way_back_first() -> None:
    model = Linear(2, 3)
    with pytest.raises(ValueError, match=r"^Expected 2 gradients: call backward\(\) before step\(\)$"):
        SGD(model.parameters()).step(model.gradients())


@pytest.mark.parametrize("parameter", [[1.0], np.array([1, 2])], ids=["list", "integers"])
def test_sgd_refuses_parameters_that_it_could_not_move(parameter: Any) -> None:
    with pytest.raises(
        ValueError, match=r"^parameters are changed in place and must be arrays of floats, got "
    ):
        SGD([parameter])


def test_logits_with_nan_recognise_nothing() -> None:
    """The first NaN counts as the largest value for NumPy, so that half of these would be right."""
    images = np.array([[np.nan, 0.0], [1.0, 0.0], [1.0, np.nan], [0.0, 1.0]])
    assert accuracy(Sequential(), images, [0, 0, 1, 1]) == 0.5


def test_nan_in_the_gradient_stays_at_its_pixel_in_evaluation_mode(ops: ModuleType) -> None:
    grad, x = np.ones((1, 1, 1, 3)), np.zeros((1, 1, 1, 3))
    grad[..., 1] = np.nan
    grad_x, _, _ = ops.batch_norm_backward(grad, x, [0.0], [1.0])
    assert np.isnan(grad_x).ravel().tolist() == [False, True, False]


ONE_BLOCK = lists.from_model(SimpleCNN(1, (2,), image_size=8))
BLANK = [[[0.0] * 8] * 8]


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ([-1], "Expected label from 0 to 9, got -1"),
        ([10], "Expected label from 0 to 9, got 10"),
        ([1, 2], "Expected one label for each image, got 2 for 1"),
    ],
    ids=["below 0", "no such class", "one too many"],
)
def test_plain_lists_refuse_labels_and_move_nothing(labels: list, message: str) -> None:
    before = deepcopy(ONE_BLOCK)
    with pytest.raises(ValueError, match=f"^{message}$"):
        lists.train_step(ONE_BLOCK, [BLANK], labels, 0.1)
    assert before == ONE_BLOCK


def test_plain_lists_refuse_an_image_of_another_size() -> None:
    message = r"^Expected an image that ends in 32 features, got 8 from image \(1, 4, 4\)$"
    with pytest.raises(ValueError, match=message):
        lists.predict(ONE_BLOCK, [[[0.0] * 4] * 4])


@pytest.mark.parametrize(
    "model",
    [SimpleCNN(1, (2,), hidden=3, image_size=8), Linear(2, 3), Sequential(Conv2d(1, 2, 5), Linear(8, 3))],
    ids=["hidden layer", "no block", "another kernel"],
)
def test_plain_lists_are_made_for_one_form_of_model(model: Layer) -> None:
    with pytest.raises(ValueError, match=r"^Expected a SimpleCNN without hidden layer, got "):
        lists.from_model(model)


def train(seed: int) -> tuple[list[Epoch], np.ndarray]:
    model = SimpleCNN(1, (2,), image_size=8, ops=fast)
    optimizer, rng = SGD(model.parameters(), 0.1), np.random.default_rng(seed)
    history = fit(model, optimizer, DIGITS.images[:50], DIGITS.labels[:50], 2, 16, rng=rng, progress=False)
    return history, model.parameters()[0]


def test_the_same_seed_gives_the_same_run_and_another_another() -> None:
    (history, weight), (again, same), (other, different) = train(1), train(1), train(2)
    assert history == again != other
    assert (weight == same).all()
    assert (weight != different).any()


def test_the_history_tells_the_mean_over_all_images_of_an_epoch() -> None:
    """With a learning rate of zero nothing moves, so it is the loss of the whole."""
    model = SimpleCNN(1, (2,), image_size=8, ops=fast)
    images, labels = DIGITS.images[:50], DIGITS.labels[:50]  # three batches of 16, and one of 2
    history = fit(model, SGD(model.parameters(), lr=0.0), images, labels, 2, 16, progress=False)
    expected = fast.cross_entropy(model(images), labels), accuracy(model, images, labels)
    np.testing.assert_allclose(history, [expected, expected])


def test_batches_hold_every_image_once_in_a_new_order_each_time() -> None:
    rng = np.random.default_rng(0)
    first, second = batches(10, 4, rng), batches(10, 4, rng)
    assert [len(part) for part in first] == [4, 4, 2]
    assert sorted(np.concatenate(first)) == sorted(np.concatenate(second)) == list(range(10))
    assert np.concatenate(first).tolist() != np.concatenate(second).tolist()


def test_training_is_in_training_mode_and_accuracy_leaves_the_mode_alone() -> None:
    model = reader().eval()
    fit(model, SGD(model.parameters()), DIGITS.images[:8], DIGITS.labels[:8], epochs=1, progress=False)
    assert (model.training, model[1].num_batches_tracked) == (True, 1)
    accuracy(model, DIGITS.images[:8], DIGITS.labels[:8])
    assert (model[1].training, model[1].num_batches_tracked) == (True, 1)
    accuracy(model.eval(), DIGITS.images[:8], DIGITS.labels[:8])
    assert not model[1].training


def test_accuracy_does_not_depend_on_the_batches() -> None:
    model = reader()
    images, labels = DIGITS.images[:50], DIGITS.labels[:50]
    expected = np.mean(model.eval()(images).argmax(axis=1) == labels)
    assert accuracy(model, images, labels, batch_size=7) == accuracy(model, images, labels) == expected


@pytest.mark.parametrize(
    ("images", "labels", "options", "message"),
    [
        (DIGITS.images[:0], [], {}, r"Expected images and one label for each, got \(0, 1, 8, 8\) and"),
        (DIGITS.images[:3], [1, 2], {}, r"Expected images and one label for each, got \(3, 1, 8, 8\) and"),
        (DIGITS.images[:2], [1.0, 2.0], {}, "Expected labels that are integers, got float64"),
        (DIGITS.images[:3], [1, 2, 10], {}, "Expected target from 0 to 9, got 10"),
        (DIGITS.images[:2], [1, 2], {"epochs": 0}, "epochs must be an integer of at least 1, got 0"),
        (DIGITS.images[:2], [1, 2], {"batch_size": 0}, "batch_size must be an integer of at least 1, got 0"),
    ],
    ids=["no images", "labels missing", "labels no integers", "no such class", "no epochs", "empty batches"],
)
def test_fit_refuses(images: np.ndarray, labels: list, options: dict, message: str) -> None:
    model = reader()
    with pytest.raises(ValueError, match=f"^{message}"):
        fit(model, SGD(model.parameters()), images, labels, **{"epochs": 1, "progress": False} | options)


def test_a_bar_shows_how_far_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    model = reader()
    fit(model, SGD(model.parameters()), DIGITS.images[:8], DIGITS.labels[:8], epochs=2)
    assert "epoch 2 of 2: loss" in capsys.readouterr().out
    fit(model, SGD(model.parameters()), DIGITS.images[:8], DIGITS.labels[:8], epochs=2, progress=False)
    assert capsys.readouterr().out.strip() == ""


def test_a_fifth_is_held_out_and_none_is_in_both() -> None:
    assert [len(part) for part in DIGITS] == [1438, 1438, 359, 359]
    kept, held_out = ({image.tobytes() for image in part} for part in (DIGITS.images, DIGITS.held_out_images))
    assert not kept & held_out
    first = split(np.arange(10), np.arange(10) * 2, 0.3, np.random.default_rng(5))
    assert [len(part) for part in first] == [7, 7, 3, 3]
    assert sorted([*first.images, *first.held_out_images]) == list(range(10))
    assert (first.labels == 2 * first.images).all()


@pytest.mark.parametrize(("labels", "share"), [([1], 0.5), ([1, 2], 0.0), ([1, 2], 1)], ids=str)
def test_split_refuses(labels: list, share: float) -> None:
    with pytest.raises(
        ValueError, match="Expected one label for each image and a share between 0 and 1, got"
    ):
        split(np.zeros((2, 1, 8, 8)), labels, share)
