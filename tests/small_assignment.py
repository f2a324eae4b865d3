"""A small assignment of two answers as the build makes one, and notebooks for it."""

import json

GIVEN = "def pair(value):\n    return (value, value)"
DOUBLE = "def double(x):\n    return 2 * x"
TOTAL = "def total(x):\n    return float(np.sum(double(x)))"


def array(*numbers):
    return {"nd": list(numbers), "shape": [len(numbers)], "dtype": "float64"}


def case(call, name, args, want, hidden=False, **more):
    return {"name": name, "call": call, "args": args, "kwargs": {}, "want": want, "hidden": hidden} | more


def known(*answers, written=()):
    """An assignment of these (name, points, code, cases)."""
    keys = ("name", "points", "code", "cases")
    return {
        "exercise": "01_doubles",
        "title": "Doubles",
        "version": "0123abcd",
        "given": [GIVEN],
        "given_ids": ["given-02"],
        "files": {"numbers.json": "[1, 2]", "checks.py": "", "checks/double.json": '{"name": "double"}'},
        "answers": [dict(zip(keys, answer, strict=True)) for answer in answers],
        "written": list(written),
    }


ASSIGNMENT = known(
    (
        "double",
        4.0,
        DOUBLE,
        [
            case("double", "three numbers", [array(1, 2, 3.5)], array(2, 4, 7)),
            case("double", "two numbers", [array(-3, 5)], array(-6, 10), hidden=True, weight=3),
        ],
    ),
    (
        "total",
        2.0,
        TOTAL,
        [
            case("total", "four numbers", [array(1, 2, 3, 5)], 22.0),
            case("total", "one number", [array(7)], 14.0, hidden=True),
        ],
    ),
)


def cell(source, name="", kind="code"):
    about = {"nbgrader": {"grade_id": name, "schema_version": 3}} if name else {}
    return {"cell_type": kind, "source": source, "metadata": about, "outputs": []}


def notebook(*cells):
    """The bytes of a notebook; a text is a cell of code without a name."""
    made = [cell(each) if isinstance(each, str) else each for each in cells]
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": made}).encode()


def marks(verdict):
    """The marks alone and in cascade, by answer."""
    return {each["name"]: (each["alone"], each["cascade"]) for each in verdict["answers"]}
