"""All public files searched for all secrets: what has not changed since last time is not looked at again."""

import os
import re
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache, partial
from itertools import groupby
from pathlib import Path

from kit import leaks
from kit.apart import apart
from kit.kept import Made, builder, digest, keep, known, now, same
from kit.secret import Secrets

Files = Mapping[str, bytes]
Found = dict[str, list[leaks.Hit]]  # by the name of a group of secrets


def everywhere(public: Files, groups: Mapping[str, Secrets], root: Path) -> Found:
    """What of each group of secrets is in the files, shown on purpose or not."""
    single = {digest(content) for content in public.values()}
    secrets = {group: digest(repr(each)) for group, each in groups.items()}
    parts = bundles(public)
    whole = {name: digest(*named(files)) for name, files in parts.items()}
    whole["all"] = digest(whole.get("all", ""), *sorted(single))  # a zip of files that are searched elsewhere
    inputs = {
        (name, group): digest(builder(root), whole[name], of_group)
        for name in parts
        for group, of_group in secrets.items()
    }
    before = {name: dict(*known(root, f"found/{name}", builder(root))) for name in parts}
    found = {
        (name, group): before[name][group][1]
        for name, group in inputs
        if before[name].get(group, ("",))[0] == inputs[name, group]
    }
    wanted = {name: {g: s for g, s in groups.items() if (name, g) not in found} for name in parts}
    began = now()
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        work = [(files, wanted[name], name) for name, files in parts.items() if wanted[name]]
        work.sort(key=lambda each: -sum(map(len, each[0].values())))  # the largest first, one for each core
        shares = [work[n :: os.cpu_count()] for n in range(os.cpu_count() or 1)]
        look = lambda share: apart(root, inside, share, single, root).value if share else {}  # noqa: E731
        for made in pool.map(look, shares):
            found |= made
    for name in parts:
        if wanted[name]:
            told = {group: (inputs[name, group], found[name, group]) for group in groups}
            keep(root, f"found/{name}", builder(root), Made(told), began)
    return {group: [hit for name in parts for hit in found[name, group]] for group in groups}


def bundles(public: Files) -> dict[str, Files]:
    """The files of each deck and of each exercise, whose paths have its name; and the others."""
    named = sorted((re.sub(r"^\w+/", "", path, count=1), path) for path in public)
    first = groupby(named, lambda each: re.split(r"\W", each[0])[0])
    return {name: {path: public[path] for _, path in paths} for name, paths in first}


def inside(
    share: list[tuple[Files, Mapping[str, Secrets], str]], single: set[str], root: Path
) -> dict[tuple[str, str], list[leaks.Hit]]:
    """What of each group of secrets is in each bundle of files."""
    groups = {group: secrets for _, wanted, _ in share for group, secrets in wanted.items()}
    needles = {
        group: same(root, f"needles/{group}", repr(secrets), partial(leaks.needles_of, secrets))
        for group, secrets in groups.items()
    }
    table_of = lru_cache(1)(lambda names: leaks.together(needles[name] for name in names))
    found: dict[tuple[str, str], list[leaks.Hit]] = {}
    for files, wanted, name in share:
        mine = {group: needles[group] for group in wanted}
        hits = leaks.hits(files, mine, table_of(tuple(wanted)), single)
        found |= {(name, group): each for group, each in hits.items()}
    return found


def named(files: Files) -> list[str | bytes]:
    return [part for path, content in files.items() for part in (path, content)]
