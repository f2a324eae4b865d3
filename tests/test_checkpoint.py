"""Files of parameters: what is in them, that they come back, and which are refused."""

import pickle
from pathlib import Path

import numpy as np
import pytest

from tinyspatial.checkpoint import load, save, state
from tinyspatial.layers import BatchNorm2d, Conv2d, Linear
from tinyspatial.model import Sequential, SimpleCNN


def model(seed: int) -> Sequential:
    """A network none of whose arrays is as it began."""
    made = Sequential(Conv2d(1, 2, 3), Sequential(BatchNorm2d(2)), Linear(4, 3, bias=False))
    for array in state(made).values():
        array += np.random.default_rng(seed).uniform(1, 2, size=array.shape)
    return made


def test_names_are_those_of_torch_and_arrays_are_the_models_own() -> None:
    made = model(0)
    norm = ["1.0.weight", "1.0.bias", "1.0.running_mean", "1.0.running_var"]
    assert list(state(made)) == ["0.weight", "0.bias", *norm, "2.weight"]
    assert state(made)["1.0.running_var"] is made[1][0].running_var
    assert list(state(SimpleCNN()))[-2:] == ["classifier.0.weight", "classifier.0.bias"]


@pytest.mark.parametrize("name", ["small.npz", "small.weights"])
def test_what_is_saved_comes_back_into_the_arrays_that_are_there(tmp_path: Path, name: str) -> None:
    saved, other = model(1), model(2)
    weight = other[0].weight
    save(saved, tmp_path / name)
    load(other, str(tmp_path / name))
    for key, array in state(saved).items():
        np.testing.assert_array_equal(state(other)[key], array)
    assert other[0].weight is weight
    x = np.random.default_rng(0).normal(size=(1, 1, 4, 5))
    np.testing.assert_array_equal(saved[:2].eval()(x), other[:2].eval()(x))
    assert [path.name for path in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize(
    ("other", "message"),
    [
        (Sequential(Conv2d(1, 2, 3)), "1.0.bias is missing from the model"),
        (Sequential(*model(0), Linear(3, 2)), "3.bias is missing from the file"),
        (
            Sequential(Conv2d(1, 2, 5), Sequential(BatchNorm2d(2)), Linear(4, 3, bias=False)),
            r"Expected 0.weight of \(2, 1, 5, 5\) floats, got \(2, 1, 3, 3\) float64",
        ),
    ],
    ids=["smaller", "larger", "another kernel"],
)
def test_a_file_of_another_model_is_refused_and_changes_nothing(
    tmp_path: Path, other: Sequential, message: str
) -> None:
    save(model(1), tmp_path / "small.npz")
    before = {name: array.copy() for name, array in state(other).items()}
    with pytest.raises(ValueError, match=f"^{message}$"):
        load(other, tmp_path / "small.npz")
    assert all((array == before[name]).all() for name, array in state(other).items())


class Trap:
    def __reduce__(self) -> tuple:
        return (Path("trapped").touch, ())


def test_a_file_is_never_unpickled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    np.savez(tmp_path / "trap.npz", **{name: np.array(Trap(), dtype=object) for name in state(Linear(1, 1))})
    (tmp_path / "trap.pkl").write_bytes(pickle.dumps(Trap()))
    for name in ("trap.npz", "trap.pkl"):
        with pytest.raises(ValueError, match=f"^{name} cannot be read: "):
            load(Linear(1, 1), tmp_path / name)
    assert not (tmp_path / "trapped").exists()


@pytest.mark.parametrize("size", [0, 50, 400], ids=str)
def test_a_truncated_file_is_refused(tmp_path: Path, size: int) -> None:
    save(model(1), tmp_path / "small.npz")
    (tmp_path / "part.npz").write_bytes((tmp_path / "small.npz").read_bytes()[:size])
    with pytest.raises(ValueError, match=r"^part.npz cannot be read: it is no .npz file$"):
        load(model(1), tmp_path / "part.npz")


def test_a_file_that_is_not_there_is_pythons_own_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        load(model(1), tmp_path / "none.npz")
