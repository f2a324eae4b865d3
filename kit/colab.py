"""One file instead of a folder: the students' notebook with its checks in a collapsed cell at the top.

Colab opens a notebook by its address, and the notebook alone. The cell has the files of the pack that lie
beside the notebook, as they are, and puts them where the other cells look for them.
"""

import json
from collections.abc import Mapping

import nbformat
from nbformat import NotebookNode

from kit.errors import KitError

ENDING = "-colab.ipynb"
ABOUT = ("README.md", "requirements.txt", "MANIFEST.json")  # of no use to a notebook that is alone

# Data go beside the notebook, where its cells open them, and never over a file that is there. The checks go
# into a folder of their own.
SETUP = """\
#@title The checks of {name}, version {version}: run this cell first {{ display-mode: "form" }}
FILES = {{
{files}
}}

def put(files, data):
    import sys, tempfile
    from pathlib import Path

    folder = tempfile.mkdtemp()
    for path, text in files.items():
        file = Path(path) if path in data else Path(folder, path)
        if not file.exists():
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(text.encode())
    sys.path.insert(0, folder)

put(FILES, data={data})
print("The checks are ready. Go on with the next cell.")"""


def one_file(pack: Mapping[str, bytes]) -> bytes:
    """The notebook of a pack with all that it needs but NumPy; the other cells are the same."""
    about = json.loads(pack["MANIFEST.json"])
    name = about["exercise"]
    notebook = nbformat.reads(pack[f"{name}.ipynb"].decode(), as_version=4)
    beside = {path: pack[path] for path in sorted(pack) if path not in (f"{name}.ipynb", *ABOUT)}
    if beside:
        data = [path for path in beside if path != "checks.py" and not path.startswith("checks/")]
        files = "\n".join(f"{path!r}: r'''{quotable(path, text)}'''," for path, text in beside.items())
        source = SETUP.format(name=name, version=about["version"], files=files, data=data)
        notebook.cells.insert(1, setup(source))  # under the title
    return nbformat.writes(notebook).encode() + b"\n"


def setup(source: str) -> NotebookNode:
    """The cell with the files, collapsed in Colab and in JupyterLab."""
    collapsed = {"cellView": "form", "jupyter": {"source_hidden": True}}
    return nbformat.v4.new_code_cell(source, metadata=collapsed, id="setup")


def quotable(path: str, content: bytes) -> str:
    """The text of a file, which is the same between r''' and '''; KitError for one that would not be."""
    text = content.decode()
    if "'''" in text or text.endswith(("'", "\\")) or "\r" in text:
        problem = "the text of a pack has ''' or a carriage return, or ends in a quote or a backslash"
        raise KitError(problem, path, remedy="write it in another way; the one-file variant quotes it")
    return text
