"""The story of one ticket: comments and events in one list, time spent in each status, and the names it speaks of.

Rows, not objects: a ticket is read far more often than it is changed.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from sqlalchemy import Integer, bindparam, case, literal, or_, select, union_all

from ticketing.extensions import db
from ticketing.models.comment import Attachment, Comment, Watcher
from ticketing.models.event import Event, EventKind
from ticketing.models.link import Link
from ticketing.models.markup import render
from ticketing.models.team import Category, Team
from ticketing.models.ticket import Ticket
from ticketing.models.user import User
from ticketing.queries.entries import Entry, join, merge
from ticketing.queries.entries import choose as choose
from ticketing.queries.filters import on_hold
from ticketing.queries.merged import files_of_merged, said_on_merged, said_to_reporter
from ticketing.queries.prepared import NOW, run
from ticketing.queries.visibility import visible_to
from ticketing.rules.taxonomy import LinkKind, ResolutionCode, Status

ENTRIES = 400  # of each kind on one page; older ones are one link away
_TICKET = bindparam("ticket", type_=Integer())
_LINKING = (EventKind.LINKED, EventKind.UNLINKED)
_OF_SEVERAL = (EventKind.CHILDREN_CLOSED, EventKind.PASSED_ON)
_OTHERS = ("with_parent", "duplicate_of", "from_ticket", "merged_from")  # where a payload may name one more ticket
_RENDERED_MAX = 8_000


@dataclass(slots=True)
class Names:
    """Ids to names, for sentences."""

    people: dict[int, str] = field(default_factory=dict)
    teams: dict[int, str] = field(default_factory=dict)
    categories: dict[int, str] = field(default_factory=dict)
    tickets: set[int] = field(default_factory=set)  # those the viewer may know of


@dataclass(slots=True)
class Story:
    entries: list[Entry]
    names: Names
    links: list  # (id, kind, from_here, other, title, status, owner_id, …, and its clock) of what the viewer may see
    files: list
    spent: dict[Status, int]  # seconds in each status so far
    watchers: list = field(default_factory=list)  # (id, name, handle) by name
    events: list = field(default_factory=list)  # the history itself, oldest first
    comments: int = 0
    cut: bool = False  # older entries are left out

    @property
    def parent(self):
        return next((row for row in self.links if row.kind is LinkKind.PARENT and not row.from_here), None)

    @property
    def children(self) -> list:
        return [row for row in self.links if row.kind is LinkKind.PARENT and row.from_here]

    @property
    def open_children(self) -> list:
        return [row for row in self.children if row.status is not Status.CLOSED]

    @property
    def merged(self) -> list:
        """What was closed as a duplicate of this one."""
        return [row for row in self.links if _is_merged(row)]

    @property
    def ties(self) -> list:
        """The links besides those of the family."""
        return [row for row in self.links if row.kind is not LinkKind.PARENT]


def load_story(ticket: Ticket, viewer: User, now: datetime, people: Iterable[int] = (), whole: bool = False) -> Story:
    """All of the ticket's story for staff. `people` are further ids whose names the page needs. Five statements, and
    two more where other tickets were merged into this one."""
    limit = 1_000_000 if whole else ENTRIES
    comments = _newest(_COMMENTS, ticket, limit)
    events = _newest(_EVENTS, ticket, limit)
    files = list(db.session.connection().execute(_FILES, {"ticket": ticket.id}))
    links = list(run(_links, viewer, now, ticket=ticket.id))
    merged = any(map(_is_merged, links))
    told = _not_copied(said_on_merged(ticket, viewer, now, limit), comments) if merged else []
    told_files = files_of_merged(ticket, viewer, now) if merged else []
    known = {row.other for row in links}
    named = {*people, *_people_in(events, [*comments, *told]), *(row.uploader_id for row in files)}
    named |= {row.owner_id for row in links if row.owner_id}
    names, watchers, seen = _load_round(ticket, viewer, now, named, set(_tickets_in(events)) - known)
    names.tickets = known | seen
    events = [row for row in events if _may_be_told(row, names.tickets)]
    entries = merge(comments, events, files, names.tickets)
    return Story(
        entries=join(entries, told, told_files),
        names=names,
        links=links,
        files=files,
        spent=_time_in_status(ticket, events, now),
        watchers=watchers,
        events=events,
        comments=len(comments),
        cut=not whole and limit in (len(comments), len(events), len(told)),
    )


def load_conversation(ticket: Ticket, viewer: User, now: datetime) -> Story:
    """What a reporter gets: the visible comments with their files, also those of their own tickets that were merged
    into this one. Three statements."""
    said, all_files = said_to_reporter(ticket, viewer, now)
    names = load_names({ticket.reporter_id, ticket.owner_id or 0, *(row.author_id for row in said)})
    comments = [row for row in said if row.ticket_id == ticket.id]
    files = [row for row in all_files if row.ticket_id == ticket.id]
    told = _not_copied([row for row in said if row.ticket_id != ticket.id], comments)
    entries = join(merge(comments, [], files), told, [row for row in all_files if row.ticket_id != ticket.id])
    return Story(entries, names, [], files, {}, comments=len(comments))


def description_html(text: str) -> str:
    """The description as HTML. Rendered once per text: pages of the same ticket come in bursts."""
    return _rendered(text) if len(text) <= _RENDERED_MAX else render(text)


@lru_cache(maxsize=256)
def _rendered(text: str) -> str:
    return render(text)


_COMMENTS = (
    select(Comment.id, Comment.author_id, Comment.internal, Comment.html, Comment.created_at)
    .where(Comment.ticket_id == _TICKET)
    .order_by(Comment.id.desc())
    .limit(bindparam("limit", type_=Integer()))
)
_EVENTS = (
    select(Event.id, Event.kind, Event.actor_id, Event.at, Event.payload)
    .where(Event.ticket_id == _TICKET)
    .order_by(Event.at.desc(), Event.id.desc())
    .limit(bindparam("limit", type_=Integer()))
)
_FILES = (
    select(Attachment.id, Attachment.comment_id, Attachment.name, Attachment.size, Attachment.media_type,
           Attachment.internal, Attachment.uploader_id)
    .where(Attachment.ticket_id == _TICKET)
    .order_by(Attachment.id)
)  # fmt: skip
_PEOPLE = bindparam("people", expanding=True, type_=Integer())
_NOTHING = literal("")
_NAMED = (
    select(literal("team").label("what"), Team.id, Team.name, _NOTHING.label("handle")),
    select(literal("category"), Category.id, Category.name, _NOTHING),
    select(literal("person"), User.id, User.name, _NOTHING).where(User.id.in_(_PEOPLE)),
)
_NAMES = union_all(*_NAMED)


def _newest(statement, ticket: Ticket, limit: int) -> list:
    """The last `limit` rows, oldest first."""
    return list(db.session.connection().execute(statement, {"ticket": ticket.id, "limit": limit}))[::-1]


def _links(kind):
    """Links with the ticket at their other end, where the viewer may see it."""
    here = Link.source_id == _TICKET
    return (
        select(Link.id, Link.kind, here.label("from_here"), Ticket.id.label("other"), Ticket.title, Ticket.status,
               Ticket.resolution_code, Ticket.owner_id, case((on_hold(NOW), Ticket.hold_reason)).label("hold_reason"),
               Ticket.warn_at, Ticket.due_at, Ticket.clock_face)
        .join(Ticket, Ticket.id == case((here, Link.target_id), else_=Link.source_id))
        .where(or_(here, Link.target_id == _TICKET), visible_to(kind))
        .order_by(Link.id)
    )  # fmt: skip


def _not_copied(told: list, comments: list) -> list:
    """Those comments of merged tickets that were not written here and passed on to them."""
    here = {(row.author_id, row.created_at, row.internal, row.html) for row in comments}
    return [row for row in told if (row.author_id, row.created_at, row.internal, row.html) not in here]


def _is_merged(row) -> bool:
    """Is what is linked here a ticket that was closed as a duplicate of this one?"""
    duplicate = row.kind is LinkKind.DUPLICATE_OF and not row.from_here
    return duplicate and row.resolution_code is ResolutionCode.DUPLICATE


def _load_round(ticket: Ticket, viewer: User, now: datetime, people: set[int], others: set[int]):
    """What the story needs besides itself: names, who watches, and which of the `others` the viewer may know of."""
    rows = list(run(_round, viewer, now, ticket=ticket.id, people=sorted(people) or [0], others=sorted(others) or [0]))
    watchers = sorted((Watching(*row[1:]) for row in rows if row.what == "watcher"), key=lambda one: one.name)
    return _as_names(rows), watchers, {row.id for row in rows if row.what == "other"}


class Watching(NamedTuple):
    id: int
    name: str
    handle: str


def _round(kind):
    others = bindparam("others", expanding=True, type_=Integer())
    return union_all(
        *_NAMED,
        select(literal("watcher"), User.id, User.name, User.handle)
        .join(Watcher, Watcher.user_id == User.id)
        .where(Watcher.ticket_id == _TICKET),
        select(literal("other"), Ticket.id, _NOTHING, _NOTHING).where(Ticket.id.in_(others), visible_to(kind)),
    )


def load_names(people: set[int]) -> Names:
    return _as_names(db.session.connection().execute(_NAMES, {"people": sorted(people) or [0]}))


def _as_names(rows) -> Names:
    names = Names()
    homes = {"team": names.teams, "category": names.categories, "person": names.people}
    for what, number, name, _handle in rows:
        if what in homes:
            homes[what][number] = name
    return names


def _people_in(events: list, comments: list):
    """Everybody the sentences will name."""
    for row in comments:
        yield row.author_id
    for row in events:
        yield from people_of(row)


def _may_be_told(row, known: set[int]) -> bool:
    """Not when it is about tickets alone of which the viewer may know none."""
    if row.kind in _LINKING:
        return row.payload["ticket"] in known
    return row.kind not in _OF_SEVERAL or not known.isdisjoint(row.payload["tickets"])


def _tickets_in(events: list):
    """Every other ticket that the sentences might name."""
    for row in events:
        if row.kind in _OF_SEVERAL:
            yield from row.payload["tickets"]
        for key in ("ticket", *_OTHERS) if row.kind in _LINKING else _OTHERS:
            if isinstance(number := row.payload.get(key), int):
                yield number


def people_of(event) -> set[int]:
    """Whoever the sentence of this event names."""
    named = {event.payload[key] for key in _PEOPLE_KEYS.get(event.kind, ())}
    return (named | {event.actor_id}) - {None}


_PEOPLE_KEYS = {
    EventKind.ASSIGNED: ("owner",),
    EventKind.REASSIGNED: ("from", "to"),
    EventKind.UNASSIGNED: ("from",),
    EventKind.WATCHED: ("user",),
    EventKind.UNWATCHED: ("user",),
}


def _time_in_status(ticket: Ticket, events: list, now: datetime) -> dict[Status, int]:
    """Seconds in each status by the moves in the history; the present one is counted up to now."""
    spent: dict[Status, int] = {}
    since = ticket.created_at
    for row in events:
        left = row.payload.get("from") if row.kind in _MOVES else None
        if left is None:
            continue
        spent[Status(left)] = spent.get(Status(left), 0) + max(0, int((row.at - since).total_seconds()))
        since = row.at
    if ticket.is_open:
        last = int((now - ticket.status_since).total_seconds())
        spent[ticket.status] = spent.get(ticket.status, 0) + max(0, last)
    return spent


_MOVES = (EventKind.MOVED, EventKind.CLOSED, EventKind.REOPENED)
