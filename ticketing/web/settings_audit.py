"""Settings: the administrators' log."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask import Response, render_template, request, stream_with_context

from ticketing.clock import now
from ticketing.models.audit import AuditKind
from ticketing.queries import audit as reads
from ticketing.queries.csv_export import MARK, lines, safe_cell
from ticketing.rules.abilities import Permission
from ticketing.rules.instants import is_within_reach
from ticketing.rules.numbers import whole
from ticketing.web import access
from ticketing.web.settings_blueprint import blueprint
from ticketing.web.template_helpers import gettext as _

_LEADING = ("setting", "act", "way", "link", "what", "reason")
_COLUMNS = ("at", "kind", "actor", "actor e-mail", "subject", "subject e-mail", "panel", "address", "facts")


@blueprint.get("/audit")
@access.needs(Permission.ADMINISTER)
def audit():
    asked, given, errors = _read()
    entries, more = reads.load_page(asked, whole(request.args.get("before", ""), 1))
    body = render_template(
        "settings/audit.html", entries=entries, more=more, asked=given, errors=errors, kinds=kind_names(),
        told=_told,
    )  # fmt: skip
    return body, 422 if errors else 200


@blueprint.get("/audit.csv")
@access.needs(Permission.ADMINISTER)
def audit_csv():
    asked, _given, errors = _read()
    if errors:
        return audit()
    name = f"audit-{now():%Y-%m-%d}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(stream_with_context(_lines(asked)), content_type="text/csv; charset=utf-8", headers=headers)


def _lines(asked: reads.Asked):
    yield MARK + lines([_COLUMNS])
    for rows in reads.load_all(asked):
        yield lines(
            [row.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"), row.kind,
             *(safe_cell(text or "") for text in (row.actor, row.actor_email, row.subject, row.subject_email, row.key)),
             row.address, safe_cell("; ".join(f"{name}={value}" for name, value in sorted(row.facts.items())))]
            for row in rows
        )  # fmt: skip


def _read() -> tuple[reads.Asked, dict[str, str], dict[str, str]]:
    """What is asked for, as it was typed, and what of it is wrong."""
    given = {name: request.args.get(name, "").strip()[:254] for name in ("kind", "person", "since", "until")}
    errors, days = {}, {}
    if given["kind"] and given["kind"] not in set(AuditKind):
        errors["kind"] = _("This value is not known.")
    for name in ("since", "until"):
        try:
            days[name] = _read_day(given[name]) if given[name] else None
        except ValueError:
            errors[name], days[name] = _("Write a day such as 2026-03-31."), None
    here = ZoneInfo(access.person().time_zone)
    asked = reads.Asked(
        AuditKind(given["kind"]) if given["kind"] and "kind" not in errors else None, given["person"],
        days["since"] and datetime.combine(days["since"], time(), here),
        days["until"] and datetime.combine(days["until"] + timedelta(days=1), time(), here),
    )  # fmt: skip
    return asked, given, errors


def _read_day(text: str) -> date:
    """Raises ValueError, also for days that nobody means."""
    day = date.fromisoformat(text)
    if not is_within_reach(day):
        raise ValueError(text)
    return day


def kind_names() -> dict[str, str]:
    return {
        "signed_in": _("Signed in"), "sign_in_failed": _("Sign-in failed"), "signed_out": _("Signed out"),
        "sessions_ended": _("Sessions ended"), "password_changed": _("Password changed"), "link_sent": _("Link sent"),
        "link_used": _("Link used"), "second_factor": _("Second factor"), "hand_off": _("Came in from a panel"),
        "hand_off_refused": _("Hand-off refused"), "tab_opened": _("Opened in a tab"), "embed_key": _("Panel's key"),
        "person": _("Account"), "setting": _("Setting"), "exported": _("Exported"), "refusals": _("Many refusals"),
    }  # fmt: skip


def _told(facts: dict) -> str:
    """What was done or why not comes first; for whoever looks into it, the names of the rest are worth more than a
    sentence."""
    lead = " ".join(_plain(facts[name]).replace("_", " ") for name in _LEADING if facts.get(name))
    rest = [
        f"{name.replace('_', ' ')}: {_plain(value)}" for name, value in sorted(facts.items())
        if name not in _LEADING and value not in ("", None, [], {})
    ]  # fmt: skip
    return "; ".join([lead, *rest] if lead else rest)


def _plain(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
