"""Sends the mails that wait: each once, in short claims, with no transaction open while a server is spoken to.

Safe when several run at once. A mail is claimed by moving its next try into the future; after a crash that lease runs
out and the mail goes again, so that it arrives at least once.
"""

import logging
import random
import time
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Integer, bindparam, delete, select, update
from sqlalchemy.exc import OperationalError

from ticketing import clock
from ticketing.channels.email import Connection, Interrupted, Refused, Server, Unreachable
from ticketing.extensions import db
from ticketing.jobs.mail_links import wiped
from ticketing.jobs.outbox.announce import EMAIL, announce_all
from ticketing.jobs.outbox.desk import mail_server
from ticketing.jobs.outbox.letters import Withdrawn, letter_for
from ticketing.jobs.outbox.tidy import tidy
from ticketing.jobs.reads import only_reading
from ticketing.jobs.runs import begin_run, end_run
from ticketing.models import Outbox
from ticketing.models.types import Instant

log = logging.getLogger(__name__)
OUTBOX_SEND = "outbox_send"  # the name of its runs
ATTEMPTS = 10
LEASE = timedelta(minutes=10)  # longer than a slow server may take for one mail
_FIRST_WAIT, _LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=1)
_BATCH = 50
_MISSES = 10
_BREAKS = 3  # so many interruptions in a row are the server's trouble, not the mails'


@dataclass(slots=True)
class Counts:
    """What one run did. `trouble` says why no mail could leave, `failed` what went wrong with single ones."""

    announced: int = 0
    sent: int = 0
    put_off: int = 0
    given_up: int = 0
    withdrawn: int = 0
    trouble: str = ""
    failed: list[str] = field(default_factory=list)

    @property
    def error(self) -> str:
        return "; ".join([self.trouble] * bool(self.trouble) + self.failed)[:2000]


def run(now: datetime) -> Counts:
    """A whole run, with its row: announce, then send."""
    number, counts, error = begin_run(OUTBOX_SEND, clock.now()), Counts(), ""
    try:
        announced = announce_all(now)
        counts = send_all(now)
        counts.announced = announced
        error = counts.error
    except BaseException as problem:
        db.session.rollback()
        error = f"{type(problem).__name__}: {problem}"[:2000]
        raise
    finally:
        end_run(number, clock.now(), asdict(counts), error)
    return counts


def send_all(now: datetime, server: Server | None = None) -> Counts:
    """Send all that is due by `now`, in batches until nothing is left. Without a mail server nothing is sent."""
    counts = Counts()
    server = server or mail_server()
    if server is not None:
        with _Round(server, now, counts) as tour:
            tour.go()
    tidy(now)
    return counts


def wait_after(attempts: int) -> timedelta:
    """How long a mail waits after so many attempts: 1, 2, 4 … minutes, an hour at most."""
    return min(_FIRST_WAIT * 2 ** (attempts - 1), _LONGEST_WAIT)


