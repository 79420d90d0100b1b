"""The closed vocabularies of the desk, and the detail fields each ticket type carries."""

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum

from ticketing.rules.texts import visible


class Status(StrEnum):
    NEW = "new"
    CLASSIFIED = "classified"
    ASSIGNED = "assigned"
    DIAGNOSTICS = "diagnostics"
    CORRECTION = "correction"
    SOLUTION_CHECK = "solution_check"
    CLOSED = "closed"


class Priority(StrEnum):
    """From the most to the least urgent; `rank` sorts them."""

    CRITICAL = "critical"
    HIGH = "high"
    NORMAL = "normal"
    LOW = "low"

    @property
    def rank(self) -> int:
        return PRIORITIES.index(self) + 1


class TicketType(StrEnum):
    INCIDENT = "incident"
    SERVICE_REQUEST = "service_request"
    INTEGRATION_ISSUE = "integration_issue"
    PAYMENT_ISSUE = "payment_issue"
    SECURITY_ALERT = "security_alert"
    INFRASTRUCTURE_ISSUE = "infrastructure_issue"


class Role(StrEnum):
    SUPPORT_ENGINEER = "support_engineer"
    DEVOPS_ENGINEER = "devops_engineer"
    BACKEND_DEVELOPER = "backend_developer"
    INTEGRATION_ENGINEER = "integration_engineer"
    SUPPORT_MANAGER = "support_manager"
    ADMINISTRATOR = "administrator"
    REPORTER = "reporter"

    @property
    def is_staff(self) -> bool:
        return self is not Role.REPORTER

    @property
    def is_manager(self) -> bool:
        """An administrator may do what a manager may."""
        return self in (Role.SUPPORT_MANAGER, Role.ADMINISTRATOR)


class HoldReason(StrEnum):
    REPORTER = "reporter"
    PROVIDER = "provider"
    VENDOR = "vendor"
    RELEASE_WINDOW = "release_window"
    OTHER = "other"


class ResolutionCode(StrEnum):
    FIXED = "fixed"
    WORKAROUND = "workaround"
    PROVIDER_FIXED = "provider_fixed"
    NOT_REPRODUCIBLE = "not_reproducible"
    DECLINED = "declined"
    DUPLICATE = "duplicate"
    INVALID = "invalid"
    AUTO_RESOLVED = "auto_resolved"


class RootCause(StrEnum):
    SOFTWARE = "software"
    CONFIGURATION = "configuration"
    INFRASTRUCTURE = "infrastructure"
    PROVIDER = "provider"
    PAYMENT_SYSTEM = "payment_system"
    SECURITY = "security"
    USER = "user"
    UNKNOWN = "unknown"


class LinkKind(StrEnum):
    """Read from the source: "T-2 is a duplicate of T-1", "T-1 is the parent of T-2"."""

    DUPLICATE_OF = "duplicate_of"
    BLOCKS = "blocks"
    RELATED = "related"
    RECURRENCE_OF = "recurrence_of"
    PARENT = "parent"


STATUSES = list(Status)
OPEN_STATUSES = STATUSES[:-1]
PRIORITIES = list(Priority)
# What is closed so was mended; if it comes back, the mending did not last.
MENDED = (ResolutionCode.FIXED, ResolutionCode.WORKAROUND, ResolutionCode.PROVIDER_FIXED)

# The roles that belong to a team of their own, and which one it is by default.
TEAM_OF_ROLE = {
    Role.SUPPORT_ENGINEER: "technical_support",
    Role.DEVOPS_ENGINEER: "devops",
    Role.BACKEND_DEVELOPER: "backend",
    Role.INTEGRATION_ENGINEER: "integration",
}
HOLDABLE = frozenset({Status.ASSIGNED, Status.DIAGNOSTICS, Status.CORRECTION})
HOLD_TEXT_MAX = 200
TITLE_MAX = 200
TEXT_MAX = 20_000
PINS_PER_COLUMN = 3


