"""The detector of leaks, tried with planted ones: secrets in all disguises are found, and nothing else."""

import ast
import base64
import gzip
import html
import io
import json
import urllib.parse
import zipfile
import zlib
from pathlib import Path

import nbformat
import pypdf
import pytest
from pypdf.generic import ByteStringObject, DecodedStreamObject, DictionaryObject, NameObject

from kit import exercises, leaks, packs, secret
from kit.author import author
from kit.cases import frozen
from kit.cells import answers
from kit.errors import KitError
from kit.pieces import pieces_in, pieces_of
from kit.sources import Source
from kit.unpack import texts
from kit.wrong import wrong_answers

ROOT = Path(__file__).resolve().parent.parent
NAME = "02_conv2d"
BOOK = f"exercises/{NAME}/{NAME}.ipynb"


def read(kind, name):
    return author(Source(kind, name, f"{kind}/{name}.md"), ROOT)


@pytest.fixture(scope="module")
def pair():
    return read("exercises", NAME), read("solutions", NAME)


@pytest.fixture(scope="module")
def checks(pair):
    return frozen(pair[1])


@pytest.fixture(scope="module")
def pack(pair, checks):
    return packs.pack(pair[0], checks)


@pytest.fixture(scope="module")
def public(pack):
    """The real files of the real exercise."""
    return {f"exercises/{path}": content for path, content in packs.public_pack(NAME, pack).items()}


@pytest.fixture(scope="module")
def secrets(pair, checks):
    exercise, solution = pair
    return secret.of_exercise(exercise, solution, checks, wrong_answers(solution))


@pytest.fixture(scope="module")
def shown(pair, pack):
    return {"": secret.shown_by_exercise(pair[0], pack)}


@pytest.fixture(scope="module")
def code(pair):
    return answers(pair[1])["conv2d"].source


@pytest.fixture(scope="module")
def case(checks):
    """A hidden case with arrays."""
    return checks[1].hidden[0]


def test_the_real_packs_leak_nothing(public, secrets, shown):
    assert leaks.find(public, secrets, shown) == []


LINE = "pixel = x[n, c, p * s + i, q * t + j]"
PROSE = "it is why a layer has as many parameters for a stamp as for a poster"
RENAMED = """
def convolve(images, filters, offset=None, step=1, border=0):
  images, filters, offset, (a, b), (H, W) = prepare(images, filters, offset, step, border)
  result = []
  for image in range(H):
    for y in range(W):
                value = images[image, y, H * a + y,
                               W * b + image]  # the number
                result += value * filters[H, W, a, b]
"""


def with_cell(public, cell):
    """The notebook with one more cell."""
    notebook = nbformat.reads(public[BOOK].decode(), as_version=4)
    notebook.cells.append(cell)
    return {BOOK: nbformat.writes(notebook).encode()}


def zip_of(name, content, comment=b"", extra=b"", entry_comment=b""):
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        entry = zipfile.ZipInfo(name)
        entry.extra, entry.comment = extra, entry_comment
        archive.writestr(entry, content)
        archive.comment = comment
    return target.getvalue()


def extra_field(text):
    """A field of a zip entry, of a kind that nobody reads."""
    return b"\x99\x99" + len(text).to_bytes(2, "little") + text


def pdf_of(text="", **more):
    """A page with a line of text, a title, an attachment."""
    writer = pypdf.PdfWriter()
    page = writer.add_blank_page(600, 800)
    font = DictionaryObject({"/Type": "/Font", "/Subtype": "/Type1", "/BaseFont": "/Helvetica"})
    font = DictionaryObject({NameObject(key): NameObject(value) for key, value in font.items()})
    fonts = DictionaryObject({NameObject("/F1"): font})
    page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
    contents = DecodedStreamObject()
    escaped = text.replace("(", r"\(").replace(")", r"\)")
    contents.set_data(f"0 0 5 5 re f BT /F1 12 Tf 50 700 Td ({escaped}) Tj ET".encode())
    page[NameObject("/Contents")] = writer._add_object(contents)
    if "title" in more:
        writer.add_metadata({"/Title": more["title"]})
    if "attachment" in more:
        writer.add_attachment("notes.txt", more["attachment"])
    if "digits" in more:
        writer.root_object[NameObject("/Aside")] = ByteStringObject(more["digits"].encode("utf-16"))
    target = io.BytesIO()
    writer.write(target)
    return target.getvalue()


def with_another_title(pdf):
    """The same PDF with an update behind it, as programs write that only add to a file."""
    writer = pypdf.PdfWriter(io.BytesIO(pdf), incremental=True)
    writer.metadata = {"/Title": "Nothing"}
    target = io.BytesIO()
    writer.write(target)
    assert pypdf.PdfReader(target).metadata.title == "Nothing"
    return target.getvalue()


