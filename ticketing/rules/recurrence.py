"""What makes two tickets the same trouble, and when a trouble flares.

A signature says of a ticket: its category, who or what it is about (provider, else payment system, else service), and
its symptom (the error code, else the words of the title). The category stands in a column of its own, so that a ticket
that nobody has classified yet is found beside those like it; `Signature.key` is all the rest in short.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from functools import lru_cache

from ticketing.rules.symptoms import code_in, fold, plain_code, words_of

RULES = 1  # raised whenever the same ticket would get another signature: `flask recurrence rebuild` says so
RULES_SETTING = "recurrence_rules"  # the row of `setting` that says by which rules the tickets are signed
KEY_MAX = 64
PARTY_MAX = 120
SUPPLIERS = ("provider", "payment_system")
PARTIES = (*SUPPLIERS, "affected_service")
# What a title may repeat of one case or customer; it says nothing of the trouble.
_OF_ONE_CASE = ("brand", "player_id", "transaction_id", "game_id", "endpoint", "source_address", "amount")

DAY = timedelta(hours=24)
BASELINE_DAYS = 28
WINDOW = timedelta(days=BASELINE_DAYS)
FEWEST = 3
TIMES_USUAL = 3


class PartKind(StrEnum):
    PROVIDER = "provider"
    PAYMENT_SYSTEM = "payment_system"
    AFFECTED_SERVICE = "affected_service"
    ERROR_CODE = "error_code"
    WORDS = "words"


class Source(StrEnum):
    FIELD = "field"
    TITLE = "title"


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a signature: what it is, how it is shown, and where it was taken from."""

    kind: PartKind
    value: str
    source: Source


@dataclass(frozen=True, slots=True)
class Signature:
    """`key` is short and stable (64 characters at most); `explain` names the parts it was made of."""

    key: str
    explain: tuple[Part, ...]

    @property
    def party(self) -> Part | None:
        return next((part for part in self.explain if part.kind in PARTIES), None)

    @property
    def symptom(self) -> Part:
        return self.explain[-1]


def signature_of(title: str, details: Mapping[str, object] | None) -> Signature | None:
    """The signature of a ticket without its category; None where title and details give nothing to go by."""
    facts = {name: str(value) for name, value in (details or {}).items() if value is not None}
    party = _party(facts)
    symptom, essence = _symptom(title, facts)
    if symptom is None:
        return None
    kind, name = (party.kind, fold(party.value)) if party else ("", "")
    text = "\0".join((kind, " ".join(name.split()), symptom.kind, essence))
    key = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=10).hexdigest()
    return Signature(key, (party, symptom) if party else (symptom,))


@lru_cache(maxsize=4096)  # a report asks for a hundred thousand tickets, and few pairs of names
def suppliers(*names: str | None) -> tuple[tuple[str, str], ...]:
    """(which of SUPPLIERS, its name) of those that a ticket names; the names come in their order."""
    return tuple((sort, name) for sort, name in zip(SUPPLIERS, names, strict=True) if name is not None)


def party_key(name: object) -> str | None:
    """A provider or payment system as scorecards group it: small letters, single blanks; None if there is none."""
    key = " ".join(str(name or "").lower().split())[:PARTY_MAX].rstrip()
    return key or None


def is_flaring(count_24h: int, count_28d: int) -> bool:
    """At least three in 24 h and three times the daily mean of the 28 days before those."""
    return count_24h >= FEWEST and count_24h * BASELINE_DAYS >= TIMES_USUAL * count_28d


def _party(facts: Mapping[str, str]) -> Part | None:
    for kind in PARTIES:
        if shown := " ".join(facts.get(kind, "").split()):
            return Part(PartKind(kind), shown, Source.FIELD)
    return None


def _symptom(title: str, facts: Mapping[str, str]) -> tuple[Part | None, str]:
    """The part, and the text in which the same symptom always reads the same."""
    if code := plain_code(facts.get("error_code", "")):
        return Part(PartKind.ERROR_CODE, code, Source.FIELD), code
    if code := code_in(title):
        return Part(PartKind.ERROR_CODE, code, Source.TITLE), code
    names = [facts[name] for name in (*PARTIES, *_OF_ONE_CASE) if facts.get(name)]
    words = words_of(title, names)
    if not words:
        return None, ""
    return Part(PartKind.WORDS, " ".join(words.values()), Source.TITLE), " ".join(sorted(words))
