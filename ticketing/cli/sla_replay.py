"""flask sla verify and recompute: what proves the clocks, and what makes open ones follow changed policies."""

import sys
from datetime import datetime

import click
from flask.cli import with_appcontext
from sqlalchemy import select

from ticketing.cli.durations import minutes_and_hours
from ticketing.cli.moments import MOMENT
from ticketing.cli.sentences import Refused
from ticketing.cli.ticket_keys import TICKET_KEY
from ticketing.clock import now as present
from ticketing.extensions import db
from ticketing.jobs.sla.recompute import Failures, Standing, recompute_open
from ticketing.jobs.sla.verify import Tally
from ticketing.jobs.sla.verify import verify as differences_of
from ticketing.models import Ticket
from ticketing.models.sla import current_terms
from ticketing.queries.sla_terms import policies_of_open_clocks
from ticketing.rules.instants import write_instant
from ticketing.rules.sla import ClockState


@click.command(epilog="Example: flask sla verify T-142. Ends with 1 if there is a difference.")
@click.argument("tickets", nargs=-1, type=TICKET_KEY, metavar="[T-142 …]")
@with_appcontext
def verify(tickets: tuple[int, ...]) -> None:
    """Replay the history of every ticket, or of those named, and report where a clock's row says something else.

    It only reads. Each difference is a line: ticket, clock and cycle, field, what the history makes of it, what is
    stored.
    """
    _must_exist(tickets)
    tally, found = Tally(), 0
    for one in differences_of(tickets, tally):
        found += 1
        place = f"{one.ticket} {one.clock}".strip()
        click.echo(f"{place} {one.field}: expected {_said(one.expected)}, found {_said(one.found)}")
    click.echo(f"{tally.tickets} tickets with {tally.clocks} clocks replayed, {found} differences.")
    sys.exit(1 if found else 0)


@click.command(epilog="Example: flask sla recompute --open --policy everything_else --dry-run")
@click.option("--open", "of_open", is_flag=True, help="Needed: the clocks of open tickets; closed ones never change.")
@click.option("--policy", metavar="KEY", help="Only tickets that run, or would run, under this policy.")
@click.option("--dry-run", is_flag=True, help="Say what would change; write nothing.")
@click.option("--now", type=MOMENT, help="Change as of this instant, as 2026-05-04T09:00Z, instead of the present.")
@with_appcontext
def recompute(of_open: bool, policy: str | None, dry_run: bool, now: datetime | None) -> None:
    """Let open clocks follow the policies and calendars that are in force now.

    A changed policy holds for tickets filed after it was saved; this makes the open ones follow. What has elapsed is
    kept, and a clock that has no time left breaches at this moment. Safe to run again: what is done is left alone.
    Ends with 1 if a ticket could not be changed.
    """
    if not of_open:
        raise click.UsageError("Say --open: only the clocks of open tickets can follow; closed cycles never change.")
    keys = [one.key for one in current_terms().policies]
    if policy is not None and policy not in {*keys, *policies_of_open_clocks()}:
        raise Refused(f"--policy: there is no policy {policy}; there are {', '.join(keys)}.")
    failures = Failures()
    changes = recompute_open(now or present(), policy, dry_run, failures)
    for one in changes:
        click.echo(f"{one.key} {one.kind}: {_terms_of(one.old)} -> {_terms_of(one.new)}")
    tickets = len({one.ticket for one in changes})
    click.echo(f"{'Would change' if dry_run else 'Changed'} {len(changes)} clocks of {tickets} tickets.")
    for failure in failures.told:
        click.echo(failure, err=True)
    sys.exit(1 if failures.told else 0)


def _terms_of(standing: Standing | None) -> str:
    if standing is None:
        return "no clock"
    due = "paused" if standing.state is ClockState.PAUSED else f"due {_said(standing.due_at)}"
    late = ", breached" if standing.state is ClockState.BREACHED else ""
    return f"{minutes_and_hours(standing.target_s)} of {standing.policy}, {due}{late}"


def _must_exist(numbers: tuple[int, ...]) -> None:
    known = set(db.session.scalars(select(Ticket.id).where(Ticket.id.in_(numbers)))) if numbers else set()
    if missing := [f"T-{number}" for number in numbers if number not in known]:
        raise Refused(f"There is no ticket {', '.join(missing)}.")


def _said(value: object) -> str:
    if isinstance(value, datetime):
        return write_instant(value)
    if isinstance(value, tuple):
        return f"({', '.join(map(_said, value))})"
    return "nothing" if value is None else str(value)
