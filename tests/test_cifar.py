"""The reader of CIFAR-10 on small archives that the tests write: what it gives, and all that it refuses."""

import gzip
import io
import os
import pickle
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tinyspatial.cifar import CLASSES, FOLDER, PARTS
from tinyspatial.data import cifar10

NAMES = [*PARTS["train"], *PARTS["test"]]
PIXELS = np.arange(2 * 3072, dtype=np.uint32).astype(np.uint8).reshape(2, 3072)
GOOD = {b"data": PIXELS, b"labels": [3, 7]}


def old_pickle() -> bytes:
    """One image as Python 2 and the NumPy of its day wrote it: byte strings, protocol 2, numpy.core."""
    array = b"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(K\x00tU\x01btR"
    kind = b"cnumpy\ndtype\n(U\x02u1K\x00K\x01tR(K\x03U\x01|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb"
    pixels = b"T" + (3072).to_bytes(4, "little") + PIXELS[0].tobytes()
    state = b"(K\x01(K\x01M\x00\x0ct" + kind + b"\x89" + pixels + b"tb"
    return b"\x80\x02}(U\x04data" + array + state + b"U\x06labels](K\x05eu."


def archive(path: Path, files: dict[str, bytes]) -> Path:
    with tarfile.open(path, "w:gz") as tar:
        for name, data in files.items():
            member = tarfile.TarInfo(f"{FOLDER}/{name}")
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    return path


def folder(path: Path, files: dict[str, bytes]) -> Path:
    path.mkdir()
    for name, data in files.items():
        (path / name).write_bytes(data)
    return path


FORMS = [pytest.param(archive, id="archive"), pytest.param(folder, id="folder")]
every_form = pytest.mark.parametrize("write", FORMS)


def files(**changed: Any) -> dict[str, bytes]:
    """Two images in each batch, unless the keyword of its name gives other bytes or another content."""
    contents = {name: changed.get(name, GOOD) for name in NAMES}
    return {
        name: content if isinstance(content, bytes) else pickle.dumps(content, protocol=4)
        for name, content in contents.items()
    }


@every_form
def test_five_batches_to_learn_from_and_one_to_test(tmp_path: Path, write: Callable) -> None:
    third = {b"data": PIXELS[:1], b"labels": [9]}
    path = write(tmp_path / "cifar", files(data_batch_3=third, test_batch=third))
    images, labels = cifar10(path)
    assert (images.shape, images.dtype) == ((9, 3, 32, 32), np.float32)
    assert labels.tolist() == [3, 7, 3, 7, 9, 3, 7, 3, 7]
    assert cifar10(str(path), "test")[1].tolist() == [9]


@every_form
def test_pixels_are_red_then_green_then_blue_row_by_row(tmp_path: Path, write: Callable) -> None:
    images, _ = cifar10(write(tmp_path / "cifar", files()), "test")
    expected = (np.arange(3072) % 256).reshape(3, 32, 32) / 255
    np.testing.assert_allclose(images[0], expected, rtol=1e-6)
    assert (images.min(), images.max()) == (0, 1)


def test_batches_as_python_2_wrote_them_are_read(tmp_path: Path) -> None:
    images, labels = cifar10(folder(tmp_path / "old", {"test_batch": old_pickle()}), "test")
    np.testing.assert_allclose(images.ravel() * 255, PIXELS[0], rtol=1e-6)
    assert labels.tolist() == [5]


def test_the_unpacked_archive_may_be_in_the_folder(tmp_path: Path) -> None:
    folder(tmp_path / FOLDER, files())
    assert len(cifar10(tmp_path)[0]) == 10


class Trap:
    def __init__(self, call: Callable, *args: Any) -> None:
        self.call, self.args = call, args

    def __reduce__(self) -> tuple:
        return self.call, self.args


@pytest.mark.parametrize(
    ("trap", "asked"),
    [
        (Trap(os.system, "touch trapped"), "posix.system"),
        (Trap(eval, "open('trapped', 'w')"), "builtins.eval"),
        (Trap(np.load, "trapped"), "numpy.load"),
        (Trap(getattr, np.ndarray, "dump"), "builtins.getattr"),
    ],
    ids=["os.system", "eval", "numpy.load", "getattr"],
)
@every_form
def test_a_pickle_that_asks_for_a_function_is_refused_and_nothing_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, write: Callable, trap: Trap, asked: str
) -> None:
    monkeypatch.chdir(tmp_path)
    path = write(tmp_path / "cifar", files(data_batch_2={b"data": trap, b"labels": []}))
    message = f"^data_batch_2 is truncated or no batch of CIFAR-10: it asks for {asked}, which no batch"
    with pytest.raises(ValueError, match=message):
        cifar10(path)
    assert not (tmp_path / "trapped").exists()


