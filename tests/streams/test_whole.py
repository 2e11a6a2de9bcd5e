"""A reader never meets half a file, and a disk that refuses leaves what there was."""

from pathlib import Path

import pytest

from streams import whole


def test_the_old_file_stays_where_the_new_one_cannot_be_written(tmp_path: Path) -> None:
    kept = tmp_path / "folder" / "kept.json"
    whole.write(kept, b"old")
    assert kept.read_bytes() == b"old"
    with pytest.raises(TypeError):
        whole.write(kept, "not bytes")  # type: ignore[arg-type]
    assert kept.read_bytes() == b"old"
    assert [path.name for path in kept.parent.iterdir()] == [
        "kept.json"
    ]  # and nothing half written beside it


def test_a_folder_that_is_none_is_an_error_of_the_disk(tmp_path: Path) -> None:
    (tmp_path / "folder").write_bytes(b"a file")
    with pytest.raises(OSError, match="folder"):
        whole.write(tmp_path / "folder" / "kept.json", b"new")
