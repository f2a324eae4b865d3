"""`build.py clean` empties the caches and touches nothing else."""

from pathlib import Path

from kit.clean import clean
from kit.write import files_in


def test_all_caches_go_and_the_browser_and_dist_stay(tmp_path: Path) -> None:
    for path in (
        ".cache/run/a.json",
        ".cache/proofs/b/c",
        ".cache/lock",
        ".cache/chromium/chromium",
        "dist/x",
    ):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(b"12345")
    assert clean(tmp_path) == 15
    assert files_in(tmp_path) == [".cache/chromium/chromium", "dist/x"]
    assert clean(tmp_path) == 0


def test_a_link_in_the_cache_goes_and_what_it_leads_to_stays(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "mine").write_bytes(b"12345")
    (tmp_path / ".cache").mkdir()
    (tmp_path / ".cache" / "run").symlink_to(tmp_path / "elsewhere")
    clean(tmp_path)
    assert files_in(tmp_path) == ["elsewhere/mine"]


def test_a_course_without_caches_is_clean(tmp_path: Path) -> None:
    assert clean(tmp_path) == 0
