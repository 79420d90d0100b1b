"""The search: one function, on FTS5 or on PostgreSQL's vectors of words (models/search_index.py).

What it finds are numbers of tickets, the newest first and no more than `FOUND_MAX`, of those that the viewer may see
and the other filters leave. All that is shown of a search stands on these numbers, and so costs the same with a million
tickets. For a reporter the notes and facts that staff write do not exist.
"""

import json
from dataclasses import replace
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    String,
    Text,
    and_,
    bindparam,
    cast,
    column,
    false,
    func,
    literal_column,
    or_,
    select,
    table,
    true,
    union_all,
)

from ticketing.models.dialects import dialect_name
from ticketing.models.search_index import fts, vectors
from ticketing.models.ticket import Ticket
from ticketing.models.user import User
from ticketing.queries.filters import Filters
from ticketing.queries.prepared import NOW, days_before, run
from ticketing.queries.search_words import Words, read_words
from ticketing.queries.visibility import visible_to
from ticketing.rules.taxonomy import OPEN_STATUSES, STATUSES, Status

FOUND_MAX = 500  # each of them is looked at a few times for one page
RANKED_MAX = 300  # where more are found than are looked through, so many of each place come first
SHOWN_FROM = 100_000  # characters of a text in which its words are shown
_NEAR = 20_000  # so many tickets PostgreSQL walks through before it asks its index of words
_WIDER = 10  # times as many where filters leave only some of them: their words alone are looked at
_LONGEST = 3  # so many words, the longest, it looks up there: the beginning of a short one would be read for long
_NAMED, _LATELY = -1, 9  # the places, before and after those where words may stand
# Where words may stand: in SQLite's columns, and as the weights of PostgreSQL's words.
_TITLE = ("title", "A")
_SHOWN = ("title description said", "ABC")  # what stands on a reporter's page
_ALL = ("title facts description said noted", "")

ticket_text = table(
    "ticket_text",
    column("id", Integer()),
    *(column(name, Text()) for name in ("title", "facts", "description", "said", "noted")),
)


def looked_up(
    viewer: User,
    filters: Filters,
    now: datetime,
    *,
    closed_days: int | None = None,
    oldest: bool = False,
    titled: bool = False,
) -> Filters:
    """The filters with what their words find, as lists and counts need them. One statement, none without words.

    With `closed_days` it looks among open tickets and, apart from those, among the ones closed in that time; `oldest`
    keeps those when there are too many; `titled` brings the titles along, for by_relevance.
    """
    if not filters.q or filters.found is not None:
        return filters
    words = read_words(filters.q[0])
    lists = _look_for(
        viewer, filters, now, words, [(_all_of(viewer), True)], FOUND_MAX, closed_days, oldest=oldest, titled=titled
    )
    walked, lately, named = (lists.get(place, []) for place in (0, _LATELY, _NAMED))
    cut = max(len(walked), len(lately)) > FOUND_MAX
    found = walked[:FOUND_MAX] + lately[:FOUND_MAX] + named
    titles = dict(found) if titled else None
    return replace(filters, found=json.dumps(list(titles) if titled else found), cut=cut, titles=titles)


def by_relevance(viewer: User, filters: Filters, now: datetime) -> list[int]:
    """The numbers that the words find, the likeliest first: the key itself, then the words in the title, first as they
    are and then as beginnings, then anywhere; of these the newer first.

    `filters` are what looked_up has returned, `titled`. One statement more where that was cut off.
    """
    words, numbers = read_words(filters.q[0]), filters.numbers
    named = [number for number in numbers if number == words.number]
    if filters.cut:
        lists = _look_for(viewer, filters, now, words, [(_TITLE, False), (_TITLE, True)], RANKED_MAX)
        return list(dict.fromkeys(named + lists[0] + lists[1] + numbers))[:FOUND_MAX]
    rank = words.ranker()
    places = {number: rank(title) for number, title in filters.titles.items()}
    return list(dict.fromkeys(named + sorted(numbers, key=places.get)))


