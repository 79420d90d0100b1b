"""Failures to sign in, kept in the database so that all workers brake together. Each function that writes commits."""

from datetime import datetime

from sqlalchemy import delete, select

from ticketing.extensions import db
from ticketing.models.sign_in import SignInFailure, hash_of
from ticketing.rules.throttle import BRAKES


def wait_s(names: dict[str, str], at: datetime) -> int:
    """Seconds that whoever is called so must wait, 0 for none. `names`: scope of rules.throttle.BRAKES → name."""
    return max(BRAKES[scope].wait_s(_failures(scope, name, at), at) for scope, name in names.items())


def note_failure(names: dict[str, str], at: datetime) -> None:
    """In the caller's transaction."""
    db.session.add_all(SignInFailure(scope=scope, name_hash=_mark(name), at=at) for scope, name in names.items())
    db.session.flush()


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


def _mark(name: str) -> str:
    return hash_of(name.strip().lower())
