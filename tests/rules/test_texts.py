"""What a text may hold, and how one that holds something else is told."""

import pytest

from ticketing.rules.texts import is_writable, one_line, printable, visible


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


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Reel\u202eskrow\x01", "Reelskrow"), ("a\u200bb\ufeff\u00adc", "abc"), ("a\tb\nc\u2028d", "a b c d"),
        ("\u200e", ""),
        ("Büro – 24 h", "Büro – 24 h"), ("日本 😀", "日本 😀"), ("\U00018cd6", "\U00018cd6"), ("a  b", "a  b"),
    ],
)  # fmt: skip
def test_what_has_no_look_is_left_out(text, shown):
    assert visible(text) == shown


def test_a_name_is_one_line_with_single_blanks():
    assert one_line("  Ann \u202e\n  Haddad\t") == "Ann Haddad"


@pytest.mark.parametrize("text", ["\u3164", "\u2800 \u2800", "\ufe0f", "\u0301\u0301", "\u1160\u115f\uffa0", " "])
def test_what_nobody_sees_is_no_name(text):
    assert one_line(text) == ""


@pytest.mark.parametrize("text", ["♥\ufe0f", "e\u0301", "김", "नि", "A"])
def test_marks_on_something_stay(text):
    assert one_line(text) == text
