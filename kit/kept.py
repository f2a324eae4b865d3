"""What is slow to make is kept in .cache, under the hash of everything that it depends on."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any


def kept(entry: Path, make: Callable[[], Any]) -> Any:
    """What the file ``entry`` has, as JSON; else what ``make`` gives, and next time the file has it.

    A file that is half-written, or is no JSON for another reason, counts as absent.
    """
    try:
        return json.loads(entry.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        made = make()
    entry.parent.mkdir(parents=True, exist_ok=True)
    part = entry.with_suffix(f".{os.getpid()}.part")
    part.write_text(json.dumps(made, ensure_ascii=False), encoding="utf-8")
    part.replace(entry)
    return made