class _Round:
    """One run: a connection that is opened when something is due, and opened anew when it broke."""

    def __init__(self, server: Server, now: datetime, counts: Counts):
        self.server, self.now, self.counts = server, now, counts
        self.begun = time.monotonic()
        self.breaks = 0
        self.open = ExitStack()
        self.post: Connection | None = None

    def __enter__(self) -> "_Round":
        return self

    def __exit__(self, *_) -> None:
        self._hang_up()

    def go(self) -> None:
        try:
            while rows := self._due():
                random.shuffle(rows)  # several runs at once begin in several places
                self._send_batch(rows)
        except Unreachable as problem:  # nobody's fault but the server's: everything waits, no attempt is counted
            self.counts.trouble = str(problem)
            log.error("mail: %s", problem)

    def _send_batch(self, rows: list) -> None:
        missed = 0
        for row in rows:
            self._dial()  # before the claim: a server that is away costs no mail an attempt
            if self._claim(row):
                missed = 0
                self._send(row)
            elif (missed := missed + 1) >= _MISSES:
                return

    def _send(self, row) -> None:
        attempts = row.attempts + 1
        try:
            letter = self._letter(row.id)
            self.post.send(letter)
        except Withdrawn as why:
            log.info("mail %s is not sent: %s", row.dedupe_key, why)
            self._write(delete(Outbox).where(Outbox.id == row.id, Outbox.sent_at.is_(None)))
            self.counts.withdrawn += 1
        except Unreachable:
            self._mark(row, attempts, attempts=row.attempts, next_try_at=self._present())
            raise
        except Interrupted as problem:
            self._retry(row, attempts, str(problem))
            self._hang_up()
            self.breaks += 1
            if self.breaks >= _BREAKS:
                raise Unreachable(str(problem)) from None
        except Refused as refusal:
            self.breaks = 0
            (self._give_up if refusal.permanent else self._retry)(row, attempts, str(refusal))
        except OperationalError as problem:
            self._retry(row, attempts, str(problem.orig))
        except Exception as problem:  # a mail that cannot be written will not be written later either
            log.exception("mail %s could not be written", row.dedupe_key)
            self._give_up(row, attempts, f"{type(problem).__name__}: {problem}")
        else:
            self.breaks = 0
            ended = {"sent_at": self._present(), "next_try_at": None, "dead_at": None, "error": ""}
            mine = update(Outbox).where(Outbox.id == row.id, Outbox.sent_at.is_(None))
            self._write(mine.values(ended | wiped(row.dedupe_key)))
            self.counts.sent += 1

    def _letter(self, number: int):
        """Read and written with no transaction left open."""
        with only_reading():
            return letter_for(number, self._present())

    def _due(self) -> list:
        with only_reading():
            return list(db.session.execute(_DUE, {"now": self.now, "most": _BATCH}))

    def _claim(self, row) -> bool:
        """Move the next try behind the time this one may take; whoever wrote that has the mail."""
        mine = (Outbox.id == row.id, Outbox.attempts == row.attempts, Outbox.next_try_at == row.next_try_at)
        lease = {"next_try_at": self._present() + LEASE, "attempts": row.attempts + 1}
        return self._write(update(Outbox).where(*mine).values(lease)) == 1

    def _retry(self, row, attempts: int, said: str) -> None:
        if attempts >= ATTEMPTS:
            self._give_up(row, attempts, said)
            return
        self.counts.put_off += 1
        self._mark(row, attempts, next_try_at=self._present() + wait_after(attempts), error=_short(said))

    def _give_up(self, row, attempts: int, said: str) -> None:
        log.error("mail %s is given up: %s", row.dedupe_key, said)
        self.counts.given_up += 1
        self.counts.failed.append(f"{row.dedupe_key}: {_short(said)}")
        ended = {"next_try_at": None, "dead_at": self._present(), "error": _short(said)}
        self._mark(row, attempts, **ended, **wiped(row.dedupe_key))

    def _mark(self, row, attempts: int, **values) -> None:
        """Say how the attempt ended, unless the lease ran out and another has the mail."""
        mine = (Outbox.id == row.id, Outbox.attempts == attempts, Outbox.sent_at.is_(None))
        self._write(update(Outbox).where(*mine).values(**({"attempts": attempts} | values)))

    def _write(self, statement) -> int:
        done = db.session.execute(statement.execution_options(synchronize_session=False)).rowcount
        db.session.commit()
        return done

    def _present(self) -> datetime:
        """`now` and the time this run has taken since."""
        return self.now + timedelta(seconds=int(time.monotonic() - self.begun))

    def _dial(self) -> None:
        if self.post is None:
            self.post = self.open.enter_context(Connection(self.server))

    def _hang_up(self) -> None:
        self.open.close()
        self.post = None


_DUE = (
    select(Outbox.id, Outbox.dedupe_key, Outbox.attempts, Outbox.next_try_at)
    .where(Outbox.channel == EMAIL, Outbox.next_try_at <= bindparam("now", type_=Instant()))
    .order_by(Outbox.next_try_at, Outbox.id)
    .limit(bindparam("most", type_=Integer()))
)


def _short(said: str) -> str:
    return " ".join(said.split())[:500]
