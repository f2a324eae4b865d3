"""A course of any size, to be measured. A deck has 25 slides, 12 of them figures; an exercise, 2 answers.

The material is of the kind that the stock way is used for: lines, bars, histograms, contours, a surface in
space, a matrix of confusion, with formulas and listings between them. Every source has numbers of its own.
"""

import shutil
from pathlib import Path

ROOT = Path(__file__).parents[1]
COURSE = Path(__file__).parent / "course"
PROGRAM = (
    "kit",
    "tinyspatial",
    "benchmarks",
    "build.py",
    "pyproject.toml",
    "package.json",
    "package-lock.json",
)
FIGURES = {
    "Two curves": """
x = np.linspace(0, 6, 200)
for k, colour in enumerate(COLOURS[:2]):
    axes.plot(x, np.sin(x + k) + rng.normal(0, 0.05, 200), color=colour, linewidth=3)
""",
    "A loss that falls": """
steps = np.arange(300)
axes.semilogy(steps, np.exp(-steps / 80) + rng.uniform(0.01, 0.05, 300), color=KERNEL, linewidth=2)
""",
    "Four histograms": """
for k, colour in enumerate(COLOURS):
    axes.hist(rng.normal(k, 1 + k / 3, 4000), bins=40, color=colour, alpha=0.6)
""",
    "Points in two classes": """
for k, colour in enumerate(COLOURS[:2]):
    axes.scatter(*rng.normal(2 * k, 1, (2, 150)), color=colour, s=30)
""",
    "Bars by layer": """
axes.bar(np.arange(8), rng.uniform(1, 9, 8), color=INPUT)
""",
    "A picture of pixels": """
axes.imshow(rng.normal(size=(16, 16)), cmap=PALE[KERNEL])
""",
    "A matrix of confusion": """
counts = rng.integers(0, 40, (8, 8)) + np.diag(rng.integers(200, 300, 8))
axes.imshow(counts, cmap=PALE[OUTPUT])
""",
    "Contours of a loss": """
x, y = np.meshgrid(np.linspace(-2, 2, 80), np.linspace(-2, 2, 80))
axes.contour(x, y, x**2 + (1 + rng.random()) * y**2 + np.sin(3 * x), 14, colors=STATISTICS)
""",
    "Where one class ends": """
x, y = np.meshgrid(np.linspace(-2, 2, 120), np.linspace(-2, 2, 120))
axes.contourf(x, y, np.tanh(x * rng.normal() + y * rng.normal() + x * y), 12, cmap=PALE[INPUT])
""",
    "A band around a mean": """
x = np.linspace(0, 10, 100)
mean = np.cumsum(rng.normal(0, 0.3, 100))
axes.fill_between(x, mean - 1, mean + 1, color=OUTPUT, alpha=0.4)
axes.plot(x, mean, color=OUTPUT, linewidth=3)
""",
    "Activations by depth": """
axes.boxplot([rng.normal(0, 1 + k / 4, 200) for k in range(6)])
""",
    "A surface in space": """
figure.clear()
axes = figure.add_subplot(projection="3d")
x, y = np.meshgrid(np.linspace(-2, 2, 30), np.linspace(-2, 2, 30))
axes.plot_surface(x, y, x**2 - y**2 + rng.normal(0, 0.05, x.shape), color=INPUT)
axes.tick_params(labelsize=SMALL)
""",
}
FORMULAS = {
    "A sum over windows": r"y_{n,f,p,q} = b_f + \sum_{c} \sum_{i} \sum_{j} x_{n,c,p+i,q+j} \, w_{f,c,i,j}",
    "The mean of a batch": r"\mu_c = \frac{1}{NHW} \sum_{n} \sum_{p} \sum_{q} x_{n,c,p,q}",
    "A step downhill": r"w \leftarrow w - \eta \, \frac{\partial L}{\partial w}",
    "Shares of one": r"s_k = \frac{e^{z_k}}{\sum_j e^{z_j}}",
    "The size that comes out": r"H' = \left\lfloor \frac{H + 2p - K}{s} \right\rfloor + 1",
}
LISTINGS = ("linear", "relu", "relu_backward", "cross_entropy", "linear_backward")


def project(root: Path) -> None:
    """A copy of this project without decks and exercises, and with caches of its own."""
    root.mkdir(exist_ok=True)
    for name in PROGRAM:
        (shutil.copytree if (ROOT / name).is_dir() else shutil.copy)(ROOT / name, root / name)
    (root / ".cache").mkdir(exist_ok=True)
    (ROOT / ".cache" / "chromium").mkdir(parents=True, exist_ok=True)
    for shared in ("node_modules", ".cache/chromium"):
        (root / shared).symlink_to(ROOT / shared)


def write(root: Path, decks: int, exercises: int) -> None:
    """The sources, below ``root``: 01_made.md, and so on; from 100 on the name has the last figure."""
    for number in range(1, decks + 1):
        put(root / "decks" / f"{name(number)}.md", deck(number))
    for number in range(1, exercises + 1):
        for kind in ("exercise", "solution"):
            text = (COURSE / f"{kind}.md").read_text(encoding="utf-8")
            put(root / f"{kind}s" / f"{name(number)}.md", filled(text, number))


def name(number: int) -> str:
    """One that sorts: 07_made, 10_made_3 for 103."""
    return f"{number:02d}_made" if number < 100 else f"{number // 10:02d}_made_{number % 10}"


def deck(number: int) -> str:
    parts = {
        "FIGURES": "".join(figure(title, code) for title, code in FIGURES.items()),
        "FORMULAS": "".join(formula(title, tex) for title, tex in FORMULAS.items()),
        "LISTINGS": "".join(listing(symbol) for symbol in LISTINGS),
    }
    text = (COURSE / "deck.md").read_text(encoding="utf-8")
    for key, part in parts.items():
        text = text.replace(f"@{key}@", part)
    return filled(text, number)


def figure(title: str, code: str) -> str:
    return f"""
## {title}

```{{code-cell}} python
:tags: [remove-input]
figure, axes = chart(7.7, 5.2)
axes = axes[0, 0]{code.rstrip()}
figure.set_label("{title}, drawn from the random numbers of lecture @N@.")
figure
```

Lecture **@N@** draws this from its own numbers.

:::{{notes}}
Lecture @N@ shows: {title}. Ask the hall what it would expect, and wait. (2 min)
:::
"""


def formula(title: str, tex: str) -> str:
    return f"""
## {title}

$${tex}$$

:::{{fragment}}
With $N = @N@$ it is the same.
:::

:::{{notes}}
Lecture @N@ reads it from the left: {title}. (2 min)
:::
"""


def listing(symbol: str) -> str:
    return f"""
## The loops of {symbol}

{{{{ listing("tinyspatial.loops.{symbol}") }}}}

:::{{notes}}
Lecture @N@ goes through the lines of {symbol}. (2 min)
:::
"""


def filled(text: str, number: int) -> str:
    return text.replace("@NAME@", name(number)).replace("@N@", str(number))


def put(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
