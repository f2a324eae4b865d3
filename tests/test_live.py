"""What `build.py watch` serves, and to whom; and what a save calls for."""

import http.client
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from kit import live, write
from kit.files import Built
from kit.serving import Server, Site, serve

DECK, PAGE = "instructor/slides/01_x.html", b"<!doctype html><main><p>Old.</p></main><script>1</script>"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    (tmp_path / "secret.html").write_text("for nobody")
    files = {DECK: PAGE, "public/a b.pdf": b"%PDF", "public/x/n.ipynb": b"{}"}
    write.write(Built(tmp_path, files), tmp_path / "dist")
    (tmp_path / "dist" / "not_in_the_manifest.html").write_text("somebody else's")
    server = serve(Site(tmp_path / "dist"), 0)
    yield server
    server.shutdown()
    server.server_close()


def ask(
    server: Server, path: str, method: str = "GET", host: str = ""
) -> tuple[http.client.HTTPResponse, bytes]:
    connection = http.client.HTTPConnection(*server.server_address[:2], timeout=5)
    connection.request(method, path, headers={"Host": host} if host else {})
    answer = connection.getresponse()
    data = answer.read()
    connection.close()
    return answer, data


def test_a_page_is_served_with_the_script_before_its_own_and_its_file_is_left_alone(server: Server) -> None:
    answer, data = ask(server, f"/{DECK}?receiver#/2")
    sum_ = server.site.sums()[DECK][:16]
    script = f'<script src="/@live/live.js" data-page="{DECK}" data-sum="{sum_}"></script>'
    assert data.decode() == PAGE.decode().replace("</main>", script + "</main>")
    assert (server.site.dist / DECK).read_bytes() == PAGE
    assert (answer.status, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/public/a%20b.pdf", "application/pdf"),
        ("/public/x/n.ipynb", "application/x-ipynb+json"),
        ("/manifest.json", "application/json"),
        ("/@live/live.js", "text/javascript; charset=utf-8"),
    ],
)
def test_other_files_are_served_as_they_are(server: Server, path: str, kind: str) -> None:
    answer, data = ask(server, path)
    assert (answer.status, answer.headers["Content-Type"]) == (200, kind)
    assert b"data-sum=" not in data
    answer, data = ask(server, path, "HEAD")
    assert (answer.status, data) == (200, b"")


@pytest.mark.parametrize(
    "path",
    [
        "/../secret.html",
        "/%2e%2e/secret.html",
        "/public/..%2f..%2fsecret.html",
        "/..\\secret.html",
        "//etc/passwd",
        "/instructor",
        "/a%00b.html",
        "/" + "x" * 5000,
        "/not_in_the_manifest.html",
    ],
)
def test_nothing_but_the_files_of_the_build_is_served(server: Server, path: str) -> None:
    answer, data = ask(server, path)
    assert answer.status == 404
    assert b"nobody" not in data
    assert b"root:" not in data


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8000", "127.0.0.1:1", "127.0.0.1.evil"])
def test_a_foreign_name_for_this_machine_is_refused(server: Server, host: str) -> None:
    for path in (f"/{DECK}", "/@live/events"):
        answer, data = ask(server, path, host=host)
        assert (answer.status, data) == (403, b"Only 127.0.0.1 is served.\n")


def test_localhost_is_served_too(server: Server) -> None:
    assert ask(server, f"/{DECK}", host=f"localhost:{server.server_address[1]}")[0].status == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_nothing_can_be_sent(server: Server, method: str) -> None:
    assert ask(server, f"/{DECK}", method)[0].status == 501


def test_it_is_bound_to_this_machine_alone_and_takes_another_port_where_one_is_taken(server: Server) -> None:
    other = serve(Site(server.site.dist), server.server_address[1])
    assert other.server_address[0] == "127.0.0.1"
    assert other.server_address[1] != server.server_address[1]
    other.shutdown()
    other.server_close()


def test_newer_pages_lie_over_the_folder_and_browsers_are_told_at_once(server: Server) -> None:
    connection = http.client.HTTPConnection(*server.server_address[:2], timeout=5)
    connection.request("GET", "/@live/events")
    events = connection.getresponse()

    def told() -> dict[str, object]:
        while not (line := events.fp.readline()).startswith(b"data: "):
            assert line
        return json.loads(line.removeprefix(b"data: "))

    first = told()
    assert first == {"pages": {DECK: server.site.sums()[DECK][:16]}, "errors": []}
    server.site.lay({DECK: PAGE.replace(b"Old", b"New")})
    server.site.wrong["decks/01_x.md"] = ["decks/01_x.md, line 3: no"]
    server.site.tell()
    second = told()
    assert second["errors"] == ["decks/01_x.md, line 3: no"]
    assert second["pages"] != first["pages"]
    assert b"New." in ask(server, f"/{DECK}")[1]
    connection.close()


def test_a_page_that_is_not_there_yet_waits_for_the_build(server: Server) -> None:
    answer, data = ask(server, "/instructor/index.html")
    assert answer.status == 404
    assert b'data-page="instructor/index.html" data-sum=""' in data


SEEN = ["instructor/index.html", "instructor/slides/02_b.html", "public/slides/03_c.html"]


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"decks/01_a.md", "decks/notes.txt"}, {"decks/01_a.md"}),
        ({"tinyspatial/loops.py"}, {"decks/02_b.md", "decks/03_c.md"}),
        ({"exercises/01_a.md"}, set()),
    ],
    ids=["a deck", "the library: what browsers have", "an exercise"],
)
def test_a_save_shows_the_decks_that_it_changes(changed: set[str], expected: set[str]) -> None:
    assert live.to_show(changed, SEEN) == expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("kit/render.py", True),
        ("kit/theme/deck.css", True),
        ("kit/theme/live.js", False),
        ("tinyspatial/a.py", False),
    ],
)
def test_a_change_of_the_program_itself_starts_it_again(path: str, expected: bool) -> None:
    assert live.of_kit(path) is expected


@pytest.mark.parametrize(
    ("program", "expected"),
    [
        ("print('  3 files'); print(1, flush=True); time.sleep(600)", 1),
        ("print(0, flush=True); time.sleep(600)", 0),
        ("raise SystemExit(3)", 3),
    ],
)
def test_a_build_is_over_when_it_says_so_and_not_when_its_browser_is_closed(
    program: str, expected: int
) -> None:
    build = psutil.Popen([sys.executable, "-c", f"import time; {program}"], stdout=subprocess.PIPE)
    assert live.code_of(build) == expected
    if build.is_running():
        build.kill()
    build.communicate()


def test_what_an_ended_build_left_is_removed_and_dist_is_there(tmp_path: Path) -> None:
    for folder in (".dist-old-7", ".dist-new-7", ".dist-new-8"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "x").write_text(folder)
    write.recover(tmp_path / "dist", "7")
    assert sorted(p.name for p in tmp_path.iterdir()) == [".dist-new-8", "dist"]
    assert (tmp_path / "dist" / "x").read_text() == ".dist-old-7"
