"""All public files searched for all secrets: what has not changed since last time is not looked at again."""

import json
import os
import re
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from kit import forms, leaks
from kit.apart import apart
from kit.files import Files
from kit.kept import Made, builder, digest, keep, known, now

Found = dict[tuple[str, str], list[leaks.Hit]]  # by the names of a bundle of files and of a group of secrets


class Last(NamedTuple):
    """What was searched, as sums by name, and what was found."""

    bundles: dict[str, str]
    groups: dict[str, str]
    found: Found
    clean: dict[str, set[bytes]]  # by bundle: its longer texts, as hashes, in which no group was found


def everywhere(
    public: Files, groups: Mapping[str, forms.Needles], root: Path, entry: str = "course"
) -> Found:
    """What of each group of secrets is in the files, shown on purpose or not.

    What was found last time is kept under the name of the ``entry``.
    """
    parts = {name: public.among(paths) for name, paths in bundles(public).items()}
    single = {file.sum for path, file in public.at.items() if path.startswith("exercises/")}
    sums = {name: digest(json.dumps(files.sums())) for name, files in parts.items()}
    sums["all"] = digest(sums.get("all", ""), *sorted(single))  # a zip of files that are searched elsewhere
    secrets = {group: digest(json.dumps(each, sort_keys=True)) for group, each in groups.items()}
    began, inputs = now(), builder(root)
    last = (known(root, f"found/{entry}", inputs) or [Last({}, {}, {}, {})])[0]
    fresh = {group: each for group, each in groups.items() if last.groups.get(group) != secrets[group]}
    wanted = {name: fresh if last.bundles.get(name) == sums[name] else groups for name in parts}
    stay = {(name, group) for name in parts for group in groups if group not in wanted[name]}
    found = {at: hits for at, hits in last.found.items() if at in stay}
    passed = set[bytes]() if fresh else set().union(*last.clean.values())
    clean = {name: last.clean[name] for name in parts if not wanted[name]}
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        work = [
            (files, wanted[name], name) for name in parts if wanted[name] for files in shared(parts[name])
        ]
        work.sort(key=lambda each: -sum(each[0].sizes().values()))  # the largest first, a few for each core
        count = 2 * (os.cpu_count() or 1)
        shares = [work[n::count] for n in range(count)]
        look = lambda share: apart(root, inside, share, single, passed).value if share else ({}, {})  # noqa: E731
        for hits, texts in pool.map(look, shares):
            for at, each in hits.items():
                found[at] = found.get(at, []) + each
            for name, keys in texts.items():
                clean[name] = clean.get(name, set()) | keys
    for name in parts:
        if wanted[name] is fresh and fresh:  # of the other groups it was clean before
            clean[name] &= last.clean[name]
    if work:
        keep(root, f"found/{entry}", inputs, Made(Last(sums, secrets, found, clean)), began)
    return found


def bundles(public: Iterable[str]) -> dict[str, list[str]]:
    """The files of each deck and of each exercise, whose paths have its name; and the others."""
    named = sorted((re.sub(r"^\w+/", "", path, count=1), path) for path in public)
    first = groupby(named, lambda each: re.split(r"\W", each[0])[0])
    return {name: [path for _, path in paths] for name, paths in first}


def shared(files: Files) -> list[Files]:
    """The files in parts that can be searched side by side: a page or a PDF takes long enough to be one."""
    long = [path for path in files if path.endswith((".html", ".pdf"))]
    return [files.among(sorted(each)) for each in (*([p] for p in long), set(files).difference(long)) if each]


def inside(
    share: list[tuple[Files, Mapping[str, forms.Needles], str]], single: set[str], passed: set[bytes]
) -> tuple[Found, dict[str, set[bytes]]]:
    """What of each group of secrets is in each bundle of files; and the bundle's clean texts."""
    tables: dict[tuple[str, ...], tuple[leaks.Table, dict[bytes, leaks.Hits]]] = {}
    found: Found = {}
    clean: dict[str, set[bytes]] = {}
    for files, wanted, name in share:
        names = tuple(wanted)
        if names not in tables:
            tables = {names: (leaks.together(wanted.values()), {key: [] for key in passed})}
        hits, texts = leaks.hits(files, wanted, *tables[names], single)
        found |= {(name, group): found.get((name, group), []) + each for group, each in hits.items() if each}
        clean[name] = clean.get(name, set()) | texts
    return found, clean
