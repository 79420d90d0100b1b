"""What a move's form holds, validated where it enters: the fields that workflow.MOVES asks for."""

from enum import StrEnum

from sqlalchemy import select

from ticketing.extensions import db
from ticketing.models.answers import Answers
from ticketing.models.team import Category
from ticketing.models.user import User
from ticketing.rules.numbers import whole
from ticketing.rules.refusals import Invalid
from ticketing.rules.taxonomy import TEXT_MAX, Priority, ResolutionCode, RootCause, Status, TicketType
from ticketing.web import access

_CODES = {"type": TicketType, "priority": Priority, "resolution_code": ResolutionCode, "root_cause": RootCause}
_TEXTS = ("solution", "finding", "why", "comment")
ANSWER_FIELDS = (*_CODES, "category", "owner", "duplicate_of", *_TEXTS)


def read_answers(form) -> Answers:
    """Answers from a form. Raises Invalid with every field that holds what it may not hold."""
    values, errors = {}, {}
    for name, codes in _CODES.items():
        _keep(values, errors, name, form.get(name), lambda text, codes=codes: read_code(codes, text))
    _keep(values, errors, "category", form.get("category"), find_category)
    _keep(values, errors, "owner", form.get("owner"), find_owner)
    _keep(values, errors, "duplicate_of", form.get("duplicate_of"), find_other)
    for name in _TEXTS:
        text = form.get(name, "").strip()
        if len(text) > TEXT_MAX:
            errors[name] = "too_long"
        values[name] = text
    if errors:
        raise Invalid(errors)
    return Answers(**values)


def closes_children(form) -> bool:
    """Is the closing asked to take the open children along?"""
    return form.get("close_children") == "1"


def read_code(codes: type[StrEnum], text: str) -> StrEnum | None:
    try:
        return codes(text)
    except ValueError:
        return None


def find_category(key: str) -> Category | None:
    return db.session.scalar(select(Category).where(Category.key == key, Category.active))


def find_owner(handle: str) -> User | None:
    """A person by handle, or `me`; whether they may own a ticket is the verb's to say."""
    if handle == "me":
        return access.person()
    return db.session.scalar(select(User).where(User.handle == handle.lower(), User.active))


def find_other(key: str):
    """Another ticket by key, if the person may know of it."""
    return access.visible_ticket(key, access.person())


def read_target(form) -> Status:
    target = read_code(Status, form.get("to", ""))
    if target is None:
        raise Invalid({"to": "unknown_value" if form.get("to") else "required"})
    return target


def read_version(form) -> int:
    text = form.get("version", "")
    version = whole(text)
    if version is None:
        raise Invalid({"version": "unknown_value" if text else "required"})
    return version


def _keep(values: dict, errors: dict, name: str, text: str | None, find) -> None:
    text = (text or "").strip()
    if not text:
        return
    found = find(text)
    if found is None:
        errors[name] = "unknown_value"
    else:
        values[name] = found
