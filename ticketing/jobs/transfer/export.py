"""Tickets as records, a few hundred at a time, and the two ways to write them down."""

import csv
import io
import json
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator
from datetime import datetime

from sqlalchemy import bindparam, select

from ticketing.extensions import db
from ticketing.jobs.reads import one_moment
from ticketing.jobs.transfer.record import COLUMNS, INSTANTS, NESTED, PEOPLE, translate, write_key
from ticketing.models import Category, Comment, Event, Link, Team, Ticket, User, Watcher
from ticketing.queries.csv_export import safe_cell
from ticketing.rules.instants import write_instant
from ticketing.rules.taxonomy import Status

_CHUNK = 500

_IDS = bindparam("ids", expanding=True)
_TICKETS = select(*Ticket.__table__.c)
_ONE = _TICKETS.where(Ticket.id == bindparam("id"))
_COMMENTS = select(*Comment.__table__.c).where(Comment.ticket_id.in_(_IDS)).order_by(Comment.id)
_EVENTS = select(*Event.__table__.c).where(Event.ticket_id.in_(_IDS)).order_by(Event.at, Event.id)
_WATCHERS = select(*Watcher.__table__.c).where(Watcher.ticket_id.in_(_IDS))
_LINKS = select(*Link.__table__.c).where(Link.source_id.in_(_IDS))


def export_tickets(write: Callable[[str], object], file_format: str, *, statuses: Collection[Status] = (),
                   since: datetime | None = None) -> int:  # fmt: skip
    """Write every ticket in the order of its key; `since` keeps those that changed then or later.

    `file_format` is csv or json. Memory stays flat however many there are. Returns how many were written.
    """
    with one_moment():
        return {"csv": _write_csv, "json": _write_json}[file_format](write, records(statuses, since))


def records(statuses: Collection[Status] = (), since: datetime | None = None) -> Iterator[dict]:
    asked = [Ticket.status.in_(statuses)] if statuses else []
    if since is not None:
        asked.append(Ticket.updated_at >= since)
    yield from Recorder().walk(asked)


def _write_csv(write, tickets: Iterator[dict]) -> int:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    count = 0
    for record in tickets:
        writer.writerow([_cell(column, record[column]) for column in COLUMNS])
        write(buffer.getvalue())
        buffer.seek(0)
        buffer.truncate()
        count += 1
    write(buffer.getvalue())
    return count


def _cell(column: str, value) -> str:
    if column in NESTED:
        return _json(value) if value else ""
    return safe_cell(value or "")


def _write_json(write, tickets: Iterator[dict]) -> int:
    count = 0
    write("[")
    for count, record in enumerate(tickets, 1):
        write(("\n" if count == 1 else ",\n") + _json(record))
    write("\n]\n")
    return count


def _json(value) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


class Recorder:
    """Holds the names of people, teams and categories while tickets stream past."""

    def __init__(self):
        self.people = dict(db.session.execute(select(User.id, User.email)).all())
        self.teams = dict(db.session.execute(select(Team.id, Team.key)).all())
        self.categories = dict(db.session.execute(select(Category.id, Category.key)).all())

    def one(self, ticket_id: int) -> dict:
        return next(self._records(_read(_ONE, id=ticket_id)))

    def walk(self, asked: list) -> Iterator[dict]:
        last = 0
        while True:
            page = _TICKETS.where(*asked, Ticket.id > last).order_by(Ticket.id).limit(_CHUNK)
            rows = _read(page)
            if not rows:
                return
            last = rows[-1]["id"]
            yield from self._records(rows)

    def _records(self, rows: list) -> Iterator[dict]:
        ids = [row["id"] for row in rows]
        around = [
            _grouped(_COMMENTS, ids), _grouped(_EVENTS, ids), _grouped(_WATCHERS, ids),
            _grouped(_LINKS, ids, by="source_id"),
        ]  # fmt: skip
        for row in rows:
            yield self._record(row, *(group[row["id"]] for group in around))

    def _record(self, row, comments: list, events: list, watchers: list, links: list) -> dict:
        record = {column: row.get(column) for column in COLUMNS}
        record |= {column: write_instant(row[column]) for column in INSTANTS}
        record |= {column: self.people.get(row[f"{column}_id"]) for column in PEOPLE}
        record["key"] = write_key(row["id"])
        record["team"] = self.teams[row["team_id"]]
        record["category"] = self.categories.get(row["category_id"])
        record["details"] = dict(sorted((row["details"] or {}).items()))
        record["watchers"] = sorted(
            ({"person": self.people[w["user_id"]], "since": write_instant(w["since"])} for w in watchers),
            key=lambda watcher: (watcher["since"], watcher["person"]),
        )
        record["links"] = [
            {"kind": found["kind"], "ticket": write_key(found["target_id"]),
             "by": self.people.get(found["author_id"]), "at": write_instant(found["created_at"])}
            for found in sorted(links, key=lambda found: (found["kind"], found["target_id"]))
        ]  # fmt: skip
        record["comments"] = [
            {"author": self.people[said["author_id"]], "at": write_instant(said["created_at"]),
             "internal": said["internal"], "body": said["body"]}
            for said in comments
        ]  # fmt: skip
        places = {said["id"]: place for place, said in enumerate(comments, 1)}
        record["events"] = [self._event(event, places) for event in events]
        return record

    def _event(self, event, places: dict[int, int]) -> dict:
        sorts = {
            "person": self.people.get, "team": self.teams.get, "category": self.categories.get,
            "ticket": write_key, "comment": places.get, "attachment": lambda number: None,
        }  # fmt: skip
        payload = translate(event["kind"], event["payload"], lambda sort, value: sorts[sort](value))
        return {
            "kind": event["kind"],
            "actor": self.people.get(event["actor_id"]),
            "at": write_instant(event["at"]),
            "noticed_at": write_instant(event["noticed_at"]),
            "payload": payload,
        }


def _grouped(query, ids: list[int], by: str = "ticket_id") -> defaultdict:
    groups = defaultdict(list)
    for row in _read(query, ids=ids):
        groups[row[by]].append(row)
    return groups


def _read(query, **values) -> list:
    return db.session.connection().execute(query, values).mappings().all()
