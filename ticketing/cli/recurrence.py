"""flask recurrence: what recurring troubles are counted by."""

import click
from flask.cli import AppGroup

from ticketing.jobs.recurrence import rebuild as rebuild_all
from ticketing.rules.recurrence import RULES

recurrence = AppGroup("recurrence", help="Keep the signatures by which recurring troubles are counted.")


@recurrence.command(epilog="Example, after an update that says so: flask recurrence rebuild")
@click.option("--check", is_flag=True, help="Only say how many tickets are signed otherwise; write nothing.")
@click.pass_context
def rebuild(context: click.Context, check: bool) -> None:
    """Sign every ticket anew by the present rules.

    Needed when the rules have changed (the page Recurring says so to managers); harmless at any other time, and people
    can work meanwhile. With --check it exits with 1 if any ticket is signed otherwise.
    """
    done = rebuild_all(dry_run=check)
    if check:
        click.echo(f"{done.changed} of {done.tickets} tickets are signed otherwise than by the present rules.")
        context.exit(1 if done.changed else 0)
    click.echo(f"Signed {done.tickets} tickets by rules {RULES}, {done.changed} of them changed.")
