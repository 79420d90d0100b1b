"""flask sla: the check that cron runs, and what explains, proves and changes the clocks."""

import sys
from datetime import datetime

import click
from flask.cli import AppGroup

from ticketing.cli import sla_explain, sla_policies, sla_replay, sla_simulate
from ticketing.cli.moments import MOMENT
from ticketing.cli.staying import stay
from ticketing.clock import now as present
from ticketing.extensions import db
from ticketing.jobs.sla import check as job
from ticketing.jobs.sla.check import Counts

sla = AppGroup("sla", help="Keep, explain and prove the SLA clocks.")
for _command in (
    sla_explain.explain, sla_policies.policies, sla_replay.recompute, sla_replay.verify, sla_simulate.simulate,
):  # fmt: skip
    sla.add_command(_command)


@sla.command(epilog="Every minute by cron: * * * * * flask --app wsgi sla check")
@click.option("--now", type=MOMENT, help="Judge by this instant, as 2026-05-04T09:00Z, instead of the present.")
@click.option("--dry-run", is_flag=True, help="Say what is due; write nothing.")
@click.option("--every", type=click.IntRange(1, 3600), metavar="SECONDS", help="Stay, and check every so often.")
def check(now: datetime | None, dry_run: bool, every: int | None) -> None:
    """End expired holds and let every due warning, breach and escalation happen, each once."""
    if every is None:
        sys.exit(_once(now or present(), dry_run))
    if now is not None or dry_run:
        raise click.UsageError("--every goes with neither --now nor --dry-run.")
    stay(every, lambda: _once(present(), False, every_s=every, quiet=True), "The check")


def _once(now: datetime, dry_run: bool, every_s: int = job.EVERY_S, quiet: bool = False) -> int:
    counts = job.what_is_due(now) if dry_run else job.run(now, every_s)
    db.session.remove()
    if not quiet or counts.holds or counts.clocks or counts.failed:
        click.echo(_sentence(counts, dry_run))
    for failure in counts.failed:
        click.echo(failure, err=True)
    return 1 if counts.failed else 0


def _sentence(counts: Counts, dry_run: bool) -> str:
    would = "Would settle" if dry_run else "Settled"
    return f"{would} {counts.levels} levels of {counts.clocks} clocks and {counts.holds} expired holds."
