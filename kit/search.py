"""All public files searched for all secrets: what has not changed since last time is not looked at again."""

import json
import os
import re
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache, partial
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from kit import leaks
from kit.apart import apart
from kit.files import Files
from kit.kept import Made, builder, digest, keep, known, now, same
from kit.secret import Secrets

Found = dict[tuple[str, str], list[leaks.Hit]]  # by the names of a bundle of files and of a group of secrets


class Last(NamedTuple):
    """What was searched, as sums by name, and what was found."""

    bundles: dict[str, str]
    groups: dict[str, str]
    found: Found


def everywhere(
    public: Files, groups: Mapping[str, Secrets], root: Path, entry: str = "course"
) -> dict[str, list[leaks.Hit]]:
    """What of each group of secrets is in the files, shown on purpose or not.

    What was found last time is kept under the name of the ``entry``.
    """
    parts = {name: public.among(paths) for name, paths in bundles(public).items()}
    single = {file.sum for path, file in public.at.items() if path.startswith("exercises/")}
    sums = {name: digest(json.dumps(files.sums())) for name, files in parts.items()}
    sums["all"] = digest(sums.get("all", ""), *sorted(single))  # a zip of files that are searched elsewhere
    secrets = {group: digest(repr(each)) for group, each in groups.items()}
    began, inputs = now(), builder(root)
    last = (known(root, f"found/{entry}", inputs) or [Last({}, {}, {})])[0]
    fresh = {group: each for group, each in groups.items() if last.groups.get(group) != secrets[group]}
    wanted = {name: fresh if last.bundles.get(name) == sums[name] else groups for name in parts}
    found = {at: hits for at, hits in last.found.items() if at[0] in parts and at[1] not in wanted[at[0]]}
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        work = [(files, wanted[name], name) for name, files in parts.items() if wanted[name]]
        work.sort(key=lambda each: -sum(each[0].sizes().values()))  # the largest first, one for each core
        shares = [work[n :: os.cpu_count()] for n in range(os.cpu_count() or 1)]
        look = lambda share: apart(root, inside, share, single, root).value if share else {}  # noqa: E731
        for made in pool.map(look, shares):
            found |= made
    keep(root, f"found/{entry}", inputs, Made(Last(sums, secrets, found)), began)
    return {group: [hit for name in parts for hit in found.get((name, group), [])] for group in groups}


def bundles(public: Iterable[str]) -> dict[str, list[str]]:
    """The files of each deck and of each exercise, whose paths have its name; and the others."""
    named = sorted((re.sub(r"^\w+/", "", path, count=1), path) for path in public)
    first = groupby(named, lambda each: re.split(r"\W", each[0])[0])
    return {name: [path for _, path in paths] for name, paths in first}


def inside(share: list[tuple[Files, Mapping[str, Secrets], str]], single: set[str], root: Path) -> Found:
    """What of each group of secrets is in each bundle of files."""
    groups = {group: secrets for _, wanted, _ in share for group, secrets in wanted.items()}
    needles = {
        group: same(root, f"needles/{group}", repr(secrets), partial(leaks.needles_of, secrets))
        for group, secrets in groups.items()
    }
    table_of = lru_cache(1)(lambda names: leaks.together(needles[name] for name in names))
    found: Found = {}
    for files, wanted, name in share:
        mine = {group: needles[group] for group in wanted}
        hits = leaks.hits(files, mine, table_of(tuple(wanted)), single)
        found |= {(name, group): each for group, each in hits.items() if each}
    return found