@dataclass(frozen=True, slots=True)
class DetailField:
    """One typed detail: `kind` is text, choice, amount, currency or address."""

    kind: str = "text"
    max_length: int = 120
    choices: tuple[str, ...] = ()


ENVIRONMENTS = ("production", "staging", "test")
DETAIL_FIELDS = {
    "provider": DetailField(),
    "payment_system": DetailField(),
    "game_id": DetailField(max_length=80),
    "brand": DetailField(max_length=80),
    "player_id": DetailField(max_length=80),
    "transaction_id": DetailField(max_length=120),
    "amount": DetailField("amount", 20),
    "currency": DetailField("currency", 5),
    "affected_service": DetailField(),
    "environment": DetailField("choice", choices=ENVIRONMENTS),
    "endpoint": DetailField(max_length=300),
    "error_code": DetailField(max_length=80),
    "source_address": DetailField("address", 60),
}
DETAILS_OF_TYPE = {
    TicketType.INCIDENT: ("affected_service", "environment", "brand", "provider", "player_id", "error_code"),
    TicketType.SERVICE_REQUEST: ("affected_service", "environment", "brand"),
    TicketType.INTEGRATION_ISSUE: ("provider", "game_id", "brand", "environment", "endpoint", "error_code"),
    TicketType.PAYMENT_ISSUE: (
        "payment_system", "provider", "transaction_id", "amount", "currency", "player_id", "brand", "error_code",
    ),
    TicketType.SECURITY_ALERT: ("source_address", "affected_service", "environment", "player_id", "brand"),
    TicketType.INFRASTRUCTURE_ISSUE: ("affected_service", "environment", "endpoint", "error_code", "provider"),
}  # fmt: skip

_AMOUNT = re.compile(r"[0-9]{1,12}(\.[0-9]{1,8})?")
# A comma before one or two digits is a decimal one; before three it could be either, so that it is refused.
_DECIMAL_COMMA = re.compile(r"([0-9]+),([0-9]{1,2})(?![0-9])")
_CURRENCY = re.compile(r"[A-Z]{3,5}")


def clean_details(ticket_type: TicketType, raw: Mapping[str, object]) -> tuple[dict[str, str], dict[str, str]]:
    """Validate the details of a ticket of this type.

    Returns (clean, errors): clean holds only filled fields as strings; errors maps a field to a code
    (unknown_field, too_long, unknown_value, not_an_amount, not_a_currency, not_an_address, required).
    """
    clean, errors = {}, {}
    for name, value in raw.items():
        text = "" if value is None else visible(str(value)).strip()
        if not text:
            continue
        if name not in DETAILS_OF_TYPE[ticket_type]:
            errors[name] = "unknown_field"
            continue
        text, error = _clean_detail(DETAIL_FIELDS[name], text)
        if error:
            errors[name] = error
        else:
            clean[name] = text
    if "amount" in clean and "currency" not in clean and "currency" not in errors:
        errors["currency"] = "required"
    return clean, errors


def _clean_detail(field: DetailField, text: str) -> tuple[str, str | None]:
    if field.kind == "choice":
        return text, None if text in field.choices else "unknown_value"
    if len(text) > field.max_length:
        return text, "too_long"
    if field.kind == "amount":
        return _clean_amount(text)
    if field.kind == "currency":
        known = text.isascii() and _CURRENCY.fullmatch(text.upper())
        return text.upper(), None if known else "not_a_currency"
    if field.kind == "address":
        if "%" in text:
            return text, "not_an_address"  # a zone means something on one machine only
        try:
            return str(ipaddress.ip_network(text, strict=False) if "/" in text else ipaddress.ip_address(text)), None
        except ValueError:
            return text, "not_an_address"
    return text, None


def _clean_amount(text: str) -> tuple[str, str | None]:
    text = _DECIMAL_COMMA.sub(r"\1.\2", re.sub("[ \u00a0\u202f]", "", text))
    if not _AMOUNT.fullmatch(text):
        return text, "not_an_amount"
    try:
        return format(Decimal(text), "f"), None
    except InvalidOperation:  # pragma: no cover - the pattern admits only decimals
        return text, "not_an_amount"
