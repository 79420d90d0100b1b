"""What people send about a ticket, read into values. Words that are not known raise Invalid at their field."""

from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from flask import request

from ticketing.models.answers import Answers, Hold
from ticketing.models.team import Category, Team
from ticketing.models.ticket import Ticket
from ticketing.models.user import User
from ticketing.queries import tickets as reads
from ticketing.rules.numbers import whole
from ticketing.rules.refusals import Invalid
from ticketing.rules.taxonomy import DETAILS_OF_TYPE, HoldReason, LinkKind, Priority, ResolutionCode, TicketType
from ticketing.web import access
from ticketing.web.labels import LABELS

BACKWARDS = ":back"


def text(name: str) -> str:
    return request.form.get(name, "").strip()


def version() -> int:
    """The version of the ticket that was shown; every change sends it."""
    given = whole(text("version"))
    if given is None:
        raise Invalid({"version": "unknown_value" if text("version") else "required"})
    return given


def member(enum: type[StrEnum], name: str, required: bool = False):
    """One of a closed list, None when nothing was sent."""
    given = text(name)
    if not given:
        if required:
            raise Invalid({name: "required"})
        return None
    try:
        return enum(given)
    except ValueError:
        raise Invalid({name: "unknown_value"}) from None


def category(name: str = "category") -> Category | None:
    return _with_key(name, reads.category_with_key)


def team(name: str = "team") -> Team | None:
    return _with_key(name, reads.team_with_key)


def _with_key(name: str, find: Callable):
    """What the key that was sent names, None when nothing was sent."""
    given = text(name)
    found = find(given) if given else None
    if given and found is None:
        raise Invalid({name: "unknown_value"})
    return found


def owner(name: str = "owner") -> User | None:
    """An engineer by handle or `me`; None for nobody."""
    given = text(name)
    if not given or given == "none":
        return None
    found = access.person() if given == "me" else reads.person_called(given)
    if found is None or not found.is_staff:
        raise Invalid({name: "unknown_value"})
    return found


def other_ticket(name: str, required: bool = True) -> Ticket | None:
    """Another ticket by its key, its number or its address, if this person may know of it."""
    given = text(name).rstrip("/").rsplit("/", 1)[-1]
    if not given:
        if required:
            raise Invalid({name: "required"})
        return None
    found = access.visible_ticket(given, access.person())
    if found is None:
        raise Invalid({name: "no_such_ticket"})
    return found


def answers() -> Answers:
    """What an assignment may be asked for: the classification, or why."""
    return Answers(
        type=member(TicketType, "type"), category=category(), priority=member(Priority, "priority"),
        why=text("why"), comment=text("comment"),
    )  # fmt: skip


def hold() -> Hold:
    reason = member(HoldReason, "reason", required=True)
    return Hold(reason, text("text"), _instant("until", access.person().time_zone))


def early_code() -> ResolutionCode:
    return member(ResolutionCode, "resolution_code", required=True)


def link_kind() -> tuple[LinkKind, bool]:
    """(kind, backwards): `blocks:back` means that the other one blocks this one."""
    given = text("kind")
    try:
        return LinkKind(given.removesuffix(BACKWARDS)), given.endswith(BACKWARDS)
    except ValueError:
        raise Invalid({"kind": "unknown_value" if given else "required"}) from None


def edits(ticket: Ticket) -> dict:
    """The arguments of `Ticket.edit` for whatever was sent. Details that were not sent stay."""
    form = request.form
    values = {name: form[name] for name in ("title", "description") if name in form}
    if "description" in values:
        values["description"] = values["description"].replace("\r\n", "\n")
    values["type"] = member(TicketType, "type", required="type" in form)
    values["priority"] = member(Priority, "priority", required="priority" in form)
    values["category"] = category()
    names = DETAILS_OF_TYPE[values["type"] or ticket.type]
    sent = {name: form[name] for name in names if name in form}
    if sent:
        values["details"] = {name: value for name, value in ticket.details.items() if name in names} | sent
    return values


def words(errors: dict[str, str]) -> dict[str, str]:
    """{field: code} as {field: sentence}."""
    known = LABELS["field_error"]
    return {name: known.get(code) or LABELS["refusal"].get(code, code) for name, code in errors.items()}


def _instant(name: str, zone: str) -> datetime | None:
    """A date and time on the person's wall clock, unless it names its own offset."""
    given = text(name)
    if not given:
        return None
    try:
        moment = datetime.fromisoformat(given)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=ZoneInfo(zone or "UTC"))
        return moment.astimezone(UTC).replace(microsecond=0)
    except (ValueError, OverflowError, KeyError, OSError):
        raise Invalid({name: "not_a_time"}) from None
