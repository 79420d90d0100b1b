"""A slow count of what providers and payment systems cost, from events and clocks, minute by minute."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select

from tests import factories as make
from ticketing.extensions import db
from ticketing.models import Event, SlaClock, Ticket
from ticketing.models.answers import Answers
from ticketing.rules.sla import ClockKind
from ticketing.rules.taxonomy import ResolutionCode, RootCause, Status


def slowly(sort, key, first, last, now, zone_name):
    """Every figure of one party in the days from `first` to `last`, as they are at `now`."""
    zone = ZoneInfo(zone_name)
    start = datetime(first.year, first.month, first.day, tzinfo=zone)
    after = last + timedelta(days=1)
    end = min(datetime(after.year, after.month, after.day, tzinfo=zone).astimezone(UTC), now)
    start = start.astimezone(UTC)

    def in_period(at):
        return first <= at.astimezone(zone).date() <= last

    found = {"tickets": 0, "incidents": 0, "reopened": 0, "waits": 0, "waited_s": 0, "met": 0, "breached": 0}
    minutes = set()
    for ticket in db.session.scalars(select(Ticket)):
        if " ".join(str(ticket.details.get(sort, "")).split()).lower() != key:
            continue
        found["tickets"] += in_period(ticket.created_at)
        history = select(Event).where(Event.ticket_id == ticket.id).order_by(Event.at, Event.id)
        open_since, last_code, held, own = ticket.created_at, None, None, set()
        for event in db.session.scalars(history):
            if event.kind == "closed":
                own |= _minutes(open_since, event.at, start, end)
                open_since, last_code = None, event.payload["resolution_code"]
            elif event.kind == "reopened":
                open_since, last_code = event.at, None
                found["reopened"] += in_period(event.at)
            if event.kind in ("held", "resumed") and held and held[0] == "provider" and in_period(event.at):
                found["waits"] += 1
                found["waited_s"] += int((event.at - held[1]).total_seconds())
            if event.kind in ("held", "resumed"):
                held = (event.payload["reason"], event.at) if event.kind == "held" else None
        if open_since is not None:
            own |= _minutes(open_since, end, start, end)
        if last_code not in ("duplicate", "invalid"):
            found["incidents"] += bool(own)
            minutes |= own
        for clock in db.session.scalars(select(SlaClock).where(SlaClock.ticket_id == ticket.id)):
            _judge(found, clock, in_period, now)
    found["open_s"] = 60 * len(minutes)
    found["outage_s"] = 60 * _longest_run(minutes)
    return found


def _minutes(start, end, begin, until):
    start, end = max(start, begin), min(end, until)
    return set(range(int(start.timestamp()) // 60, int(end.timestamp()) // 60))


def _longest_run(minutes):
    longest = run = 0
    for minute in sorted(minutes):
        run = run + 1 if minute - 1 in minutes else 1
        longest = max(longest, run)
    return longest


def _judge(found, clock, in_period, now):
    if clock.kind is not ClockKind.RESOLUTION:
        return
    late = clock.breached_at or (clock.due_at if clock.due_at and clock.due_at < now else None)
    if clock.state == "met":
        found["met"] += in_period(clock.stopped_at)
    elif clock.state == "stopped_late":
        found["breached"] += in_period(clock.stopped_at)
    elif clock.state != "cancelled" and late:
        found["breached"] += in_period(late)


def close(ticket, at, code=ResolutionCode.FIXED):
    mara = make.person("mara")
    if code in (ResolutionCode.INVALID, ResolutionCode.DUPLICATE):
        ticket.close_as(code, by=mara, at=at, duplicate_of=_other(ticket) if code is ResolutionCode.DUPLICATE else None)
        return
    if ticket.status is not Status.SOLUTION_CHECK:
        ticket.move_to(Status.SOLUTION_CHECK, by=mara, at=at, answers=Answers(solution="Done"))
    answers = Answers(resolution_code=code, root_cause=RootCause.PROVIDER)
    ticket.move_to(Status.CLOSED, by=mara, at=at, answers=answers)


def _other(ticket):
    return db.session.scalars(select(Ticket).where(Ticket.id != ticket.id).order_by(Ticket.id)).first()


def reopen(ticket, at):
    ticket.move_to(Status.DIAGNOSTICS, by=make.person("mara"), at=at, answers=Answers(why="It is back"))
