"""Tickets into the desk from a file: one savepoint each, and a report of what became of every row."""

from collections.abc import Callable
from datetime import datetime
from typing import BinaryIO

from sqlalchemy import select
from sqlalchemy.exc import DataError, IntegrityError

from ticketing.extensions import db
from ticketing.jobs.sequences import follow_sequences
from ticketing.jobs.transfer.complete import complete
from ticketing.jobs.transfer.export import Recorder
from ticketing.jobs.transfer.land import land, land_link
from ticketing.jobs.transfer.names import Names
from ticketing.jobs.transfer.parse import is_whole, parse
from ticketing.jobs.transfer.read import as_text, read_records_csv, read_records_json
from ticketing.jobs.transfer.record import COLUMNS, read_key
from ticketing.jobs.transfer.report import Report
from ticketing.jobs.transfer.servicenow import Incident, read_incidents
from ticketing.jobs.transfer.servicenow_replay import replay
from ticketing.jobs.transfer.trouble import RowRefused, Unreadable
from ticketing.models import Event, Ticket
from ticketing.models.event import EventKind

_BATCH = 100


def import_tickets(stream: BinaryIO, file_format: str, *, at: datetime, report: Report) -> Report:
    """Bring in every ticket of the file and commit. Raises Unreadable when the file is no such file.

    Rows with the key (or source and external id) of a present ticket change nothing: they are unchanged
    when they say the same, refused when they do not.
    """
    with as_text(stream) as text:
        return _Import(file_format, at, report).run(_READERS[file_format](text))


_READERS = {
    "csv": lambda text: read_records_csv(text, COLUMNS),
    "json": read_records_json,
    "servicenow": read_incidents,
}


class _Import:
    def __init__(self, file_format: str, at: datetime, report: Report):
        self.format, self.at, self.report = file_format, at, report
        self.names = Names(at)
        self.recorder = Recorder()
        self.recorder.people = self.names.emails  # those made on the way are known to both
        self.links: list[tuple[int, int, str, dict]] = []
        self.keys_were_set = False
        self.notes: list[tuple] = []

    def run(self, rows) -> Report:
        """Take every row, then the links. A file that breaks off lands what stood before, and is then told."""
        broken = None
        try:
            for taken, (line, row) in enumerate(rows, 1):
                self._attempt(line, row)
                if taken % _BATCH == 0:
                    self._commit()
        except Unreadable as problem:
            broken = problem
        self._commit()
        for line, source_id, key, one in self.links:
            self._tie(line, source_id, key, one)
        self._commit()
        if broken is not None:
            raise broken
        return self.report

    def _attempt(self, line: int, row) -> None:
        label = row.get("key", "") if isinstance(row, dict) else getattr(row, "number", "")
        label, self.notes, pending = str(label)[:80], [], len(self.links)
        self.names.mark()
        try:
            with db.session.begin_nested():
                created = self._take(line, row)
        except (RowRefused, IntegrityError, DataError) as problem:
            self.names.forget()
            del self.links[pending:]
            if not isinstance(problem, RowRefused):
                problem = RowRefused("row", "the_database_refused", str(problem.orig).splitlines()[0])
            self.report.refuse(line, label, problem)
            return
        for note in self.notes:
            self.report.note(*note)
        if created:
            self.report.created += 1
        else:
            self.report.unchanged += 1

    def _take(self, line: int, row) -> bool:
        """Land one row. Returns False when the ticket is here already and says the same."""
        if isinstance(row, RowRefused):
            raise row
        if isinstance(row, Incident):
            return self._take_incident(line, row)
        record = parse(row)
        for name, key in (("team", self.names.team_key), ("category", self.names.category_key)):
            if name in record:
                record[name] = key(record[name])
        if record.get("external_id") and not is_whole(record):
            record.setdefault("source", self.format)
        present = self._present(record)
        if present is not None:
            self._compare(present, record)
            self._remember_links(line, present, record)
            return False
        label = record.get("key", "")
        whole = complete(record, self.names, self.at, self.format, self._noter("defaulted", line, label))
        self._land(line, whole)
        return True

    def _take_incident(self, line: int, incident: Incident) -> bool:
        present = self._present({"source": incident.source, "external_id": incident.number})
        if present is not None:
            imported = select(Event.payload).where(Event.ticket_id == present, Event.kind == EventKind.IMPORTED)
            digests = [payload.get("digest") for payload in db.session.scalars(imported)]
            if incident.digest not in digests:
                raise RowRefused("number", "imported_from_other_rows", incident.number)
            return False
        record = replay(incident, self.names, self.at, lambda *note: self.notes.append(note))
        self._land(line, record)
        return True

    def _land(self, line: int, record: dict) -> None:
        if record.get("key"):
            self.keys_were_set = True
        elif self.keys_were_set:
            follow_sequences("ticket")  # or the next number might be one that a key has just taken
            self.keys_were_set = False
        ticket = land(record, self.names)
        self.report.events += len(record["events"])
        self._remember_links(line, ticket.id, record)

    def _present(self, record: dict) -> int | None:
        if record.get("key"):
            return db.session.scalar(select(Ticket.id).where(Ticket.id == read_key(record["key"])))
        if record.get("external_id"):
            return db.session.scalar(
                select(Ticket.id).where(Ticket.source == record["source"], Ticket.external_id == record["external_id"])
            )
        return None

    def _compare(self, ticket_id: int, record: dict) -> None:
        present = self.recorder.one(ticket_id)
        columns = COLUMNS if is_whole(record) else [name for name in COLUMNS if name in record]
        for name in columns:
            # Links are added when both ends are here, and their events tell them apart anyway.
            if name != "links" and (present[name] or None) != (record.get(name) or None):
                raise RowRefused(name, "differs_from_the_present_ticket", present["key"])

    def _remember_links(self, line: int, ticket_id: int, record: dict) -> None:
        self.links += [(line, ticket_id, f"T-{ticket_id}", one) for one in record.get("links", [])]

    def _tie(self, line: int, source_id: int, key: str, one: dict) -> None:
        self.names.mark()
        with db.session.begin_nested():
            tied = land_link(source_id, one, self.names)
        if tied is None:
            self.report.note("defaulted", line, key, "links", f"{one['kind']} {one['ticket']}", "left out")

    def _noter(self, what: str, line: int, label: str) -> Callable:
        return lambda field, value: self.notes.append((what, line, label, field, None, value))

    def _commit(self) -> None:
        if self.keys_were_set:
            follow_sequences("ticket")
        db.session.commit()
        db.session.expunge_all()
