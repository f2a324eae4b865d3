"""Submissions that attack the grader: none earns anything, none costs another answer or another student."""

import os
import socket
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from textwrap import indent

import pytest

from kit.grading import judge
from kit.grading.sandbox import LIMITS
from tests.small_assignment import ASSIGNMENT, DOUBLE, TOTAL, marks, notebook

pytestmark = pytest.mark.xdist_group("attacks")  # of one worker: all that is needed is made once
SHORT = LIMITS._replace(cpu=1, wall=2, cells=20, memory=1 << 30, reply=1 << 18)
WALLED = set(judge.protection()) >= {*judge.NEEDED, "seccomp"}
OTHER = "def total(x):\n    return sum(2 * x)"  # needs nothing of the other answer
HONEST = notebook(DOUBLE, TOTAL)
FULL = {"double": (4, 4), "total": (2, 2)}

# What the function does in the place of its work; {outside} is a file of the test's, {port} a server's.
CALLS = {
    "a loop": "while len(x) == 3: pass",
    "a loop that no error ends": """
while len(x) == 3:
    try:
        while True: pass
    except BaseException: pass""",
    "a loop that ignores the limit": """
import signal; signal.signal(signal.SIGXCPU, signal.SIG_IGN)
while len(x) == 3: pass""",
    "sleep": "import time; time.sleep(1000)",
    "the end of the process": "import os; os._exit(0)",
    "sys.exit": "import sys; sys.exit(0)",
    "KeyboardInterrupt": "raise KeyboardInterrupt",
    "a crash": "import ctypes; ctypes.string_at(0)",
    "8 GB": "return bytearray(8 << 30)",
    "8 GB in arrays": "return [np.ones(1 << 27) for _ in range(8)]",
    "many open files": "import os; return [os.open(os.devnull, 0) for _ in range(10**6)]",
    "a large file": "open('large', 'wb').write(bytes(1 << 27)); return 2 * x + 1",
    "many files": "[open(f'{n}', 'wb').write(bytes(1 << 20)) for n in range(10**4)]",
    "a huge answer": "return np.zeros(10**6)",
    "a deep answer": """
found = x
for _ in range(10**5): found = [found]
return found""",
    "an answer in itself": "found = []; found.append(found); return found",
    "a long number": "return 10**100000",
    "not a number": "return x * np.nan",
    "infinity": "return x + np.inf",
    "equal to everything": """
class Yes:
    shape, dtype, ndim, size = x.shape, x.dtype, x.ndim, x.size
    def __eq__(self, other): return True
    def __array__(self, *args, **kwargs): return np.ones(len(x), bool)
    def __float__(self): return 1.0
    __class__ = np.ndarray
return Yes()""",
    "an array that is equal to everything": """
class Yes(np.ndarray):
    def __eq__(self, other): return np.ones(self.shape, bool)
    def __sub__(self, other): return np.zeros(self.shape)
    def __array_ufunc__(self, *args, **kwargs): return np.ones(self.shape, bool)
return np.zeros(x.shape).view(Yes)""",
    "a patched NumPy": """
np.isclose = np.allclose = np.array_equal = lambda *args, **kwargs: True
np.asarray = np.array = lambda *args, **kwargs: x
return x""",
    "a patched json": """
import json
json.dumps = lambda *args, **kwargs: '{"got": true, "passed": true, "problem": ""}'
return x""",
    "patched checks": """
import kit.check, checks
for module in (kit.check, checks):
    module.examine = module.verdict = module.judge = lambda *args: ""
    module.difference = lambda *args: {}
return x""",
    "a hunt for what is expected": """
import gc
for each in gc.get_objects():
    if isinstance(each, dict) and "want" in each: return np.array(each["want"]["nd"])""",
    "a search through the stack": """
import sys
frame = sys._getframe()
while frame:
    for each in list(frame.f_locals.values()):
        if isinstance(each, dict) and "want" in each: return np.array(each["want"]["nd"])
    frame = frame.f_back""",
    "the reference in its own process": "return reference(x)",
    "nonsense to the grader": """
import os
for number in range(3, 20):
    try: os.write(number, b"{}}{\\n" * 100)
    except OSError: pass
return x""",
    "a result of its own making": """
import os
for number in range(3, 20):
    try: os.write(number, b'{"got": true, "args": [], "kwargs": {}}\\n')
    except OSError: pass
return x""",
    "a flood to the grader": """
import os
for number in range(3, 20):
    try:
        while True: os.write(number, b"x" * 65536)
    except OSError: pass""",
    "input": "return input()",
}
NEED_WALLS = {
    "a fork bomb": """
import os
while True: os.fork()""",
    "a fork bomb that swallows": """
import os
for _ in range(10**5):
    try: os.fork()
    except OSError: pass""",
    "another program": "import subprocess; return subprocess.run(['true'])",
    "another process": "import multiprocessing; multiprocessing.Process(target=print).start()",
    "the end of the grader": "import os; os.kill(os.getppid(), 9); os.kill(-1, 9)",
    "the end of everything": """
import os, signal
for number in range(1, 70000):
    try: os.kill(number, signal.SIGKILL)
    except OSError: pass""",
    "the network": "import socket; return socket.create_connection(('1.1.1.1', 53), 1)",
    "this machine's servers": "import socket; return socket.create_connection(('127.0.0.1', {port}), 1)",
    "a file of the grader": "open({outside!r}, 'w').write('mine'); return x",
    "its rights": "import os; os.chmod({outside!r}, 0); return x",
    "its name": "import os; os.rename({outside!r}, {outside!r} + '2'); return x",
    "a link to it": "import os; os.symlink({outside!r}, 'link'); open('link', 'w').write('mine'); return x",
    "a look at it": "return float(open({outside!r}).read())",
    "a look at folders": "import os; return os.listdir(os.path.dirname({outside!r}))",
    "a look at processes": "return open('/proc/self/environ').read()",
    "the package with the answers": "import tinyspatial; return 2 * x",
    "another file system": """
import ctypes
libc = ctypes.CDLL(None)
return [libc.unshare(0x10020000), libc.mount(b"none", b"/", b"tmpfs", 0, None)] == [0, 0]""",
}
ATTACKS = {**CALLS, **(NEED_WALLS if WALLED else {})}
CELLS = {
    "a loop at once": "while True: pass",
    "the end at once": "import os; os._exit(0)",
    "a crash at once": "import ctypes; ctypes.string_at(0)",
    "a patched NumPy at once": "np.isclose = lambda *args, **kwargs: True\ndouble = lambda x: x",
    "input at once": "double = input()",
}


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """A file of somebody's, a server, and a folder for temporary files of nobody else's."""
    folder = tmp_path_factory.mktemp("world")
    outside = folder / "grades.csv"
    outside.write_text("17")
    (folder / "temporary").mkdir()
    with socket.create_server(("127.0.0.1", 0)) as server, pytest.MonkeyPatch.context() as patch:
        server.setblocking(False)
        patch.setattr(tempfile, "tempdir", str(folder / "temporary"))
        yield outside, server


