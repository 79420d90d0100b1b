"""The terms of service: an ordered list of policies and the calendars they name (sla.md, Terms).

A document of plain JSON is what settings save, `flask sla policies export` writes and a what-if reads. Here it is
checked, and turned into `Terms`, which give a ticket its deals.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from ticketing.rules.sla import ClockKind, Deal, Level, level_work
from ticketing.rules.sla_calendars import ALWAYS, check_calendar, check_name, read_calendar, same_hours
from ticketing.rules.taxonomy import PRIORITIES, Priority, TicketType
from ticketing.rules.texts import printable
from ticketing.rules.working_hours import PATIENCE_DAYS, WEEKDAYS, Calendar

WARN_PCT = 75
MINUTES_MAX = 366 * 24 * 60
POLICIES_MAX = 50
_KEY = re.compile(r"[a-z0-9_]{1,40}")
_DAY_AND_NIGHT = {"time_zone": "UTC", "weekly": {day: [["00:00", "24:00"]] for day in WEEKDAYS}}
_TARGETS = {ClockKind.REACTION: "reaction_min", ClockKind.RESOLUTION: "resolution_min"}


@dataclass(frozen=True, slots=True)
class Target:
    """What one priority is promised: minutes or None, the at-risk threshold in per cent, and the calendar's key."""

    reaction_min: int | None
    resolution_min: int | None
    warn_pct: int
    calendar: str | None  # None: the policy's own


@dataclass(frozen=True, slots=True)
class Policy:
    key: str
    name: str
    types: tuple[str, ...]
    categories: tuple[str, ...]
    calendar: str
    targets: Mapping[Priority, Target]

    def matches(self, type: TicketType, category: str | None) -> bool:
        if not self.types and not self.categories:
            return True
        return type in self.types or (category is not None and category in self.categories)


@dataclass(frozen=True, slots=True)
class NamedCalendar:
    """A calendar as a policy knows it; `id` is its version's number, 0 while nothing is saved (a what-if)."""

    key: str
    name: str
    id: int
    hours: Calendar


@dataclass(frozen=True, slots=True)
class Terms:
    id: int
    policies: tuple[Policy, ...]
    calendars: Mapping[str, NamedCalendar]

    def policy_for(self, type: TicketType, category: str | None) -> Policy:
        """The first that matches from the top; the last one always does."""
        return next(policy for policy in self.policies if policy.matches(type, category))

    def deals(self, type: TicketType, category: str | None, priority: Priority) -> dict[ClockKind, Deal | None]:
        """What each kind of clock runs under for such a ticket; None where nothing is promised."""
        policy = self.policy_for(type, category)
        target = policy.targets[priority]
        calendar = self.calendars[target.calendar or policy.calendar]
        return {kind: self._deal(policy, calendar, target, getattr(target, name)) for kind, name in _TARGETS.items()}

    def _deal(self, policy: Policy, calendar: NamedCalendar, target: Target, minutes: int | None) -> Deal | None:
        if minutes is None:
            return None
        return Deal(minutes * 60, target.warn_pct, calendar.hours, calendar.id, self.id, policy.key)


def read_terms(document: Mapping, number: int) -> Terms:
    """A checked document as terms."""
    calendars = {
        key: NamedCalendar(key, body["name"], body.get("version", 0), read_calendar(body))
        for key, body in document["calendars"].items()
    }
    return Terms(number, tuple(map(_read_policy, document["policies"])), calendars)


def _read_policy(body: Mapping) -> Policy:
    targets = {Priority(name): Target(row.get("reaction_min"), row.get("resolution_min"),
                                      row.get("at_risk_percent", WARN_PCT), row.get("calendar"))
               for name, row in body["targets"].items()}  # fmt: skip
    return Policy(body["key"], body["name"], tuple(body["types"]), tuple(body["categories"]), body["calendar"], targets)


def check_terms(document: object, categories: Collection[str], now: datetime) -> dict[str, str]:
    """What is wrong with a document: {place: code}, empty when it can be saved.

    Places are paths such as `policies.0.targets.high.reaction_min` or `calendars.office.weekly.mon`. They can be shown,
    whatever the document calls its parts.
    """
    return {printable(place): code for place, code in _check(document, categories, now).items()}


def _check(document: object, categories: Collection[str], now: datetime) -> dict[str, str]:
    if not isinstance(document, Mapping) or not isinstance(document.get("policies"), list):
        return {"policies": "required"}
    if not isinstance(document.get("calendars"), Mapping):
        return {"calendars": "required"}
    errors: dict[str, str] = {}
    for key, body in document["calendars"].items():
        place = f"calendars.{key}"
        if not isinstance(key, str) or not _KEY.fullmatch(key):
            errors[place] = "not_a_key"
        else:
            errors |= {f"{place}.{field}": code for field, code in check_calendar(body, now).items()}
    errors |= _check_built_in(document["calendars"].get(ALWAYS), errors)
    for number, body in enumerate(document["policies"]):
        found = _check_policy(body, document["calendars"], categories, number == len(document["policies"]) - 1)
        errors |= {f"policies.{number}.{field}": code for field, code in found.items()}
    errors = errors or _check_list(document["policies"]) | _check_names(document["calendars"])
    return errors or _check_reached(document, now)


