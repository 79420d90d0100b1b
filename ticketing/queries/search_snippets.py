"""Where the words of a search stand in a text, and the piece of a ticket that shows them best."""

import re
from collections.abc import Iterator
from functools import lru_cache

from ticketing.queries.search_words import GAP, Words
from ticketing.rules.texts import fold

LENGTH = 170  # of a snippet, in characters
_BEFORE = 45  # of these, how many stand before the first word
_BLANKS = re.compile(r"\s+")
_GAP = re.compile(f"[{GAP}]")

Runs = list[tuple[str, bool]]  # pieces of a text in order: found or not


def marked(text: str, words: Words) -> Runs:
    """The text cut where the words are. A word that begins as asked is found as a whole."""
    plain, places = fold(text), None
    if len(plain) != len(text):
        plain, places = "".join(map(fold, text)), _places(text)
    runs, done = [], 0
    for start, end in sorted(hit for piece in words.folded for hit in _hits(plain, piece)):
        if places is not None:
            start, end = places[start], places[end - 1] + 1
        if start >= done:
            runs += [(text[done:start], False)] * (start > done) + [(text[start:end], True)]
            done = end
    return runs + [(text[done:], False)] * (done < len(text))


def snippet(texts: dict[str, str], words: Words, title: str) -> tuple[str, Runs] | None:
    """The name of the text, of these, that shows most of the words which the title lacks, and its piece with them.

    None if the title has all there is to show.
    """
    missing = words.missing_in(title)
    best_name, best = None, []
    for name, text in texts.items():
        if text and len(best) < len(missing):
            plain = fold(text)
            firsts = [start for piece in missing for start, _end in _first(plain, piece)]
            if len(firsts) > len(best):
                best_name, best = name, firsts
    return best_name and (best_name, marked(_piece(texts[best_name], min(best)), words))


def _piece(text: str, at: int) -> str:
    """What stands around a place, of its own line alone: the next may be somebody else's words."""
    first, last = text.rfind("\n", 0, at) + 1, text.find("\n", at)
    line = text[first : last if last >= 0 else len(text)]
    start = max(0, at - first - _BEFORE)
    if start:
        start = line.find(" ", start, at - first) + 1 or start
    shown = _BLANKS.sub(" ", line[start : start + LENGTH]).strip()
    return f"{'… ' if start else ''}{shown}{'…' if start + LENGTH < len(line) else ''}"


def _first(plain: str, piece: tuple[str, ...]) -> list[tuple[int, int]]:
    hit = next(_hits(plain, piece), None)
    return [] if hit is None else [hit]


def _hits(plain: str, piece: tuple[str, ...]) -> Iterator[tuple[int, int]]:
    """Start and end of each place where a folded text has these words. It is looked for by its letters first."""
    if piece[0] not in plain:
        return
    for found in _pattern(piece).finditer(plain):
        start = found.start()
        if start == 0 or _GAP.match(plain, start - 1):
            yield found.span()


def _places(text: str) -> list[int]:
    """For each character of the folded text, which one of the text it comes from."""
    return [place for place, one in enumerate(text) for _ in fold(one)]


@lru_cache(maxsize=256)
def _pattern(piece: tuple[str, ...]) -> re.Pattern:
    return re.compile(f"[{GAP}]+".join(map(re.escape, piece)) + f"[^{GAP}]*")
