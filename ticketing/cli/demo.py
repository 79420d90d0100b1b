"""flask demo: a desk to look at, with people and troubles that do not exist."""

from datetime import datetime

import click
from flask import current_app
from flask.cli import with_appcontext

from ticketing.cli.moments import MOMENT
from ticketing.cli.sentences import Refused
from ticketing.clock import now as clock_now
from ticketing.jobs.demo.run import Made, has_people, is_used, make_demo, way_in
from ticketing.jobs.demo.world import PASSWORD
from ticketing.jobs.reports import refresh


@click.command("demo", epilog="Example: flask demo --tickets 10000 --seed 7")
@click.option("--tickets", type=click.IntRange(1, 5_000_000), default=300, show_default=True, help="How many.")
@click.option("--seed", type=int, default=1, show_default=True, help="Another seed tells other stories.")
@click.option("--more", is_flag=True, help="Add to a desk that has tickets already.")
@click.option("--first-run", is_flag=True, help="Make tickets if nobody has an account yet, else do nothing.")
@click.option("--now", type=MOMENT, help="The moment at which the stories end; by default this one.")
@with_appcontext
def demo(tickets: int, seed: int, more: bool, first_run: bool, now: datetime | None) -> None:
    """Make invented people and tickets with a history, to try the board on.

    Up to 400 tickets everything is done by the same verbs that people use; of more, the newest 300 are, and
    the older ones are written in bulk. The same seed gives the same stories.
    """
    if first_run:
        if has_people():
            _tell_the_way_in()
            return
    elif is_used() and not more:
        raise Refused("This desk has tickets already. --more adds the demo's to them.")
    with click.progressbar(length=tickets, label="Making tickets") as bar:
        made = make_demo(tickets, seed, now or clock_now(), bar.update)
    refresh.run(now or clock_now(), current_app.config["TIME_ZONE"])
    _show(made)


def _show(made: Made) -> None:
    click.echo(f"Made {made.tickets} tickets, {made.open} of the desk's tickets are open.")
    _tell_the_way_in()


def _tell_the_way_in() -> None:
    people = way_in()
    if not people:
        return
    click.echo("Sign in as")
    for what, person in people:
        click.echo(f"  {person.email:<26} {what}, {person.name}")
    click.echo(f"with the password {PASSWORD}")
