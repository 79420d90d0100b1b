"""Accounts as an administrator keeps them: made, listed, closed. Each function here that writes commits."""

import re
import secrets
from collections.abc import Container
from datetime import datetime

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import func, or_, select

from ticketing.channels.email import usable
from ticketing.extensions import db
from ticketing.models import Team, User
from ticketing.models.audit import AuditKind, record_audit
from ticketing.models.session import end_sessions_of
from ticketing.models.sign_in import OneTimeLink
from ticketing.models.user import lock_person
from ticketing.rules.people import NAME_MAX, PASSWORD_MAX, PASSWORD_MIN
from ticketing.rules.refusals import Conflict, Invalid
from ticketing.rules.taxonomy import TEAM_OF_ROLE, Role
from ticketing.rules.texts import one_line

_HANDLE_MAX = 60


def add_person(*, email: str, name: str, role: Role, password: str, at: datetime, team: str | None = None,
               by: int | None = None, address: str = "") -> User:  # fmt: skip
    """Make an account and commit. `team` is a team's key; without it the role's own team, if it has one.

    `by` and `address` are for the log: who does it from where, None for whoever runs the desk.
    Raises Invalid by field: email (not_an_email, taken), name (required, too_long), team (unknown_value,
    not_for_reporters), password (too_short, too_long).
    """
    errors = {}
    email = _field(errors, "email", clean_email, email)
    name = _field(errors, "name", clean_name, name)
    team_row = _field(errors, "team", _team_for, team, role)
    _field(errors, "password", check_password, password)
    if email and find_person(email) is not None:
        errors["email"] = "taken"
    if errors:
        raise Invalid(errors)
    person = User(
        email=email, handle=free_handle(email), name=name, role=role, team_id=team_row and team_row.id,
        created_at=at,
    )  # fmt: skip
    person.set_password(password)
    db.session.add(person)
    db.session.flush()
    _note("made", person, at, by, address)
    db.session.commit()
    return person


def disable_person(person: User, at: datetime) -> bool:
    """Close an account and end its sessions and links. Returns False when it is closed already.

    Raises Conflict("last_administrator"): somebody must be able to let people in again.
    """
    if not person.active:
        return False
    if person.is_admin and not leaves_an_administrator(person):
        raise Conflict("last_administrator")
    person.disable()
    shut_out(person, at)
    _note("disabled", person, at)
    db.session.commit()
    return True


def reset_password(person: User, password: str, at: datetime, *, by: int | None = None, address: str = "") -> None:
    """Set a new password and end the sessions that the old one opened, and links that would set another."""
    check_password(password)
    person.set_password(password)
    shut_out(person, at)
    _note("password_reset", person, at, by, address)
    db.session.commit()


def shut_out(person: User, at: datetime) -> int:
    """In the caller's transaction: end every session and burn every link. How many sessions that were."""
    lock_person(person.id)
    person.end_sessions()
    OneTimeLink.burn_of(person.id, at)
    return end_sessions_of(person.id, at)


def list_people() -> list[User]:
    """Everybody, with their teams: those who may sign in first, then by name."""
    return list(db.session.scalars(select(User).order_by(User.active.desc(), func.lower(User.name), User.id)))


def find_person(email_or_handle: str) -> User | None:
    wanted = email_or_handle.strip().lower()
    return db.session.scalar(select(User).where(or_(func.lower(User.email) == wanted, User.handle == wanted)))


def active_administrators() -> list[User]:
    return list(db.session.scalars(select(User).where(User.role == Role.ADMINISTRATOR, User.active).order_by(User.id)))


def leaves_an_administrator(person: User) -> bool:
    """Could somebody administer the desk without this one? Whoever has a password is not replaced by people whom a
    panel alone lets in. They are locked, so that two who go at once do not both find the other."""
    query = select(User.id, User.password_hash.is_not(None)).where(User.role == Role.ADMINISTRATOR, User.active)
    rows = db.session.execute(query.order_by(User.id).with_for_update(key_share=True)).all()
    others = [has_password for number, has_password in rows if number != person.id]
    return any(others) or (bool(others) and person.password_hash is None)


def generate_password() -> str:
    """Twenty letters and digits that no one has to guess apart: no 0 and O, no 1 and l."""
    return "".join(secrets.choice("abcdefghijkmnpqrstuvwxyz23456789") for _ in range(20))


def clean_email(text: str) -> str:
    """The address as it is kept, in lower case: checked for its form, and that the desk's mails can go there."""
    try:
        address = validate_email(text.strip(), check_deliverability=False).normalized.lower()
    except EmailNotValidError:
        raise Invalid({"email": "not_an_email"}) from None
    if not usable(address):
        raise Invalid({"email": "not_an_email"})
    return address


def clean_name(text: str) -> str:
    name = one_line(text)
    if not name:
        raise Invalid({"name": "required"})
    if len(name) > NAME_MAX:
        raise Invalid({"name": "too_long"})
    return name


def check_password(password: str) -> None:
    if len(password) < PASSWORD_MIN:
        raise Invalid({"password": "too_short"})
    if len(password) > PASSWORD_MAX:
        raise Invalid({"password": "too_long"})


def free_handle(email: str, taken: Container[str] | None = None) -> str:
    """What @mentions will call this person: the address's local part, with a number if somebody has it.

    `taken` spares the questions to the database when many accounts are made at once.
    """
    stem = re.sub(r"[^a-z0-9._-]+", "-", email.split("@")[0].lower()).strip("._-")[:_HANDLE_MAX] or "person"
    if taken is None:
        taken = set(db.session.scalars(select(User.handle).where(User.handle.startswith(stem, autoescape=True))))
    handle, number = stem, 1
    while handle in taken:
        number += 1
        handle = f"{stem}{number}"
    return handle


def _team_for(key: str | None, role: Role) -> Team | None:
    key = key or TEAM_OF_ROLE.get(role)
    if key is None:
        return None
    if not role.is_staff:
        raise Invalid({"team": "not_for_reporters"})
    team = db.session.scalar(select(Team).where(Team.key == key))
    if team is None:
        raise Invalid({"team": "unknown_value"})
    return team


def _note(act: str, person: User, at: datetime, by: int | None = None, address: str = "") -> None:
    record_audit(
        AuditKind.PERSON, at, actor_id=by, subject_id=person.id, address=address, act=act, role=str(person.role)
    )


def _field(errors: dict, field: str, clean, *values):
    try:
        return clean(*values)
    except Invalid as refusal:
        errors[field] = refusal.errors[field]
        return None
