"""Every text that somebody could dig out of a file: in zips and PDFs, in quotes, behind tags and base64.

Used by `kit.leaks`, which looks for secrets in what comes out. Fonts and the like, which have no words in
them, are passed over.
"""

import base64
import binascii
import html
import io
import json
import re
import urllib.parse
import zipfile
import zlib
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any, NamedTuple

import pypdf
import pypdfium2
from pypdf.generic import StreamObject, TextStringObject

BASE64 = re.compile(r"(?:[A-Za-z0-9+/_-]{4}){8,}(?:[A-Za-z0-9+/_-]{2}==|[A-Za-z0-9+/_-]{3}=)?")
PRINTABLE = re.compile(rb"[\x09\x0a\x0d\x20-\x7e]{12,}")
COORDINATES = re.compile(r"""\s(?:d|points|transform)=(?:"[^"]*"|'[^']*')""")
QUOTED = re.compile(r"r'''(.*?)'''", re.DOTALL)  # the files in the cell that kit.colab makes
BLOCK = re.compile(r"(</?(?:style|script)\b[^>]*>)")
STRING = re.compile(rb"\(|(?<!<)<(?!<)|stream")  # where a string begins in a PDF, or what may be a file
TABLE = re.compile(rb"startxref\s+\d+")  # where a PDF, or an update of it, has its table of objects
DEPTH = 4  # a zip in base64 in a notebook in a zip


class Text(NamedTuple):
    """A text and where it was: ``("02_conv2d.zip › checks/conv2d.json", …)``."""

    place: str
    text: str


def texts(
    place: str, content: bytes, depth: int = DEPTH, known: Callable[[bytes], bool] = lambda _: False
) -> Iterator[Text]:
    """All texts of a file, in every reading that could make sense of it.

    Files in a zip that are ``known`` are passed over.
    """
    if depth == 0:
        return
    if content.startswith(b"PK\x03\x04"):
        yield from in_zip(place, content, depth, known)
    elif content.startswith(b"%PDF"):
        yield from in_pdf(place, content, depth)
    elif content.startswith(b"\x1f\x8b"):
        yield from texts(f"{place} › gzip", zlib.decompress(content, 31), depth - 1)
    else:
        try:
            yield from in_text(place, content.decode(), depth)
        except UnicodeDecodeError:  # a picture: what can be read in it
            yield Text(place, "\n".join(found.decode() for found in PRINTABLE.findall(content)))


