"""One exercise, three editions: what students fill, what instructors read, and what nbgrader takes as source.

Each is a notebook made from the authored ones, without outputs, with ids that follow from the position. The
students' and nbgrader's have nbgrader's metadata (schema 3), so that its release of our source is our
students' notebook; nbgrader itself is not needed for anything.
"""

import ast
import hashlib
import re
from collections.abc import Iterable
from typing import Any

import nbformat
from nbformat import NotebookNode

from kit import check
from kit.author import numbered
from kit.cases import Case, Checks
from kit.cells import answers, refuse, tagged
from kit.syntax import parsed
from kit.written import by_name, explained, points, stub
from kit.written import written as written
from kit.wrong import Wrong

INSTRUCTORS = {"cases", "hidden-cases", "wrong", "equivalent", "rubric"}  # tags of cells that no student sees
STUB_END = "    # YOUR CODE HERE\n    raise NotImplementedError()"  # as nbgrader writes it
HOW = (
    "Where a cell says `YOUR CODE HERE`, replace that line and the one below it with your own code, run the "
    "cell, then run the check under it. A check prints a line a case; run it as often as you like."
)
HOW_WRITTEN = (
    "Where a cell says `YOUR ANSWER HERE`, double-click it and write your answer in its place; Shift+Enter "
    "shows it as text. A person reads it, so say how you found a number, and give its unit."
)


def student(exercise: NotebookNode) -> NotebookNode:
    """What a student gets: the authored cells less the instructors' ones."""
    cells = [heading(exercise), *visible(exercise)]
    cells = [stub(cell) if "written" in tags(cell) else cell for cell in cells]
    return edition(exercise, [graded(cell, n) for n, cell in enumerate(cells)])


def nbgrader_source(exercise: NotebookNode, solution: NotebookNode) -> NotebookNode:
    """The same notebook with the solutions in it, where nbgrader takes them out.

    Code stands between marks; of a written answer nbgrader replaces the whole cell.
    """
    right, models = answers(solution), by_name(solution, "written")
    cells = [heading(exercise)]
    for cell in visible(exercise):
        if "answer" in tags(cell):
            cell = NotebookNode({**cell, "source": marked(cell, right[cell.metadata.name])})
        if "written" in tags(cell):
            cell = NotebookNode({**cell, "source": models[cell.metadata.name].source})
        cells.append(cell)
    return edition(exercise, [graded(cell, n) for n, cell in enumerate(cells)])


def solved(solution: NotebookNode, checks: list[Checks], wrong: list[Wrong]) -> NotebookNode:
    """What an instructor reads and runs: answers, discussion, and under each check what students do not see.

    The hidden cases of ``conv2d`` are run from checks/conv2d_hidden.json: see `kit.packs.solution_files`.
    """
    checked = {each.name: each for each in checks}
    rubrics = {each["name"]: each["rubric"] for each in written(solution)}
    cells = [heading(solution, "Solution: ")]
    for cell in visible(solution):
        name = cell.metadata.get("name", "")
        if "written" in tags(cell):
            cells += explained(cell, rubrics[name])
            continue
        if "check" not in tags(cell):
            cells.append(plain(cell, keep=("source",)))
        else:
            # The points that nbgrader reads would stand under the lines as a bare number; ; keeps them back.
            cells.append(plain(NotebookNode({**cell, "source": f"{cell.source};"}), keep=("source",)))
            cells += behind(checked[name], [each for each in wrong if each.answer == name])
    return edition(solution, cells)


def tags(cell: NotebookNode) -> set[str]:
    return set(cell.metadata.get("tags", []))


def visible(notebook: NotebookNode) -> list[NotebookNode]:
    """The cells that students may see."""
    return [cell for cell in notebook.cells if not tags(cell) & INSTRUCTORS]


def edition(notebook: NotebookNode, cells: Iterable[NotebookNode]) -> NotebookNode:
    """A notebook of these cells, with no more metadata than it takes to open it."""
    kept = {key: notebook.metadata[key] for key in ("kernelspec", "language_info")}
    made = nbformat.v4.new_notebook(metadata=kept, cells=list(cells))
    return numbered(made)


def plain(cell: NotebookNode, keep: tuple[str, ...] = (), **metadata: Any) -> NotebookNode:
    """A cell without outputs, and without metadata other than those named."""
    kept = {key: cell.metadata[key] for key in keep if key in cell.metadata}
    make = nbformat.v4.new_code_cell if cell.cell_type == "code" else nbformat.v4.new_markdown_cell
    return make(cell.source, metadata={**kept, **metadata})


