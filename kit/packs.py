"""Exercises as files: the folder and the zip that a student gets, and what an instructor gets.

The same sources give the same bytes on every machine. A pack's version is a hash of its files, and stands in
the name of the folder in its zip: another version can never be unpacked over somebody's work.
"""

import hashlib
import io
import json
import zipfile
from collections.abc import Container, Mapping
from pathlib import Path
from typing import IO, Any

import jinja2
import nbformat
from nbformat import NotebookNode

from kit import check, colab, data
from kit.cases import Checks, file_of
from kit.cells import tagged
from kit.exercises import nbgrader_source, student

THEME = Path(__file__).with_name("theme")
REQUIREMENTS = b"numpy>=1.26\n"

Files = dict[str, bytes]


def pack(exercise: NotebookNode, checks: list[Checks]) -> Files:
    """Everything that a student gets, by path in the pack's folder; without code to check no check module."""
    about = exercise.metadata.kit
    given = data.files(exercise)
    files = {f"{about['name']}.ipynb": notebook_bytes(student(exercise)), **public_checks(checks), **given}
    facts = {"exercise": about["name"], "title": about["title"]}
    kinds = {"checks": checks, "written": tagged(exercise, "written"), "data": data.sources(given)}
    files |= {"README.md": readme({**facts, **kinds, "version": ""}), "requirements.txt": REQUIREMENTS}
    facts["version"] = version(files)
    files["README.md"] = readme({**facts, **kinds})
    digests = {path: hashlib.sha256(files[path]).hexdigest() for path in sorted(files)}
    manifest = {**facts, "checks": [each.name for each in checks], "files": digests}
    return {**files, "MANIFEST.json": json.dumps(manifest, indent=1, ensure_ascii=False).encode() + b"\n"}


def public_checks(checks: list[Checks]) -> Files:
    """The check module and the cases that students may see: nothing where all answers are in words."""
    if not checks:
        return {}
    module = Path(check.__file__).read_text(encoding="utf-8").encode()  # the same line ends everywhere
    return {"checks.py": module} | {f"checks/{each.name}.json": file_of(each, each.public) for each in checks}


def solution_files(solution: NotebookNode, checks: list[Checks]) -> Files:
    """What must lie beside a solution notebook while it runs: the same, the hidden cases, and the data."""
    return solution_checks(checks) | data.files(solution)


def solution_checks(checks: list[Checks]) -> Files:
    """The check module with all cases."""
    hidden = [each._replace(name=f"{each.name}_hidden", points=1.0) for each in checks if each.hidden]
    return public_checks(checks) | {f"checks/{each.name}.json": file_of(each, each.hidden) for each in hidden}


def nbgrader_files(
    exercise: NotebookNode, solution: NotebookNode, checks: list[Checks], given: Files | None = None
) -> Files:
    """nbgrader's source folder of one assignment. It releases whatever is there, so nothing hidden is.

    ``given`` are the files of data where they have been made before.
    """
    name = exercise.metadata.kit["name"]
    notebook = notebook_bytes(nbgrader_source(exercise, solution))
    files = data.files(exercise) if given is None else given
    return {f"{name}.ipynb": notebook, **public_checks(checks), **files}


def public_pack(name: str, pack: Files) -> Files:
    """What goes to dist/public/exercises, by path below it, of one pack: folder, zip and file for Colab.

    Whatever is unpacked makes folders that carry a version.
    """
    return {
        **{f"{name}/{path}": content for path, content in pack.items()},
        f"{name}{colab.ENDING}": colab.one_file(pack),
        f"{name}.zip": zipped(f"{name}-{json.loads(pack['MANIFEST.json'])['version']}", pack),
    }


def write_all(target: IO[bytes], packs: Mapping[str, bytes], sums: Mapping[str, str]) -> None:
    """Write one zip of all packs, by path; ``sums`` are the sha256 of their files."""
    write_zip(target, f"exercises-{version_of(sums)}", packs)


def version(files: Files) -> str:
    """Eight hexadecimal digits that follow from the names and bytes of the files."""
    return version_of({path: hashlib.sha256(content).hexdigest() for path, content in files.items()})


def version_of(sums: Mapping[str, str]) -> str:
    """The same, from the sha256 of each file."""
    digests = [[path, sums[path]] for path in sorted(sums)]
    return hashlib.sha256(json.dumps(digests).encode()).hexdigest()[:8]


def readme(facts: Mapping[str, Any]) -> bytes:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(THEME),
        undefined=jinja2.StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
    )
    return environment.get_template("pack_readme.md.j2").render(facts).encode()


def notebook_bytes(notebook: NotebookNode) -> bytes:
    return nbformat.writes(notebook).encode() + b"\n"


def zipped(folder: str, files: Files, programs: Container[str] = ()) -> bytes:
    """A zip with one top folder; without ``folder`` the files are at the top."""
    target = io.BytesIO()
    write_zip(target, folder, files, programs)
    return target.getvalue()


def write_zip(
    target: IO[bytes], folder: str, files: Mapping[str, bytes], programs: Container[str] = ()
) -> None:
    """Write a zip, sorted, without times; not compressed, because compressors differ.

    ``programs`` can be run when they are unpacked. Of ``files``, one after the other is looked up.
    """
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for path in sorted(files):
            name = f"{folder}/{path}" if folder else path
            entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            entry.external_attr = (0o755 if path in programs else 0o644) << 16
            entry.create_system = 3  # Unix, on whatever system this runs
            archive.writestr(entry, files[path])
