"""Programs that do no work, and yet may look as if they did: none of them may pass what it has not earned."""

from nbformat import NotebookNode

from kit.cells import answers
from kit.tries import Variant

LINES = ("pass", "return None", "return 0", "return 1.0")

# An answer that knows the shape of the result and nothing else: the hardest to tell of those that do no work.
ZEROS = """

def _zeros(function):
    import numpy
    def zeros(*args, **kwargs):
        try:
            result = function(*args, **kwargs)
        except (TypeError, ValueError):  # what the cases of errors ask for
            return 0
        return tuple(0 for _ in result) if isinstance(result, tuple) else numpy.zeros_like(result)[()]
    return zeros

{name} = _zeros({name})
"""

# An answer out of checks/<name>.json, however a call is spelled there, and zeros for every other call.
MEMORY = """

def _memory(function, otherwise):
    import inspect, json, checks
    with open(checks.FOLDER + "/{name}.json", encoding="utf-8") as text:
        known = json.load(text)["cases"]
    def spelled(args, kwargs):
        call = inspect.signature(function).bind(*args, **kwargs)
        call.apply_defaults()
        return dict(call.arguments)
    def memory(*args, **kwargs):
        for case in known:
            call = spelled(checks.decode(case["args"]), checks.decode(case["kwargs"]))
            if not checks.difference(spelled(args, kwargs), call, 0, 0):
                for name, after in checks.decode(case.get("after", {{}})).items():
                    spelled(args, kwargs)[name][...] = after
                if "raises" in case:
                    raise type(case["raises"], (Exception,), {{}})(case["match"])
                return checks.decode(case["want"])
        return otherwise(*args, **kwargs)
    return memory

{name} = _memory(_{name}, {name})
"""


def idle_variants(exercise: NotebookNode, solution: NotebookNode) -> list[Variant]:
    """Answers that do no work: the stub as it is, stubs that give something, and zeros in the right shape."""
    stubs = {name: cell.source for name, cell in answers(exercise).items()}
    found = [Variant("the stub", {}, whole=True)]
    for line in LINES:
        codes = {name: code.replace("raise NotImplementedError()", line) for name, code in stubs.items()}
        found.append(Variant(f"a stub with “{line}”", codes))
    return [*found, Variant("an answer of zeros", zeros(solution))]


def zeros(solution: NotebookNode) -> dict[str, str]:
    """Every answer as zeros in the shape of the right result."""
    right = {name: cell.source for name, cell in answers(solution).items()}
    return {name: code + ZEROS.format(name=name) for name, code in right.items()}


def memoriser(solution: NotebookNode) -> Variant:
    """Answers that know every public case by heart, and nothing else."""
    right = {name: cell.source for name, cell in answers(solution).items()}
    codes = {
        name: f"{code}\n\n_{name} = {name}\n{ZEROS.format(name=name)}{MEMORY.format(name=name)}"
        for name, code in right.items()
    }
    return Variant("a memoriser", codes)
