"""flask report: what the reports show, counted by cron."""

import sys

import click
from flask import current_app
from flask.cli import AppGroup

from ticketing.cli.report_weekly import weekly
from ticketing.cli.staying import stay
from ticketing.clock import now
from ticketing.extensions import db
from ticketing.jobs.reports import refresh as job

report = AppGroup("report", help="Count what the reports show, and send them.")
report.add_command(weekly)


@report.command(epilog="Every five minutes by cron: */5 * * * * flask --app wsgi report refresh")
@click.option("--anew", is_flag=True, help="Count everything from the start, not only what has changed.")
@click.option("--every", type=click.IntRange(1, 3600), metavar="SECONDS", help="Stay, and count every so often.")
def refresh(anew: bool, every: int | None) -> None:
    """Bring the figures of the reports up to date."""
    if every is None:
        sys.exit(_once(anew))
    if anew:
        raise click.UsageError("--every does not go with --anew.")
    stay(every, lambda: _once(quiet=True), "The counting")


def _once(anew: bool = False, quiet: bool = False) -> int:
    counts = job.run(now(), current_app.config["TIME_ZONE"], anew=anew)
    db.session.remove()
    if not quiet or counts.tickets:
        from_start = " from the start" if counts.anew else ""
        click.echo(f"Counted {counts.tickets} tickets{from_start}; {counts.days} days summed up.")
    for failure in counts.failed:
        click.echo(f"Not counted: {failure}", err=True)
    return 1 if counts.failed else 0
