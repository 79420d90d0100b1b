"""The report of the last full week for those who manage the desk, once for each week and reader."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

from sqlalchemy import select

from ticketing.channels.email import usable
from ticketing.extensions import db
from ticketing.jobs.outbox.announce import EMAIL
from ticketing.jobs.outbox.desk import mail_server
from ticketing.jobs.people import clean_email
from ticketing.jobs.reports.refresh import run
from ticketing.jobs.reports.weekly_letter import WEEKLY
from ticketing.models import Outbox, User
from ticketing.models.dialects import insert_unless_there
from ticketing.queries.report_names import read_names
from ticketing.queries.report_scope import Scope
from ticketing.queries.reports import Headline, load_report
from ticketing.rules.refusals import Conflict
from ticketing.rules.report_change import COUNT, LESS, MORE, NEITHER, SHARE, TIME
from ticketing.rules.sla import ClockKind
from ticketing.rules.taxonomy import Role

_DESK = SimpleNamespace(is_manager=True)  # whoever it is for sees all that is counted


@dataclass(frozen=True, slots=True)
class Sent:
    """How many mails wait to leave now, and how many readers had theirs already."""

    queued: int
    had: int


def last_week(now: datetime, zone: str) -> Scope:
    """Monday to Sunday before this week, in the desk's zone."""
    today = now.astimezone(ZoneInfo(zone)).date()
    monday = today - timedelta(days=today.weekday() + 7)
    return Scope(monday, monday + timedelta(days=6))


def weekly_facts(now: datetime, zone: str) -> dict:
    """The figures of the last full week and of the week before, as JSON can hold them. Counts first; commits.

    Each figure is {name, sort, now, before, better}, as rules.report_change has them.
    """
    run(now, zone)
    scope = last_week(now, zone)
    report, names = load_report(scope, _DESK, zone), read_names()
    stay = report.stays[report.bottleneck] if report.bottleneck else None
    return {
        "report": WEEKLY, "first": scope.first.isoformat(), "last": scope.last.isoformat(), "zone": zone,
        "counted_at": report.counted_at.isoformat(), "figures": _figures(report.headline, report.previous),
        "teams": [
            {"name": team.name, **{kind: _cycles(report.by_team[number][kind]) for kind in ClockKind}}
            for number, team in names.teams.items()
            if number in report.by_team and any(cycles.counted for cycles in report.by_team[number].values())
        ],
        "bottleneck": stay and {"status": report.bottleneck, "median": stay.median_s, "p90": stay.p90_s},
    }  # fmt: skip


def _figures(now: Headline, then: Headline) -> list[dict]:
    def figure(name: str, sort: str, better: int, of) -> dict:
        return {"name": name, "sort": sort, "now": of(now), "before": of(then), "better": better}

    figures = [
        figure("created", COUNT, NEITHER, lambda head: head.created),
        figure("closed", COUNT, NEITHER, lambda head: head.closed),
        figure("open_at_end", COUNT, LESS, lambda head: head.open_at_end),
        figure("reopen_share", SHARE, LESS, lambda head: head.reopen_share),
    ]
    for kind in ClockKind:
        figures += [
            figure(f"{kind}_kept", SHARE, MORE, lambda head, kind=kind: head.clocks[kind].share),
            figure(f"{kind}_breached", COUNT, LESS, lambda head, kind=kind: head.clocks[kind].breached),
            figure(f"{kind}_median", TIME, LESS, lambda head, kind=kind: head.clocks[kind].median_s),
        ]
    return figures


def _cycles(cycles) -> dict:
    return {"share": cycles.share, "breached": cycles.breached}


def send_weekly(now: datetime, zone: str, addresses: Iterable[str] = ()) -> tuple[dict, Sent]:
    """Put the week's report into the outbox, for every manager or for these addresses alone; commits.

    Once for each week and reader, however often it is called. Returns the facts and what became of it. Raises
    Conflict("no_mail_server"), Conflict("nobody_to_tell"), Invalid({"email": …}).
    """
    wanted = sorted({clean_email(address) for address in addresses})
    if mail_server() is None:
        raise Conflict("no_mail_server")
    facts = weekly_facts(now, zone)
    readers = _readers(date.fromisoformat(facts["first"]), wanted)
    if not readers:
        raise Conflict("nobody_to_tell")
    insert = insert_unless_there(Outbox.__table__).returning(Outbox.id)
    common = {"channel": EMAIL, "payload": facts, "made_at": now, "attempts": 0, "next_try_at": now, "error": ""}
    queued = sum(len(db.session.execute(insert.values(**common | reader)).all()) for reader in readers)
    db.session.commit()
    return facts, Sent(queued, len(readers) - queued)


def _readers(monday: date, addresses: list[str]) -> list[dict]:
    """Who gets it, as columns of the outbox. An address of a manager is that manager."""
    query = select(User.id, User.email).where(User.active, ~User.machine, User.role.in_(_MANAGERS)).order_by(User.id)
    managers = {person.email.lower(): person.id for person in db.session.execute(query) if usable(person.email)}
    readers = []
    for address in addresses or managers:
        number = managers.get(address)
        name = number or hashlib.sha256(address.encode()).hexdigest()[:32]
        readers.append({
            "dedupe_key": f"weekly:{monday}:{name}", "recipient_id": number, "address": None if number else address,
        })  # fmt: skip
    return readers


_MANAGERS = [role for role in Role if role.is_manager]
