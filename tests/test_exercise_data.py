"""Data that an exercise gives to students: one file of JSON, the same each time, that says whose it is."""

import hashlib
import json
import sys
import types

import pytest

from kit import data, packs
from kit.cases import frozen
from kit.errors import KitError
from tests.small_exercise import EXERCISE, changed, pair

GIVEN = changed(EXERCISE, "minutes: 5\n", "minutes: 5\ndata: {sizes: small_data.sizes}\n")
SIZES = {"source": "Measured by A. Author, CC0.", "sizes": [[1.5, 2], [3, 4]]}


@pytest.fixture
def library(monkeypatch):
    """A module that the small exercise takes its data from."""
    module = types.ModuleType("small_data")
    module.sizes = lambda: SIZES
    monkeypatch.setitem(sys.modules, "small_data", module)
    return module


@pytest.fixture
def files(library, tmp_path):
    exercise, solution = pair(tmp_path, GIVEN)
    return packs.pack(exercise, frozen(solution))


def test_the_file_is_json_with_a_line_for_each_name(files):
    lines = b'{\n"source": "Measured by A. Author, CC0.",\n"sizes": [[1.5,2],[3,4]]\n}\n'
    assert files["sizes.json"] == lines
    assert json.loads(files["sizes.json"]) == SIZES


def test_manifest_and_readme_of_the_pack_name_it(files):
    assert (
        json.loads(files["MANIFEST.json"])["files"]["sizes.json"]
        == hashlib.sha256(files["sizes.json"]).hexdigest()
    )
    assert b"| `sizes.json` | data for the exercise. Measured by A. Author, CC0. |\n" in files["README.md"]


def test_it_lies_beside_the_solution_and_goes_to_nbgrader(library, tmp_path):
    exercise, solution = pair(tmp_path, GIVEN)
    checks = frozen(solution)
    assert "sizes.json" in packs.solution_files(solution, checks)
    assert "sizes.json" in packs.nbgrader_files(exercise, solution, checks)


@pytest.mark.parametrize(
    ("returned", "problem"),
    [
        ({"sizes": [1]}, "does not say whose its data are"),
        ({"source": "Own.", "sizes": [0] * 200_000}, "at most 200,000 are allowed"),
        ("no dictionary", "gives no data"),
        ({"source": "Own.", "sizes": [float("nan")]}, "gives no data"),
    ],
    ids=["no source", "too large", "a text", "NaN"],
)
def test_data_that_cannot_be_given_out_are_an_error_at_the_exercise(library, tmp_path, returned, problem):
    library.sizes = lambda: returned
    with pytest.raises(KitError, match=problem) as error:
        data.files(pair(tmp_path, GIVEN)[0])
    assert error.value.file == "exercises/01_halves.md"


@pytest.mark.parametrize("function", ["small_data.size", "no_such_module.sizes", "sizes"])
def test_a_function_that_is_not_there_is_named(library, tmp_path, function):
    exercise = pair(tmp_path, changed(GIVEN, "small_data.sizes", function))[0]
    with pytest.raises(KitError, match=f"'{function}' gives no data"):
        data.files(exercise)
