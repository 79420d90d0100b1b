"""flask report weekly: the last full week against the week before."""

import click
from flask import current_app
from flask.cli import with_appcontext

from ticketing.cli.sentences import SENTENCES, Refused
from ticketing.clock import now
from ticketing.jobs.reports.weekly import send_weekly, weekly_facts
from ticketing.jobs.reports.weekly_letter import write_weekly
from ticketing.rules.refusals import Conflict, Invalid

TROUBLES = {
    "no_mail_server": "No mail server is set (TICKETING_SMTP_URL): nothing can be sent. Without --mail it is printed.",
    "nobody_to_tell": "No manager has an account with a usable address; name one with --to.",
}


@click.command(epilog="On Mondays by cron: 0 7 * * 1 flask --app wsgi report weekly --mail")
@click.option("--mail", is_flag=True, help="Send it to every manager, once for each week, instead of printing it.")
@click.option(
    "--to", "addresses", multiple=True, metavar="ADDRESS", help="With --mail: to this address alone; may be repeated."
)
@with_appcontext
def weekly(mail: bool, addresses: tuple[str, ...]) -> None:
    """Tell how the last full week went, against the week before."""
    if addresses and not mail:
        raise click.UsageError("--to goes with --mail.")
    at, zone = now(), current_app.config["TIME_ZONE"]
    if not mail:
        subject, text, _html = write_weekly(weekly_facts(at, zone))
        click.echo(f"{subject}\n\n{text}", nl=False)
        return
    try:
        facts, sent = send_weekly(at, zone, addresses)
    except Invalid:
        raise Refused(f"--to: {', '.join(addresses)}: {SENTENCES['email', 'not_an_email']}.") from None
    except Conflict as conflict:
        raise Refused(TROUBLES[conflict.code]) from None
    had = f"; {sent.had} had it already" if sent.had else ""
    click.echo(f"The report of {facts['first']} to {facts['last']} waits to leave for {sent.queued}{had}.")
