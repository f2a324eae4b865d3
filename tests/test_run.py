"""Running a notebook in a real kernel."""

import os
import py_compile
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from kit import apart, run
from kit.errors import KitError


def notebook(*sources: str) -> nbformat.NotebookNode:
    cells = [
        new_code_cell(s, metadata={"source": f"decks/01_a.md:{10 * n}"}) for n, s in enumerate(sources, 1)
    ]
    for n, cell in enumerate(cells):
        cell.id = f"cell-{n}"
    return nbformat.from_dict(new_notebook(cells=cells))


FIGURE = """\
from matplotlib.figure import Figure
figure = Figure(figsize=(1, 1))
figure.subplots().plot([1, 2])
figure.set_label("A rising line.")
figure"""


def test_outputs_and_figures_are_the_same_each_time(tmp_path: Path) -> None:
    slow = "import time\nprint(1, flush=True)\ntime.sleep(0.3)\nprint(2)"
    given = notebook("print(6 * 7)", FIGURE, slow)
    before = nbformat.writes(given)
    first, second = (run.run(given, tmp_path, {}) for _ in range(2))
    assert first == second
    assert nbformat.writes(given) == before
    assert first.cells[0].outputs[0].text == "42\n"
    assert [output.text for output in first.cells[2].outputs] == ["1\n2\n"]  # one, whenever it was sent
    shown = first.cells[1].outputs[0]
    assert shown.data["image/svg+xml"].startswith("<svg")
    assert shown.metadata == {"image/svg+xml": {"alt": "A rising line."}}


def test_what_pyplot_drew_is_shown_once(tmp_path: Path) -> None:
    drawn = "import matplotlib.pyplot as plt\nfigure, axes = plt.subplots()\nfigure.set_label('Axes.')\n"
    shown, returned = run.run(notebook(drawn + "plt.show()", drawn + "figure"), tmp_path, {}).cells
    assert [next(iter(output.data)) for output in shown.outputs] == ["text/plain"]
    assert [output.metadata["image/svg+xml"]["alt"] for output in shown.outputs] == ["Axes."]
    assert len(returned.outputs) == 1


def test_a_figure_that_nobody_will_see_is_not_drawn(tmp_path: Path) -> None:
    drawn = "import matplotlib.pyplot as plt\nfigure, axes = plt.subplots()\nfigure"
    [cell] = run.run(notebook(drawn), tmp_path, {"KIT_UNSEEN": "1"}).cells
    assert [output.data for output in cell.outputs] == [{"text/plain": "<Figure size 640x480 with 1 Axes>"}]


HUGE = "from IPython.display import HTML\nHTML('x' * 10_000_001)"


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("1 / 0", "cell raised ZeroDivisionError: division by zero"),
        ("import os; os._exit(3)", "cell took its kernel down"),
        ("import time; time.sleep(60)", "cell did not end within 2 seconds"),
        (HUGE, "cell writes more than 10 MB; mend the cell"),
    ],
    ids=["raises", "kills the kernel", "does not end", "shows too much at once"],
)
def test_a_failing_cell_is_named_by_its_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str, message: str
) -> None:
    monkeypatch.setattr(run, "TIMEOUT", 2)
    with pytest.raises(KitError) as caught:
        run.run(notebook("1 + 1", source), tmp_path, {})
    assert str(caught.value).startswith(f"decks/01_a.md, line 20: {message}")


def test_a_kernel_that_dies_before_its_first_cell_is_an_error_too(tmp_path: Path) -> None:
    with pytest.raises(KitError) as caught:
        run.run(notebook("1 + 1"), tmp_path / "a folder that is gone", {})
    assert str(caught.value) == (
        "decks/01_a.md: no kernel could be started: Kernel died before replying to kernel_info; "
        "see that memory and disk are not full, and build again"
    )


COUNT = "print(open('runs', 'a').write('x'))"


def test_outputs_are_kept_until_code_or_what_it_read_changes(tmp_path: Path) -> None:
    used, data, other = (tmp_path / name for name in ("library/used.py", "data.csv", "library/other.py"))
    used.parent.mkdir()
    for file in (used, other, data):
        file.write_text("VALUE = 1\n")
    code = f"from library import used\nopen('data.csv').read()\n{COUNT}"
    runs = tmp_path / "runs"

    def times() -> int:
        run.cached("01_small", notebook(code), tmp_path, {})
        return len(runs.read_text())

    assert [times(), times()] == [1, 1]
    other.write_text("VALUE = 2\n")
    assert times() == 1
    used.write_text("VALUE = 2\n")
    assert [times(), times()] == [2, 2]
    data.write_text("2\n")
    assert [times(), times()] == [3, 3]
    assert run.cached("01_small", notebook(code), tmp_path, {}).cells[0].execution_count == 1


def test_a_module_that_was_compiled_before_is_as_its_source_is_now(tmp_path: Path) -> None:
    module = tmp_path / "used.py"
    for text in ("VALUE = 1\n", "VALUE = 2\n"):  # of one size
        module.write_text(text)
        os.utime(module, (0, 0))  # and one time, as two saves in a second have
        if "1" in text:
            py_compile.compile(str(module))
    ran = run.run(notebook("import used; print(used.VALUE)"), tmp_path, {})
    assert ran.cells[0].outputs[0].text == "2\n"


def test_an_entry_that_is_damaged_counts_as_absent(tmp_path: Path) -> None:
    first = run.cached("01_small", notebook(COUNT), tmp_path, {})
    (entry,) = (tmp_path / ".cache" / "run").iterdir()
    whole = entry.read_bytes()
    for damaged in (whole[:20], whole[:-3], whole[:-1] + b"?", b""):
        entry.write_bytes(damaged)
        assert run.cached("01_small", notebook(COUNT), tmp_path, {}) == first
    assert (tmp_path / "runs").read_text() == "xxxxx"


def test_a_forked_kernel_gives_what_a_fresh_one_gives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = "import sys\n[hash('a'), __name__, len(sys.argv), sys.path[0], str(np) if 'np' in dir() else '']"
    given = notebook(code, FIGURE, "import matplotlib; print(matplotlib.get_backend())\n%pwd")
    forked = run.run(given, tmp_path, {})
    monkeypatch.setattr(apart, "FORKS", False)
    assert run.run(given, tmp_path, {}) == forked
