"""All public files searched for all secrets: what has not changed since last time is not looked at again."""

import json
import os
import re
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
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


class Early:
    """Looks into a file as soon as it is made, if by then all secrets of a course are known."""

    def __init__(self, root: Path, entry: str = "course") -> None:
        self.root, self.entry, self.last = root, entry, before(root, entry)
        self.groups: Mapping[str, forms.Needles] = {}
        self.sums: dict[str, str] = {}  # of the groups
        self.found: dict[tuple[str, str], tuple[dict[str, list[leaks.Hit]], set[bytes]]] = {}  # by path, sum

    def begin(self, groups: Mapping[str, forms.Needles]) -> None:
        """These are all secrets."""
        self.groups, self.sums = groups, sums_of(groups)
        self.seen: dict[bytes, leaks.Hits] = {key: [] for key in passed(self.last, self.sums)}
        self.table = leaks.together(groups.values())

    def look(self, path: str, content: bytes) -> None:
        """Look into a public file, if it has begun."""
        if self.groups:
            found = leaks.hits({path: content}, self.groups, self.table, self.seen, ())
            self.found[path, sha256(content).hexdigest()] = found


def everywhere(public: Files, groups: Mapping[str, forms.Needles], early: Early) -> Found:
    """What of each group of secrets is in the files, shown on purpose or not.

    What was found last time is kept, and what was found ``early`` is not looked for again.
    """
    began, root, last = now(), early.root, early.last
    done, secrets = (early.found, early.sums) if early.groups == groups else ({}, sums_of(groups))
    parts = {name: public.among(paths) for name, paths in bundles(public).items()}
    single = {file.sum for path, file in public.at.items() if path.startswith("exercises/")}
    sums = {name: digest(json.dumps(files.sums())) for name, files in parts.items()}
    sums["all"] = digest(sums.get("all", ""), *sorted(single))  # a zip of files that are searched elsewhere
    fresh = {group: each for group, each in groups.items() if last.groups.get(group) != secrets[group]}
    wanted = {name: fresh if last.bundles.get(name) == sums[name] else groups for name in parts}
    stay = {(name, group) for name in parts for group in groups if group not in wanted[name]}
    found = {at: hits for at, hits in last.found.items() if at in stay}
    clean = {name: last.clean[name] for name in parts if not wanted[name]}

    def add(name: str, hits: Mapping[str, list[leaks.Hit]], texts: set[bytes]) -> None:
        for group, each in hits.items():
            if each and group in wanted[name]:
                found[name, group] = found.get((name, group), []) + each
        clean[name] = clean.get(name, set()) | texts

    work: list[tuple[Files, Mapping[str, forms.Needles], str]] = []
    for name in (each for each in parts if wanted[each]):
        looked = {path for path, file in parts[name].at.items() if (path, file.sum) in done}
        for path in sorted(looked):
            add(name, *done[path, parts[name].at[path].sum])
        others = parts[name].among(set(parts[name]) - looked)
        work += [(files, wanted[name], name) for files in shared(others)]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        work.sort(key=lambda each: -sum(each[0].sizes().values()))  # the largest first, a few for each core
        count = 2 * (os.cpu_count() or 1)
        shares = [work[n::count] for n in range(count) if work[n::count]]
        known = passed(last, secrets)
        for results in pool.map(lambda share: apart(root, inside, share, single, known).value, shares):
            for result in results:
                add(*result)
    for name in parts:
        if wanted[name] is fresh and fresh:  # of the other groups it was clean before
            clean[name] &= last.clean[name]
    if any(wanted.values()):
        keep(root, f"found/{early.entry}", builder(root), Made(Last(sums, secrets, found, clean)), began)
    return found


def before(root: Path, entry: str) -> Last:
    """The last search."""
    last: list[Last] = known(root, f"found/{entry}", builder(root))
    return last[0] if last else Last({}, {}, {}, {})


def sums_of(groups: Mapping[str, forms.Needles]) -> dict[str, str]:
    return {group: digest(json.dumps(each, sort_keys=True)) for group, each in groups.items()}


def passed(last: Last, secrets: Mapping[str, str]) -> set[bytes]:
    """The texts that need not be read again: if no secret is new, those in which nothing was found."""
    if secrets.items() <= last.groups.items():
        return set().union(*last.clean.values())
    return set()


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
    share: list[tuple[Files, Mapping[str, forms.Needles], str]], single: set[str], known: set[bytes]
) -> list[tuple[str, dict[str, list[leaks.Hit]], set[bytes]]]:
    """What of each group of secrets is in each bundle of files; and the bundle's clean texts."""
    tables: dict[tuple[str, ...], tuple[leaks.Table, dict[bytes, leaks.Hits]]] = {}
    found = []
    for files, wanted, name in share:
        names = tuple(wanted)
        if names not in tables:
            tables = {names: (leaks.together(wanted.values()), {key: [] for key in known})}
        found.append((name, *leaks.hits(files, wanted, *tables[names], single)))
    return found
