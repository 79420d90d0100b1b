"""How often the desk says a word: counted in a sample of its tickets, kept by each process, never asked of the index.

The sample is spread over all numbers, so that a trouble of the last hour does not pass for a common word. On a small
desk it is all tickets, and new ones are added as they come; on a large one it is taken anew when a quarter is added.
Restricted tickets are left out: no weight may tell that they exist.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from random import Random

from sqlalchemy import Integer, bindparam, func, select

from ticketing.extensions import db
from ticketing.models.ticket import Ticket
from ticketing.rules.gist import COMMON_TERMS, RATHER_COMMON_TERMS, forms_of, written_as
from ticketing.rules.similarity import fact_term, profile, weight

SAMPLE = 1_500
_GROWS = 1.25  # by which a large desk has grown before it is sampled anew
_TRUST = 120  # tickets that count as much as what is known of words beforehand
_COMMON, _RATHER_COMMON, _ELSE = 0.16, 0.04, 0.002
_KNOWS_FORMS = 8  # so many tickets of the sample have shown how a word is written here
_TEXT = 600  # characters of a description
_BATCH = 500
_kept: dict[str, "Vocabulary"] = {}
_TOP = select(func.max(Ticket.id))
_TEXTS = select(
    Ticket.title, func.substr(Ticket.description, 1, _TEXT).label("description"), Ticket.details
).where(Ticket.id.in_(bindparam("numbers", expanding=True, type_=Integer())), ~Ticket.restricted)  # fmt: skip


@dataclass(slots=True)
class Vocabulary:
    """Which of `size` tickets have a term, one bit each; `top` is the highest number when they were read."""

    top: int = 0
    size: int = 0
    _where: dict[str, int] = field(default_factory=dict)
    _forms: dict[str, set[str]] = field(default_factory=dict)
    _weights: dict[str, float] = field(default_factory=dict)

    def count(self, *terms: str) -> int:
        """How many of the tickets have all of these terms."""
        found = self._where.get(terms[0], 0)
        for term in terms[1:]:
            found &= self._where.get(term, 0)
        return found.bit_count()

    def share(self, term: str) -> float:
        """In which share of the tickets a term stands, as far as is known."""
        before = _COMMON if term in COMMON_TERMS else _RATHER_COMMON if term in RATHER_COMMON_TERMS else _ELSE
        return (self.count(term) + _TRUST * before) / (self.size + _TRUST)

    def weigh(self, term: str) -> float:
        known = self._weights.get(term)
        if known is None:
            known = self._weights[term] = weight(self.share(term))
        return known

    def expected(self, *terms: str) -> float:
        """In how many tickets of the desk an index finds all of them, about; half a ticket of the sample for none."""
        return (self.count(*terms) + 0.5) / max(self.size, 1) * self.top

    def forms(self, term: str, written: str) -> tuple[str, ...]:
        """As what to look a term up: the forms that the desk writes, or all that there might be where it is seldom."""
        if self.count(term) < _KNOWS_FORMS:
            return forms_of(term)
        found = {form for shown in (*self._forms[term], written) for form in written_as(shown)}
        return tuple(sorted(found))

    def grown(self) -> "Vocabulary":
        """A copy to add tickets to; others may be reading this one."""
        forms = {term: set(found) for term, found in self._forms.items()}
        return Vocabulary(self.top, self.size, dict(self._where), forms)

    def add(self, title: str, description: str, details) -> None:
        said, bit = profile(title, description, details), 1 << self.size
        for term, shown in said.text.items():
            self._where[term] = self._where.get(term, 0) | bit
            self._forms.setdefault(term, set()).add(shown)
        for name, value in said.facts.items():
            term = fact_term(name, value)
            self._where[term] = self._where.get(term, 0) | bit
        self.size += 1


def vocabulary() -> Vocabulary:
    """The desk's words. One statement, and a few more when its sample is taken."""
    top = db.session.connection().execute(_TOP).scalar() or 0
    home = str(db.session.get_bind().url)
    known = _kept.get(home)
    if known is None or top < known.top:
        known = _counted(Vocabulary(), _spread(top), top)
    elif top > known.top and top <= SAMPLE:
        known = _counted(known.grown(), range(known.top + 1, top + 1), top)
    elif top > max(SAMPLE, known.top * _GROWS):
        known = _counted(Vocabulary(), _spread(top), top)
    _kept[home] = known
    return known


def _spread(top: int) -> Iterable[int]:
    """Numbers up to `top`, one out of each of as many equal stretches."""
    if top <= SAMPLE:
        return range(1, top + 1)
    step, draw = top / SAMPLE, Random(top)
    return [1 + int(step * (place + draw.random() * 0.999)) for place in range(SAMPLE)]


def _counted(words: Vocabulary, numbers: Iterable[int], top: int) -> Vocabulary:
    wanted = list(numbers)
    connection = db.session.connection()
    for start in range(0, len(wanted), _BATCH):
        for row in connection.execute(_TEXTS, {"numbers": wanted[start : start + _BATCH]}):
            words.add(row.title, row.description, row.details)
    words.top = top
    return words
