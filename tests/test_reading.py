"""The network that reads digits, its file for students, and the pictures of exercises 10 and 11."""

import json

import numpy as np
import pytest

from tinyspatial import figures, reading
from tinyspatial.data import digits
from tinyspatial.figures.columns import NUMBERED, WINDOW, columns_of
from tinyspatial.model import SimpleCNN
from tinyspatial.training import accuracy


@pytest.fixture(scope="module")
def file():
    return json.loads(json.dumps(reading.as_file()))


def test_the_network_reads_digits_that_it_never_saw():
    assert accuracy(reading.reader(), *reading.data()[2:]) > 0.95


def test_the_file_has_the_network_to_the_last_digit(file):
    model = SimpleCNN(1, reading.WIDTHS, image_size=8)
    for name, layer in {"features.0": model.features[0], "features.3": model.features[3]}.items():
        layer.weight = np.array(file["weights"][f"{name}.weight"])
        layer.bias = np.array(file["weights"][f"{name}.bias"])
    model.classifier[0].weight = np.array(file["weights"]["classifier.0.weight"])
    model.classifier[0].bias = np.array(file["weights"]["classifier.0.bias"])
    x = reading.data().held_out_images[:3]
    np.testing.assert_allclose(model(x), reading.reader()(x), rtol=1e-12)


def test_the_file_has_the_held_out_digits_in_whole_numbers_and_says_whose_they_are(file):
    images = np.array(file["images"])
    assert images.dtype.kind == "i"
    assert images.shape == (359, 8, 8)
    np.testing.assert_array_equal(images[:, None] / 16, reading.data().held_out_images)
    assert file["labels"] == reading.data().held_out_labels.tolist()
    assert "CC BY 4.0" in file["source"]
    assert "E. Alpaydin and C. Kaynak" in file["source"]


def test_no_digit_of_the_file_was_learned_from():
    assert len(reading.data().images) + len(reading.data().held_out_images) == len(digits()[0])


def test_the_picture_of_a_digit_names_the_shapes_and_the_answer():
    label = figures.digit_read().get_label()
    logits = reading.reader()(reading.data().held_out_images[:1])[0]
    assert "1 × 8 × 8, 8 × 8 × 8, 8 × 4 × 4, 16 × 4 × 4, 16 × 2 × 2" in label
    assert label.endswith(f"The largest, {max(logits):.1f}, is that of {list(logits).index(max(logits))}.")


def test_columns_of_the_numbered_pixels_are_its_windows():
    windows = [NUMBERED[p : p + 2, q : q + 3].ravel().tolist() for p in range(2) for q in range(3)]
    assert columns_of(NUMBERED, WINDOW).T.tolist() == windows
    label = figures.as_columns().get_label()
    assert "the first column, 0, 1, 2, 5, 6, 7; the second is 1, 2, 3, 6, 7, 8" in label
    assert "11" not in label, "the last column is asked for"
