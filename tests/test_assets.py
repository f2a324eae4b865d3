"""What comes from npm: installed once, whoever asks for it, and what is said when it cannot be."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from kit import assets

NETWORK = """npm error code ENOTFOUND
npm error syscall getaddrinfo
npm error errno ENOTFOUND
npm error network request to https://example.org/katex failed, reason: getaddrinfo ENOTFOUND example.org
npm error network This is a problem related to network connectivity.
npm error A complete log of this run can be found in: /home/ada/.npm/_logs/debug-0.log
"""


def test_several_that_ask_at_once_have_npm_run_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = {"name": "course", "version": "1.0.0", "dependencies": {"own": "file:own"}}
    inside = {"node_modules/own": {"resolved": "own", "link": True}, "own": {"version": "1.0.0"}}
    lock = {**package, "lockfileVersion": 3, "requires": True, "packages": {"": package, **inside}}
    for name, content in {
        "package.json": package,
        "package-lock.json": lock,
        "own/package.json": {"name": "own", "version": "1.0.0"},
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(json.dumps(content), encoding="utf-8")
    ran, npm = [], assets.npm

    def counted(words: list[str], **how: Any) -> Any:
        ran.append(words)
        return npm(words, **how)

    monkeypatch.setattr(assets, "npm", counted)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(assets.install, [tmp_path] * 4))
    assert len(ran) == 1
    assert assets.package(tmp_path, "own/package.json").exists()


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (NETWORK, "network request to https://example.org/katex failed, reason: getaddrinfo ENOTFOUND"),
        ("npm error code ENOTEMPTY\nnpm error ENOTEMPTY: directory not empty\n", "ENOTEMPTY: directory"),
        ("", "it does not say why"),
    ],
    ids=["no network", "a folder", "nothing"],
)
def test_the_reason_is_told_and_not_where_the_log_is(said: str, reason: str) -> None:
    assert assets.why(said).startswith(reason)
