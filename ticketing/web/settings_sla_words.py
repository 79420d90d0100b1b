"""Sentences for policies and calendars: conditions, what a saving changed, and what is wrong with a form."""

from collections.abc import Mapping
from datetime import date

from ticketing.forms.sla import hours_text, minutes_text
from ticketing.rules.sla_changes import Change
from ticketing.web.labels import LABELS, MONTHS
from ticketing.web.template_helpers import gettext as _
from ticketing.web.template_helpers import label

# Where one code means something else at another field.
_AT = {
    ("types", "required"): "no_condition", ("time_zone", "unknown_value"): "no_zone",
    ("time_zone", "required"): "no_zone",
}  # fmt: skip


def error_text(field: str, code: str) -> str:
    """What is wrong with a field, and what is allowed."""
    if code == "too_long" and field.endswith(("_reaction", "_resolution")):
        code = "too_long_target"
    code = _AT.get((field, code), code)
    return LABELS["terms_error"].get(code) or LABELS["field_error"].get(code) or LABELS["refusal"]["invalid"]


def condition_text(policy: Mapping, categories: Mapping[str, str]) -> str:
    """Type is Incident, or category is Payment Processing or User System."""
    types = _either([label(one, "type") for one in policy["types"]])
    named = _either([categories.get(one) or label(one, "category") for one in policy["categories"]])
    if types and named:
        return _("Type is %(types)s, or category is %(categories)s", types=types, categories=named)
    if types:
        return _("Type is %(types)s", types=types)
    return _("Category is %(categories)s", categories=named) if named else _("All other tickets")


def date_text(day: str) -> str:
    """1 May 2026"""
    try:
        found = date.fromisoformat(day)
    except ValueError:
        return day
    return f"{found.day} {MONTHS[found.month - 1]} {found.year}"


def sentence(change: Change, categories: Mapping[str, str]) -> str:
    """What one saving changed, as a sentence."""
    facts = change.facts
    match change.code:
        case "policy_added":
            return _("Policy %(policy)s was added at place %(place)d", **facts)
        case "policy_removed":
            return _("Policy %(policy)s was removed", **facts)
        case "policy_renamed":
            return _("Policy %(from)s is now called %(policy)s", **facts)
        case "policy_moved":
            return _("Policy %(policy)s was moved to place %(place)d", **facts)
        case "condition_changed":
            return _(
                "%(policy)s applies when: %(when)s", policy=facts["policy"], when=condition_text(facts, categories)
            )
        case "policy_calendar":
            return _("%(policy)s runs on %(to)s instead of %(from)s", **facts)
        case "target_changed":
            return _target(facts)
        case "warn_changed":
            return _("%(policy)s, %(priority)s: at risk from %(to)d%% instead of %(from)d%%", **_row(facts))
        case "row_calendar":
            whole = _("the policy’s calendar")
            names = {"from": facts["from"] or whole, "to": facts["to"] or whole}
            return _("%(policy)s, %(priority)s: runs on %(to)s instead of %(from)s", **_row(facts) | names)
        case _:
            return _calendar(change.code, facts)


def _target(facts: dict) -> str:
    row = _row(facts) | {"clock": label(facts["clock"], "clock"), "to": minutes_text(facts["to"]),
                         "from": minutes_text(facts["from"])}  # fmt: skip
    if facts["to"] is None:
        return _("%(policy)s, %(priority)s: %(clock)s has no target any more (was %(from)s)", **row)
    if facts["from"] is None:
        return _("%(policy)s, %(priority)s: %(clock)s within %(to)s (had no target)", **row)
    return _("%(policy)s, %(priority)s: %(clock)s within %(to)s instead of %(from)s", **row)


def _calendar(code: str, facts: dict) -> str:
    match code:
        case "calendar_added":
            return _("Calendar %(calendar)s was added", **facts)
        case "calendar_removed":
            return _("Calendar %(calendar)s was removed", **facts)
        case "calendar_renamed":
            return _("Calendar %(from)s is now called %(calendar)s", **facts)
        case "zone_changed":
            return _("%(calendar)s is in %(to)s instead of %(from)s", **facts)
        case "hours_changed":
            hours = {name: hours_text(facts[name]) or _("closed") for name in ("from", "to")}
            day = label(facts["day"], "weekday")
            return _("%(calendar)s, %(day)s: %(to)s instead of %(from)s", calendar=facts["calendar"], day=day, **hours)
    days = _days(facts["days"])
    if code == "exceptions_added":
        return _("%(calendar)s: added %(days)s", calendar=facts["calendar"], days=days)
    if code == "exceptions_removed":
        return _("%(calendar)s: removed %(days)s", calendar=facts["calendar"], days=days)
    return _("%(calendar)s: changed %(days)s", calendar=facts["calendar"], days=days)


def _days(days: Mapping) -> str:
    """The first of them by date, with their names and hours."""
    texts = []
    for day, found in list(days.items())[:8]:
        about = ", ".join(part for part in (found.get("name", ""), hours_text(found["open"])) if part)
        texts.append(f"{date_text(day)} ({about})" if about else date_text(day))
    if len(days) > 8:
        texts.append(_("%(n)d more", n=len(days) - 8))
    return ", ".join(texts)


def _row(facts: dict) -> dict:
    return facts | {"priority": label(facts["priority"], "priority")}


def _either(names: list[str]) -> str:
    if len(names) < 2:
        return "".join(names)
    return _("%(names)s or %(last)s", names=", ".join(names[:-1]), last=names[-1])
