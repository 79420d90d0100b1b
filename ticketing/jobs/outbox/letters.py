"""A waiting mail as the letter that is sent: written when it leaves, on the recipient's clock, of what they may see."""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from flask import current_app, render_template
from sqlalchemy import Integer, bindparam, select
from sqlalchemy.orm import aliased

from ticketing.channels.email import Letter, usable
from ticketing.extensions import db
from ticketing.jobs.mail_links import secret_in
from ticketing.jobs.outbox.desk import mail_id, ticket_link
from ticketing.jobs.outbox.link_letter import write_link
from ticketing.jobs.outbox.wording import without_gaps, words
from ticketing.jobs.reports.weekly_letter import WEEKLY, write_weekly
from ticketing.models import Outbox, Team, Ticket, User, Watcher
from ticketing.rules.abilities import sees
from ticketing.rules.sla import LEVELS, Level
from ticketing.rules.telling import Ground
from ticketing.rules.workflow import Relation

LATE_S = 120  # the check comes every minute: only what waited for longer was late


class Withdrawn(Exception):
    """Nobody is to get this any more: the account is closed, has no address, or may not see the ticket."""


_owner = aliased(User)
_ROW = (
    select(
        Outbox.dedupe_key, Outbox.payload, Outbox.address, Outbox.recipient_id, User.email, User.name, User.active,
        User.role, User.team_id, User.time_zone,
    )
    .outerjoin(User, User.id == Outbox.recipient_id)
    .where(Outbox.id == bindparam("number", type_=Integer()))
)  # fmt: skip
_TICKET = (
    select(
        Ticket.id, Ticket.title, Ticket.priority, Ticket.status, Ticket.hold_reason, Ticket.restricted, Ticket.owner_id,
        Ticket.team_id, Ticket.reporter_id, _owner.name.label("owner"), Team.name.label("team"),
    )
    .join(Team, Team.id == Ticket.team_id)
    .outerjoin(_owner, _owner.id == Ticket.owner_id)
    .where(Ticket.id == bindparam("ticket", type_=Integer()))
)  # fmt: skip


def letter_for(number: int, at: datetime) -> Letter:
    """The letter of the outbox row with this number. Reads; raises Withdrawn, and what a broken row raises."""
    row = db.session.execute(_ROW, {"number": number}).one()
    if row.payload.get("report") == WEEKLY:
        return _weekly(row, at)
    if "link" in row.payload:
        return _link(row, at)
    ticket = db.session.execute(_TICKET, {"ticket": row.payload["ticket"]}).one()
    to = row.address or row.email
    if not usable(to):
        raise Withdrawn("no usable address")
    if row.recipient_id is not None and not (row.active and _may_see(row, ticket)):
        raise Withdrawn("the recipient may no longer see the ticket")
    facts = _facts(row, ticket)
    subject = render_template("email/sla_subject.txt", **facts)
    return Letter(
        to=to, to_name=" ".join((row.name or "").split()), subject=" ".join(subject.split())[:250],
        text=without_gaps(render_template("email/sla.txt", **facts)), html=render_template("email/sla.html", **facts),
        key=row.dedupe_key, message_id=mail_id(row.dedupe_key), thread=mail_id(f"ticket {ticket.id}"), at=at,
    )  # fmt: skip


def _weekly(row, at: datetime) -> Letter:
    """A report goes to managers, and to addresses that were named by hand."""
    to = row.address or row.email
    if not usable(to):
        raise Withdrawn("no usable address")
    if row.recipient_id is not None and not (row.active and row.role.is_manager):
        raise Withdrawn("the recipient manages the desk no longer")
    subject, text, html = write_weekly(row.payload)
    return Letter(
        to=to, to_name=" ".join((row.name or "").split()), subject=subject, text=text, html=html, key=row.dedupe_key,
        message_id=mail_id(row.dedupe_key), thread=mail_id("weekly report"), at=at,
    )  # fmt: skip


def _link(row, at: datetime) -> Letter:
    if not row.active or not usable(row.email):
        raise Withdrawn("the account is closed, or has no usable address")
    secret = secret_in(row.payload, at)
    if secret is None or not current_app.config["BASE_URL"]:
        raise Withdrawn("its link lets nobody in any more")
    return write_link(row, secret, at)


def proof_letter(to: str, at: datetime, key: str) -> Letter:
    """A letter that proves that mail arrives."""
    facts = {"_": words, "at": at, "zone": "UTC", "name": current_app.config["NAME"],
             "link": current_app.config["BASE_URL"]}  # fmt: skip
    return Letter(
        to=to, subject=words("Ticketing can send mail"), text=without_gaps(render_template("email/test.txt", **facts)),
        html=render_template("email/test.html", **facts), key=key, message_id=mail_id(key), at=at,
    )  # fmt: skip


def _may_see(row, ticket) -> bool:
    relation = Relation(
        role=row.role, owner=row.recipient_id == ticket.owner_id, reporter=row.recipient_id == ticket.reporter_id,
        team=row.team_id is not None and row.team_id == ticket.team_id,
    )  # fmt: skip
    if not row.role.is_staff:
        return False
    if not ticket.restricted:
        return True
    watching = db.session.get(Watcher, (ticket.id, row.recipient_id)) is not None
    return sees(relation, True, watching)


@dataclass(frozen=True, slots=True)
class _Times:
    """The instants of an announcement on the recipient's clock."""

    due: datetime
    fell_due: datetime  # the level itself
    detected: datetime
    breach_detected: datetime | None

    @classmethod
    def read(cls, facts: dict, zone: ZoneInfo) -> "_Times":
        def local(name: str) -> datetime | None:
            return datetime.fromisoformat(facts[name]).astimezone(zone) if facts.get(name) else None

        return cls(local("due_at"), local("level_due_at"), local("detected_at"), local("breach_detected_at"))


def _facts(row, ticket) -> dict:
    """What the templates are given."""
    told, level = row.payload, Level(row.payload["level"])
    zone = zone_of(row.time_zone)
    times = _Times.read(told, zone)
    found_with = level is Level.BREACH or times.breach_detected == times.detected
    hidden = ticket.restricted and told["ground"] == Ground.ON_CALL  # a channel is nobody who may see it
    return {
        "_": words, "key": f"T-{ticket.id}", "title": "" if hidden else " ".join(ticket.title.split()),
        "level": level, "clock": told["clock"], "cause": told.get("cause"), "target_s": told["target_s"],
        "repeat": LEVELS.index(level) - LEVELS.index(Level.ESCALATE), "ground": told["ground"],
        "times": times, "zone": zone.key, "priority": ticket.priority, "status": ticket.status,
        "hold": ticket.hold_reason, "owner": ticket.owner, "team": ticket.team, "link": ticket_link(ticket.id),
        "late_min": late_minutes(times.fell_due, times.detected),
        "breach_late_min": late_minutes(times.due, times.detected) if found_with else 0,
    }  # fmt: skip


def late_minutes(due: datetime, detected: datetime) -> int:
    """By how many minutes something was found late; 0 when the next check found it."""
    seconds = (detected - due).total_seconds()
    return int(seconds // 60) if seconds >= LATE_S else 0


@lru_cache(maxsize=256)
def zone_of(name: str | None) -> ZoneInfo:
    """A zone that this machine does not know reads as UTC rather than keeping a mail back."""
    try:
        return ZoneInfo(name or "UTC")
    except (KeyError, OSError, ValueError):
        return ZoneInfo("UTC")
