"""Every public function of the library with seven odd inputs: what it does, and that its docstring says so.

The functions are found, not listed: a new one without a row in `every_function` fails here. What else can be
wrong with an argument is in test_errors, and other kinds of arrays are in test_inputs.
"""

import importlib
import inspect
import pkgutil
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tinyspatial
from tests.conditions import COLUMNS, OF_ARRAYS, OF_SHAPES, Not, Outcome, Refused, Row, Same, arrays, told
from tests.every_function import ROWS

INSIDE = {"arguments", "im2col"}  # what the other modules are made of
MODULES = {
    module.name: importlib.import_module(f"tinyspatial.{module.name}")
    for module in pkgutil.iter_modules(tinyspatial.__path__)
}


def takes_something(value: Any) -> bool:
    """Whether it is a function or a class, of other than plain values, that has arguments."""
    plain = not callable(value) or (inspect.isclass(value) and issubclass(value, tuple))
    return not plain and bool(inspect.signature(value).parameters)


def public() -> dict[str, Callable]:
    """All there is to call, each once, under the first module that offers it."""
    names = [(f"{module}.{name}", getattr(MODULES[module], name))
             for module in sorted(MODULES.keys() - INSIDE) for name in MODULES[module].__all__]  # fmt: skip
    once = {id(value): name for name, value in reversed(names)}
    return {name: value for name, value in names if takes_something(value) and once[id(value)] == name}


PUBLIC = public()


def rows() -> dict[str, tuple[Callable, Row]]:
    """Function and row by the name of the test; `fast` has the rows of `loops`."""
    quick = {name.replace("loops", "fast", 1): row for name, row in ROWS.items() if name.startswith("loops.")}
    return {name: (PUBLIC[name.split()[0]], row) for name, row in (ROWS | quick).items()}


CASES = [
    pytest.param(function, row, column, id=f"{name}: {column}")
    for name, (function, row) in rows().items()
    for column in COLUMNS
    if not isinstance(getattr(row, column), Not)
]


def test_every_public_function_has_a_row() -> None:
    assert {name.split()[0] for name in rows()} == set(PUBLIC)


def test_every_module_says_what_is_public() -> None:
    assert {name for name, module in MODULES.items() if not hasattr(module, "__all__")} == INSIDE


def test_a_condition_that_cannot_be_met_says_why() -> None:
    left_out = [outcome for row in ROWS.values() for outcome in row if isinstance(outcome, Not)]
    assert all(len(outcome.why.split()) > 2 for outcome in left_out)


@pytest.mark.parametrize(("function", "row", "column"), CASES)
def test_it_does_what_the_table_says(function: Callable, row: Row, column: str) -> None:
    odd = (OF_SHAPES if isinstance(row.x, tuple) else OF_ARRAYS)[column](row.x)
    before, outcome = np.array(odd), getattr(row, column)
    if isinstance(outcome, Refused):
        with pytest.raises(ValueError, match=f"^{re.escape(outcome.message)}$"):
            row.call(function, odd)
    elif isinstance(outcome, Same):
        usual = arrays(row.call(function, row.x))
        for one, other in zip(arrays(row.call(function, odd)), usual, strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-11)
            assert (one.shape, one.dtype) == (other.shape, other.dtype)
    else:
        assert told(column, row.call(function, odd)) == outcome
    np.testing.assert_array_equal(odd, before)


def documentation(function: Callable, depth: int = 2) -> str:
    """Docstrings of a function, of its module and package, and of the functions that it refers to."""
    module = importlib.import_module(function.__module__)
    package = importlib.import_module(function.__module__.rpartition(".")[0])
    text = f"{inspect.getdoc(function)} {inspect.getdoc(getattr(function, 'step', None)) or ''}"
    named = re.findall(r"`(?:(\w+)\.)?(\w+)`", text)
    found = [getattr(MODULES.get(where, module), name, None) for where, name in named]
    others = [documentation(other, depth - 1) for other in found if inspect.isfunction(other) and depth]
    return " ".join([text, module.__doc__ or "", package.__doc__ or "", *others])


def words(row: Row, column: str, outcome: Outcome) -> str:
    """What a docstring must say about an outcome, as a pattern."""
    if isinstance(outcome, Refused):
        return "Raises ValueError"
    if column in ("integers", "float32", "strided"):
        return "integer" if isinstance(row.x, tuple) else "float64|any type|their types|is read|are read"
    return {"empty": "empty|Empty", "nan": "NaN"}.get(column, "")


@pytest.mark.parametrize("name", rows())
def test_its_docstring_says_what_it_does(name: str) -> None:
    function, row = rows()[name]
    said = documentation(function)
    outcomes = {column: getattr(row, column) for column in COLUMNS}
    needed = {c: words(row, c, outcome) for c, outcome in outcomes.items() if not isinstance(outcome, Not)}
    assert [column for column, word in needed.items() if not re.search(word, said)] == []