def _check_built_in(body: object, errors: Mapping) -> dict[str, str]:
    """Always is there, and is always (sla.md, Terms)."""
    if body is None:
        return {f"calendars.{ALWAYS}": "required"}
    if any(place.startswith(f"calendars.{ALWAYS}.") for place in errors) or same_hours(body, _DAY_AND_NIGHT):
        return {}
    return {f"calendars.{ALWAYS}": "built_in"}


def _check_policy(body: object, calendars: Mapping, categories: Collection[str], last: bool) -> dict[str, str]:
    if not isinstance(body, Mapping):
        return {"": "unreadable"}
    errors = check_name(body)
    if not isinstance(body.get("key"), str) or not _KEY.fullmatch(body["key"]):
        errors["key"] = "not_a_key"
    for field, known in (("types", set(TicketType)), ("categories", set(categories))):
        values = body.get(field)
        if not isinstance(values, list) or any(not isinstance(v, str) or v not in known for v in values):
            errors[field] = "unknown_value"
    if not errors.keys() & {"types", "categories"}:
        conditional = bool(body["types"] or body["categories"])
        if conditional == last:
            errors["types"] = "last_has_no_condition" if last else "required"
    if not _known(body.get("calendar"), calendars):
        errors["calendar"] = "unknown_value"
    targets = body.get("targets")
    if not isinstance(targets, Mapping) or set(targets) != set(PRIORITIES):
        return errors | {"targets": "required"}
    for priority, row in targets.items():
        errors |= {f"targets.{priority}.{field}": code for field, code in _check_target(row, calendars).items()}
    return errors


def _check_target(row: object, calendars: Mapping) -> dict[str, str]:
    if not isinstance(row, Mapping):
        return {"reaction_min": "unreadable"}
    errors = {}
    for field in _TARGETS.values():
        minutes = row.get(field)
        if minutes is None:
            continue
        if isinstance(minutes, bool) or not isinstance(minutes, int):
            errors[field] = "not_minutes"
        elif minutes <= 0:
            errors[field] = "zero_target"
        elif minutes > MINUTES_MAX:
            errors[field] = "too_long"
    reaction, resolution = row.get("reaction_min"), row.get("resolution_min")
    if not errors and reaction is not None and resolution is not None and reaction > resolution:
        errors["reaction_min"] = "reaction_after_resolution"
    share = row.get("at_risk_percent", WARN_PCT)
    if isinstance(share, bool) or not isinstance(share, int) or not 1 <= share <= 99:
        errors["at_risk_percent"] = "not_a_share"
    if row.get("calendar") is not None and not _known(row["calendar"], calendars):
        errors["calendar"] = "unknown_value"
    return errors


def _known(key: object, calendars: Mapping) -> bool:
    return isinstance(key, str) and key in calendars


def _check_list(policies: list) -> dict[str, str]:
    """What is wrong between policies: no last one, two with the same condition, key or name."""
    if not policies:
        return {"policies": "required"}
    if len(policies) > POLICIES_MAX:
        return {"policies": "too_many"}
    errors, seen = {}, {}
    for number, body in enumerate(policies):
        condition = (frozenset(body["types"]), frozenset(body["categories"]))
        for field, value in (("types", condition), ("key", body["key"]), ("name", body["name"].strip().casefold())):
            if (field, value) in seen:
                errors[f"policies.{number}.{field}"] = "same_condition" if field == "types" else "taken"
            seen[field, value] = number
    return errors


def _check_names(calendars: Mapping) -> dict[str, str]:
    """Two calendars of one name could not be told apart where one is chosen."""
    errors, seen = {}, set()
    for key, body in calendars.items():
        name = body["name"].strip().casefold()
        if name in seen:
            errors[f"calendars.{key}.name"] = "taken"
        seen.add(name)
    return errors


def _check_reached(document: Mapping, now: datetime) -> dict[str, str]:
    """Targets whose escalation lies more than five years ahead in their hours: they promise nothing to anybody."""
    errors, offered = {}, {}
    for number, policy in enumerate(document["policies"]):
        for priority, row in policy["targets"].items():
            key = row.get("calendar") or policy["calendar"]
            for field in _TARGETS.values():
                if row.get(field) is None:
                    continue
                if key not in offered:
                    hours = read_calendar(document["calendars"][key])
                    offered[key] = hours.work(now, now + timedelta(days=PATIENCE_DAYS))
                if level_work(Level.ESCALATE, row[field] * 60, WARN_PCT) > offered[key]:
                    errors[f"policies.{number}.targets.{priority}.{field}"] = "never_reached"
    return errors
