"""All public files searched for all secrets: what has not changed since last time is not looked at again."""

import json
import os
import re
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from kit import leaks
from kit.apart import apart
from kit.files import Files
from kit.kept import Made, builder, digest, keep, known, now

Found = dict[tuple[str, str], list[leaks.Hit]]  # by the names of a bundle of files and of a group of secrets


class Last(NamedTuple):
    """What was searched, as sums by name, and what was found."""

    bundles: dict[str, str]
    groups: dict[str, str]
    found: Found


def everywhere(
    public: Files, groups: Mapping[str, leaks.Needles], root: Path, entry: str = "course"
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
    last = (known(root, f"found/{entry}", inputs) or [Last({}, {}, {})])[0]
    fresh = {group: each for group, each in groups.items() if last.groups.get(group) != secrets[group]}
    wanted = {name: fresh if last.bundles.get(name) == sums[name] else groups for name in parts}
    stay = {(name, group) for name in parts for group in groups if group not in wanted[name]}
    found = {at: hits for at, hits in last.found.items() if at in stay}
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        work = [
            (files, wanted[name], name) for name in parts if wanted[name] for files in halves(parts[name])
        ]
        work.sort(key=lambda each: -sum(each[0].sizes().values()))  # the largest first, a few for each core
        count = 2 * (os.cpu_count() or 1)
        shares = [work[n::count] for n in range(count)]
        look = lambda share: apart(root, inside, share, single).value if share else {}  # noqa: E731
        for made in pool.map(look, shares):
            for at, hits in made.items():
                found[at] = found.get(at, []) + hits
    if work:
        keep(root, f"found/{entry}", inputs, Made(Last(sums, secrets, found)), began)
    return found


def bundles(public: Iterable[str]) -> dict[str, list[str]]:
    """The files of each deck and of each exercise, whose paths have its name; and the others."""
    named = sorted((re.sub(r"^\w+/", "", path, count=1), path) for path in public)
    first = groupby(named, lambda each: re.split(r"\W", each[0])[0])
    return {name: [path for _, path in paths] for name, paths in first}


def halves(files: Files) -> list[Files]:
    """Its pages, and its other files: a lecture's page takes as long as its PDFs."""
    pages = [path for path in files if path.endswith(".html")]
    return [files.among(sorted(each)) for each in (pages, set(files).difference(pages)) if each]


def inside(share: list[tuple[Files, Mapping[str, leaks.Needles], str]], single: set[str]) -> Found:
    """What of each group of secrets is in each bundle of files."""
    tables: dict[tuple[str, ...], leaks.Table] = {}
    found: Found = {}
    for files, wanted, name in share:
        names = tuple(wanted)
        if names not in tables:
            tables = {names: leaks.together(wanted.values())}
        hits = leaks.hits(files, wanted, tables[names], single)
        found |= {(name, group): found.get((name, group), []) + each for group, each in hits.items() if each}
    return found
