"""How numbers are written in prose: one way for each kind, so that no author rounds by hand."""


def count(number: int) -> str:
    """2774532096 -> "2,774,532,096"."""
    return f"{number:,}"


def millions(number: float) -> str:
    """86704128 -> "86.7"."""
    return f"{number / 1e6:,.3g}" if number < 1e9 else f"{number / 1e6:,.0f}"


def billions(number: float) -> str:
    """2774532096 -> "2.77"."""
    return f"{number / 1e9:,.2f}"


def mib(size: int) -> str:
    """Bytes in units of 1024², labelled as such: 12845056 -> "12.25 MiB"."""
    return f"{size / 1024**2:,.2f}".rstrip("0").rstrip(".") + " MiB"


def gib(size: int) -> str:
    """Bytes in units of 1024³: 41104179200 -> "38.3 GiB"."""
    return f"{size / 1024**3:,.1f} GiB"


def percent(fraction: float) -> str:
    """0.9743 -> "97.4 %" (the space does not break)."""
    return f"{100 * fraction:.1f}\N{NO-BREAK SPACE}%"


def times(ratio: float) -> str:
    """5.444 -> "5.44×"; 112347.4 -> "112,347×"."""
    return (f"{ratio:,.0f}" if ratio >= 1000 else f"{ratio:.3g}") + "×"


FILTERS = {f.__name__: f for f in (count, millions, billions, mib, gib, percent, times)}
