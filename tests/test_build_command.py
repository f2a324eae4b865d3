"""The command itself: what it needs, what it says, what it leaves alone, and that its documents are true."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks import report
from kit import course
from kit.sources import named
from tests.conftest import ROOT


def run(*words: str, cwd: Path = ROOT, python: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *python, "build.py", *words]
    return subprocess.run(command, cwd=cwd, capture_output=True, encoding="utf-8")


def test_it_starts_with_the_standard_library_alone() -> None:
    done = run("--help", python=("-I", "-S"))
    assert (done.returncode, done.stderr) == (0, "")
    assert "python3 build.py test" in done.stdout


@pytest.mark.parametrize(
    "words",
    [
        *("--fast", "--executor", "01_cnn_engine --executor", "--exec dask://a:1", "clean x"),
        *("verify x", "new", "new deck", "new page 04_x", "new deck 04_x 05_y"),
    ],
)
def test_words_that_no_command_knows_show_the_usage(words: str) -> None:
    done = run(*words.split())
    assert done.returncode == 1
    assert "python3 build.py NAME" in done.stdout


def test_a_benchmark_that_there_is_not_is_told_with_those_that_there_are() -> None:
    done = run("bench", "sums")
    assert done.returncode == 1
    assert done.stderr.startswith("error: nothing measures sums; known are small_convolution, ")


@pytest.mark.parametrize(
    ("word", "remedy"),
    [
        ("bild", "did you mean build?"),
        ("exercises/02_conv.md", "did you mean 02_conv2d?"),
        ("cnn_engine", "did you mean 01_cnn_engine?"),
        ("xyz", "give a name like 01_cnn_engine"),
    ],
)
def test_a_name_that_no_source_has_is_told_with_those_like_it(word: str, remedy: str) -> None:
    done = run("02_conv2d", word, python=("-I", "-S"))
    assert done.returncode == 1
    assert done.stderr == f"error: there is no deck or exercise {Path(word).stem!r}; {remedy}\n"


def test_a_name_may_be_a_path_and_stands_for_deck_and_exercise() -> None:
    words = ["01_cnn_engine", "exercises/02_conv2d.md", "./solutions/02_conv2d.md"]
    assert named(words, ROOT) == {"01_cnn_engine", "02_conv2d"}


def test_an_executor_that_is_none_is_told_in_one_line(deck_folder: Callable[[str], Path]) -> None:
    root = deck_folder("## One\n\nWords.\n")
    for name in ("build.py", "pyproject.toml"):
        shutil.copy(ROOT / name, root / name)
    done = run("01_small", "--executor=ray://here", cwd=root)
    assert done.returncode == 1
    assert done.stderr == (
        "error: there is no executor 'ray://here'; write dask://HOST:PORT\ndist/ is as it was.\n"
    )


def test_new_says_what_it_wrote_and_what_comes_next(project: Callable[..., Path]) -> None:
    root = project()
    for name in ("build.py", "pyproject.toml"):
        shutil.copy(ROOT / name, root / name)
    done = run("new", "exercise", "01_saw", cwd=root)
    assert done.stdout == (
        "  exercises/01_saw.md\n  solutions/01_saw.md\n"
        "These work as they are; change them bit by bit. Build them: python3 build.py 01_saw\n"
    )
    again = run("new", "exercise", "01_saw", cwd=root)
    assert (again.returncode, again.stderr) == (
        1,
        "error: exercises/01_saw.md: is there already; 02 is free\n",
    )


def test_clean_says_how_much_was_freed(project: Callable[..., Path]) -> None:
    root = project()
    for name in ("build.py", "pyproject.toml"):
        shutil.copy(ROOT / name, root / name)
    (root / ".cache" / "run").mkdir()
    (root / ".cache" / "run" / "a.json").write_bytes(b"x" * 1_500_000)
    assert run("clean", cwd=root).stdout == "1.5 MB freed; dist/ and the browser are as they were\n"


def test_verify_needs_a_dist(project: Callable[..., Path]) -> None:
    root = project()
    for name in ("build.py", "pyproject.toml"):
        shutil.copy(ROOT / name, root / name)
    done = run("verify", cwd=root)
    assert done.returncode == 1
    assert done.stderr == "error: dist/ has no manifest.json to compare with; run python3 build.py first\n"


def test_a_mistake_is_one_line_and_the_last_good_dist_stays(deck_folder: Callable[[str], Path]) -> None:
    root = deck_folder("## One\n\n{{ nothing }}\n")
    for name in ("build.py", "pyproject.toml"):
        shutil.copy(ROOT / name, root / name)
    (root / "dist").mkdir()
    (root / "dist" / "good.html").write_text("the last good build")
    done = run(cwd=root)
    assert done.returncode == 1
    assert done.stderr == (
        "error: decks/01_small.md, line 8: UndefinedError: 'nothing' is undefined; "
        "mend the field on that line\n"
        "dist/ is as it was.\n"
    )
    assert [(p.name, p.read_text()) for p in (root / "dist").iterdir()] == [
        ("good.html", "the last good build")
    ]


def test_it_may_be_started_in_a_folder_with_other_packages_of_these_names(
    deck_folder: Callable[[str], Path],
) -> None:
    root = deck_folder("## One\n\n{{ nothing }}\n")
    for name in ("build.py", "pyproject.toml"):
        shutil.copy(ROOT / name, root / name)
    other = root / "another project" / "kit"
    other.mkdir(parents=True)
    (other / "__init__.py").write_text('raise RuntimeError("somebody else")')
    command = [sys.executable, str(root / "build.py")]
    done = subprocess.run(command, cwd=other.parent, capture_output=True, encoding="utf-8")
    assert done.stderr.startswith("error: decks/01_small.md, line 8: UndefinedError")


def test_the_files_of_a_folder_are_told_together() -> None:
    made = {"public/b.html": 2, "public/x/y/a": 900, "public/x/y/z/b": 900, "public/x/y.zip": 0}
    assert course.told(made) == {"public/b.html": "1 kB", "public/x/": "3 files, 2 kB"}


@pytest.mark.browser
def test_the_deck_in_contributing_builds(project: Callable[..., Path]) -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    example = re.search(r"````markdown\n(.*?)````", text, re.DOTALL)
    assert example
    assert "public/slides/01_small.pdf" in course.build(project(decks_01_small=example[1]))


@pytest.mark.browser
def test_readme_shows_the_files_that_are_built(dist: Path) -> None:
    shown = set(re.findall(r"^  (dist/\S+)", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE))
    files = {p.relative_to(dist).as_posix(): p.stat().st_size for p in dist.rglob("*") if p.is_file()}
    assert shown == {f"dist/{path}" for path in course.told(files)} - {"dist/manifest.json"}


def test_the_example_in_readme_prints_what_readme_says() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    example = re.search(r"```python\n(.*?)```\n\n```text\n(.*?)```", text, re.DOTALL)
    assert example
    done = subprocess.run([sys.executable, "-c", example[1]], capture_output=True, encoding="utf-8", cwd=ROOT)
    assert done.stdout == example[2]


def test_the_table_in_readme_is_that_of_the_measured_results() -> None:
    measured = json.loads(report.RESULTS.read_text(encoding="utf-8"))
    assert report.markdown(measured) in (ROOT / "README.md").read_text(encoding="utf-8")
