"""The caches of a course, emptied: all but the unpacked browser, which takes long to get again."""

from pathlib import Path

from kit.whole import remove

KEPT = "chromium"


def clean(root: Path) -> int:
    """Remove what the build has kept below ``root``; how many bytes that were."""
    freed = 0
    for entry in (root / ".cache").iterdir() if (root / ".cache").is_dir() else []:
        if entry.name == KEPT:
            continue
        if entry.is_dir() and not entry.is_symlink():
            freed += sum(path.lstat().st_size for path in entry.rglob("*") if not path.is_dir())
            remove(entry)
        else:
            freed += entry.lstat().st_size
            entry.unlink()
    return freed
