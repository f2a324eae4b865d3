"""``dist/`` on 127.0.0.1, with newer pages laid over it, for ``build.py watch``.

Each page is served with one script more than its file has: ``theme/live.js`` shows it anew when it changes.
What is told to browsers is not what happened but how things are, so that nothing is lost when one sleeps.
"""

import hashlib
import html
import json
import os
import sys
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import ThreadingTCPServer
from threading import Condition, Thread
from typing import Any
from urllib.parse import unquote, urlsplit

SCRIPT = Path(__file__).parent / "theme" / "live.js"
OWN = "@live/"  # no file of dist/ begins so
FIRST = "instructor/index.html"
USUAL_PORT = 8000
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".ipynb": "application/x-ipynb+json",
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".zip": "application/zip",
    **dict.fromkeys((".csv", ".md", ".py", ".txt"), "text/plain; charset=utf-8"),
}
ABSENT = "<!doctype html><html lang=en><title>Absent</title><main><p>{} is not there, or not yet.</p></main>"


@dataclass
class Site:
    """What is served: the files that the manifest of ``dist`` names, and pages that are newer."""

    dist: Path
    over: dict[str, tuple[bytes, str]] = field(default_factory=dict)  # what it is, and its sum
    wrong: dict[str, list[str]] = field(default_factory=dict)  # by source; "" is what the whole build says
    seen: list[str] = field(default_factory=list)  # pages that a browser asked for, the latest last
    version: int = 0
    news: Condition = field(default_factory=Condition)

    def lay(self, pages: dict[str, bytes]) -> None:
        """Lay newer pages over ``dist``."""
        self.over |= {path: (data, hashlib.sha256(data).hexdigest()) for path, data in pages.items()}

    def tell(self) -> None:
        """Wake everybody who waits for news."""
        with self.news:
            self.version += 1
            self.news.notify_all()

    def wait(self, version: int, seconds: float) -> None:
        """Return when there is news since ``version``, or after so many seconds."""
        with self.news:
            self.news.wait_for(lambda: self.version != version, seconds)

    def sums(self) -> dict[str, str]:
        """The sha256 of every file that is served, by path."""
        try:
            sums = json.loads((self.dist / "manifest.json").read_bytes())["files"]
        except FileNotFoundError:  # before the first build
            sums = {}
        return sums | {path: sum_ for path, (_, sum_) in dict(self.over).items()}

    def state(self) -> dict[str, Any]:
        """What browsers are told: the sum of each page, and what is wrong, a line each."""
        pages = {path: sum_[:16] for path, sum_ in self.sums().items() if path.endswith(".html")}
        return {"pages": pages, "errors": [line for lines in dict(self.wrong).values() for line in lines]}

    def file(self, path: str) -> bytes | None:
        """A file as it is served, or None. Only what the manifest or ``over`` names is looked for."""
        sums = self.sums()
        if path == "manifest.json":
            sums[path] = ""
        if path not in sums:
            return None
        over = self.over.get(path)
        try:
            data = over[0] if over else (self.dist / path).read_bytes()
        except FileNotFoundError:
            return None
        return with_script(data, path, sums[path][:16]) if path.endswith(".html") else data


def with_script(page: bytes, path: str, sum_: str) -> bytes:
    """The page with the script that keeps it fresh: behind what it shows, before its own scripts."""
    tag = f'<script src="/{OWN}live.js" data-page="{html.escape(path)}" data-sum="{sum_}"></script>'
    before, end, after = page.partition(b"</main>")
    return before + tag.encode() + end + after


class Answer(BaseHTTPRequestHandler):
    """GET and HEAD; what else is asked gets 501."""

    protocol_version = "HTTP/1.1"
    server: "Server"

    def do_GET(self) -> None:
        port = self.server.server_address[1]
        # a name of somebody else's that leads here: their page would read ours
        if self.headers.get("Host") not in (f"127.0.0.1:{port}", f"localhost:{port}"):
            return self.send(403, ".txt", b"Only 127.0.0.1 is served.\n")
        path, site = unquote(urlsplit(self.path).path).lstrip("/"), self.server.site
        if path in ("", "instructor/", "public/"):
            return self.send(302, ".txt", b"", {"Location": f"/{path or 'instructor/'}index.html"})
        if path == OWN + "events":
            return self.events()
        if path == OWN + "live.js":
            return self.send(200, ".js", SCRIPT.read_bytes())
        data = site.file(path)
        if data is None:
            page = with_script(ABSENT.format(html.escape(path)).encode(), path, "")
            return self.send(404, ".html", page)
        if path.endswith(".html") and self.command == "GET":
            site.seen[:] = [*(page for page in site.seen if page != path), path]
        self.send(200, Path(path).suffix, data)

    do_HEAD = do_GET

    def send(self, status: int, suffix: str, data: bytes, more: dict[str, str] | None = None) -> None:
        """One whole answer."""
        self.head(status, TYPES.get(suffix, "application/octet-stream"))
        for name, value in {"Content-Length": str(len(data)), **(more or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def head(self, status: int, kind: str) -> None:
        """What every answer begins with."""
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Cross-Origin-Resource-Policy", "same-origin")

    def events(self) -> None:
        """The state, and again whenever it has changed, until the browser goes."""
        self.close_connection, told, site = True, "", self.server.site
        self.head(200, "text/event-stream")
        self.end_headers()
        self.wfile.write(b"retry: 500\n\n")
        while self.command != "HEAD":
            version, state = site.version, json.dumps(site.state())
            self.wfile.write(f"data: {state}\n\n".encode() if state != told else b": here\n\n")
            told = state
            site.wait(version, seconds=2)  # a build from another terminal tells nobody

    def log_message(self, *_: Any) -> None:
        """The terminal is for the author."""


class Server(ThreadingTCPServer):
    """Serves ``site`` from threads that end with the program."""

    allow_reuse_address = os.name == "posix"  # on Windows it would mean to share a port
    daemon_threads = True

    def __init__(self, port: int, site: Site) -> None:
        self.site = site
        super().__init__(("127.0.0.1", port), Answer)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A browser may go while it is being answered; what else is raised is a bug of ours."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


def serve(site: Site, port: int) -> Server:
    """The server, running in a thread: at this port (0: the usual one), or at one that is free."""
    try:
        server = Server(port or USUAL_PORT, site)
    except OSError:
        server = Server(0, site)
    Thread(target=server.serve_forever, args=(0.1,), daemon=True).start()
    return server
