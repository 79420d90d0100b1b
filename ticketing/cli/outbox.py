"""flask outbox: what leaves the desk, and what could not."""

import json
import sys

import click
from flask.cli import AppGroup

from ticketing.cli.sentences import SENTENCES, Refused
from ticketing.cli.staying import stay
from ticketing.clock import now
from ticketing.extensions import db
from ticketing.jobs.outbox import dead, proof
from ticketing.jobs.outbox import send as job
from ticketing.jobs.outbox.desk import mail_server
from ticketing.jobs.outbox.send import Counts
from ticketing.queries import messages
from ticketing.rules.numbers import LARGEST
from ticketing.rules.refusals import Conflict, Invalid

outbox = AppGroup("outbox", help="Send what waits, and look after what could not be sent.")
NO_SERVER = "No mail server is set (TICKETING_SMTP_URL): people are told inside the desk alone."
_LISTED = 1000


@outbox.command(epilog="Every minute by cron: * * * * * flask --app wsgi outbox send")
@click.option("--every", type=click.IntRange(1, 3600), metavar="SECONDS", help="Stay, and send every so often.")
def send(every: int | None) -> None:
    """Tell what is to be told, and send every mail that is due."""
    if every is None:
        sys.exit(_once())
    stay(every, lambda: _once(quiet=True), "The sending")


@outbox.command("list", epilog="Example: flask outbox list --dead")
@click.option("--dead", "only_dead", is_flag=True, help="What was given up, instead of what waits.")
@click.option("--json", "as_json", is_flag=True, help="One JSON array instead of a table.")
def list_(only_dead: bool, as_json: bool) -> None:
    """Show the messages that wait, or those that were given up."""
    rows = (messages.dead_letters if only_dead else messages.waiting)(_LISTED + 1)
    facts = [_facts(row) for row in rows[:_LISTED]]
    if len(rows) > _LISTED:
        click.echo(f"There are more: these are the first {_LISTED}.", err=True)
    if as_json:
        click.echo(json.dumps(facts, ensure_ascii=False, indent=1))
        return
    if not facts:
        click.echo("Nothing was given up." if only_dead else "Nothing waits.")
        return
    columns = ("id", "channel", "to", "about", "attempts", "dead_at" if only_dead else "next_try_at", "error")
    table = [columns, *(tuple(str(one[column] or "–") for column in columns) for one in facts)]
    widths = [max(len(line[place]) for line in table) for place in range(len(columns))]
    for line in table:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


@outbox.command(epilog="Example: flask outbox retry --all-dead")
@click.argument("number", type=click.IntRange(1, LARGEST), required=False, metavar="ID")
@click.option("--all-dead", is_flag=True, help="All that was given up.")
def retry(number: int | None, all_dead: bool) -> None:
    """Let the given-up message ID be tried anew, as often as a fresh one."""
    if (number is None) != all_dead:
        raise click.UsageError("Name one message by its ID, or all with --all-dead.")
    if all_dead:
        click.echo(f"{dead.retry_all(now())} given-up messages are tried anew by the next flask outbox send.")
        return
    if not dead.retry(number, now()):
        raise Refused(f"{number}: no given-up message has this ID; flask outbox list --dead shows them.")
    click.echo(f"Message {number} is tried anew by the next flask outbox send.")


@outbox.command(epilog="Example: flask outbox test ann@desk.example")
@click.argument("address")
def test(address: str) -> None:
    """Send a test mail to ADDRESS now."""
    try:
        to = proof.send_proof(address, now())
    except Invalid:
        raise Refused(f"ADDRESS: {address} {SENTENCES['email', 'not_an_email']}.") from None
    except Conflict as conflict:
        raise _not_sent(conflict) from None
    click.echo(f"The server {mail_server().host} took a test mail for {to}.")


def _not_sent(conflict: Conflict) -> click.ClickException:
    if conflict.code == "no_mail_server":
        return Refused(NO_SERVER)
    return click.ClickException(f"The test mail did not leave: {conflict.facts['said']}")


def _once(quiet: bool = False) -> int:
    counts = job.run(now())
    configured = mail_server() is not None
    db.session.remove()
    if not quiet or counts.announced or counts.sent or counts.put_off or counts.given_up:
        click.echo(_sentence(counts) if configured else f"Announced {counts.announced}. {NO_SERVER}")
    if counts.trouble:
        click.echo(f"No mail can leave: {counts.trouble}", err=True)
    for failure in counts.failed:
        click.echo(f"Given up: {failure}", err=True)
    return 1 if counts.trouble or counts.failed else 0


def _sentence(counts: Counts) -> str:
    withdrawn = f", withdrew {counts.withdrawn}" if counts.withdrawn else ""
    return (
        f"Announced {counts.announced}, sent {counts.sent}, put off {counts.put_off}, gave up {counts.given_up}"
        f"{withdrawn}."
    )


def _facts(row) -> dict:
    return {
        "id": row.id,
        "channel": row.channel,
        "to": row.address or row.email,
        "about": row.dedupe_key,
        "ticket": f"T-{row.payload['ticket']}" if "ticket" in row.payload else None,
        "attempts": row.attempts,
        "made_at": _iso(row.made_at),
        "next_try_at": _iso(row.next_try_at),
        "dead_at": _iso(row.dead_at),
        "error": row.error,
    }


def _iso(at) -> str | None:
    return at and at.strftime("%Y-%m-%dT%H:%M:%SZ")
