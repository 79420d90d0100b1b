"""A search as people type it, turned into words: every sign is a gap between words, and none is an operator.

What stands between blanks is one piece: PNX-00042 means the word "pnx" and right behind it one that begins with
"00042". Every piece must be found; the last word of each may go on.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from ticketing.rules.numbers import whole
from ticketing.rules.texts import fold

TEXT_MAX = 200  # what comes after is left out
PIECES_MAX = 16  # more words narrow nothing further, but each costs
# What no word holds, inside the brackets of a regular expression: the same signs as in migrations 0003 and 0009.
GAP = (
    r"\0-\x2f\x3a-\x40\x5b-\x60\x7b-\xa9\xab-\xb1\xb4\xb6-\xb8\xbb\xbf\xd7\xf7"
    r"\u2000-\u206f\u20a0-\u20ff\u2190-\u2bff\u3000-\u303f\ufe00-\ufe0f\ufeff\U0001f000-\U0001faff\ud800-\udfff"
)
_GAPS = re.compile(f"[{GAP}]+")
_KEY = re.compile(r"(?:t-?|#)?(\d{1,10})", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Words:
    """`pieces` are tuples of words as they were typed; `number` is the ticket that is named, if nothing else is."""

    pieces: tuple[tuple[str, ...], ...]
    number: int | None = None
    folded: tuple[tuple[str, ...], ...] = field(init=False, compare=False)
    _lines: tuple[str, ...] = field(init=False, compare=False)  # each piece as _line has it

    def __post_init__(self):
        folded = tuple(tuple(map(fold, piece)) for piece in self.pieces)
        object.__setattr__(self, "folded", folded)
        object.__setattr__(self, "_lines", tuple(f" {' '.join(piece)}" for piece in folded))

    def __bool__(self) -> bool:
        return bool(self.pieces)

    def for_sqlite(self, columns: str, begins: bool = True, state: str | None = None) -> str:
        """An FTS5 expression: every word stands in quotes, so that none is an operator. SQLite folds them itself, as
        it has folded the text."""
        tail = "*" if begins else ""
        found = " AND ".join(f'"{" ".join(piece)}"{tail}' for piece in self.pieces)
        found = f"{{{columns}}} : ({found})"
        return f"{{state}} : {state} AND {found}" if state else found

    def for_postgresql(self, weights: str, begins: bool = True, most: int | None = None) -> str:
        """What to_tsquery takes: words in quotes. It cuts some of them further, as it has cut the text.

        `most` pieces of it, the longest: what they find is little, and more of them would not make it much less.
        """
        inner = f":{weights}" if weights else ""
        last = f":{'*' if begins else ''}{weights}" if begins or weights else ""
        return " & ".join(
            "(" + " <-> ".join([*(f"'{word}'{inner}" for word in piece[:-1]), f"'{piece[-1]}'{last}"]) + ")"
            for piece in sorted(self.folded, key=lambda piece: -sum(map(len, piece)))[:most]
        )

    def ranker(self) -> Callable[[str], int]:
        """Says of a title how well it has the words: 0 all as they are, 1 as beginnings of its words, 2 not."""
        lines, firsts = self._lines, [piece[0] for piece in self.folded]

        def rank(title: str) -> int:
            plain = fold(title)
            if any(first not in plain for first in firsts):  # most titles
                return 2
            line = _line(title)
            if all(f"{each} " in line for each in lines):
                return 0
            return 1 if all(each in line for each in lines) else 2

        return rank

    def missing_in(self, title: str) -> tuple[tuple[str, ...], ...]:
        """The pieces, folded, that the title has not."""
        line = _line(title)
        return tuple(piece for piece, each in zip(self.folded, self._lines, strict=True) if each not in line)


def read_words(text: str) -> Words:
    """The words of a search; without any, nothing can be found by it."""
    chunks = text[:TEXT_MAX].split()
    pieces = (tuple(split(chunk)) for chunk in chunks)
    found = tuple(dict.fromkeys(piece for piece in pieces if piece))[:PIECES_MAX]
    key = _KEY.fullmatch(chunks[0]) if len(chunks) == 1 else None
    return Words(found, whole(key[1]) if key else None)


def _line(text: str) -> str:
    return f" {' '.join(split(fold(text)))} "


def split(text: str) -> list[str]:
    """The words of a text, as they are written. What has no letter or number is none: no index holds it (№, ™, an
    accent alone), and a search that asked for it would find nothing."""
    return [word for word in _GAPS.sub(" ", text).split() if any(map(str.isalnum, word))]
