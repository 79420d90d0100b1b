"""Where to look for tickets like one: a few questions to the index of words, none of which can walk far.

A word that many tickets have is never looked up alone; together with rarer ones it costs what the rarest of them does.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from typing import NamedTuple

from ticketing.queries.desk_vocabulary import Vocabulary
from ticketing.queries.search_words import read_words
from ticketing.rules.similarity import Profile

LOOKUPS = 9  # questions at most
ENOUGH_HITS = 40  # candidates that one question brings
_TERMS = 8  # that are looked up together
_SINGLES = 4  # of them, also one by one; and of words that the desk seems not to know yet
_NEW = 3
_ALONE = 1_500  # tickets that a word may have to be looked up by itself
_EACH = 100_000  # entries of the index that one question may walk
_BROAD, _BROAD_SHARE = 2_000, 0.004  # what finds more than both is looked for among the newest tickets
_SAME = 3  # a wider question that finds no more than so many times what a narrower one does brings nothing else
_GRADES = (6, 5, 4, 3)  # the heaviest words of the title together, for what says nearly the same
_TELLS = 0.4  # nats; a word below is not worth a question
_FIRST = ("error_code", "transaction_id", "provider", "payment_system", "game_id", "affected_service")


class Term(NamedTuple):
    """`expected` is in how many tickets of the desk it stands, about, `known` whether any but this one has it."""

    text: str
    weight: float
    expected: float
    known: bool


@dataclass(frozen=True, slots=True)
class Lookup:
    """All of these terms in title, facts or description; `forms` are the words of each. A `broad` one finds many."""

    terms: tuple[str, ...]
    forms: tuple[tuple[str, ...], ...]
    hits: float
    broad: bool

    def for_sqlite(self) -> str:
        asked = " AND ".join(_any(forms, "OR", _fts_phrase) for forms in self.forms)
        return f"{{title facts description}} : ({asked})"

    def for_postgresql(self) -> str:
        return " & ".join(_any(forms, "|", _ts_phrase) for forms in self.forms)


def lookups(asked: Profile, words: Vocabulary) -> list[Lookup]:
    """The questions for this ticket, the most telling first."""
    terms = _heaviest(asked, words)
    # A word that stands nowhere else finds nothing together with others: a player's number, a slip of the pen.
    known = [term for term in terms if term.known][:_TERMS]
    found: list[Lookup] = []
    for group in (*_alone(terms), *_graded(known), *_pairs(known)):
        if min(term.expected for term in group) <= _EACH and (one := _lookup(asked, group, words, found)):
            found.append(one)
        if len(found) == LOOKUPS:
            break
    return found


def _lookup(asked: Profile, group: tuple[Term, ...], words: Vocabulary, others: list[Lookup]) -> Lookup | None:
    """The question for these terms, or None if it would bring what others bring already."""
    names = tuple(term.text for term in sorted(group, key=lambda term: term.expected))
    hits = words.expected(*names)
    broad = hits > max(_BROAD, words.top * _BROAD_SHARE)
    for other in others:
        if set(names) == set(other.terms) or (broad and other.broad):
            return None
        if set(names) < set(other.terms) and other.hits >= ENOUGH_HITS and hits <= other.hits * _SAME:
            return None
    return Lookup(names, tuple(words.forms(name, asked.text.get(name, name)) for name in names), hits, broad)


def _heaviest(asked: Profile, words: Vocabulary) -> list[Term]:
    places = asked.places
    for name in _FIRST:  # what has a field of its own is as good as the title
        places |= dict.fromkeys(asked.named.get(name, ()), 1.0)
    ranked = sorted(places, key=lambda term: (-words.weigh(term) * places[term], term))
    found = (Term(term, words.weigh(term), words.expected(term), words.count(term) > 1) for term in ranked)
    return [term for term in found if term.weight > _TELLS]


def _alone(terms: list[Term]):
    seldom = [term for term in terms if term.expected <= _ALONE]
    known, new = ([(term,) for term in seldom if term.known is said] for said in (True, False))
    return [*known[:_SINGLES], *new[:_NEW]]


def _graded(terms: list[Term]):
    return [tuple(terms[:size]) for size in _GRADES if len(terms) >= size]


def _pairs(terms: list[Term]):
    return sorted(combinations(terms, 2), key=lambda pair: -pair[0].weight - pair[1].weight)


def _any(forms: tuple[str, ...], either: str, phrase: Callable[[tuple[str, ...]], str]) -> str:
    return "(" + f" {either} ".join(map(phrase, _pieces(forms))) + ")"


@lru_cache(maxsize=4_096)
def _pieces(forms: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    """Forms as the index has them: letters and digits alone, so that nothing in them is an operator."""
    found = (tuple(word for piece in read_words(form).pieces for word in piece) for form in forms)
    return tuple(dict.fromkeys(piece for piece in found if piece))


def _fts_phrase(piece: tuple[str, ...]) -> str:
    return f'"{" ".join(piece)}"'


def _ts_phrase(piece: tuple[str, ...]) -> str:
    words = " <-> ".join(f"'{word}':ABD" for word in piece)  # D holds the facts, but the notes of staff as well
    return words if len(piece) == 1 else f"({words})"
