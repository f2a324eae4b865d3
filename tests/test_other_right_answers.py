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

BATCH_NORM = {
    "from the earlier steps, with +=": """
def batch_norm(x, running_mean, running_var, weight=None, bias=None, training=False, momentum=0.1, eps=1e-5):
    five = check_batch_norm(x, running_mean, running_var, weight, bias, training)
    x, running_mean, running_var, weight, bias = five
    if not training:
        return normalise(x, running_mean, running_var, weight, bias, eps)
    mean, var = channel_statistics(x)
    values = x.size / x.shape[1]
    running_mean += momentum * (mean - running_mean)
    running_var += momentum * (var * values / (values - 1) - running_var)
    return normalise(x, mean, var, weight, bias, eps)
""",
    "channels last, ddof": """
def batch_norm(x, running_mean, running_var, weight=None, bias=None, training=False, momentum=0.1, eps=1e-5):
    five = check_batch_norm(x, running_mean, running_var, weight, bias, training)
    x, running_mean, running_var, weight, bias = five
    last = np.moveaxis(x, 1, -1)
    flat, mean, var = last.reshape(-1, last.shape[-1]), running_mean, running_var
    if training:
        mean, var = flat.mean(0), flat.var(0)
        running_mean[:] = (1 - momentum) * running_mean + momentum * mean
        running_var[:] = (1 - momentum) * running_var + momentum * flat.var(0, ddof=1)
    return np.moveaxis((last - mean) / np.sqrt(var + eps) * weight + bias, -1, 1)
""",
}
ANSWERS = [
    *(("04_max_pool", "max_pool2d", *each) for each in MAX_POOL.items()),
    *(("08_batch_norm", "batch_norm", *each) for each in BATCH_NORM.items()),
]


@pytest.mark.parametrize(("exercise", "answer", "how", "code"), ANSWERS, ids=[each[2] for each in ANSWERS])
def test_another_right_answer_passes(exercise: str, answer: str, how: str, code: str) -> None:
    solution = author(Source("solutions", exercise, f"solutions/{exercise}.md"), ROOT)
    namespace = reference(solution)
    exec(code, namespace)
    for checks in frozen(solution):
        for case in [*checks.public, *checks.hidden] if checks.name == answer else []:
            assert check.examine(namespace[answer], case) == "", f"{how}: {case['name']}"
