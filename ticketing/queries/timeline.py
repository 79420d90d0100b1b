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
from ticketing.queries.prepared import run
from ticketing.queries.visibility import visible_to
from ticketing.rules.sla import Level
from ticketing.rules.taxonomy import Status

ENTRIES = 400  # of each kind on one page; older ones are one link away
FOLD_OVER = 3  # changes in a row that stay open; of a longer run the last two do
_TICKET = bindparam("ticket", type_=Integer())
_LINKING = (EventKind.LINKED, EventKind.UNLINKED)
_RENDERED_MAX = 8_000


@dataclass(slots=True)
class Entry:
    """One line of the timeline: a comment, an event, or a run of events that is folded."""

    kind: str  # comment, event, fold
    at: datetime
    row: object = None
    files: list = field(default_factory=list)
    folded: list = field(default_factory=list)


@dataclass(slots=True)
class Names:
    """Ids to names, for sentences."""

    people: dict[int, str] = field(default_factory=dict)
    teams: dict[int, str] = field(default_factory=dict)
    categories: dict[int, str] = field(default_factory=dict)


@dataclass(slots=True)
class Story:
    entries: list[Entry]
    names: Names
    links: list  # (id, kind, from_here, other, title, status) of what the viewer may see
    files: list
    spent: dict[Status, int]  # seconds in each status so far
    watchers: list = field(default_factory=list)  # (id, name, handle) by name
    events: list = field(default_factory=list)  # the history itself, oldest first
    comments: int = 0
    cut: bool = False  # older entries are left out


def load_story(ticket: Ticket, viewer: User, now: datetime, people: Iterable[int] = (), whole: bool = False) -> Story:
    """All of the ticket's story for staff. `people` are further ids whose names the page needs. Five statements."""
    limit = 1_000_000 if whole else ENTRIES
    comments = _newest(_COMMENTS, ticket, limit)
    events = _newest(_EVENTS, ticket, limit)
    files = list(db.session.connection().execute(_FILES, {"ticket": ticket.id}))
    links = list(run(_links, viewer, now, ticket=ticket.id))
    known = {row.other for row in links}
    asked = {row.payload["ticket"] for row in events if row.kind in _LINKING} - known
    named = {*people, *_people_in(events, comments), *(row.uploader_id for row in files)}
    names, watchers, seen = _load_round(ticket, viewer, now, named, asked)
    events = [row for row in events if row.kind not in _LINKING or row.payload["ticket"] in known | seen]
    return Story(
        entries=_merge(comments, events, files),
        names=names,
        links=links,
        files=files,
        spent=_time_in_status(ticket, events, now),
        watchers=watchers,
        events=events,
        comments=len(comments),
        cut=not whole and (len(comments) == limit or len(events) == limit),
    )


def load_conversation(ticket: Ticket) -> Story:
    """What a reporter gets: the visible comments with their files. Three statements."""
    comments = [row for row in _newest(_COMMENTS, ticket, 1_000_000) if not row.internal]
    files = [row for row in db.session.connection().execute(_FILES, {"ticket": ticket.id}) if not row.internal]
    names = load_names({ticket.reporter_id, ticket.owner_id or 0, *(row.author_id for row in comments)})
    return Story(_merge(comments, [], files), names, [], files, {}, comments=len(comments))


def choose(entries: list[Entry], activity: str) -> list[Entry]:
    """The entries one of the filters leaves: all (long runs of changes folded, without what only the clocks' own
    history needs), replies, notes or history."""
    match activity:
        case "replies":
            return [entry for entry in entries if entry.kind == "comment" and not entry.row.internal]
        case "notes":
            return [entry for entry in entries if entry.kind == "comment" and entry.row.internal]
        case "history":
            return [entry for entry in entries if entry.kind == "event"]
        case _:
            return _fold([entry for entry in entries if entry.kind != "event" or not _only_history(entry.row)])


def _only_history(event) -> bool:
    """A warning or a reminder, which nobody acted on, and a reaction that a move or a reply tells of already."""
    if event.kind is EventKind.SLA_LEVEL:
        return event.payload["level"] not in (Level.BREACH, Level.ESCALATE)
    return event.kind is EventKind.REACTED and event.payload["how"] != "take"


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
        select(Link.id, Link.kind, here.label("from_here"), Ticket.id.label("other"), Ticket.title, Ticket.status)
        .join(Ticket, Ticket.id == case((here, Link.target_id), else_=Link.source_id))
        .where(or_(here, Link.target_id == _TICKET), visible_to(kind))
        .order_by(Link.id)
    )


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


def _merge(comments: list, events: list, files: list) -> list[Entry]:
    """One list, oldest first. A comment stands where its event stands; files stand with their comment."""
    of_comment: dict[int, list] = {}
    for row in files:
        if row.comment_id is not None:
            of_comment.setdefault(row.comment_id, []).append(row)
    with_comment = {row.id for rows in of_comment.values() for row in rows}
    waiting = {row.id: row for row in comments}
    entries = []
    for row in events:
        if row.kind is EventKind.COMMENTED:
            comment = waiting.pop(row.payload["comment"], None)
            if comment is not None:
                entries.append(Entry("comment", row.at, comment, of_comment.get(comment.id, [])))
        elif row.kind is not EventKind.ATTACHED or row.payload["attachment"] not in with_comment:
            entries.append(Entry("event", row.at, row))
    if waiting:  # comments whose events are out of reach
        entries += [Entry("comment", row.created_at, row, of_comment.get(row.id, [])) for row in waiting.values()]
        entries.sort(key=lambda entry: entry.at)
    return entries


def _fold(entries: list[Entry]) -> list[Entry]:
    """Of a run of more than FOLD_OVER changes all but the last two go behind one line."""
    folded, changes = [], []
    for entry in [*entries, None]:
        if entry is not None and entry.kind == "event":
            changes.append(entry)
            continue
        if len(changes) > FOLD_OVER:
            folded.append(Entry("fold", changes[0].at, folded=changes[:-2]))
            changes = changes[-2:]
        folded += changes
        changes = []
        if entry is not None:
            folded.append(entry)
    return folded


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
