"""A figure is drawn anew only if it is not what was drawn last time."""

import json
from collections.abc import Callable
from pathlib import Path

import matplotlib
import pytest
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from kit import apart, drawings, kept, run
from tests.test_run import notebook


def figure(last: int = 2) -> Figure:
    made = Figure(figsize=(2, 2), layout="constrained")
    made.subplots().plot([1, last])
    made.set_label("A rising line.")
    return made


def test_what_is_known_is_not_drawn() -> None:
    made: dict[str, str] = {}
    new = drawings.drawn(figure(), {}, made)
    assert new.startswith("<svg")
    assert list(made.values()) == [new]
    known = dict.fromkeys(made, "as it was drawn")
    assert drawings.drawn(figure(), known, made) == "as it was drawn"
    assert list(made.values()) == ["as it was drawn"]


def wider(made: Figure) -> None:
    made.set_figwidth(3)


def titled(made: Figure) -> None:
    made.axes[0].set_title("Of two points")


def another_typeface(made: Figure) -> None:
    matplotlib.rcParams["font.sans-serif"] = ["DejaVu Serif"]


@pytest.mark.parametrize("change", [wider, titled, another_typeface])
def test_what_has_changed_is_drawn_anew(change: Callable[[Figure], None]) -> None:
    made: dict[str, str] = {}
    before = drawings.drawn(figure(), {}, made)
    with matplotlib.rc_context():
        changed = figure()
        change(changed)
        assert drawings.drawn(changed, dict(made), made) != before
    assert drawings.drawn(figure(3), dict(made), made) != before
    assert len(made) == 3


def test_a_font_that_has_changed_is_another_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usual = Path(matplotlib.get_data_path(), "fonts/ttf")
    monkeypatch.setattr(drawings.fontManager, "ttflist", list(drawings.fontManager.ttflist))
    own, keys = tmp_path / "own.ttf", []
    own.write_bytes((usual / "DejaVuSans.ttf").read_bytes())
    drawings.fontManager.addfont(own)
    keys.append(drawings.key(figure()))
    own.write_bytes((usual / "DejaVuSerif.ttf").read_bytes())
    keys.append(drawings.key(figure()))
    assert keys[0] != keys[1]


def test_to_be_drawn_moves_nothing_in_a_figure() -> None:
    made = figure()
    before = made.axes[0].get_position().bounds
    drawings.drawn(made, {}, {})
    assert made.axes[0].get_position().bounds == before
    assert drawings.drawn(made, {}, {}) == drawings.drawn(figure(), {}, {})


class Own(Rectangle):
    """What it draws is in this file, which may change."""


def shout(value: float, place: int) -> str:
    return f"{value}!"


def with_own_artist(made: Figure) -> None:
    made.axes[0].add_artist(Own((0, 0), 1, 1))


def with_own_words(made: Figure) -> None:
    made.axes[0].xaxis.set_major_formatter(shout)


def with_a_function_that_has_no_name(made: Figure) -> None:
    made.axes[0].xaxis.set_major_formatter(lambda value, place: f"{value}?")


class Asked:
    def __reduce__(self) -> str:
        raise NotImplementedError


def with_what_does_not_want_to_be_copied(made: Figure) -> None:
    made.axes[0].thoughts = Asked()


def with_what_cannot_be_copied(made: Figure) -> None:
    made.axes[0].thoughts = (thought for thought in "many")


@pytest.mark.parametrize(
    "change",
    [
        with_own_artist,
        with_own_words,
        with_a_function_that_has_no_name,
        with_what_cannot_be_copied,
        with_what_does_not_want_to_be_copied,
    ],
)
def test_what_the_project_draws_itself_is_drawn_each_time(change: Callable[[Figure], None]) -> None:
    made, changed = dict[str, str](), figure()
    change(changed)
    assert drawings.drawn(changed, {}, made).startswith("<svg")
    assert made == {}


CELL = """\
from matplotlib.figure import Figure
figure = Figure(figsize=(1, 1))
figure.subplots().plot([1, {last}])
figure.set_label("A rising line.")
figure"""


def test_a_kernel_draws_only_what_the_one_before_has_not_drawn(tmp_path: Path) -> None:
    def shown(*last: int) -> list[str]:
        ran = run.cached("01_small", notebook(*(CELL.format(last=n) for n in last)), tmp_path, {})
        return [cell.outputs[0].data["image/svg+xml"] for cell in ran.cells]

    first = shown(2, 3)
    entry = tmp_path / ".cache" / "drawings" / "01_small"
    inputs = json.loads(entry.read_bytes().partition(b"\n")[0])["inputs"]
    [known] = kept.known(tmp_path, "drawings/01_small", inputs)
    assert sorted(known.values()) == sorted(first)
    marked = {name: drawing.replace("<svg", "<svg class='known'") for name, drawing in known.items()}
    kept.keep(tmp_path, "drawings/01_small", inputs, kept.Made(marked), kept.now())
    old, new = shown(3, 4)
    assert old == first[1].replace("<svg", "<svg class='known'")
    assert "known" not in new
    [known] = kept.known(tmp_path, "drawings/01_small", inputs)
    assert sorted(known.values()) == sorted([old, new])  # what nobody shows any more is not kept
    entry.write_bytes(entry.read_bytes()[:-1])
    assert shown(4, 3) == [new, first[1]]


@pytest.mark.parametrize("forks", [True, False] if apart.FORKS else [False])
def test_the_typeface_of_the_pages_counts_in_any_kernel(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, forks: bool
) -> None:
    monkeypatch.setattr(apart, "FORKS", forks)
    usual = Path(matplotlib.get_data_path(), "fonts/ttf/DejaVuSans.ttf").read_bytes()
    own, entry = tmp_path / "fonts" / "own.ttf", tmp_path / ".cache" / "drawings" / "01_small"
    own.parent.mkdir()

    def key(end: bytes, cell: str) -> str:
        own.write_bytes(usual + end)
        run.cached("01_small", notebook(cell), tmp_path, {"KIT_FONTS": str(own.parent)})
        inputs = json.loads(entry.read_bytes().partition(b"\n")[0])["inputs"]
        [[name]] = kept.known(tmp_path, "drawings/01_small", inputs)
        return str(name)

    cell = CELL.format(last=2)
    first = key(b"", cell)
    assert key(b"", f"1\n{cell}") == first
    assert key(b"\0", f"2\n{cell}") != first


OWN = """\
from matplotlib.figure import Figure
def shout(value, place):
    return "{word}!"
figure = Figure(figsize=(1, 1))
figure.subplots().xaxis.set_major_formatter(shout)
figure.set_label("Words.")
figure"""


@pytest.mark.parametrize("forks", [True, False] if apart.FORKS else [False])
def test_what_a_cell_draws_itself_is_drawn_each_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, forks: bool
) -> None:
    monkeypatch.setattr(apart, "FORKS", forks)

    def shown(word: str) -> str:
        [cell] = run.cached("01_small", notebook(OWN.format(word=word)), tmp_path, {}).cells
        return str(cell.outputs[0].data["image/svg+xml"])

    assert shown("A") != shown("B")
    assert not (tmp_path / ".cache" / "drawings").exists()
