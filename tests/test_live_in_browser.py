"""`build.py watch` for real: a small course, a browser, and somebody who saves."""

import base64
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import Page

from benchmarks.browsing import opened
from tests.conftest import ROOT
from tests.small_course import DECK, small_course
from tests.test_crash import arguments

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("live")]


class Course:
    """A course that is watched: save into it, look at it, and wait for what the terminal says."""

    def __init__(self, root: Path, process: subprocess.Popen[str]) -> None:
        self.root, self.process, self.said = root, process, [""]
        self.deck, self.library = root / "decks" / "01_small.md", root / "tinyspatial" / "__init__.py"
        self.url = self.wait_for("http://").split(FIRST)[0]

    def wait_for(self, text: str) -> str:
        """The next line on the terminal that has this text."""
        assert self.process.stdout
        while text not in self.said[-1] or self.said.pop() is None:
            line = self.process.stdout.readline()
            assert line, self.said
            self.said.append(line)
        return line


FIRST = "instructor/index.html"


def started(root: Path) -> Course:
    small_course(root)
    command = [sys.executable, str(root / "build.py"), "watch"]
    both = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    process = subprocess.Popen(command, cwd=root, encoding="utf-8", **both)
    return Course(root, process)


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Course]:
    course = started(tmp_path_factory.mktemp("a course à la carte"))
    yield course
    ended = waiting(course)
    course.process.send_signal(signal.SIGTERM)
    assert course.process.communicate(timeout=20)[0].endswith("stopped\n")
    assert alive(ended) == []


def waiting(course: Course) -> list[psutil.Process]:
    """All processes of one that has the next build ready, with its browser."""
    before, now = list[psutil.Process](), family(course)
    while now != before or not any("--headless" in arguments(each) for each in now):
        time.sleep(1)  # in which the browser of the build that is over closes
        before, now = now, family(course)
    return now


def family(course: Course) -> list[psutil.Process]:
    return psutil.Process(course.process.pid).children(recursive=True)


def alive(processes: list[psutil.Process]) -> list[psutil.Process]:
    left = psutil.wait_procs(processes, timeout=0.5)[1]
    return [each for each in left if each.status() != psutil.STATUS_ZOMBIE]


@pytest.fixture(scope="module")
def window(course: Course) -> Iterator[Page]:
    with opened(ROOT) as browser:
        page = browser.new_context(viewport={"width": 1280, "height": 720}).new_page()
        page.errors = []
        page.on("pageerror", lambda error: page.errors.append(str(error)))
        course.wait_for("up to date")
        page.goto(f"{course.url}instructor/slides/01_small.html")
        page.wait_for_function("window.Reveal && Reveal.isReady()")
        page.evaluate("window.mine = true")
        yield page
        assert page.errors == []


@pytest.fixture
def page(course: Course, window: Page) -> Iterator[Page]:
    """The speaker's edition at the fragment of the second slide after the first, as it was at first."""
    course.deck.write_text(DECK, encoding="utf-8")
    shows(window, "One sentence.")
    window.evaluate("Reveal.slide(2, 0, 0)")
    yield window
    assert window.evaluate("window.mine"), "the page was loaded anew"


def shows(page: Page, text: str) -> None:
    page.wait_for_function(
        "text => document.querySelector('.slides').textContent.includes(text)", arg=text, timeout=20_000
    )


def place(page: Page) -> list[int]:
    return page.evaluate("[Reveal.getIndices().h, Reveal.getIndices().f]")


def save(course: Course, change: Callable[[str], str]) -> None:
    course.deck.write_text(change(DECK), encoding="utf-8")


def test_a_saved_sentence_is_shown_on_the_same_slide_at_the_same_step(course: Course, page: Page) -> None:
    first = page.query_selector("#slide-2")
    save(course, lambda deck: deck.replace("One sentence.", "Another sentence."))
    shows(page, "Another sentence.")
    assert place(page) == [2, 0]
    step = page.locator("#slide-3.present .fragment.visible").text_content() or ""
    assert step.strip() == "Another sentence."
    assert first
    assert first.evaluate("slide => slide.isConnected"), "slides that did not change stay"
    page.keyboard.press("ArrowLeft")
    assert place(page) == [2, -1]
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    assert place(page)[0] == 3


def test_the_whole_build_that_follows_changes_nothing_that_is_shown(course: Course, page: Page) -> None:
    save(course, lambda deck: deck.replace("One sentence.", "A whole sentence."))
    shows(page, "A whole sentence.")
    shown = page.evaluate("fetch(location.pathname).then(answer => answer.text())")
    written = course.root / "dist/instructor/slides/01_small.html"
    while "A whole sentence." not in written.read_text(encoding="utf-8"):
        course.wait_for("up to date")
    assert "@live" not in written.read_text(encoding="utf-8")
    assert page.evaluate("fetch(location.pathname).then(answer => answer.text())") == shown


def test_a_slide_put_before_it_leaves_the_slide_that_is_shown(course: Course, page: Page) -> None:
    save(course, lambda deck: deck.replace("## First", "## Zeroth\n\nNew.\n\n## First"))
    shows(page, "Zeroth")
    assert place(page) == [3, 0]
    assert page.locator("section.present h2").text_content() == "Second"
    save(course, lambda deck: deck.split("## Second")[0])
    page.wait_for_function("Reveal.getTotalSlides() === 2")
    assert place(page)[0] == 1