def holds(text: str, viewer: User) -> ColumnElement[bool]:
    """A condition on Ticket: these words are in it. However many do, so it is for files and for one's own tickets."""
    words = read_words(text)
    if not words:
        return false()
    there = _there(_say(words, _all_of(viewer), True))
    return there if words.number is None else or_(there, Ticket.id == words.number)


def _all_of(viewer: User) -> tuple[str, str]:
    return _ALL if viewer.is_staff else _SHOWN


def _look_for(viewer, filters: Filters, now, words: Words, places, limit: int, closed_days=None, **how) -> dict:
    """Lists of numbers, or of number and title, by the place where the words stand, each in order.

    `places` are where they may stand, and whether they may go on; what is found in one is found in the next too.
    """
    if not words:
        return {}
    state = _state(filters, closed_days)
    values = {f"words_{place}": _say(words, where, begins, state) for place, (where, begins) in enumerate(places)}
    if closed_days:
        where, begins = places[0]
        values[f"words_{_LATELY}"] = _say(words, where, begins, "closed")
    if dialect_name() == "postgresql":
        (_columns, weights), begins = places[-1]
        values["longest"] = words.for_postgresql(weights, begins, _LONGEST)
    asked = replace(filters, q=(), found=None, cut=False, titles=None)
    titles = tuple(where is _TITLE for where, _begins in places)
    sizes = (limit, _NEAR if asked == Filters() else _NEAR * _WIDER)
    shape = (asked, dialect_name(), titles, words.number is not None, closed_days, sizes, tuple(how.items()))
    return {
        place: json.loads(found or "[]")
        for place, found in run(_look, viewer, now, *shape, number=words.number, **values)
    }


def _state(filters: Filters, closed_days: int | None) -> str | None:
    """What SQLite's index itself can say of the wanted statuses."""
    if closed_days or not filters.status or Status.CLOSED not in filters.status:
        return "open"
    return "closed" if len(filters.status) == 1 else None


def _say(words: Words, where: tuple[str, str], begins: bool, state: str | None = None) -> str:
    columns, weights = where
    if dialect_name() == "sqlite":
        return words.for_sqlite(columns, begins, state)
    return words.for_postgresql(weights, begins)


# The statements, each built once for a kind of viewer (prepared.run)


def _look(kind, filters: Filters, engine: str, titles: tuple, has_number: bool, closed_days, sizes: tuple, how: tuple):
    oldest, titled = dict(how).get("oldest", False), dict(how).get("titled", False)
    limit, near = sizes
    listed = [visible_to(kind), *replace(filters, status=()).conditions(kind, NOW)]
    wanted = [Ticket.status.in_(filters.status or OPEN_STATUSES)] if len(filters.status) < len(STATUSES) else []
    facts = [Ticket.id, Ticket.title] if titled else [Ticket.id]
    walk = _walks_sqlite if engine == "sqlite" else _walks_postgresql
    walks = walk(facts, titles, [*wanted, *listed], oldest, limit + 1, near)
    if closed_days:
        recent = and_(Ticket.status == Status.CLOSED, Ticket.closed_at >= days_before(NOW, closed_days))
        chosen = [] if not filters.status or Status.CLOSED in filters.status else [false()]
        lately = select(*facts).where(_there(_words(_LATELY)), recent, *chosen, *listed)
        walks[_LATELY] = lately.order_by(Ticket.closed_at.desc()).limit(limit + 1)
    if has_number:  # who names a ticket means it, closed or not
        named = Ticket.id == bindparam("number", type_=Integer())
        walks[_NAMED] = select(*facts).where(named, *(wanted if filters.status else []), *listed)
    parts = [select(literal_column(str(place), Integer()), _as_list(walk.subquery())) for place, walk in walks.items()]
    return union_all(*parts) if len(parts) > 1 else parts[0]


def _walks_sqlite(
    facts: list, titles: tuple, conditions: list, oldest: bool, limit: int, _near: int
) -> dict[int, Select]:
    """Tickets with these words, from one end of the index on."""
    # As a sum the number leads to the ticket alone, so that SQLite begins with the index of words.
    join = Ticket.id == fts.c.rowid + literal_column("0")
    found = select(*facts).select_from(fts).join(Ticket, join).where(*conditions).limit(limit)
    found = found.order_by(fts.c.rowid if oldest else fts.c.rowid.desc())
    return {place: found.where(_matches(_words(place))) for place in range(len(titles))}


