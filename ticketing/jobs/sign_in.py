"""Failures to sign in, kept in the database so that all workers brake together."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select

from ticketing.extensions import db
from ticketing.models.sign_in import SignInFailure, hash_of
from ticketing.rules.throttle import BRAKES


def wait_s(names: dict[str, str], at: datetime) -> int:
    """Seconds that whoever is called so must wait, 0 for none. `names`: scope of rules.throttle.BRAKES → name."""
    return max(BRAKES[scope].wait_s(_failures(scope, name, at), at) for scope, name in names.items())


@dataclass(frozen=True, slots=True)
class Try:
    """One try at a password. It is counted as a failure before it is looked at; `forgive` takes that back.

    `wait_s` are the seconds to wait where it is not to be looked at, 0 where it is.
    """

    wait_s: int
    rows: tuple[int, ...] = ()


def begin_try(names: dict[str, str], at: datetime) -> Try:
    """Of many at once no more are looked at than the brakes let through. Commits, in a short transaction."""
    for scope, name in sorted(names.items()):
        _one_at_a_time(scope, name)
    if seconds := wait_s(names, at):
        db.session.rollback()
        return Try(seconds)
    made = note_failure(names, at)
    db.session.commit()
    return Try(0, tuple(row.id for row in made))


def forgive(one: Try) -> None:
    """It was right; in the caller's transaction."""
    gone = delete(SignInFailure).where(SignInFailure.id.in_(one.rows))
    db.session.execute(gone.execution_options(synchronize_session=False))


def note_failure(names: dict[str, str], at: datetime) -> list[SignInFailure]:
    """In the caller's transaction."""
    made = [SignInFailure(scope=scope, name_hash=_mark(name), at=at) for scope, name in names.items()]
    db.session.add_all(made)
    db.session.flush()
    return made


def forget_failures(scope: str, name: str) -> None:
    """In the caller's transaction: who got in has nothing to wait for."""
    mine = delete(SignInFailure).where(SignInFailure.scope == scope, SignInFailure.name_hash == _mark(name))
    db.session.execute(mine.execution_options(synchronize_session=False))


def _failures(scope: str, name: str, at: datetime) -> list[datetime]:
    brake = BRAKES[scope]
    query = (
        select(SignInFailure.at)
        .where(
            SignInFailure.scope == scope, SignInFailure.name_hash == _mark(name), SignInFailure.at > at - brake.within
        )
        .order_by(SignInFailure.at.desc())
        .limit(brake.most)
    )
    return list(db.session.scalars(query))


def _one_at_a_time(scope: str, name: str) -> None:
    """Until the end of the transaction nobody else counts this name. SQLite lets one write at a time anyhow."""
    if db.engine.dialect.name == "postgresql":
        number = int(hash_of(f"{scope} {name.strip().lower()}")[:15], 16)
        db.session.execute(select(func.pg_advisory_xact_lock(number)))


def _mark(name: str) -> str:
    return hash_of(name.strip().lower())