def png_of(text):
    """The least PNG that carries a text."""
    chunk = b"tEXtComment\0" + text
    size, check = (len(chunk) - 4).to_bytes(4, "big"), zlib.crc32(chunk).to_bytes(4, "big")
    return b"\x89PNG\r\n\x1a\n" + size + chunk + check


def code_cell(source, **more):
    return nbformat.v4.new_code_cell(source, **more)


def coloured(code):
    """A listing as pages have it: a tag round every word."""
    words = (f'<span class="n">{html.escape(word)}</span>' for word in code.split(" "))
    return f"<html><body><pre>{' '.join(words)}</pre></body></html>"


def python_spelling(case):
    """A case as a Python program would write it, each number with a decimal point."""
    return f"arrays = {[[float(n) for n in array['nd']] for array in case['args'] if 'nd' in array]}"


def other_spelling(case):
    """The same call under another name, with other order, blanks and numbers."""
    args = json.loads(json.dumps(case["args"]), parse_int=float)
    return json.dumps({"kwargs": case["kwargs"], "args": args, "call": case["call"], "name": "x"}, indent=4)


SOLUTION = "the solution of conv2d in 02_conv2d"
HIDDEN = "the hidden case 'everything at once' of conv2d in 02_conv2d"
DISCUSSION = "the discussion of 02_conv2d"
WRONG = "the wrong answer 'input changed in place' of window_sum in 02_conv2d"
HTML, README, PDF = "index.html", f"exercises/{NAME}/README.md", "slides/x.pdf"

PLANTED = {
    "the solution in a cell": (SOLUTION, lambda p, code, case: with_cell(p, code_cell(code))),
    "its loops with other names and layout": (
        SOLUTION,
        lambda p, code, case: with_cell(p, code_cell(RENAMED)),
    ),
    "one line of it in words": (
        SOLUTION,
        lambda p, code, case: with_cell(p, nbformat.v4.new_markdown_cell(f"Think of `{LINE}`.")),
    ),
    "one line without its blanks": (
        SOLUTION,
        lambda p, code, case: with_cell(p, code_cell("# " + LINE.replace(" ", ""))),
    ),
    "in the metadata of a cell": (
        SOLUTION,
        lambda p, code, case: with_cell(p, code_cell("1", metadata={"old": code})),
    ),
    "in an output": (
        SOLUTION,
        lambda p, code, case: with_cell(
            p, code_cell("1", outputs=[nbformat.v4.new_output("stream", text=code)])
        ),
    ),
    "any output": (
        "outputs of a notebook that was run",
        lambda p, code, case: with_cell(
            p, code_cell("1", outputs=[nbformat.v4.new_output("stream", text="1")])
        ),
    ),
    "in an attachment": (
        SOLUTION,
        lambda p, code, case: with_cell(
            p,
            nbformat.v4.new_markdown_cell(
                "x", attachments={"a.txt": {"text/plain": base64.b64encode(code.encode()).decode()}}
            ),
        ),
    ),
    "in base64 over many lines": (
        SOLUTION,
        lambda p, code, case: {README: base64.encodebytes(b"#" * 40 + LINE.encode())},
    ),
    "compressed, in base64": (
        SOLUTION,
        lambda p, code, case: {README: base64.b64encode(gzip.compress(code.encode(), mtime=0))},
    ),
    "in another Python file": (SOLUTION, lambda p, code, case: {"exercises/x/helper.py": code.encode()}),
    "in a script of a page": (
        SOLUTION,
        lambda p, code, case: {HTML: f"<script>a = {json.dumps(RENAMED)};</script>".encode()},
    ),
    "in a comment of a page": (
        SOLUTION,
        lambda p, code, case: {HTML: f"<p>1</p><!--\n{RENAMED}\n-->".encode()},
    ),
    "in a listing with colours": (SOLUTION, lambda p, code, case: {HTML: coloured(code).encode()}),
    "in a picture of a page": (
        SOLUTION,
        lambda p, code, case: {
            HTML: f'<img src="data:image/svg+xml,{urllib.parse.quote(f"<desc>{code}</desc>")}">'.encode()
        },
    ),
    "in a picture's comment": (SOLUTION, lambda p, code, case: {"a.png": png_of(code.encode())}),
    "on a page of a PDF": (SOLUTION, lambda p, code, case: {PDF: pdf_of(LINE)}),
    "in a file attached to a PDF": (SOLUTION, lambda p, code, case: {PDF: pdf_of(attachment=code.encode())}),
    "in the comment of a zip": (SOLUTION, lambda p, code, case: {"a.zip": zip_of("a", b"", code.encode())}),
    "in the comment of a zip's entry": (
        SOLUTION,
        lambda p, code, case: {"a.zip": zip_of("a", b"", entry_comment=code.encode())},
    ),
    "in the extra field of a zip's entry": (
        SOLUTION,
        lambda p, code, case: {"a.zip": zip_of("a", b"", extra=extra_field(LINE.encode()))},
    ),
    "in a zip in a zip": (
        SOLUTION,
        lambda p, code, case: {"a.zip": zip_of("b.zip", zip_of("deep/c.txt", code.encode()))},
    ),
    "a wrong answer": (
        WRONG,
        lambda p, code, case: {README: b"def f(x, w):\n    x *= w\n    return x.sum()"},
    ),
    "a hidden case as it stands": (
        HIDDEN,
        lambda p, code, case: {"exercises/x/checks/h.json": json.dumps([case]).encode()},
    ),
    "a hidden case in another spelling": (
        HIDDEN,
        lambda p, code, case: {"exercises/x/checks/h.json": other_spelling(case).encode()},
    ),
    "the numbers of a hidden case": (HIDDEN, lambda p, code, case: {"a.py": python_spelling(case).encode()}),
    "the result of a hidden case": (
        HIDDEN,
        lambda p, code, case: {"a.txt": " ".join(f"{n:g}" for n in case["want"]["nd"]).encode()},
    ),
    "the name of a hidden case": (HIDDEN, lambda p, code, case: {"a.html": b"<td>everything at once</td>"}),
    "the discussion in a page": (
        DISCUSSION,
        lambda p, code, case: {
            HTML: f"<p>And\n{PROSE}&nbsp;!</p>".replace("a stamp", "<b>a\n st</b>amp").encode()
        },
    ),
    "the discussion in a comment of a page": (
        DISCUSSION,
        lambda p, code, case: {HTML: f"<p>1</p><!-- {PROSE} -->".encode()},
    ),
    "the discussion as the title of a PDF": (DISCUSSION, lambda p, code, case: {PDF: pdf_of(title=PROSE)}),
    "the discussion as the title that a PDF has had": (
        DISCUSSION,
        lambda p, code, case: {PDF: with_another_title(pdf_of(title=PROSE))},
    ),
    "the discussion in a file attached to a PDF": (
        DISCUSSION,
        lambda p, code, case: {PDF: pdf_of(attachment=PROSE.encode())},
    ),
    "the discussion in hexadecimal digits of a PDF": (
        DISCUSSION,
        lambda p, code, case: {PDF: pdf_of(digits=PROSE)},
    ),
    "a file of an unknown kind": (
        "a kind of file that nothing here makes",
        lambda p, code, case: {"exercises/x/solution.pyc": b"\x00\x01"},
    ),
}


