"""The lines of a ticket's timeline: comments and events in one list, long runs of changes folded."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from ticketing.models.event import EventKind
from ticketing.rules.sla import Level

FOLD_OVER = 3  # changes in a row that stay open; of a longer run the last two do


@dataclass(slots=True)
class Entry:
    """One line of the timeline: a comment, an event, or a run of events that is folded.

    `origin` is the number of the ticket a comment comes from, where that is another one: a parent, or a duplicate.
    """

    kind: str  # comment, event, fold
    at: datetime
    row: object = None
    files: list = field(default_factory=list)
    folded: list = field(default_factory=list)
    origin: int | None = None


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


def merge(comments: list, events: list, files: list, known: Iterable[int] = ()) -> list[Entry]:
    """One list, oldest first. A comment stands where its event stands; files stand with their comment.

    Of the tickets that a comment was copied from, the `known` ones are told.
    """
    of_comment = _by_comment(files)
    with_comment = {row.id for rows in of_comment.values() for row in rows}
    waiting = {row.id: row for row in comments}
    entries = []
    for row in events:
        if row.kind is EventKind.COMMENTED:
            comment = waiting.pop(row.payload["comment"], None)
            if comment is not None:
                origin = row.payload.get("from_ticket")
                entry = Entry("comment", row.at, comment, of_comment.get(comment.id, []))
                entry.origin = origin if origin in known else None
                entries.append(entry)
        elif row.kind is not EventKind.ATTACHED or row.payload["attachment"] not in with_comment:
            entries.append(Entry("event", row.at, row))
    if waiting:  # comments whose events are out of reach
        entries += [Entry("comment", row.created_at, row, of_comment.get(row.id, [])) for row in waiting.values()]
        entries.sort(key=lambda entry: entry.at)
    return entries


def join(entries: list[Entry], told: list, files: list) -> list[Entry]:
    """The entries with the comments of other tickets among them, by time."""
    if not told:
        return entries
    of_comment = _by_comment(files)
    entries += [Entry("comment", row.created_at, row, of_comment.get(row.id, []), origin=row.ticket_id) for row in told]
    return sorted(entries, key=lambda entry: entry.at)


def _by_comment(files: list) -> dict[int, list]:
    found: dict[int, list] = {}
    for row in files:
        if row.comment_id is not None:
            found.setdefault(row.comment_id, []).append(row)
    return found


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
