"""The administrators' log: a page of it, newest first, and all of it for a file."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import aliased

from ticketing.extensions import db
from ticketing.models.audit import AuditEntry, AuditKind
from ticketing.models.embed import EmbedKey
from ticketing.models.user import User

PAGE = 50
_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Asked:
    """`person` is a handle or an e-mail, of whoever did it or had it done to them."""

    kind: AuditKind | None = None
    person: str = ""
    since: datetime | None = None
    until: datetime | None = None


def load_page(asked: Asked, before: int | None) -> tuple[list, bool]:
    """(entries with `actor`, `subject` and `key` by name, whether there are more). One statement."""
    query = _query(asked).order_by(AuditEntry.id.desc()).limit(PAGE + 1)
    if before is not None:
        query = query.where(AuditEntry.id < before)
    rows = db.session.execute(query).all()
    return rows[:PAGE], len(rows) > PAGE


def load_all(asked: Asked) -> Iterator:
    """Oldest first, a portion at a time."""
    result = db.session.execute(_query(asked).order_by(AuditEntry.id).execution_options(yield_per=_CHUNK))
    yield from result.partitions()


def _query(asked: Asked) -> Select:
    actor, subject = aliased(User), aliased(User)
    query = (
        select(AuditEntry.id, AuditEntry.at, AuditEntry.kind, AuditEntry.address, AuditEntry.facts,
               actor.name.label("actor"), actor.email.label("actor_email"), subject.name.label("subject"),
               subject.email.label("subject_email"), EmbedKey.name.label("key"))
        .outerjoin(actor, actor.id == AuditEntry.actor_id)
        .outerjoin(subject, subject.id == AuditEntry.subject_id)
        .outerjoin(EmbedKey, EmbedKey.id == AuditEntry.embed_key_id)
    )  # fmt: skip
    if asked.kind is not None:
        query = query.where(AuditEntry.kind == asked.kind)
    if asked.person:
        who = select(User.id).where(or_(User.handle == asked.person, User.email == asked.person.lower()))
        query = query.where(or_(AuditEntry.actor_id.in_(who), AuditEntry.subject_id.in_(who)))
    if asked.since is not None:
        query = query.where(AuditEntry.at >= asked.since)
    if asked.until is not None:
        query = query.where(AuditEntry.at < asked.until)
    return query