def test_in_the_dark_a_new_figure_is_dark(course: Course, page: Page) -> None:
    page.keyboard.press("t")
    figure = base64.b64encode(b'<svg fill="#1b2430"></svg>').decode()
    image = f'<img class="figure" alt="None" src="data:image/svg+xml;base64,{figure}">'
    save(course, lambda deck: deck.replace("One sentence.", image))
    twin = page.locator("#slide-3 .in-dark")
    twin.wait_for(state="attached")
    assert twin.get_attribute("alt") == "None"
    page.keyboard.press("t")


def test_the_notes_window_follows(course: Course, page: Page) -> None:
    with page.expect_popup() as opening:
        page.keyboard.press("s")
    notes = opening.value.locator(".speaker-controls-notes .value")
    notes.get_by_text("What is said.").wait_for()
    save(course, lambda deck: deck.replace("What is said.", "What is said now."))
    notes.get_by_text("What is said now.").wait_for()
    opening.value.close()


def test_an_error_stands_over_the_page_until_it_is_mended(course: Course, page: Page) -> None:
    alert = page.get_by_role("alert")
    save(course, lambda deck: deck.replace("{{ n }}", "{{ m }}"))
    alert.wait_for()
    assert alert.locator("strong").text_content() == "decks/01_small.md, line 25"
    assert "'m' is undefined; mend the field on that line" in (alert.text_content() or "")
    assert float(alert.evaluate("box => parseFloat(getComputedStyle(box).fontSize)")) >= 24
    course.wait_for("error: decks/01_small.md, line 25: UndefinedError")
    page.keyboard.press("Escape")
    assert (alert.count(), page.evaluate("Reveal.isOverview()")) == (0, False)
    save(course, lambda deck: deck.replace("{{ n }}", "{{ l }}"))
    alert.get_by_text("'l' is undefined").wait_for()
    save(course, lambda deck: deck.replace("{{ n }}", "{{ n + 1 }}"))
    shows(page, "There are 4 of them.")
    alert.wait_for(state="detached")
    assert place(page) == [2, 0]


def test_what_only_the_whole_build_sees_is_told_too(course: Course, page: Page) -> None:
    alert = page.get_by_role("alert")
    save(course, lambda deck: deck.replace("## First", "## First {serves=nothing}"))
    alert.get_by_text("nothing").wait_for()
    assert alert.locator("strong").text_content() == "decks/01_small.md, line 7"
    save(course, lambda deck: deck)
    alert.wait_for(state="detached")


def test_the_library_is_never_stale(course: Course, page: Page) -> None:
    course.library.write_text("n = (\n")
    page.get_by_role("alert").get_by_text("tinyspatial/__init__.py, line 1").wait_for()
    course.library.write_text("n = 17\n")
    shows(page, "There are 17 of them.")
    page.get_by_role("alert").wait_for(state="detached")


def test_a_file_saved_in_halves_is_shown_whole(course: Course, page: Page) -> None:
    whole = DECK.replace("One sentence.", "In two halves.").encode()
    course.deck.write_bytes(b"")
    page.wait_for_timeout(30)
    course.deck.write_bytes(whole[:70])
    page.wait_for_timeout(300)  # longer than any editor takes
    course.deck.write_bytes(whole)
    shows(page, "In two halves.")
    page.get_by_role("alert").wait_for(state="detached")
    beside = course.deck.with_suffix(".md.tmp")
    beside.write_bytes(whole.replace(b"halves", b"files"))
    beside.replace(course.deck)
    shows(page, "In two files.")
    assert page.get_by_role("alert").count() == 0


def test_a_change_of_the_program_starts_it_again_and_no_page_notices(course: Course, page: Page) -> None:
    shutil.copy(ROOT / "build.py", course.root / "build.py")
    course.wait_for("starting again")
    assert course.wait_for("http://").startswith(course.url)
    save(course, lambda deck: deck.replace("One sentence.", "By a new one."))
    shows(page, "By a new one.")


def test_an_end_in_the_middle_of_a_build_leaves_nothing(tmp_path: Path) -> None:
    course = started(tmp_path)
    inside = psutil.Process(course.process.pid)
    while not any(each.children() for each in inside.children() if "build.py" in " ".join(each.cmdline())):
        assert inside.is_running()
        time.sleep(0.05)
    all_ = family(course)
    scratch = {each.environ().get("TMPDIR") for each in all_}
    course.process.send_signal(signal.SIGINT)
    assert course.process.wait(timeout=20) == 0
    assert course.process.communicate()[0] == "stopped\n"
    assert alive(all_) == []
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".dist")] == []
    assert not any(Path(folder).exists() for folder in scratch if folder and "kit-" in folder)


def test_what_a_killed_one_left_goes_with_the_next_build(tmp_path: Path) -> None:
    course = started(tmp_path)
    course.wait_for("is up to date")
    all_ = waiting(course)
    scratch = {folder for each in all_ if "kit-" in (folder := each.environ().get("TMPDIR", ""))}
    course.process.kill()
    course.process.communicate()
    psutil.wait_procs(all_, timeout=20)
    assert alive(all_) == []
    build = [sys.executable, str(tmp_path / "build.py")]
    subprocess.run(build, cwd=tmp_path, check=True, capture_output=True)
    assert scratch
    assert not any(Path(folder).exists() for folder in scratch)
