"""A file is there whole or not at all, whoever writes it."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from kg.atomic_files import drafted, write_atomically


def test_folders_are_made_and_the_old_file_is_replaced(tmp_path):
    path = tmp_path / "a" / "b.json"
    write_atomically(path, b"old")
    write_atomically(path, b"new")
    assert path.read_bytes() == b"new"
    assert list(path.parent.iterdir()) == [path]


def test_threads_that_write_one_file_do_not_meet_in_a_draft(tmp_path):
    path = tmp_path / "file"
    contents = [bytes([i]) * 50_000 for i in range(8)]
    with ThreadPoolExecutor(8) as pool:
        for content in [*pool.map(lambda one: write_atomically(path, one), contents * 5)]:
            assert content is None
    assert path.read_bytes() in contents
    assert list(tmp_path.iterdir()) == [path]


def test_what_cannot_be_written_leaves_no_draft(tmp_path, monkeypatch):
    def full(self, target):
        raise OSError("no space left")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OSError, match="no space"):
        write_atomically(tmp_path / "file", b"content")
    assert list(tmp_path.iterdir()) == []


def test_a_block_that_fails_leaves_the_old_file_and_no_draft(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"old")

    def half_written():
        with drafted(path) as draft:
            draft.write_bytes(b"ne")
            raise ValueError("half way")

    with pytest.raises(ValueError, match="half way"):
        half_written()
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]
