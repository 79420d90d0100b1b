"""flask init: a database and somebody who may let others in."""

import click
import flask_migrate
from flask.cli import with_appcontext

from ticketing.cli.sentences import refused
from ticketing.clock import now
from ticketing.jobs.people import active_administrators, add_person
from ticketing.rules.refusals import Invalid
from ticketing.rules.taxonomy import Role


@click.command("init", epilog="Example: TICKETING_ADMIN_EMAIL=ada@desk.example flask --app wsgi init")
@click.option("--email", envvar="TICKETING_ADMIN_EMAIL", help="The administrator's address.")
@click.option("--name", envvar="TICKETING_ADMIN_NAME", help="The administrator's name.")
@click.option("--password", envvar="TICKETING_ADMIN_PASSWORD", help="Better left out: it is asked for, unseen.")
@with_appcontext
def init(email: str | None, name: str | None, password: str | None) -> None:
    """Bring the database up to date and make the first administrator.

    Asks for what neither the options nor TICKETING_ADMIN_EMAIL, TICKETING_ADMIN_NAME and
    TICKETING_ADMIN_PASSWORD say. Run again, it brings the database up to date and leaves people alone.
    """
    flask_migrate.upgrade()
    present = active_administrators()
    if present:
        click.echo(f"The database is up to date; {present[0].email} is an administrator. Nothing else to do.")
        return
    unattended = bool(email and password)
    email = email or click.prompt("E-mail")
    name = name or ("Administrator" if unattended else click.prompt("Name"))
    password = password or click.prompt("Password", hide_input=True, confirmation_prompt=True)
    try:
        person = add_person(email=email, name=name, role=Role.ADMINISTRATOR, password=password, at=now())
    except Invalid as refusal:
        raise refused(refusal) from None
    click.echo(f"The database is up to date; {person.email} is its administrator and may sign in.")
