"""How alike two tickets are, and why: the words they share, weighed by how seldom the desk says them, and equal facts.

Evidence is counted in nats, the unit of a word's surprise: one word that stands in every thousandth ticket is worth
about five. Below `ENOUGH` nothing is called similar, however many common words two tickets share.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from ticketing.rules.gist import is_code, terms_of
from ticketing.rules.taxonomy import MENDED, ResolutionCode
from ticketing.rules.texts import fold

ENOUGH = 3.0
NEAR = 0.8  # two titles as close as this say the same
_COMMON_SHARE = 0.25  # a word in so many of the tickets tells nothing
_WEIGHT_MAX = 6.0
_IN_TEXT = 0.55  # a word of the description, against one of the title
_SATURATION = 12.0  # of shared words: long texts always share some
WORDS_TOLD = 5

# What an equal fact is worth where the desk seldom names it.
FACTS = {
    "transaction_id": 9.0, "error_code": 5.0, "game_id": 3.0, "player_id": 3.0, "source_address": 4.0,
    "endpoint": 3.0, "provider": 3.0, "payment_system": 3.0, "affected_service": 2.5, "brand": 0.6,
}  # fmt: skip
_DECISIVE = {"transaction_id", "error_code", "source_address"}  # count as evidence by themselves
_NAMED_IN_TEXT = {"error_code", "provider", "payment_system", "affected_service", "game_id", "transaction_id"}
# Two that name different ones here are rather two troubles.
_DIFFERENT = {"error_code": 0.8, "provider": 0.75, "payment_system": 0.75, "affected_service": 0.85}
_SUPPORTS = 0.6  # the part of any other equal fact that counts as evidence
_SURE_WORDS = 0.65  # the part of shared words that counts however much else is said
_CATEGORY, _TYPE = 0.8, 0.3

_OPEN_FACTOR, _MENDED_FACTOR, _CLOSED_FACTOR = 1.0, 1.15, 0.9
_CODE_FACTOR = {ResolutionCode.INVALID: 0.5, ResolutionCode.DUPLICATE: 0.6}
_OLDEST_FACTOR, _FADES = 0.85, timedelta(days=180)


class Ground(StrEnum):
    """Why two tickets are alike; besides these, the name of an equal fact."""

    SAME_TITLE = "same_title"
    CATEGORY = "category"
    WORDS = "words"


class Why(NamedTuple):
    """A ground; `value` is the equal value, or the shared words with commas between them."""

    ground: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class Profile:
    """What is compared of a ticket. Terms map to the words they stood as; `named` are terms of each fact's value."""

    title: dict[str, str]
    text: dict[str, str]  # the title's terms as well
    facts: dict[str, str]
    named: dict[str, frozenset[str]]
    category: object = None
    type: object = None

    @property
    def places(self) -> dict[str, float]:
        """What a word counts by where it stands; a code is as telling anywhere."""
        return {term: 1.0 if term in self.title or is_code(term) else _IN_TEXT for term in self.text}


@dataclass(frozen=True, slots=True)
class Likeness:
    score: float
    evidence: float
    near: bool
    why: list[Why] = field(default_factory=list)

    @property
    def enough(self) -> bool:
        return self.evidence >= ENOUGH


def profile(title: str, description: str = "", details: Mapping[str, str] | None = None, *, category=None,
            type=None) -> Profile:  # fmt: skip
    facts = {name: value for name, value in (details or {}).items() if name in FACTS and isinstance(value, str)}
    named = {name: frozenset(terms_of(value)) for name, value in facts.items()}
    head = terms_of(title)
    text = dict(head)
    for name, value in facts.items():
        if name != "brand":
            for term, shown in terms_of(value).items():
                text.setdefault(term, shown)
    for term, shown in terms_of(description or "").items():
        text.setdefault(term, shown)
    return Profile(head, text, facts, named, category, type)


def weight(share: float) -> float:
    """What a shared word is worth that stands in this share of the desk's tickets, in nats; 0 for a common one."""
    return min(_WEIGHT_MAX, max(0.0, math.log(_COMMON_SHARE / max(share, 1e-9))))


def fact_term(name: str, value: str) -> str:
    """Under which the desk's frequencies count a fact."""
    return f"{name}={fold(value)}"