@pytest.fixture(scope="module")
def verdicts(world):
    """The verdicts on all attacks and, graded among them, on honest submissions."""
    outside, server = world
    made = {}
    for name, code in ATTACKS.items():
        code = code.replace("{outside!r}", repr(str(outside))).replace("{port}", str(server.getsockname()[1]))
        made[name] = notebook(f"def double(x):\n{indent(code.strip(), '    ')}", OTHER)
    made |= {name: notebook(code, OTHER) for name, code in CELLS.items()}
    made |= {f"honest {n}": HONEST for n in range(10)}
    order = sorted(made, key=lambda name: name[::-1])  # honest ones among attacks of every kind

    def try_one(name):
        return judge.grade(made[name], ASSIGNMENT, trusted=not WALLED, limits=SHORT)

    with ThreadPoolExecutor(4) as pool:
        return dict(zip(order, pool.map(try_one, order), strict=True))


@pytest.mark.parametrize("name", [*ATTACKS, *CELLS])
def test_an_attack_earns_nothing_and_costs_no_other_answer(verdicts, name):
    assert marks(verdicts[name])["double"] == (0, 0)
    assert marks(verdicts[name])["total"][0] == 2


def test_who_is_graded_at_the_same_time_keeps_all_marks(verdicts):
    assert [marks(verdicts[f"honest {n}"]) for n in range(10)] == [FULL] * 10


def test_nothing_outside_is_changed(verdicts, world):
    outside, server = world
    assert outside.read_text() == "17"
    assert outside.stat().st_mode & 0o777 == 0o644
    if WALLED:
        with pytest.raises(BlockingIOError):
            server.accept()


def test_no_process_and_no_folder_is_left(verdicts, world):
    outside, _ = world
    assert list((outside.parent / "temporary").iterdir()) == []
    if Path("/proc/self").exists():
        mine = os.fsencode(outside.parent)
        left = [path for path in Path("/proc").glob("[0-9]*/environ") if mine in contents(path)]
        assert left == []


def contents(path):
    try:
        return path.read_bytes()
    except OSError:  # it has ended, or is another user's
        return b""


def graded(*cells, assignment=ASSIGNMENT):
    return judge.grade(notebook(*cells), assignment, trusted=not WALLED)


@pytest.mark.parametrize(
    "code",
    [
        "for _ in range(3000): print('x' * 10000)",
        "import sys; sys.stderr.write('x' * 10**7)",
        "import warnings; warnings.warn('look out')",
        "import os; os.write(1, b'x' * 10**7)",
        "import threading, time; threading.Thread(target=time.sleep, args=[1000]).start()",
        "display(x)",
    ],
    ids=["prints", "errors", "a warning", "bytes", "a thread that goes on", "display"],
)
def test_what_does_no_harm_costs_nothing(code):
    assert marks(graded(f"def double(x):\n    {code}\n    return 2 * x", TOTAL)) == FULL


def test_a_memoriser_has_the_marks_of_the_public_cases():
    verdict = graded("def double(x):\n    return {3: np.array([2, 4, 7.0])}[len(x)]", TOTAL)
    assert marks(verdict) == {"double": (1, 1), "total": (2, 0)}
    told = "KeyError: 2 (line 2 of your cell)\n      expected  array of shape (2,)"
    assert verdict["answers"][0]["cases"][1]["alone"].endswith(told)


def test_after_two_calls_that_do_not_come_back_the_rest_is_not_tried():
    verdict = graded("import os\ndef double(x): os._exit(0)", TOTAL, assignment=longer())
    assert [case["alone"] for case in verdict["answers"][0]["cases"]] == [
        ": double ends its process",
        ": double ends its process",
        ": not tried, because 2 calls before this one did not come back",
    ]


def longer():
    """The assignment with a case more of its first answer."""
    first, *others = ASSIGNMENT["answers"]
    return {**ASSIGNMENT, "answers": [{**first, "cases": [*first["cases"], first["cases"][0]]}, *others]}


def test_where_a_wall_is_missing_only_trusted_submissions_are_graded(monkeypatch):
    monkeypatch.setattr(judge, "NEEDED", (*judge.NEEDED, "a moat"))
    with pytest.raises(PermissionError, match="no a moat"):
        judge.grade(HONEST, ASSIGNMENT)
    assert marks(judge.grade(HONEST, ASSIGNMENT, trusted=True)) == FULL
