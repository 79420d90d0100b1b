"""Announcements: each becomes a notification for everybody it concerns, and a mail where mails are sent (R13).

Safe when several processes announce at once: an announcement is claimed by the write that ends it, in the transaction
that holds all it leads to. A kill leaves it whole, done or not.
"""

import logging
import random
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import Connection, Integer, bindparam, func, select, update
from sqlalchemy.exc import OperationalError

from ticketing.channels.email import usable
from ticketing.extensions import db, reading
from ticketing.jobs.outbox.desk import mail_server, on_call_address
from ticketing.jobs.outbox.tidy import tidy
from ticketing.models import Notification, Outbox, SlaLevel, Ticket, User, Watcher
from ticketing.models.dialects import insert_unless_there
from ticketing.models.types import Instant
from ticketing.rules.sla import LEVELS, Level
from ticketing.rules.taxonomy import Role
from ticketing.rules.telling import Ground, calls_out, told_as
from ticketing.rules.workflow import Relation

log = logging.getLogger(__name__)
ANNOUNCEMENT, EMAIL = "sla", "email"
_BATCH = 200
_MISSES = 10  # so many in a row that others took first mean: look again


def announce_all(now: datetime) -> int:
    """Tell of all that waits to be told by `now`; how many announcements that were. Each commits by itself.

    One that fails goes to the dead letters with its error; one that met a busy database waits for the next run.
    """
    told, left = 0, set()
    with db.engine.connect() as connection:
        while rows := [row for row in _waiting(connection, now, len(left)) if row.id not in left]:
            told += _announce_batch(connection, rows, now, left)
    if told:
        tidy(now)
    return told


def _announce_batch(connection: Connection, rows: list, now: datetime, left: set[int]) -> int:
    telling = _Telling(connection, now)
    random.shuffle(rows)  # several runs at once begin in several places
    told = missed = 0
    for row in rows:
        try:
            done = telling.announce(row)
        except OperationalError as problem:
            log.warning("announcement %s waits: %s", row.dedupe_key, problem.orig)
            left.add(row.id)
            continue
        except Exception as problem:
            log.exception("announcement %s could not be told", row.dedupe_key)
            left.add(row.id)
            _bury(connection, row.id, f"{type(problem).__name__}: {problem}", now)
            continue
        told += done
        missed = 0 if done else missed + 1
        if missed >= _MISSES:
            break
    return told


def _waiting(connection: Connection, now: datetime, skipped: int) -> list:
    """What is to be told, read without keeping anybody from writing."""
    with _only_reading(connection):
        return list(connection.execute(_WAITING, {"now": now, "most": _BATCH + skipped}))


@contextmanager
def _only_reading(connection: Connection):
    mark = reading.set(True)
    try:
        yield
    finally:
        if not connection.invalidated:  # of one that broke nothing is left to end
            connection.rollback()
        reading.reset(mark)


_NOW = bindparam("now", type_=Instant())
_WAITING = (
    select(Outbox.id, Outbox.dedupe_key, Outbox.payload)
    .where(Outbox.channel == ANNOUNCEMENT, Outbox.next_try_at <= _NOW)
    .order_by(Outbox.next_try_at, Outbox.id)
    .limit(bindparam("most", type_=Integer()))
)
_outbox = Outbox.__table__
_MINE = (_outbox.c.id == bindparam("number"), _outbox.c.next_try_at.is_not(None))
_CLAIM = update(_outbox).where(*_MINE).values(sent_at=_NOW, next_try_at=None, attempts=_outbox.c.attempts + 1)
_BURY = (
    update(_outbox)
    .where(*_MINE)
    .values(dead_at=_NOW, next_try_at=None, attempts=_outbox.c.attempts + 1, error=bindparam("said"))
)
_STAFF = select(User.id, User.role, User.team_id, User.email).where(
    User.active, ~User.machine, User.role != Role.REPORTER
)
_TICKET = select(Ticket.id, Ticket.owner_id, Ticket.team_id, Ticket.reporter_id, Ticket.restricted).where(
    Ticket.id == bindparam("ticket", type_=Integer())
)
_WATCHERS = select(Watcher.user_id).where(Watcher.ticket_id == bindparam("ticket", type_=Integer()))
# A change of terms records a breach anew under its generation: it was found when that was done first.
_BREACH_FOUND = select(func.min(SlaLevel.detected_at)).where(
    SlaLevel.clock_id == bindparam("clock", type_=Integer()),
    SlaLevel.due_at == bindparam("due", type_=Instant()),
    SlaLevel.level == Level.BREACH,
)


