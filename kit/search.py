"""All public files searched for all secrets: what has not changed since last time is not looked at again."""

import os
import re
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import groupby
from pathlib import Path

from kit import leaks
from kit.apart import apart
from kit.kept import digest, same
from kit.secret import Secrets

Files = Mapping[str, bytes]


def everywhere(public: Files, groups: Mapping[str, Secrets], root: Path) -> dict[str, list[leaks.Hit]]:
    """What of each group of secrets is in the files, shown on purpose or not."""
    single = {digest(content) for content in public.values()}
    known = {name: digest(repr(secrets)) for name, secrets in groups.items()}

    def part(name: str, files: Files) -> dict[str, list[leaks.Hit]]:
        inputs = digest(*named(files), *known.values(), *(sorted(single) if name == "all" else ()))
        return same(
            root,
            f"leaks/{name}",
            inputs,
            lambda: apart(root, inside, name, files, groups, single, root).value,
        )

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        parts = [pool.submit(part, name, files) for name, files in bundles(public).items()]
        found = [each.result() for each in parts]
    return {name: [hit for each in found for hit in each[name]] for name in groups}


def bundles(public: Files) -> dict[str, Files]:
    """The files of each deck and of each exercise, whose paths have its name; and the others."""
    named = sorted((re.sub(r"^\w+/", "", path, count=1), path) for path in public)
    first = groupby(named, lambda each: re.split(r"\W", each[0])[0])
    return {name: {path: public[path] for _, path in paths} for name, paths in first}


def inside(
    name: str, files: Files, groups: Mapping[str, Secrets], single: set[str], root: Path
) -> dict[str, list[leaks.Hit]]:
    """What of each group of secrets is in these files."""
    dug = cache(lambda: leaks.dig(files, single))

    def hits(group: str, secrets: Secrets) -> list[leaks.Hit]:
        inputs = digest(*named(files), repr(secrets))
        return same(root, f"leaks/{name}-{group}", inputs, lambda: leaks.hits(dug(), secrets))

    return {group: hits(group, secrets) for group, secrets in groups.items()}


def named(files: Files) -> list[str | bytes]:
    return [part for path, content in files.items() for part in (path, content)]