def _walks_postgresql(
    facts: list, titles: tuple, conditions: list, oldest: bool, limit: int, near: int
) -> dict[int, Select]:
    """Tickets with these words, in two steps, because no planner knows how many have a beginning of a word.

    What most tickets hold is found among the `near` first ones. What is not, is rare enough to take all of it from the
    index of words and sort it; without an order to keep, nothing tempts the planner to walk through all tickets for it.
    This is done once: what is found in one place is a part of what is found in the next.
    """
    number = vectors.c.ticket_id
    # As a question of truth no index is asked for it: all words are looked for on the way, or in what some have found.
    matches = [_matches(_words(place)).is_(true()) for place in range(len(titles))]
    first = select(func.min(Ticket.id) if oldest else func.max(Ticket.id)).scalar_subquery()
    end = first + near if oldest else first - near
    beside = select(*facts).select_from(vectors).join(Ticket, Ticket.id == number).where(*conditions)
    # With both ends named the planner expects few, and so goes by the primary key.
    inside = [row.between(first, end) if oldest else row.between(end, first) for row in (number, Ticket.id)]
    nears = [
        beside.where(one, *inside).order_by(Ticket.id if oldest else Ticket.id.desc()).limit(limit)
        .cte(f"near_{place}").prefix_with("MATERIALIZED")
        for place, one in enumerate(matches)
    ]  # fmt: skip
    too_few = or_(*(select(func.count()).select_from(one).scalar_subquery() < limit for one in nears))
    beyond = number + literal_column("0")  # as a sum: the primary key is no help in finding most tickets
    indexed = _matches(_asked("longest"), titles[-1])
    far = beside.where(indexed, matches[-1], beyond > end if oldest else beyond < end, too_few)
    far = far.add_columns(*(one.label(f"in_{place}") for place, one in enumerate(matches[:-1])))
    far = far.cte("far").prefix_with("MATERIALIZED")
    walks = {}
    for place, close in enumerate(nears):
        beyond = select(*(far.c[fact.name] for fact in facts))
        last = place == len(nears) - 1
        found = union_all(select(close), beyond if last else beyond.where(far.c[f"in_{place}"])).subquery()
        walks[place] = select(found).order_by(found.c.id if oldest else found.c.id.desc()).limit(limit)
    return walks


def _as_list(rows) -> ColumnElement:
    """All rows as one JSON text: a thousand of them, one by one, would cost more than finding them."""
    if dialect_name() == "sqlite":
        return func.json_group_array(rows.c.id if len(rows.c) == 1 else func.json_array(*rows.c), type_=Text())
    return cast(func.json_agg(rows.c.id if len(rows.c) == 1 else func.json_build_array(*rows.c)), Text())


def _words(place: int) -> ColumnElement:
    return _asked(f"words_{place}")


def _asked(name: str) -> ColumnElement:
    """On PostgreSQL they are a part of the statement's text, so that it is planned for these very words: how many
    tickets hold them decides whether their index is begun with, or one of the other filters."""
    return bindparam(name, type_=String(), literal_execute=dialect_name() != "sqlite")


def _there(asked) -> ColumnElement[bool]:
    number = fts.c.rowid if dialect_name() == "sqlite" else vectors.c.ticket_id
    return Ticket.id.in_(select(number).where(_matches(asked)))


def _matches(asked, in_title: bool = False) -> ColumnElement[bool]:
    """With `in_title` PostgreSQL asks the index of titles, for words that are sought in no other place."""
    if dialect_name() == "sqlite":
        return fts.c.ticket_search.op("MATCH", is_comparison=True)(asked)
    words = func.ts_filter(vectors.c.words, literal_column("'{a}'")) if in_title else vectors.c.words
    return words.op("@@", is_comparison=True)(func.to_tsquery(literal_column("'simple'"), asked))
