"""Running a notebook in a real kernel."""

from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from kit import run
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


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("1 / 0", "cell raised ZeroDivisionError: division by zero"),
        ("import os; os._exit(3)", "cell took its kernel down"),
        ("import time; time.sleep(60)", "cell did not end within 2 seconds"),
    ],
    ids=["raises", "kills the kernel", "does not end"],
)
def test_a_failing_cell_is_named_by_its_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str, message: str
) -> None:
    monkeypatch.setattr(run, "TIMEOUT", 2)
    with pytest.raises(KitError) as caught:
        run.run(notebook("1 + 1", source), tmp_path, {})
    assert str(caught.value).startswith(f"decks/01_a.md, line 20: {message}")


def test_outputs_are_kept_until_code_or_modules_change(tmp_path: Path) -> None:
    module = tmp_path / "library" / "module.py"
    module.parent.mkdir()
    module.write_text("VALUE = 1\n")
    count = (
        "from pathlib import Path\np = Path('runs')\np.write_text(p.read_text() + 'x' if p.exists() else 'x')"
    )
    runs = tmp_path / "runs"

    first = run.cached(notebook(count), tmp_path, {})
    assert run.cached(notebook(count), tmp_path, {}) == first
    assert runs.read_text() == "x"

    module.write_text("VALUE = 2\n")
    run.cached(notebook(count), tmp_path, {})
    assert runs.read_text() == "xx"

    for entry in (tmp_path / ".cache" / "run").iterdir():
        entry.write_text(entry.read_text()[:20])
    run.cached(notebook(count), tmp_path, {})
    assert runs.read_text() == "xxx"