@pytest.mark.parametrize(("what", "plant"), PLANTED.values(), ids=PLANTED)
def test_a_planted_leak_is_found(what, plant, public, secrets, shown, code, case):
    planted = plant(public, code, case)
    assert what in {leak.what for leak in leaks.find(planted, secrets, shown)}


def test_a_leak_is_named_with_its_file_and_the_place_in_it(secrets, shown, code):
    found = leaks.find({"a.zip": zip_of("deep/c.txt", code.encode())}, secrets, shown)
    assert leaks.Leak("a.zip", "a.zip › deep/c.txt", SOLUTION) in found
    with pytest.raises(
        KitError, match=r"^public/a.zip: a.zip › deep/c.txt gives away the solution of conv2d in"
    ):
        leaks.refuse(found)


def test_nothing_found_is_no_error():
    leaks.refuse([])


SCALARS = {
    "name": "a very secret case",
    "call": "f",
    "args": [224, {"tuple": [7, 3]}],
    "kwargs": {"stride": 2},
    "want": 3,
}


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ('{"x": [{"kwargs": {"stride": 2.0}, "call": "f", "args": [224.0, {"tuple": [7, 3]}]}]}', "the case"),
        ('{"kwargs": {"stride": 2}, "call": "f", "args": [224, {"tuple": [3, 7]}]}', None),
        ("here it is: 'a very secret case', look", "the case"),
        ("this is a very secret case of mine", None),
        ("and then value = function(first, second) as told", "the code"),
        ("and then value = function(first, other) as told", None),
    ],
)
def test_small_secrets_are_found_and_what_is_like_them_is_not(text, what):
    secrets = secret.Secrets(
        {"the code": "value = function(first, second)  # or so"}, {}, {"the case": SCALARS}
    )
    assert [leak.what for leak in leaks.find({"a.json": text.encode()}, secrets, {})] == (
        [what] if what else []
    )


