"""Dead letters: what was given up, taken up again or thrown away. Each function commits."""

from datetime import datetime

from sqlalchemy import delete, update

from ticketing.extensions import db
from ticketing.models import Outbox


def retry(number: int, at: datetime) -> bool:
    """Let it be tried anew, with all its attempts; False if no dead letter has this number."""
    return _write(_again(at).where(Outbox.id == number)) == 1


def retry_all(at: datetime) -> int:
    """Let all dead letters be tried anew; how many there were."""
    return _write(_again(at))


def discard(number: int) -> bool:
    """Throw it away; False if no dead letter has this number."""
    return _write(delete(Outbox).where(Outbox.id == number, Outbox.dead_at.is_not(None))) == 1


def _again(at: datetime):
    again = {"next_try_at": at, "dead_at": None, "attempts": 0}
    return update(Outbox).where(Outbox.dead_at.is_not(None)).values(again)


def _write(statement) -> int:
    done = db.session.execute(statement.execution_options(synchronize_session=False)).rowcount
    db.session.commit()
    return done
