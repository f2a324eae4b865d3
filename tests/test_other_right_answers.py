"""Right answers that are not written like the library: no case of an exercise may refuse them."""

from pathlib import Path

import pytest

from kit import check
from kit.author import author
from kit.cases import frozen, reference
from kit.sources import Source

ROOT = Path(__file__).resolve().parent.parent

MAX_POOL = {
    "windows in one view": """
def max_pool2d(x, kernel_size, stride=None, padding=0):
    x, window, (s, t), size = check_pool2d(x, kernel_size, stride, padding)
    return sliding_window_view(pad(x, padding, -np.inf), window, axis=(2, 3))[:, :, ::s, ::t].max(axis=(4, 5))
""",
    "a border of copies": """
def max_pool2d(x, kernel_size, stride=None, padding=0):
    x, window, (s, t), size = check_pool2d(x, kernel_size, stride, padding)
    x = np.pad(x, [(0, 0), (0, 0), *[(n, n) for n in pair(padding)]], mode="edge")
    return sliding_window_view(x, window, axis=(2, 3))[:, :, ::s, ::t].max(axis=(4, 5))
""",
    "shifted slices": """
def max_pool2d(x, kernel_size, stride=None, padding=0):
    x, (I, J), (s, t), (P, Q) = check_pool2d(x, kernel_size, stride, padding)
    x, out = pad(x, padding, -np.inf), -np.inf
    for i, j in np.ndindex(I, J):
        out = np.maximum(out, x[:, :, i : i + P * s : s, j : j + Q * t : t][:, :, :P, :Q])
    return out
""",
}
ANSWERS = [("04_max_pool", "max_pool2d", *each) for each in MAX_POOL.items()]


@pytest.mark.parametrize(("exercise", "answer", "how", "code"), ANSWERS, ids=[each[2] for each in ANSWERS])
def test_another_right_answer_passes(exercise: str, answer: str, how: str, code: str) -> None:
    solution = author(Source("solutions", exercise, f"solutions/{exercise}.md"), ROOT)
    namespace = reference(solution)
    exec(code, namespace)
    for checks in frozen(solution):
        for case in [*checks.public, *checks.hidden] if checks.name == answer else []:
            assert check.examine(namespace[answer], case) == "", f"{how}: {case['name']}"