def test_the_instructors_notebooks_would_not_pass(pair, checks, secrets, shown):
    solved = exercises.solved(pair[1], checks, wrong_answers(pair[1]))
    files = {
        "solved.ipynb": packs.notebook_bytes(solved),
        "hidden.json": packs.solution_checks(checks)["checks/conv2d_hidden.json"],
        "nbgrader.ipynb": packs.nbgrader_files(*pair, checks)[f"{NAME}.ipynb"],
    }
    assert {leak.file for leak in leaks.find(files, secrets, shown)} == set(files)


def test_what_a_deck_shows_on_purpose_may_stand_on_its_slides_only(secrets, shown, code):
    page = coloured(code).encode()
    allowed = {**shown, "slides/": secret.Shown(code, "")}
    assert leaks.find({"slides/x.html": page}, secrets, allowed) == []
    assert leaks.find({"handouts/x.html": page}, secrets, allowed)


DECK = """\
---
title: A deck
---

:::{notes}
Welcome to all of you; the heating does not work today.
:::

## A slide

What anybody may read on the slide itself, at any time.

:::::{columns}
::::{column}
:::{answer}
The answer is a number between forty-one and forty-three.
:::
::::
:::::
"""


@pytest.fixture
def deck(tmp_path):
    (tmp_path / "decks").mkdir()
    (tmp_path / "decks" / "01_x.md").write_text(DECK, encoding="utf-8")
    return author(Source("decks", "01_x", "decks/01_x.md"), tmp_path)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("the heating does not work today", "the speaker notes of 01_x"),
        ("between forty-one and forty-three", "the answers of 01_x"),
        ("What anybody may read on the slide itself, at any time.", None),
    ],
)
def test_speaker_notes_and_answers_are_secret_and_the_rest_of_a_deck_is_not(deck, text, what):
    line = next(line for line in DECK.split("\n") if text in line)
    found = leaks.find({"slides/01_x.html": f"<p>{line}</p>".encode()}, secret.of_deck(deck), {})
    assert {leak.what for leak in found} == ({what} if what else set())
    shown = secret.shown_by_deck(deck)
    assert (text in shown.words) == (what is None)


def test_a_speaker_may_repeat_what_stands_on_the_slide(deck):
    words = "What anybody may read on the slide itself, at any time."
    notes = secret.Secrets({}, {"notes": f"I repeat. {words} And on."}, {})
    page = {"slides/01_x.html": f"<p>{words}</p>".encode()}
    assert leaks.find(page, notes, {})
    assert leaks.find(page, notes, {"slides/": secret.shown_by_deck(deck)}) == []


@pytest.mark.parametrize(
    ("same", "other"),
    [
        ("a = b[c, d * e + f] * g", "x  =  y[z, u*v + w] * q  # other"),
        ("for a in range(b):\n    c += a * d[a]", "for i in range(n):\n  s += i * w[i]"),
        (
            "def f(a):\n    return (a + 1) * (a + 2) * a",
            'def g(b):\n    "Told."\n    return (b + 1) * (b + 2) * b',
        ),
    ],
)
def test_names_layout_comments_and_docstrings_do_not_matter(same, other):
    assert next(pieces_of(ast.parse(same))) in set(pieces_in(other))


@pytest.mark.parametrize(
    "other",
    [
        "a = b[c, d * e - f] * g",
        "a = b[c, d * e + d] * g",
        "a = b[c, d * 2 + f] * g",
        "Buy two (or three) of it.",
    ],
    ids=["operator", "a name twice", "a number", "prose"],
)
def test_other_code_is_another_piece(other):
    whole = next(pieces_of(ast.parse("a = b[c, d * e + f] * g")))
    assert whole not in set(pieces_in(other))


def test_code_is_found_between_words_and_in_a_broken_block():
    loop, broken = "for a in range(b):\n    c += a * d[a]", "  if x = = y:\n  y = b[c, d * e + f] * g"
    text = f"Look:\n```python\n{loop}\n```\nAnd\n{broken}"
    found = set(pieces_in(text))
    assert set(pieces_of(ast.parse(loop))) <= found
    assert set(pieces_of(ast.parse("y = b[c, d * e + f] * g"))) <= found


def test_fonts_are_passed_over():
    font = base64.b64encode(b"wOF2" + bytes(range(256)) * 40).decode()
    page = f"<style>@font-face {{ src: url(data:font/woff2;base64,{font}) }}</style><p>words</p>"
    assert all(len(text.text) < 200 for text in texts("a.html", page.encode()))
