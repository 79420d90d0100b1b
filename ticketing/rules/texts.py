"""Texts as characters: what no column keeps and no page shows is refused, and two spellings may be the same word."""

import re
import unicodedata

# NUL and halves of surrogate pairs are written by no database; other control characters have no look.
_UNWRITABLE = re.compile("[\0-\x1f\x7f-\x9f\ud800-\udfff]")
_UNSEEN = ("Cc", "Cf")
_BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0")  # letters and signs by their category, drawn as nothing
_SHOWN_MAX = 200
_ACCENTS = re.compile("[\u0300-\u036f]")


def is_writable(text: str) -> bool:
    """Can one line of text be kept and shown?"""
    return _UNWRITABLE.search(text) is None


def printable(text: str) -> str:
    r"""A text that was refused, so that it can be shown: \x00 and \ud800 written out, and cut when it is endless."""
    shown = _UNWRITABLE.sub(lambda found: found[0].encode("unicode_escape").decode("ascii"), text[: _SHOWN_MAX + 1])
    return shown if len(text) <= _SHOWN_MAX else f"{shown[:_SHOWN_MAX]}…"


def visible(text: str) -> str:
    """One line of it, without what has no look: control characters, and marks that turn the writing direction or take
    no room, by which one name could pass for another."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(letter for letter in re.sub(r"\s", " ", text) if _has_look(letter))


def _has_look(letter: str) -> bool:
    return unicodedata.category(letter) not in _UNSEEN and letter not in _BLANK


def one_line(text: str) -> str:
    """The same with single blanks, as names and titles are kept; nothing where there are only accents on nothing."""
    line = " ".join(visible(text).split())
    return line if any(unicodedata.category(letter)[0] not in "MZ" for letter in line) else ""


def fold(text: str) -> str:
    """Lower case without accents, as PostgreSQL's index of words has it; not always as long as the text."""
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFC", _ACCENTS.sub("", unicodedata.normalize("NFD", text.lower())))