WIDE, FLOATS = PIXELS[:, :3000], PIXELS.astype(float)
BAD = {
    "no dictionary": ([1, 2], "is truncated or no batch"),
    "no labels": ({b"data": PIXELS}, "is truncated or no batch of CIFAR-10: b'labels'"),
    "too few pixels": (GOOD | {b"data": WIDE}, r"expected pixels .* got ndarray uint8 \(2, 3000\)"),
    "floats": (GOOD | {b"data": FLOATS}, r"expected pixels .* got ndarray float64 \(2, 3072\)"),
    "a list of pixels": (GOOD | {b"data": [1, 2]}, r"expected pixels .* got list \(2,\)"),
    "a label missing": (GOOD | {b"labels": [3]}, r"expected a list of 2 labels, got list \(1,\)"),
    "labels as text": (GOOD | {b"labels": "37"}, r"expected a list of 2 labels, got str \(\)"),
    "class 10": (GOOD | {b"labels": [3, 10]}, "expected labels from 0 to 9, got 10"),
    "class -1": (GOOD | {b"labels": [-1, 3]}, "expected labels from 0 to 9, got -1"),
    "a label of text": (GOOD | {b"labels": [3, "7"]}, "expected labels from 0 to 9, got '7'"),
    "half a file": (pickle.dumps(GOOD, protocol=4)[:3000], "is truncated or no batch of CIFAR-10"),
    "nothing": (b"", "is truncated or no batch of CIFAR-10"),
    "noise": (b"\x80\x04\x95 what is this?", "is truncated or no batch of CIFAR-10"),
}


@pytest.mark.parametrize(("content", "message"), BAD.values(), ids=BAD)
def test_a_malformed_batch_is_named(tmp_path: Path, content: Any, message: str) -> None:
    path = archive(tmp_path / "cifar.tar.gz", files(data_batch_4=content))
    with pytest.raises(ValueError, match=f"^data_batch_4:? {message}"):
        cifar10(path)


@every_form
def test_a_missing_batch_is_named(tmp_path: Path, write: Callable) -> None:
    path = write(tmp_path / "cifar", {name: data for name, data in files().items() if name != "data_batch_5"})
    with pytest.raises(ValueError, match=r"^there is no (cifar-10-batches-py/)?data_batch_5 in "):
        cifar10(path)


@pytest.mark.parametrize("share", [0.0, 0.3, 0.9], ids=["nothing", "a third", "nearly all"])
def test_a_truncated_archive_is_named(tmp_path: Path, share: float) -> None:
    whole = archive(tmp_path / "cifar.tar.gz", files()).read_bytes()
    (tmp_path / "part.tar.gz").write_bytes(whole[: int(share * len(whole))])
    with pytest.raises(ValueError, match=r"^part.tar.gz is truncated or no .tar.gz archive: "):
        cifar10(tmp_path / "part.tar.gz")


@pytest.mark.parametrize("data", [b"hello", gzip.compress(b"hello" * 999)], ids=["text", "no tar in it"])
def test_another_file_is_refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "other.tar.gz").write_bytes(data)
    with pytest.raises(ValueError, match=r"^other.tar.gz is truncated or no .tar.gz archive: "):
        cifar10(tmp_path / "other.tar.gz")


def test_a_link_in_the_archive_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(pickle.dumps(GOOD, protocol=4))
    with tarfile.open(tmp_path / "cifar.tar.gz", "w:gz") as tar:
        link = tarfile.TarInfo(f"{FOLDER}/test_batch")
        link.type, link.linkname = tarfile.SYMTYPE, str(tmp_path / "secret")
        tar.addfile(link)
    with pytest.raises(ValueError, match=r"^test_batch is no file of at most 67,108,864 bytes$"):
        cifar10(tmp_path / "cifar.tar.gz", "test")


def test_nothing_is_unpacked_to_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    cifar10(archive(tmp_path / "cifar.tar.gz", files() | {"../escaped": b"x"}))
    assert [path.name for path in tmp_path.iterdir()] == ["cifar.tar.gz"]


def test_what_is_not_there_is_pythons_own_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        cifar10(tmp_path / "none.tar.gz")


def test_another_part_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"^part must be one of \['test', 'train'\], got 'valid'$"):
        cifar10(tmp_path, "valid")


def test_there_are_ten_classes() -> None:
    assert (len(CLASSES), CLASSES[0], CLASSES[9]) == (10, "airplane", "truck")
