"""Statements built and compiled once, then run with values.

Writing a seven-part statement out of expressions costs several times what the database needs to answer it.
A hot read therefore builds it for a kind of viewer with `viewer`, `team`, `now` and `ago_N` left open, keeps
the compiled form, and fills in the values on each run.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from sqlalchemy import CursorResult, Integer, bindparam

from ticketing.extensions import db
from ticketing.models.types import Instant
from ticketing.models.user import User

NOW = bindparam("now", type_=Instant())


@dataclass(frozen=True, slots=True)
class Kind:
    """All that a permission's SQL depends on besides values."""

    is_staff: bool
    is_manager: bool
    has_team: bool

    @property
    def id(self):
        return bindparam("viewer", type_=Integer())

    @property
    def team_id(self):
        return bindparam("team", type_=Integer()) if self.has_team else None


def days_before(now, days: int):
    """`now` less some days; with NOW, a value to fill in."""
    return now - timedelta(days=days) if isinstance(now, datetime) else bindparam(f"ago_{days}", type_=Instant())


def run(build, viewer: User, now: datetime, *shape, **values) -> CursorResult:
    """Run what `build(kind, *shape)` makes; `shape` must be hashable, `values` fill the statement's own parameters.

    A part of the shape may itself say which statement it makes (`shape`) and with what it fills that (`values`).
    """
    given = {"viewer": viewer.id, "team": viewer.team_id, "now": now} | values
    for part in shape:
        if hasattr(part, "shape"):
            given |= part.values
    kind = Kind(viewer.is_staff, viewer.is_manager, viewer.team_id is not None)
    statement, names = _prepare(build, kind, tuple(getattr(part, "shape", part) for part in shape))
    for name in names:
        if name.startswith("ago_"):
            given[name] = now - timedelta(days=int(name[4:]))
    return db.session.connection().execute(statement, {name: given[name] for name in names if name in given})


@lru_cache(maxsize=512)
def _prepare(build, kind: Kind, shape):
    statement = build(kind, *shape)
    return statement, tuple(statement.compile().binds)
