"""flask sla policies: the policies and calendars as one file, out of the desk, checked, and back into it."""

import sys
from collections.abc import Mapping

import click
from flask.cli import with_appcontext

from ticketing.cli.files import open_output
from ticketing.cli.sentences import Refused
from ticketing.clock import now
from ticketing.extensions import db
from ticketing.jobs.sla.terms import NOTE_MAX, put_in_force
from ticketing.models.audit import AuditKind, record_audit
from ticketing.models.user import User
from ticketing.queries.sla_terms import category_names, in_force
from ticketing.rules.refusals import Invalid, Stale
from ticketing.rules.sla_calendars import NAME_MAX
from ticketing.rules.sla_document import Unreadable, check_document, named, portable, read_document, write_document
from ticketing.rules.sla_terms import MINUTES_MAX

SENTENCES = {
    "required": "is missing",
    "unreadable": "is not what it should be: look at what `flask sla policies export` writes",
    "unknown_value": "is not known here",
    "no_such_name": "is no name that policies and calendars know",
    "too_long": f"is too long: a name has at most {NAME_MAX} characters, a target at most {MINUTES_MAX} minutes",
    "too_many": "are too many",
    "taken": "is used by another one before it",
    "not_a_key": "should be a key of small letters, digits and _, 40 at most",
    "not_minutes": "should be a whole number of minutes, or null for no target",
    "zero_target": "should be at least 1 minute, or null for no target",
    "reaction_after_resolution": "is longer than the resolution",
    "not_a_share": "should be a whole number from 1 to 99",
    "last_has_no_condition": "should be empty: the last policy takes every ticket that is left",
    "same_condition": "are the condition of another policy before it, so that this one would never be used",
    "never_open": "does not open in the next five years, so that nothing would ever be due",
    "never_reached": "is not reached within five years in these hours, its escalation included",
    "unwritable_characters": "holds characters that cannot be kept, such as control characters",
    "not_intervals": 'should be a list such as [["09:00", "13:00"], ["14:00", "18:00"]]',
    "not_a_time": "should hold times of day from 00:00 to 24:00",
    "from_after_to": "holds an interval that ends before it begins; write one that goes over midnight as two days",
    "empty_interval": "holds an interval that ends when it begins",
    "not_a_date": "should be a date such as 2026-12-24",
    "built_in": "is built in and cannot be changed",
}


@click.group()
def policies() -> None:
    """The policies and calendars in force, as one JSON file."""


@policies.command(epilog="Example: flask sla policies export policies.json")
@click.argument("file", type=click.Path(dir_okay=False, allow_dash=True), default="-")
@with_appcontext
def export(file: str) -> None:
    """Write the policies and calendars in force to FILE, or to standard output.

    Minutes everywhere. Edited, it is what `flask sla simulate` tries and `flask sla policies import` takes.
    """
    text = write_document(in_force().document)
    with open_output(file, "w", encoding="utf-8") as out:
        record_audit(AuditKind.EXPORTED, now(), what="flask sla policies export")
        db.session.commit()
        out.write(text)


@policies.command(epilog="Example: flask sla policies check policies.json. Ends with 1 if something is wrong.")
@click.argument("file", type=click.File(encoding="utf-8-sig"))
@with_appcontext
def check(file) -> None:
    """Say what is wrong with the policies and calendars in FILE (- is standard input). Writes nothing."""
    document = _read(file)
    errors = check_document(document, category_names(), now())
    if errors:
        click.echo(sentences(document, errors))
        sys.exit(1)
    numbers = len(document["policies"]), len(document["calendars"])
    click.echo(f"{file.name} is fine: {numbers[0]} policies and {numbers[1]} calendars.")


@policies.command("import", epilog='Example: flask sla policies import policies.json --note "As agreed in May"')
@click.argument("file", type=click.File(encoding="utf-8-sig"))
@click.option("--note", default="", help="Why; it is kept with this version.")
@click.option("--by", "email", metavar="EMAIL", help="Who saves it; by default nobody in particular.")
@with_appcontext
def import_(file, note: str, email: str | None) -> None:
    """Put the policies and calendars in FILE (- is standard input) in force as the next version.

    They hold for tickets that are filed from now on; `flask sla recompute --open` makes open ones follow. What is in
    force already is left alone.
    """
    if len(note) > NOTE_MAX:
        raise Refused(f"--note: may have at most {NOTE_MAX} characters.")
    document, present = read_file(file), in_force()
    if portable(document) == portable(present.document):
        click.echo(f"{file.name} is what is in force already; nothing changed.")
        return
    by, at = _person(email), now()
    record_audit(AuditKind.SETTING, at, actor_id=by and by.id, setting="policies", act="imported")
    try:
        put_in_force(document, by=by, at=at, shown=present.id, note=note)
    except Invalid as refusal:
        raise Refused(sentences(document, refusal.errors)) from None
    except Stale:
        raise Refused("Somebody saved other policies at the same moment. Look at them, and try again.") from None
    click.echo(f"Version {in_force().id} is in force.")


def read_file(file) -> dict:
    """A file's document, checked. Raises Refused with a line for each thing that is wrong."""
    document = _read(file)
    if errors := check_document(document, category_names(), now()):
        raise Refused(sentences(document, errors))
    return document


def sentences(document: object, errors: Mapping[str, str]) -> str:
    """A line for each error: its path, what it is about, and what is wrong."""
    lines = [f"{place}{_about(document, place)}: {SENTENCES.get(code, code)}." for place, code in errors.items()]
    return "\n".join(lines)


def _about(document: object, place: str) -> str:
    name = named(document, place)
    return f" ({name})" if name else ""


def _read(file) -> object:
    try:
        return read_document(file.read())
    except UnicodeDecodeError:
        raise Refused(f"{file.name} is not text in UTF-8.") from None
    except Unreadable as problem:
        where = f", line {problem.line}" if problem.line else ""
        said = "is too large to be policies" if problem.code == "too_large" else "is not JSON"
        raise Refused(f"{file.name}{where}: this {said}.") from None


def _person(email: str | None) -> User | None:
    if email is None:
        return None
    found = db.session.scalar(db.select(User).where(User.email == email.strip().lower(), User.active))
    if found is None or not found.is_manager:
        raise Refused(f"--by: there is no manager with the address {email}.")
    return found
