"""What a text may hold, and how one that holds something else is told."""

import pytest

from ticketing.rules.texts import is_writable, printable


@pytest.mark.parametrize("text", ["", "Büro – 24 h", "日本 😀", "a\\b"])
def test_what_people_write_can_be_kept(text):
    assert is_writable(text)
    assert printable(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [("a\0b", r"a\x00b"), ("\ud800", r"\ud800"), ("a\nb\tc", r"a\nb\tc"), ("\x1b[2J", r"\x1b[2J"), ("\x85", r"\x85")],
)
def test_what_no_page_can_show_is_written_out(text, shown):
    assert not is_writable(text)
    assert printable(text) == shown


def test_an_endless_text_is_cut():
    assert printable("x" * 300) == "x" * 200 + "…"
    assert printable("\0" * 300).endswith("…")
    printable("\ud800" * 300).encode()
