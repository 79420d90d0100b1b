"""The file store keeps what a transaction kept, and nothing else."""

import io
import os

import pytest

from ticketing.models.storage import FileStore, TooLarge, clean_name, sniff


@pytest.fixture
def store(tmp_path):
    return FileStore(tmp_path / "attachments")


def files(store):
    return [path for path in store.root.rglob("*") if path.is_file()]


def test_what_is_kept_moves_to_its_place(store):
    with store.receiving(100) as receiving:
        row = receiving.take(io.BytesIO(b"hello"), "hello.txt")
        receiving.keep()
    assert store.path(row.stored_as).read_bytes() == b"hello"
    assert store.path(row.stored_as).parent.name == row.stored_as[:2]
    assert list(store.incoming.iterdir()) == []


def test_what_is_not_kept_is_gone(store):
    with pytest.raises(RuntimeError), store.receiving(100) as receiving:
        receiving.take(io.BytesIO(b"hello"), "hello.txt")
        raise RuntimeError
    assert files(store) == []


def test_a_file_over_the_limit_is_gone_at_once(store):
    with pytest.raises(TooLarge) as refusal, store.receiving(4) as receiving:
        receiving.take(io.BytesIO(b"hello"), "../big.bin")
    assert refusal.value.facts == {"name": "big.bin", "limit": 4}
    assert files(store) == []


def test_a_file_that_was_committed_but_not_yet_moved_is_found(store):
    """The power went between the commit and the move."""
    with store.receiving(100) as receiving:
        row = receiving.take(io.BytesIO(b"hello"), "hello.txt")
        receiving.waiting.clear()
    assert store.path(row.stored_as).read_bytes() == b"hello"


def test_the_sweep_removes_what_no_row_knows(store):
    with store.receiving(100) as receiving:
        known, unknown, fresh = (receiving.take(io.BytesIO(b"x"), "x") for _ in range(3))
        receiving.waiting.clear()
    for row in (known, unknown):
        os.utime(store.incoming / row.stored_as, (0, 0))
    now = (store.incoming / fresh.stored_as).stat().st_mtime
    assert store.sweep(now, lambda name: name == known.stored_as) == 1
    assert sorted(path.name for path in files(store)) == sorted([known.stored_as, fresh.stored_as])


@pytest.mark.parametrize("name", ["../secret_key", "", "a" * 31, "A" * 32, "/etc/passwd"])
def test_only_names_of_ours_are_looked_up(store, name):
    with pytest.raises(ValueError, match="name of ours"):
        store.path(name)


@pytest.mark.parametrize(
    ("head", "kind"),
    [(b"", "text/plain"), (b"\x89PNG\r\n\x1a\n", "image/png"), (b"RIFF1234AVI ", "text/plain"),
     ("Sch\u00f6n".encode()[:-2], "text/plain"), (b"\xfe\xfe", "application/octet-stream"),
     (b"%PDF-1.7\n\xe2\xe3\xcf\xd3", "application/octet-stream"), (b"a\0b", "application/octet-stream")],
)  # fmt: skip
def test_the_type_is_read_from_the_content(head, kind):
    assert sniff(head) == kind


def test_folders_are_no_part_of_a_name():
    assert [clean_name(name) for name in ("C:\\logs\\gw.log", "../gw.log", "/etc/gw.log")] == ["gw.log"] * 3


def test_a_name_without_letters_is_a_file():
    assert [clean_name(name) for name in (None, "", "/", "\0", " . ")] == ["file"] * 5
