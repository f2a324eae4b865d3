"""All submissions graded, through any executor; what is done is kept, so that a stopped run goes on.

Nothing that one submission does ends the work on the others.
"""

import hashlib
import json
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import CancelledError, Executor, Future, ThreadPoolExecutor, as_completed
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from kit import check
from kit.errors import KitError
from kit.grading import judge
from kit.grading.collect import Assignment, Submission

WALLS = {"namespaces": "the network and other programs", "landlock": "your files"}  # and what they keep away


class Marked(NamedTuple):
    """A submission and what `kit.grading.judge.grade` says of it; where it could not, zeros and why."""

    submission: Submission
    result: dict[str, Any]
    problem: str = ""


def grade_all(
    submissions: Iterable[Submission],
    assignments: Mapping[str, Assignment],
    executor: Executor | None = None,
    store: Path | None = None,
    trusted: bool = False,
) -> Iterator[Marked]:
    """Each submission graded, as soon as it is done; those that ``store`` knows come first.

    ``executor`` is any of `concurrent.futures`, by default a thread for each core: every submission runs in
    processes of its own. ``store`` is a folder. KitError when the executor stops.
    """
    waiting: dict[Future[dict[str, Any]], tuple[Submission, str]] = {}
    done = []
    with ExitStack() as stack:
        pool = executor or ThreadPoolExecutor(os.cpu_count())
        if not executor:
            stack.callback(pool.shutdown, cancel_futures=True)
        stack.callback(lambda: [future.cancel() for future in waiting])
        for each in submissions:
            assignment = assignments[each.exercise]
            name = key(each.content, assignment, trusted)
            if each.problem:
                done.append(Marked(each, nothing(assignment), each.problem))
            elif known := kept(store, name):
                done.append(Marked(each, known))
            else:
                future = pool.submit(judge.grade, each.content, assignment, trusted=trusted)
                waiting[future] = each, name
        yield from done
        for future in as_completed(waiting):
            each, name = waiting[future]
            try:
                error = future.exception()
            except CancelledError as stopped:
                remedy = "run it again: what is done is kept"
                raise KitError("the executor has stopped", remedy=remedy) from stopped
            if error:  # of ours, or of the machine: not kept, so that the next run tries again
                told = f"could not be graded: {type(error).__name__}: {error}"
                yield Marked(each, nothing(assignments[each.exercise]), " ".join(told.split()))
            else:
                keep(store, name, future.result())
                yield Marked(each, future.result())


def nothing(assignment: Assignment) -> dict[str, Any]:
    """The result of a submission in which nothing can be graded."""
    answers = [
        {
            **{"name": answer["name"], "points": answer["points"], "alone": 0.0, "cascade": 0.0},
            "cases": [
                {
                    "name": case["name"],
                    "hidden": case["hidden"],
                    "alone": ": not graded",
                    "cascade": ": not graded",
                }
                for case in answer["cases"]
            ],
        }
        for answer in assignment["answers"]
    ]
    written = [{"name": w["name"], "points": w["points"], "text": ""} for w in assignment["written"]]
    facts = {"exercise": assignment["exercise"], "version": assignment["version"]}
    return {**facts, "answers": answers, "written": written, "remarks": [], "protection": []}


def key(content: bytes, assignment: Assignment, trusted: bool) -> str:
    """Hash of all that a result depends on."""
    versions = [sys.version, np.__version__, graders()]
    text = json.dumps([hashlib.sha256(content).hexdigest(), assignment, trusted, versions], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


@cache
def graders() -> str:
    """Hash of the modules that grade."""
    modules = sorted(Path(__file__).parent.glob("*.py"))
    return hashlib.sha256(
        b"".join(file.read_bytes() for file in [Path(check.__file__), *modules])
    ).hexdigest()


def kept(store: Path | None, name: str) -> dict[str, Any] | None:
    """A result of an earlier run; None if there is none, or what is there has been damaged."""
    try:
        entry = json.loads((store / f"{name}.json").read_bytes()) if store else None
    except (OSError, ValueError, RecursionError):
        return None
    if not isinstance(entry, dict) or entry.get("digest") != digest_of(entry.get("result")):
        return None
    return dict(entry["result"])


def keep(store: Path | None, name: str, result: dict[str, Any]) -> None:
    """Keep a result: either the whole of it is there afterwards, or nothing of it."""
    if store:
        store.mkdir(parents=True, exist_ok=True)
        part = store / f"{name}.{os.getpid()}.part"
        part.write_text(json.dumps({"digest": digest_of(result), "result": result}), encoding="utf-8")
        part.replace(store / f"{name}.json")


def digest_of(result: Any) -> str:
    return hashlib.sha256(json.dumps(result, sort_keys=True).encode()).hexdigest()


def protected(machines: Mapping[str, list[str]], trusted: bool) -> None:
    """Raise unless every machine can keep submissions from doing harm, or the user trusts them.

    ``machines`` is what `kit.grading.judge.protection` says on each.
    """
    for machine, walls in machines.items():
        lacking = [wall for wall in WALLS if wall not in walls]
        if lacking and not trusted:
            harm = " and ".join(WALLS[wall] for wall in lacking)
            problem = f"{machine} has no {' and no '.join(lacking)} to keep submissions from {harm}"
            raise KitError(
                problem, remedy="grade in a container or on Linux, or say --trusted if you trust them"
            )
