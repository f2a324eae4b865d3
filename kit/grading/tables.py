"""CSV that spreadsheets open as it is meant, and that is read again after they have saved it.

A cell that begins like a formula would be run by a spreadsheet, and students choose names and answers: such
a cell gets an apostrophe in front, by which spreadsheets know a text.
"""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence

FORMULA = tuple("=+-@\t\r\n＝＋－＠")


def written(columns: Sequence[str], rows: Iterable[Mapping[str, str]]) -> bytes:
    """Rows as CSV in UTF-8, with the mark at the beginning by which Excel knows it."""
    target = io.StringIO(newline="")
    table = csv.DictWriter(target, columns)
    table.writeheader()
    table.writerows({name: guarded(row[name]) for name in columns} for row in rows)
    return target.getvalue().encode("utf-8-sig", errors="replace")


def read(content: bytes) -> list[dict[str, str]]:
    """The rows of a CSV by column, also as a spreadsheet saves it: with ; or tabs, in another encoding."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = content.decode("utf-16", errors="replace")
    else:
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = content.decode("cp1252", errors="replace")
    head = text.partition("\n")[0]
    sign = max(",;\t", key=head.count)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=sign)
    columns = [name.strip() for name in next(lines, [])]
    return [
        {name: bare(cell) for name, cell in zip(columns, line, strict=False)} for line in lines if any(line)
    ]


def guarded(cell: str) -> str:
    return f"'{cell}" if cell.startswith(FORMULA) else cell


def bare(cell: str) -> str:
    """The cell without the apostrophe that `guarded` gave it."""
    return cell[1:] if cell[:1] == "'" and cell[1:].startswith(FORMULA) else cell


def number(value: float) -> str:
    """Points as people write them: 7.5 and 12, at most two decimals."""
    return f"{round(value, 2):.10g}"
