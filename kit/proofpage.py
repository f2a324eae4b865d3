"""The proofs of all exercises as one page for instructors: who catches what, and what nobody catches."""

from pathlib import Path
from typing import NamedTuple

import jinja2

from kit.cases import Checks
from kit.edits import KINDS
from kit.mutants import diff
from kit.prove import Proof, Tried
from kit.wrong import Wrong

THEME = Path(__file__).with_name("theme")


class Part(NamedTuple):
    """What has been shown for one answer."""

    checks: Checks
    caught: list[tuple[Wrong, list[str]]]
    tried: list[Tried]

    @property
    def refused(self) -> list[Tried]:
        return [each for each in self.tried if each.killer]

    @property
    def excused(self) -> list[Tried]:
        return [each for each in self.tried if each.equivalent]

    @property
    def alive(self) -> list[Tried]:
        return [each for each in self.tried if not each.killer and not each.equivalent]


def parts(proof: Proof) -> list[Part]:
    """A proof, answer by answer."""
    return [
        Part(
            checks,
            [each for each in proof.caught if each[0].answer == checks.name],
            [each for each in proof.tried if each.mutant.answer == checks.name],
        )
        for checks in proof.checks
    ]


def proof_page(proofs: list[Proof], css: str = "") -> bytes:
    """One HTML page: a table of all exercises; for each answer, wrong answers by case, and mutants."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(THEME),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    values = {
        "proofs": [(proof, parts(proof)) for proof in proofs],
        "kinds": {kind: words for kind, (_, words) in KINDS.items()},
        "diff": diff,
        "css": css,
    }
    return environment.get_template("proof.html.j2").render(values).encode()