def heading(notebook: NotebookNode, prefix: str = "") -> NotebookNode:
    """The first cell: title, what it is about, how long it takes, how to work."""
    about = notebook.metadata.kit
    total = sum(points(cell) for cell in tagged(notebook, "check", "written"))
    facts = [f"About {about['minutes']} minutes"] if "minutes" in about else []
    how = [HOW] if tagged(notebook, "answer") else []
    how += [HOW_WRITTEN] if tagged(notebook, "written") else []
    lines = [f"# {prefix}{about['title']}", f"*{about['subtitle']}*" if "subtitle" in about else ""]
    lines += [f"{' · '.join([*facts, f'{total:g} points'])}.", *([] if prefix else how)]
    return nbformat.v4.new_markdown_cell("\n\n".join(line for line in lines if line))


def graded(cell: NotebookNode, position: int) -> NotebookNode:
    """The cell with nbgrader's metadata: answers open, checks graded, checks, words and given code locked.

    A written answer is open and graded, by a person.
    """
    role = next((role for role in ("answer", "written", "check", "given") if role in tags(cell)), "")
    if cell.cell_type == "code" and not role:
        return plain(cell)  # students may change it and run it again
    grade_id = f"{role or 'text'}-{cell.metadata.get('name', f'{position:02d}')}"
    opened = role in ("answer", "written")
    facts = {"grade": role in ("check", "written"), "solution": opened, "locked": not opened}
    worth = {"points": points(cell)} if facts["grade"] else {}
    about: dict[str, Any] = {"schema_version": 3, "grade_id": grade_id, **facts, "task": False, **worth}
    about |= {"cell_type": cell.cell_type, "checksum": checksum(cell, about)}
    guard: dict[str, Any] = {"deletable": False} | ({} if opened else {"editable": False})
    return plain(cell, nbgrader=about, **guard)


def checksum(cell: NotebookNode, about: dict[str, Any]) -> str:
    """nbgrader's checksum of a cell (nbgrader.utils.compute_checksum, version 0.9): MD5 over these texts."""
    flags = [about["grade"], about["solution"], about["locked"]]
    worth = [about["points"]] if about["grade"] else []
    texts = [cell.source, cell.cell_type, *flags, about["grade_id"], *worth]
    return hashlib.md5("".join(map(str, texts)).encode(), usedforsecurity=False).hexdigest()


def marked(stub: NotebookNode, solution: NotebookNode) -> str:
    """The stub with the body of the solution where the student's code goes."""
    head, end, rest = stub.source.partition(STUB_END)
    if not end or rest.strip():
        raise refuse(stub, f"{stub.metadata.name} does not end like a stub", "write {{ stub(…) }}")
    return f"{head}    ### BEGIN SOLUTION\n{body(solution)}\n    ### END SOLUTION"


def body(solution: NotebookNode) -> str:
    """The lines of the one function of an answer, below its docstring."""
    tree = parsed(solution.source).body
    if len(tree) != 1 or not isinstance(tree[0], ast.FunctionDef):
        raise refuse(solution, "the answer is not one function", "put helpers into a cell tagged given")
    documented = ast.get_docstring(tree[0]) is not None
    first = tree[0].body[0]
    start = first.end_lineno if documented else first.lineno - 1
    return "\n".join(solution.source.split("\n")[start:])


def behind(checks: Checks, wrong: list[Wrong]) -> list[NotebookNode]:
    """The cells under a check that only instructors have: hidden cases, listed and run, and mistakes."""
    cells = []
    if checks.hidden:
        rows = [(case["name"], code(check.call(case)), expected(case)) for case in checks.hidden]
        words = f"**Hidden cases of `{checks.name}`**, which no student's file has:"
        cells.append(nbformat.v4.new_markdown_cell(table(words, ("case", "call", "expected"), rows)))
        cells.append(nbformat.v4.new_code_cell(f'check("{checks.name}_hidden");'))
    if wrong:
        rows = [(each.name, code(each.change) or "another program", each.why) for each in wrong]
        words = "**Common mistakes**, each of them refused by the checks:"
        cells.append(nbformat.v4.new_markdown_cell(table(words, ("mistake", "change", "why"), rows)))
    return cells


def expected(case: Case) -> str:
    """What a case asks for, in a few words."""
    if "raises" in case:
        return f"{case['raises']}" + (f" with “{case['match']}”" if case["match"] else "")
    return check.describe(check.decode(case["want"]))


def code(text: str) -> str:
    """The text as code between Markdown's marks, which are longer than any that it has itself."""
    if not text:
        return ""
    marks = "`" * (max(map(len, re.findall("`+", text)), default=0) + 1)
    room = " " if "`" in text else ""
    return f"{marks}{room}{text}{room}{marks}"


def table(words: str, head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """A GFM table below a line of words. A cell is one line there, so an end of a line becomes a space."""
    lines = [head, tuple("---" for _ in head), *rows]
    texts = (" | ".join(" ".join(cell.replace("|", "\\|").split("\n")) for cell in line) for line in lines)
    return f"{words}\n\n" + "\n".join(f"| {text} |" for text in texts)
