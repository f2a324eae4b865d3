"""A small pair of exercise and solution for the tests, as an author would write it, and how to read it."""

from pathlib import Path

from kit.author import author
from kit.sources import Source

EXERCISE = """\
---
title: Halves
subtitle: Cut things in two
minutes: 5
---
Every array has two ends.

```{code-cell} python
import numpy as np
from checks import check
```

```{code-cell} python
:tags: [given]
def flat(x):
    return np.asarray(x).reshape(-1)
```

## Your turn

{% block half %}
```{code-cell} python
:name: half
:tags: [answer]
def half(x, parts=2):
    \"\"\"The first part of `x`, which is cut into `parts` of the same whole size.\"\"\"
    # YOUR CODE HERE
    raise NotImplementedError()
```
{% endblock %}

```{code-cell} python
:name: half
:tags: [check]
:points: 4
check("half")
```

```{code-cell} python
:name: half
:tags: [cases]
case("two parts", np.array([3, 1, 4, 1, 5, 9]))
case("three parts", np.array([3, 1, 4, 1, 5, 9]), parts=3, hint="Count the parts.")
```
{% block discussion %}{% endblock %}
"""

SOLUTION = """\
{% extends "exercises/01_halves.md" %}
{% block half %}
```{code-cell} python
:name: half
:tags: [answer]
def half(x, parts=2):
    \"\"\"Another text.\"\"\"
    if parts < 1:
        raise ValueError(f"parts must be at least 1, got {parts}")
    values = flat(x)  # one axis is enough
    return values[: len(values) // parts]
```
{% endblock %}
{% block discussion %}
Whoever writes a two in the place of parts has not read the second case.

```{code-cell} python
:name: half
:tags: [hidden-cases]
case("a part is left over", np.array([2, 7, 1, 8, 2]), parts=4)
case("no parts", np.array([2, 7, 1]), parts=0, raises="ValueError: parts")
case("all in one part", np.array([[-2, 7, 1], [8, 3, 6]]), parts=1)
```

```{code-cell} python
:name: half
:tags: [wrong]
wrong("parts forgotten", "// parts]", "// 2]", why="The name of the function is misleading.")
wrong("rounded up", "len(values) // parts", "-(-len(values) // parts)", why="Nothing may be left over.",
      hidden="Whoever sees such a call thinks of rounding.")
wrong("the last part", "[: len(values) // parts]", "[-(len(values) // parts) :]", why="First and last.")
wrong("what is left", "[: len(values) // parts]", "[len(values) // parts :]", why="A colon misplaced.")
wrong("one too many", "len(values) // parts", "len(values) // parts + 1", why="Counts from 1.")
wrong("every second one", "[: len(values) // parts]", "[::parts]", why="Deals out cards.")
```
{% endblock %}
"""


def write(root, exercise=EXERCISE, solution=SOLUTION, name="01_halves"):
    """Both texts below ``root``, where the kit looks for them."""
    for kind, text in (("exercises", exercise), ("solutions", solution)):
        (root / kind).mkdir(exist_ok=True)
        (root / kind / f"{name}.md").write_text(text, encoding="utf-8")


def read(root, kind, name="01_halves"):
    """One of them as a notebook."""
    return author(Source(kind, name, f"{kind}/{name}.md"), Path(root))


def pair(root, exercise=EXERCISE, solution=SOLUTION):
    """Exercise and solution as notebooks."""
    write(root, exercise, solution)
    return read(root, "exercises"), read(root, "solutions")


def changed(text, old, new):
    """The text with ``old``, which must be there once, replaced."""
    assert text.count(old) == 1, f"{old!r} is there {text.count(old)} times"
    return text.replace(old, new)
