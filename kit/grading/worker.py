"""The process of one submission: runs what it is sent, and sends back what came of it.

Started by `kit.grading.process`. It speaks in lines of JSON: a task comes, a result goes. For each
``begin`` it forks, so that a notebook can be run afresh without loading NumPy again; the student's code is in
the fork and nowhere else. It is never told what a call should give.
"""

import ast
import gc
import json
import os
import re
import sys
import types
from collections.abc import Callable
from typing import Any, BinaryIO, TextIO

import numpy as np

from kit import check
from kit.grading import sandbox
from kit.grading.values import encode

SHOWN = 300  # characters of an error's message, or of a value that cannot be sent
NOT_PYTHON = re.compile(r"\s*%%(?!time|timeit|capture|prun)")  # the whole cell is for another program
MAGIC = re.compile(r"^([ \t]*)(?:[%!?].*|[\w, \t]+=[ \t]*[%!].*|[%\w.]+\?\??[ \t]*)$", re.MULTILINE)

Namespace = dict[str, Any]


def main() -> None:
    """Take the setup, build the walls, and fork for every notebook that is to run."""
    tasks, replies = os.fdopen(private(0, os.O_RDONLY), "rb"), os.fdopen(private(1, os.O_WRONLY), "w")
    os.dup2(1, 2)
    setup = json.loads(tasks.readline())
    limits, folder = sandbox.Limits(*setup["limits"]), setup["folder"]
    walls = {"limits": sandbox.LIMITED, "namespaces": sandbox.namespaces(folder, limits.scratch)}
    for path, text in setup["files"].items():
        os.makedirs(os.path.dirname(f"{folder}/{path}"), exist_ok=True)
        with open(f"{folder}/{path}", "w", encoding="utf-8") as file:
            file.write(text)
    os.chdir(folder)
    standard = [path for path in sys.path[setup["paths"] :] if os.path.isdir(path)]
    walls["landlock"] = sandbox.landlock(folder, standard, os.path.dirname(np.__file__))
    sys.path[: setup["paths"]] = [folder]  # what else lies beside NumPy is no concern of a student's
    sys.modules["checks"] = harmless(check)
    gc.freeze()  # what is loaded stays: no fork spends time on looking through it for garbage
    for _ in tasks:
        child = os.fork() if hasattr(os, "fork") else 0
        if not child:
            sandbox.end_with_parent()
            sandbox.limit(limits)
            walls["seccomp"] = sandbox.no_processes()
            say(replies, {"walls": [name for name, stands in walls.items() if stands]})
            serve(tasks, replies, lambda: sandbox.allow_seconds(limits.cpu))
            os._exit(0)
        say(replies, {"ended": os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])})


def private(number: int, flags: int) -> int:
    """Another number for this open file; under the old one there is nothing, to read as to write."""
    moved = os.dup(number)
    nothing = os.open(os.devnull, flags)
    os.dup2(nothing, number)
    os.close(nothing)
    return moved


def harmless(module: types.ModuleType) -> types.ModuleType:
    """The module of checks whose ``check`` does nothing: what it would say goes nowhere."""
    copy = types.ModuleType("checks")
    vars(copy).update({**vars(module), "__name__": "checks", "check": lambda name: 0.0})
    return copy


def say(replies: TextIO, reply: dict[str, Any]) -> None:
    replies.write(json.dumps(reply, allow_nan=False) + "\n")
    replies.flush()


def serve(tasks: BinaryIO, replies: TextIO, allow: Callable[[], None]) -> None:
    """Do one task after another until one says that it is the last."""
    nothing: Callable[..., None] = lambda *args, **kwargs: None  # noqa: E731
    namespace: Namespace = {"__name__": "__main__", "np": np, "display": nothing}
    namespace["check"] = sys.modules["checks"].check
    for line in tasks:
        task = json.loads(line)
        allow()
        if "cell" in task:
            say(replies, {"error": run(task["source"], task["cell"], namespace)})
        elif "codes" in task:
            _, error = attempt(supply, task["given"], task["codes"], namespace)
            say(replies, {"error": "" if error is None else type(error).__name__})
        elif "call" in task:
            say(replies, outcome(task, namespace))
        else:
            return


def run(source: str, name: str, namespace: Namespace) -> str:
    """Run a cell statement by statement; return its first error. What is after an error runs all the same."""
    tree, error = attempt(parsed, source, name)
    first = error
    for statement in tree.body if tree else []:
        if is_stub(statement) and callable(namespace.get(statement.name)):
            continue  # an empty copy of an answer does not take the place of the answer
        code = ast.Module([statement], [])
        _, error = attempt(lambda code=code: exec(compile(code, name, "exec", dont_inherit=True), namespace))
        first = first or error
    return "" if first is None else f"{type(first).__name__}: {message(first)}"


def parsed(source: str, name: str) -> ast.Module:
    """The cell as Python; the lines of Jupyter in it, such as %time and !ls, only where they must go."""
    try:
        return ast.parse(source, name)
    except SyntaxError:
        if NOT_PYTHON.match(source):
            return ast.Module([], [])
        return ast.parse(MAGIC.sub(r"\1pass", source), name)


def is_stub(statement: ast.stmt) -> bool:
    """Is this a function that does nothing but raise NotImplementedError, below its docstring?"""
    if not isinstance(statement, ast.FunctionDef):
        return False
    last = statement.body[-1]
    documented = len(statement.body) == 1 + (ast.get_docstring(statement) is not None)
    return documented and isinstance(last, ast.Raise) and "NotImplementedError" in ast.unparse(last)


def supply(given: list[str], codes: dict[str, str], namespace: Namespace) -> None:
    """Put the reference's answers in the place of the student's; they see only the cells that are given."""
    own: Namespace = {"__name__": "__main__", "np": np}
    for code in [*given, *codes.values()]:
        exec(code, own)
    namespace.update({name: own[name] for name in codes})


def outcome(task: dict[str, Any], namespace: Namespace) -> dict[str, Any]:
    """What the call gives and what it leaves of its arguments, or the error that it raises."""
    function = namespace.get(task["call"])
    if not callable(function):
        return {"missing": True}
    args, kwargs = check.decode(task["args"]), check.decode(task["kwargs"])
    got, error = attempt(function, *args, **kwargs)
    if error is None:
        return {"got": plain(got), "args": plain(args), "kwargs": plain(kwargs)}
    told, _ = attempt(check.describe_error, error, function)
    kinds = [kind.__name__ for kind in type(error).__mro__]
    return {"kinds": kinds, "text": message(error), "told": str(told)[: 2 * SHOWN]}


def attempt(work: Callable[..., Any], /, *args: Any, **kwargs: Any) -> tuple[Any, BaseException | None]:
    """(result, None), or (None, error) for whatever the student's code raises, also to stop a program."""
    try:
        return work(*args, **kwargs), None
    except BaseException as error:
        return None, error


def message(error: BaseException) -> str:
    text, trouble = attempt(str, error)
    return text[:SHOWN] if trouble is None else ""


def plain(value: Any) -> Any:
    """The value for JSON; what JSON has no word for is described."""
    made, trouble = attempt(encode, value, strange)
    return made if trouble is None else strange(value)


def strange(value: Any) -> dict[str, str]:
    """A few words about a value that no case can ask for."""
    text, trouble = attempt(repr, value)
    return {"strange": str(text)[:SHOWN] if trouble is None else "a value", "kind": type(value).__name__}