def in_zip(place: str, content: bytes, depth: int, known: Callable[[bytes], bool]) -> Iterator[Text]:
    """The members of a zip, and what is written between them."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        yield from texts(f"{place} (comment)", archive.comment, depth - 1)
        for entry in archive.infolist():
            inside = f"{place} › {entry.filename}"
            yield Text(f"{inside} (name)", entry.filename)
            yield from texts(f"{inside} (comment)", entry.comment + b"\n" + entry.extra, depth - 1)
            if not known(found := archive.read(entry)):
                yield from texts(inside, found, depth - 1, known)


def in_pdf(place: str, content: bytes, depth: int) -> Iterator[Text]:
    """The words of the pages, the texts beside them (titles, alternative texts, notes), attached files."""
    seen: set[int] = set()
    for reader in states(content):
        for number in with_strings(content, reader, seen):
            found = reader.get_object(number)
            yield from (Text(f"{place} (object {number})", text) for text in strings_of_pdf(found))
            if isinstance(found, StreamObject) and found.get("/Type") == "/EmbeddedFile":
                yield from texts(f"{place} (attachment)", found.get_data(), depth - 1)
    with pypdfium2.PdfDocument(content) as pages:  # pypdf would take seconds over the lines of the pictures
        for number, page in enumerate(pages, 1):
            yield Text(f"{place}, page {number}", page.get_textpage().get_text_range())


def states(content: bytes) -> Iterator[pypdf.PdfReader]:
    """A PDF as it is, and as it was before each update that was written behind it: all of that is in it."""
    for table in dict.fromkeys(TABLE.findall(content)):
        yield pypdf.PdfReader(io.BytesIO(content + b"\n%b\n%%%%EOF\n" % table))


def with_strings(content: bytes, reader: pypdf.PdfReader, seen: set[int]) -> list[int]:
    """The numbers of the objects that can hold a string or a file: most are tags, which have neither.

    Objects that begin where one was ``seen`` are left out, and those that are not are then.
    """
    at = {n: place for table in reader.xref.values() for n, place in table.items()}
    ends = dict(pairwise([*sorted(set(at.values())), len(content)]))  # where the next object begins
    new = {n: place for n, place in at.items() if place not in seen}
    seen.update(new.values())
    packed = set(reader.xref_objStm)
    return sorted({n for n, place in new.items() if STRING.search(content, place, ends[place])} | packed)


def strings_of_pdf(value: Any) -> Iterator[str]:
    """The text strings directly in one object."""
    if isinstance(value, TextStringObject):
        yield str(value)
    elif isinstance(value, dict):
        for item in dict.values(value):  # not pypdf's own values(), which would follow references
            yield from strings_of_pdf(item)
    elif isinstance(value, list):
        for item in list.__iter__(value):
            yield from strings_of_pdf(item)


def in_text(place: str, text: str, depth: int) -> Iterator[Text]:
    """The text itself; as JSON; without tags; without escapes; and what its base64 and percent signs hide."""
    if depth == 0:
        return
    text, blocks = without_blocks(text)
    for block in blocks:
        yield from in_text(place, block, depth)
    text, hidden = without_base64(text)
    for content in hidden:
        yield from texts(f"{place} › base64", content, depth - 1)
    text = COORDINATES.sub("", text)  # of drawings: megabytes of numbers and no words
    values = list(strings_of_json(text))
    yield from (Text(f"{place} (JSON)", value) for value in values if len(value) > 16)
    yield Text(f"{place} (JSON)", "\n".join(value for value in values if len(value) <= 16))
    for reading in [text] if values or "\\" not in text else [text, unescaped(text)]:
        yield Text(place, reading)
        if not values and re.search(r"</|/>|&#?\w+;", reading):
            yield Text(f"{place} (with entities)", html.unescape(reading))
            yield Text(f"{place} (without tags)", html.unescape(without_tags(reading)))
    if text.count("%20") + text.count("%0A") > 2:
        yield from in_text(f"{place} › URL", urllib.parse.unquote(text), depth - 1)
    for value in values:  # a notebook's cell may hold files, HTML or base64 of its own
        for quoted in QUOTED.findall(value):
            yield from in_text(f"{place} › quotes", quoted, depth - 1)
        if "</" in value or BASE64.search(value):
            yield from in_text(f"{place} › JSON", value, depth - 1)


def without_blocks(text: str) -> tuple[str, list[str]]:
    """A page without its longer styles and scripts, and these: other pages have the same."""
    if text.lstrip().startswith(("{", "[")):  # it may be JSON, which is understood as a whole
        return text, []
    parts = BLOCK.split(text)
    blocks = {
        n for n in range(2, len(parts), 2) if len(parts[n]) > 1000 and not parts[n - 1].startswith("</")
    }
    rest = "".join(part for n, part in enumerate(parts) if n not in blocks)
    return rest, [parts[n] for n in sorted(blocks)]


def without_base64(text: str) -> tuple[str, list[bytes]]:
    """The text with base64 taken out where it decodes to something, and what that is."""
    hidden: list[bytes] = []
    text = re.sub(r"\n(?<=[A-Za-z0-9+/]{56}\n)(?=[A-Za-z0-9+/]{4})", "", text)  # one code over many lines

    def decode(found: re.Match[str]) -> str:
        code = found[0].translate({ord("-"): "+", ord("_"): "/"})
        try:
            content = base64.b64decode(code + "=" * (-len(code) % 4))
        except binascii.Error:
            return found[0]
        if readable(content):
            hidden.append(content)
            return ""
        return found[0] if len(found[0]) < 400 else ""  # a long word, or a font

    return BASE64.sub(decode, text), hidden


def readable(content: bytes) -> bool:
    """Is this text, or a kind of file that may hold some?"""
    if content.startswith((b"PK\x03\x04", b"%PDF", b"\x1f\x8b", b"\x89PNG", b"\xff\xd8", b"RIFF")):
        return True
    try:
        return "".join(content.decode().split()).isprintable()
    except UnicodeDecodeError:
        return False


def strings_of_json(text: str) -> Iterator[str]:
    """Every string of a JSON text, names included; a list of strings, such as lines, also as one."""
    try:
        yield from strings_in(json.loads(text))
    except ValueError:
        return


def strings_in(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield key
            yield from strings_in(item)
    elif isinstance(value, list):
        if value and all(isinstance(item, str) for item in value):
            yield "".join(value)
        else:
            for item in value:
                yield from strings_in(item)


def without_tags(text: str) -> str:
    """The words of a page, comments and scripts among them."""
    return re.sub(r"<[^>]*>", "", re.sub(r"<!--|-->", "\n", text))


def unescaped(text: str) -> str:
    r"""A text in which \n is a new line and \u0041 a letter, as in a script."""
    text = re.sub(r"\\u([0-9a-fA-F]{4})|\\x([0-9a-fA-F]{2})", lambda m: chr(int(m[1] or m[2], 16)), text)
    return text.replace("\\n", "\n").replace("\\t", "\t").replace('\\"', '"').replace("\\'", "'")