class _Telling:
    """What one batch of announcements shares: who works here, and where messages go."""

    def __init__(self, connection: Connection, now: datetime):
        self.connection, self.now = connection, now
        self.notify = insert_unless_there(Notification.__table__)
        self.mail = insert_unless_there(_outbox)
        self.mails = mail_server() is not None
        with _only_reading(connection):
            self.staff = list(connection.execute(_STAFF))
            self.on_call = on_call_address(connection) if self.mails else ""

    def announce(self, row) -> int:
        """Tell one; 0 when somebody else was faster."""
        with self.connection.begin():
            if self.connection.execute(_CLAIM, {"number": row.id, "now": self.now}).rowcount != 1:
                return 0
            level = Level(row.payload["level"])
            facts = self._facts(row, level)
            told = self._told(row.payload["ticket"], level)
            if told:
                self.connection.execute(self.notify, [self._notification(row, facts, *one) for one in told])
            mails = self._mails(row, facts, level, told) if self.mails else []
            if mails:
                self.connection.execute(self.mail, mails)
        return 1

    def _facts(self, row, level: Level) -> dict:
        """The announcement's own, and when the breach was found if this is about what came after it (R15)."""
        facts = row.payload
        if LEVELS.index(level) <= LEVELS.index(Level.BREACH):
            return facts
        clock, due = int(row.dedupe_key.split(":")[1]), facts["due_at"] and datetime.fromisoformat(facts["due_at"])
        found = self.connection.scalar(_BREACH_FOUND, {"clock": clock, "due": due})
        return facts | {"breach_detected_at": found and found.isoformat().replace("+00:00", "Z")}

    def _told(self, number: int, level: Level) -> list[tuple]:
        """(person, ground) of everybody who is told."""
        ticket = self.connection.execute(_TICKET, {"ticket": number}).one()
        watching = set(self.connection.scalars(_WATCHERS, {"ticket": number}))
        owned = any(person.id == ticket.owner_id for person in self.staff)
        grounds = [(person, self._ground(person, ticket, level, watching, owned)) for person in self.staff]
        return [(person, ground) for person, ground in grounds if ground is not None]

    @staticmethod
    def _ground(person, ticket, level: Level, watching: set[int], owned: bool) -> Ground | None:
        relation = Relation(
            role=person.role, owner=person.id == ticket.owner_id, reporter=person.id == ticket.reporter_id,
            team=person.team_id is not None and person.team_id == ticket.team_id,
        )  # fmt: skip
        return told_as(
            level, relation, restricted=ticket.restricted, watching=person.id in watching, owned=owned
        )  # fmt: skip

    def _notification(self, row, facts: dict, person, ground: Ground) -> dict:
        return {
            "user_id": person.id, "ticket_id": facts["ticket"], "dedupe_key": row.dedupe_key,
            "payload": facts | {"ground": ground}, "made_at": self.now,
        }  # fmt: skip

    def _mails(self, row, facts: dict, level: Level, told: list[tuple]) -> list[dict]:
        mails = [
            self._mail(f"{row.dedupe_key}:{person.id}", facts | {"ground": ground}, recipient_id=person.id)
            for person, ground in told
            if usable(person.email)
        ]
        if calls_out(level) and usable(self.on_call):
            key = f"{row.dedupe_key}:on-call"
            mails.append(self._mail(key, facts | {"ground": Ground.ON_CALL}, address=self.on_call))
        return mails

    def _mail(self, key: str, facts: dict, recipient_id: int | None = None, address: str | None = None) -> dict:
        return {
            "dedupe_key": key, "channel": EMAIL, "recipient_id": recipient_id, "address": address, "payload": facts,
            "made_at": self.now, "attempts": 0, "next_try_at": self.now, "error": "",
        }  # fmt: skip


def _bury(connection: Connection, number: int, said: str, now: datetime) -> None:
    try:
        with connection.begin():
            connection.execute(_BURY, {"number": number, "said": " ".join(said.split())[:500], "now": now})
    except OperationalError:
        log.exception("announcement %s could not be put aside", number)
