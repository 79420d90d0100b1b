"""Reads of the terms: those in force, earlier ones, and how many open tickets run under them."""

from sqlalchemy import func, select

from ticketing.extensions import db
from ticketing.models.sla import CalendarVersion, SlaClock, SlaTerms
from ticketing.models.team import Category
from ticketing.models.user import User

COUNTED_TO = 2_000
PER_PAGE = 20


def in_force() -> SlaTerms:
    return db.session.scalars(select(SlaTerms).order_by(SlaTerms.id.desc()).limit(1)).one()


def terms_numbered(number: int) -> SlaTerms | None:
    return db.session.get(SlaTerms, number)


def category_names() -> dict[str, str]:
    """{key: name} of every category, also of those that are not offered any more."""
    return dict(db.session.execute(select(Category.key, Category.name).order_by(Category.id)).all())


def saved_by(number: int) -> str | None:
    """The name of whoever saved these terms; None for those a desk begins with."""
    query = select(User.name).join(SlaTerms, SlaTerms.made_by_id == User.id).where(SlaTerms.id == number)
    return db.session.scalar(query)


def history(before: int | None = None) -> list:
    """(id, body, note, made_at, made_by) of the latest terms, or of those before a number: a page and one more."""
    query = (
        select(SlaTerms.id, SlaTerms.body, SlaTerms.note, SlaTerms.made_at, User.name.label("made_by"))
        .outerjoin(User, User.id == SlaTerms.made_by_id)
        .order_by(SlaTerms.id.desc())
        .limit(PER_PAGE + 1)
    )
    if before is not None:
        query = query.where(SlaTerms.id < before)
    return list(db.session.execute(query))


def open_tickets(policy: str | None = None) -> int:
    """How many tickets have a clock that runs or is paused, under one policy or any; 2,001 means more than 2,000."""
    versions = select(CalendarVersion.id).scalar_subquery()
    found = (
        select(SlaClock.ticket_id).distinct().where(SlaClock.calendar_id.in_(versions), SlaClock.stopped_at.is_(None))
    )
    if policy is not None:
        found = found.where(SlaClock.policy == policy)
    return db.session.scalar(select(func.count()).select_from(found.limit(COUNTED_TO + 1).subquery()))


def policies_of_open_clocks() -> set[str]:
    """The keys under which a clock runs or is paused, of policies that were removed, too."""
    return set(db.session.scalars(select(SlaClock.policy).where(SlaClock.stopped_at.is_(None)).distinct()))


def keys_ever_used() -> set[str]:
    """Of calendars, removed ones too: an old clock's calendar is found by its key."""
    return set(db.session.scalars(select(CalendarVersion.key).distinct()))
