"""flask sla explain: why a ticket's clocks are due when they are due, as its Explain panel shows it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import click
from flask.cli import with_appcontext

from ticketing.cli.durations import minutes_and_hours
from ticketing.cli.moments import MOMENT
from ticketing.cli.sentences import Refused
from ticketing.cli.ticket_keys import TICKET_KEY
from ticketing.clock import now as present
from ticketing.extensions import db
from ticketing.jobs.sla.replay_reading import one_moment
from ticketing.models import Ticket
from ticketing.queries.explain import ClockStory, Line
from ticketing.queries.explain import explain as stories_of
from ticketing.rules.sla import ClockKind, ClockState

CLOCKS = {ClockKind.REACTION: "Reaction", ClockKind.RESOLUTION: "Resolution"}
STATES = {
    ClockState.RUNNING: "running", ClockState.PAUSED: "paused", ClockState.MET: "met",
    ClockState.BREACHED: "breached, still running", ClockState.STOPPED_LATE: "ended late",
    ClockState.CANCELLED: "cancelled",
}  # fmt: skip
# What ended a stretch that counted.
ENDED = {
    "running": "still running", "hold": "until the hold", "solution_check": "until the solution check",
    "reacted": "until the reaction", "closed": "until it closed", "duplicate": "until it closed as duplicate",
    "invalid": "until it closed as invalid", "self": "until the own reaction; not counted",
    "priority_change": "until the priority changed", "type_change": "until the type changed",
    "category_change": "until the category changed", "policy_change": "until the policies changed",
    "calendar_change": "until the calendar changed",
}  # fmt: skip
STOOD_STILL = {"hold": "on hold", "solution_check": "in solution check", "no_target": "without a target"}
CAUSES = {
    "priority_change": "the change of priority left no time", "type_change": "the change of type left no time",
    "category_change": "the change of category left no time", "policy_change": "the changed policies left no time",
    "calendar_change": "the changed calendar left no time", "closed": "nobody had reacted when it closed",
    "duplicate": "it was closed as a duplicate", "invalid": "it was closed as invalid",
    "no_target": "its policy has no target for it",
    "self": "whoever filed it reacted first: 0 min, left out of compliance",
}  # fmt: skip
LEVELS = {"warn": "at risk", "breach": "breached", "escalate": "escalated"}
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@click.command(epilog="Example: flask sla explain T-142")
@click.argument("ticket", type=TICKET_KEY, metavar="T-142")
@click.option("--now", type=MOMENT, help="As of this instant, as 2026-05-04T09:00Z, and not before its last change.")
@with_appcontext
def explain(ticket: int, now: datetime | None) -> None:
    """Print what each clock of a ticket counted and did not, under which policy and calendar, and what comes of it.

    Times are those of the clock's calendar, with UTC behind them. Writes nothing.
    """
    with one_moment():
        found = db.session.get(Ticket, ticket)
        if found is None:
            raise Refused(f"There is no ticket T-{ticket}.")
        if now is not None and now < found.updated_at:
            raise Refused(f"--now: {found.key} has changed since, at {found.updated_at:%Y-%m-%dT%H:%M:%SZ}.")
        head = f"{found.key}  {found.title}\n{found.priority.capitalize()}, {found.status.replace('_', ' ')}"
        stories = stories_of(found, now or present())
    click.echo(head)
    if not stories:
        click.echo("It has no clocks: it was imported, or is older than the policies.")
    for story in stories:
        click.echo()
        for line in _story(story):
            click.echo(line)


def _story(story: ClockStory) -> Iterator[str]:
    zone = ZoneInfo(story.calendar_zone)
    cycle = f", cycle {story.cycle}" if story.cycle > 1 else ""
    yield f"{CLOCKS[story.kind]}{cycle}: {STATES[story.state]}{_until(story, zone)}"
    yield f"  {minutes_and_hours(story.elapsed_s)} of {minutes_and_hours(story.target_s)} counted{_left(story)}."
    yield f"  Policy {story.policy} (version {story.terms_id}), at risk from {story.warn_pct}%, {_calendar(story)}."
    yield from (f"  {sentence}" for sentence in _sentences(story, zone))
    yield from _table(story, zone)
    for level, due_at, noticed_at in story.levels:
        noticed = f"noticed {_noticed(due_at, noticed_at)}" if noticed_at else "not noticed yet"
        yield f"  {_level(level):<12} {_local(due_at, zone)}, {noticed}"


def _until(story: ClockStory, zone: ZoneInfo) -> str:
    if story.stopped_at is not None:
        return f", ended {_local(story.stopped_at, zone)}"
    return f", due {_local(story.due_at, zone)}" if story.due_at else ""


def _left(story: ClockStory) -> str:
    if story.stopped_at is not None:
        return ""
    over = story.left_s < 0
    return f", {minutes_and_hours(abs(story.left_s))} {'over' if over else 'left'}"


def _calendar(story: ClockStory) -> str:
    return f"calendar {story.calendar_name} ({story.calendar_zone})"


def _sentences(story: ClockStory, zone: ZoneInfo) -> Iterator[str]:
    if story.breached_at is not None:
        noticed = f", noticed {_noticed(story.breached_at, story.detected_at)}" if story.detected_at else ""
        yield f"Breached {_local(story.breached_at, zone)}{noticed}; {minutes_and_hours(story.overrun_s)} over."
    if story.cause in CAUSES:
        yield f"{CAUSES[story.cause][0].upper()}{CAUSES[story.cause][1:]}."
    if story.superseded:
        breaches = "breach was" if story.superseded == 1 else "breaches were"
        yield f"{story.superseded} earlier {breaches} superseded by a manager's change."


def _table(story: ClockStory, zone: ZoneInfo) -> Iterator[str]:
    for line in story.lines:
        end = "now" if line.end is None else _local(line.end, zone)
        yield f"  {_local(line.start, zone):<36} to {end:<36} {_counted(line):>12}  {_what(line)}"


def _counted(line: Line) -> str:
    return "stood still" if line.calendar_name is None else minutes_and_hours(line.counted_s)


def _what(line: Line) -> str:
    if line.calendar_name is None:
        return STOOD_STILL.get(line.what, line.what.replace("_", " "))
    return f"{line.calendar_name}, {ENDED.get(line.what, line.what.replace('_', ' '))}"


def _level(level: str) -> str:
    return LEVELS.get(level, f"repeated {level.rpartition('-')[2]}")


def _noticed(due_at: datetime, noticed_at: datetime) -> str:
    late = noticed_at - due_at
    return "at once" if late < timedelta(minutes=1) else f"{minutes_and_hours(int(late.total_seconds()))} later"


def _local(at: datetime, zone: ZoneInfo) -> str:
    """Mon 2026-05-04 09:00 CEST (07:00Z): the calendar's time, and UTC where that is another; seconds if any."""
    there, utc = at.astimezone(zone), at.astimezone(UTC)
    pattern = "%H:%M:%S" if at.second else "%H:%M"
    text = f"{DAYS[there.weekday()]} {there:%Y-%m-%d} {there.strftime(pattern)} {there.tzname()}"
    if there.utcoffset() == utc.utcoffset():
        return text
    day = "" if there.date() == utc.date() else f"{utc:%m-%d} "
    return f"{text} ({day}{utc.strftime(pattern)}Z)"
