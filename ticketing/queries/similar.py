"""Tickets like this one, and how each was fixed.

Candidates come from the index of words, a bounded number of them; they are then compared word by word
(rules/similarity.py). A ticket that was merged into another stands for that one. Who may not know of a ticket meets it
neither as a candidate nor as a survivor.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    BindParameter,
    Integer,
    Select,
    String,
    Subquery,
    bindparam,
    case,
    cast,
    func,
    literal,
    literal_column,
    or_,
    select,
    union_all,
)
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.orm import aliased

from ticketing.models.dialects import dialect_name
from ticketing.models.link import Link
from ticketing.models.search_index import fts, vectors
from ticketing.models.ticket import Ticket
from ticketing.models.user import User
from ticketing.queries.desk_vocabulary import Vocabulary, vocabulary
from ticketing.queries.prepared import run
from ticketing.queries.similar_lookups import ENOUGH_HITS, Lookup, lookups
from ticketing.queries.visibility import visible_to
from ticketing.queries.worked import worked_s
from ticketing.rules.gist import TEXT_MAX
from ticketing.rules.similarity import Likeness, Profile, Why, compare, profile, standing_factor
from ticketing.rules.taxonomy import LinkKind, ResolutionCode

_HITS = 150  # of one question, the newest; of these
_NEWEST = 4_000  # tickets that are looked through for what very many have
_COMPARED = 120  # candidates that are compared at all
_NOTHING = "0nothing0"  # a word that nobody writes
_OWN = 200  # a reporter's own tickets, the last changed, are all compared
_HOPS = 5  # a merge can follow a merge
_LEAST_OF_BEST = 0.33  # what scores less than this part of the best is noise beside it

_SELF = bindparam("itself", type_=Integer())


@dataclass(slots=True)
class Similar:
    """One ticket as it is shown. `row` has the columns of `_shown`; `merged` are tickets that were merged into it."""

    row: object
    likeness: Likeness
    score: float
    merged: list[int]

    @property
    def key(self) -> str:
        return f"T-{self.row.id}"

    @property
    def why(self) -> list[Why]:
        return self.likeness.why

    @property
    def took_s(self) -> int | None:
        """How long it took until it was closed: working time of its resolution clocks where there are any."""
        if self.row.closed_at is None:
            return None
        if self.row.worked_s is not None:
            return self.row.worked_s
        return max(0, int((self.row.closed_at - self.row.created_at).total_seconds()))


def profile_of(ticket: Ticket) -> Profile:
    return profile(ticket.title, ticket.description, ticket.details, category=ticket.category_id, type=ticket.type)


def similar_to(asked: Profile, viewer: User, now: datetime, limit: int, itself: int = 0) -> list[Similar]:
    """The tickets most like what is asked that the viewer may see, the likeliest first; `itself` is left out.

    Four statements at most, and none that grows with the desk; a few more when its words are counted anew.
    """
    words = vocabulary()
    numbers = _candidates(asked, words, viewer, now, itself)
    if not numbers:
        return []
    rows = run(_texts, viewer, now, numbers=numbers).all()
    found = _compare(asked, rows, words, now, itself, whole=viewer.is_staff)
    found = sorted(found.values(), key=lambda one: (-one[1], -one[0]))[:limit]
    if not found:
        return []
    best = found[0][1]
    rows = {row.id: row for row in run(_shown, viewer, now, numbers=[one[0] for one in found], itself=itself)}
    return [
        Similar(rows[number], likeness, score, merged)
        for number, score, likeness, merged in found
        if number in rows and score >= best * _LEAST_OF_BEST
    ]


def standing_of(numbers: Iterable[int], viewer: User, now: datetime) -> list:
    """Those of these tickets that the viewer may see, as they are shown. One statement."""
    return list(run(_shown, viewer, now, numbers=sorted(numbers), itself=0))


def _candidates(asked: Profile, words: Vocabulary, viewer: User, now: datetime, itself: int) -> list[int]:
    if not viewer.is_staff:
        return [row.id for row in run(_own, viewer, now) if row.id != itself] if asked.text else []
    engine = dialect_name()
    questions = lookups(asked, words)
    # SQLite walks its index from the newest on and stops early; PostgreSQL's gives all it finds.
    walked = [one for one in questions if one.broad and engine != "sqlite"]
    asked_index = [one for one in questions if one not in walked]
    places = -(-len(asked_index) // 3) * 3  # so that there are few different statements
    values = {f"words_{place}": _NOTHING for place in range(places)}
    values |= {f"words_{place}": _say(one, engine) for place, one in enumerate(asked_index)}
    if walked:
        values["newest"] = _say(walked[0], engine)
    scores: dict[int, float] = {}
    rows = run(_look, viewer, now, engine, places, bool(walked), **values).all() if questions else []
    for row in rows:
        if row.id != itself:
            one = walked[0] if row.place < 0 else asked_index[row.place]
            scores[row.id] = max(scores.get(row.id, 0.0), sum(map(words.weigh, one.terms)))
    return sorted(scores, key=lambda number: (-scores[number], -number))[:_COMPARED]


def _say(one: Lookup, engine: str) -> str:
    return one.for_sqlite() if engine == "sqlite" else one.for_postgresql()


def _compare(asked: Profile, rows: Iterable, words: Vocabulary, now: datetime, itself: int, *, whole: bool):
    """{id: (id, score, likeness, merged)} of those that are alike, each under the ticket that survives it.

    Unless they are looked at `whole`, their facts count for nothing: whoever met a ticket by them would learn them.
    """
    groups: dict[int, list] = {}
    for row in rows:
        groups.setdefault(row.origin, []).append(row)
    found: dict[int, tuple] = {}
    for origin, chain in groups.items():
        final = max(chain, key=lambda row: (row.resolution_code is not ResolutionCode.DUPLICATE, row.hops))
        if itself in (row.id for row in chain):
            continue  # it was merged into the ticket that is being looked at
        for row in chain:
            facts = {"details": row.details, "category": row.category_id, "type": row.type} if whole else {}
            said = profile(row.title, row.description, **facts)
            likeness = compare(asked, said, words.weigh)
            if not likeness.enough:
                continue
            score = likeness.score * standing_factor(final.resolution_code, final.closed_at, final.updated_at, now)
            known = found.get(final.id)
            merged = ({*known[3]} if known else set()) | ({origin} if origin != final.id else set())
            better = (score, likeness) if known is None or score > known[1] else known[1:3]
            found[final.id] = (final.id, *better, sorted(merged))
    return found


def _look(kind, engine: str, places: int, walks: bool) -> Select:
    parts = [(place, _hits(engine, bindparam(f"words_{place}", type_=String()))) for place in range(places)]
    if walks:
        parts.append((-1, _among_newest(bindparam("newest", type_=String()))))
    found = [
        select(Ticket.id, literal_column(str(place)).label("place"))
        .join(hits, hits.c.number == Ticket.id)
        .where(visible_to(kind))
        .order_by(hits.c.number.desc())
        .limit(ENOUGH_HITS)
        .subquery()
        for place, hits in parts
    ]
    return union_all(*(select(part.c.id, part.c.place) for part in found))


def _hits(engine: str, asked: BindParameter) -> Subquery:
    """Numbers of tickets with these words, before anybody asks who may see them."""
    if engine == "sqlite":
        number, there = fts.c.rowid, fts.c.ticket_search.op("MATCH", is_comparison=True)(asked)
        order = number
    else:
        number, there = vectors.c.ticket_id, _matches(vectors.c.words, asked)
        order = number + literal_column("0")  # a sum, so that nobody walks all tickets from the newest on
    return select(number.label("number")).where(there).order_by(order.desc()).limit(_HITS).subquery()


def _among_newest(asked: BindParameter) -> Subquery:
    """The same on PostgreSQL for what very many tickets have: their words are read from the newest on."""
    newest = select(vectors.c.ticket_id, vectors.c.words).order_by(vectors.c.ticket_id.desc()).limit(_NEWEST)
    newest = newest.subquery()
    there = _matches(newest.c.words, asked)
    number = newest.c.ticket_id
    return select(number.label("number")).where(there).order_by(number.desc()).limit(_HITS).subquery()


def _matches(words, asked: BindParameter):
    return words.op("@@", is_comparison=True)(cast(asked, TSQUERY()))


def _own(kind) -> Select:
    return select(Ticket.id).where(visible_to(kind)).order_by(Ticket.updated_at.desc(), Ticket.id.desc()).limit(_OWN)


def _texts(kind) -> Select:
    """The candidates and what they were merged into: a row for each step, with the candidate as `origin`."""
    numbers = bindparam("numbers", expanding=True, type_=Integer())
    start = select(Ticket.id.label("origin"), Ticket.id.label("id"), literal(0).label("hops")).where(
        Ticket.id.in_(numbers), visible_to(kind)
    )
    walk = start.cte("walk", recursive=True)
    merged, survivor = aliased(Ticket), aliased(Ticket)
    walk = walk.union(
        select(walk.c.origin, survivor.id, walk.c.hops + 1)
        .join(merged, merged.id == walk.c.id)
        .join(Link, (Link.source_id == merged.id) & (Link.kind == LinkKind.DUPLICATE_OF))
        .join(survivor, survivor.id == Link.target_id)
        .where(merged.resolution_code == ResolutionCode.DUPLICATE, walk.c.hops < _HOPS, visible_to(kind, survivor))
    )
    return select(
        walk.c.origin, walk.c.hops, Ticket.id, Ticket.title, func.substr(Ticket.description, 1, TEXT_MAX // 2).label(
        "description"), Ticket.details, Ticket.category_id, Ticket.type, Ticket.resolution_code, Ticket.closed_at,
        Ticket.updated_at,
    ).join(walk, walk.c.id == Ticket.id)  # fmt: skip


def _shown(kind) -> Select:
    numbers = bindparam("numbers", expanding=True, type_=Integer())
    owner, solver = aliased(User), aliased(User)
    tied = or_(
        (Link.source_id == _SELF) & (Link.target_id == Ticket.id),
        (Link.target_id == _SELF) & (Link.source_id == Ticket.id),
    )
    linked = select(func.min(Link.kind)).where(tied).scalar_subquery()
    return (
        select(Ticket.id, Ticket.title, Ticket.status, Ticket.type, Ticket.created_at, Ticket.updated_at,
               Ticket.closed_at, Ticket.resolution_code, Ticket.root_cause, Ticket.solution, Ticket.owner_id,
               Ticket.solver_id, owner.name.label("owner_name"), solver.name.label("solver_name"),
               case((Ticket.closed_at.is_not(None), worked_s())).label("worked_s"), linked.label("linked"))
        .outerjoin(owner, owner.id == Ticket.owner_id)
        .outerjoin(solver, solver.id == Ticket.solver_id)
        .where(Ticket.id.in_(numbers), visible_to(kind))
    )  # fmt: skip