def compare(asked: Profile, other: Profile, weigh: Callable[[str], float]) -> Likeness:
    """`weigh` gives the weight of a term, and of a fact under its `fact_term`."""
    equal, differing = _facts(asked, other)
    worth = {name: FACTS[name] * _rarity(name, value, weigh) for name, value in equal.items()}
    # What is told by an equal fact is not told again by its words; a number in the path says nothing by itself.
    told = frozenset().union(*(other.named.get(name, frozenset()) | asked.named.get(name, frozenset())
                               for name in equal)) if equal else frozenset()  # fmt: skip
    asked_places, other_places = asked.places, other.places
    shared = {
        term: weigh(term) * place * other_places[term]
        for term, place in asked_places.items()
        if term in other_places and term not in told
    }
    words = sum(shared.values())
    closeness = _closeness(asked.title, other.title, weigh)
    cover = (words + sum(weigh(term) * asked_places[term] for term in told & asked_places.keys())) / (
        sum(weigh(term) * place for term, place in asked_places.items()) or 1.0
    )
    by_words = _SATURATION * (1 - math.exp(-words / _SATURATION)) * (0.4 + 0.6 * max(closeness, cover))
    score = by_words + sum(worth.values()) + 3 * closeness**2
    if asked.category is not None and asked.category == other.category:
        score += _CATEGORY
    if asked.type is not None and asked.type == other.type:
        score += _TYPE
    for name in differing:
        score *= _DIFFERENT.get(name, 1.0)
    evidence = words * (_SURE_WORDS + (1 - _SURE_WORDS) * max(closeness, min(1.0, 1.5 * cover))) + sum(
        value if name in _DECISIVE else value * _SUPPORTS for name, value in worth.items()
    )
    near = closeness >= NEAR and evidence >= ENOUGH
    return Likeness(score, evidence, near, _grounds(asked, other, equal, worth, shared, near))


def standing_factor(code: ResolutionCode | None, closed_at: datetime | None, updated_at: datetime,
                    now: datetime) -> float:  # fmt: skip
    """What a ticket's own state does to its place: solved ones gain a little, what was nothing
    loses much, older ones lose a little."""
    if closed_at is None:
        state = _OPEN_FACTOR
    elif code in MENDED:
        state = _MENDED_FACTOR
    else:
        state = _CODE_FACTOR.get(code, _CLOSED_FACTOR)
    age = max(timedelta(0), now - (closed_at or updated_at))
    return state * (_OLDEST_FACTOR + (1 - _OLDEST_FACTOR) * math.exp(-age / _FADES))


def _facts(asked: Profile, other: Profile) -> tuple[dict[str, str], list[str]]:
    """The facts both have or the one names in its text, and those in which they differ."""
    equal, differing = {}, []
    for name in FACTS:
        mine, its = asked.facts.get(name), other.facts.get(name)
        if mine and its:
            if fold(mine).strip() == fold(its).strip() or (
                asked.named[name] and asked.named[name] == other.named[name]
            ):
                equal[name] = its
            else:
                differing.append(name)
        elif name in _NAMED_IN_TEXT and (mine or its):
            terms = (asked if mine else other).named[name]
            if terms and terms <= (other if mine else asked).text.keys():
                equal[name] = mine or its
    seen = set()
    for name in [*equal]:  # a payment system may be named as the provider too: that is one fact
        if fold(equal[name]) in seen:
            del equal[name]
        else:
            seen.add(fold(equal[name]))
    return equal, differing


def _rarity(name: str, value: str, weigh) -> float:
    """From 0.25 for what every tenth ticket names to 1 for what few do."""
    return max(0.25, min(1.0, 0.4 + weigh(fact_term(name, value)) / 7))


def _closeness(one: dict, other: dict, weigh) -> float:
    """The cosine of two titles."""
    if not one or not other:
        return 0.0
    common = sum(weigh(term) ** 2 for term in one.keys() & other.keys())
    norms = sum(weigh(term) ** 2 for term in one) * sum(weigh(term) ** 2 for term in other)
    return common / math.sqrt(norms) if norms else 0.0


def _grounds(asked, other, equal, worth, shared, near) -> list[Why]:
    found = [Why(Ground.SAME_TITLE)] if near else []
    found += [Why(name, equal[name]) for name in sorted(equal, key=lambda name: -worth[name])]
    if asked.category is not None and asked.category == other.category:
        found.append(Why(Ground.CATEGORY))
    best = sorted((term for term in shared if shared[term] > 0.4), key=lambda term: -shared[term])[:WORDS_TOLD]
    if best:
        found.append(Why(Ground.WORDS, ", ".join(other.text[term] for term in best)))
    return found
