"""flask users: who may sign in."""

import json

import click
from flask.cli import AppGroup

from ticketing.cli.sentences import Refused, refused
from ticketing.clock import now
from ticketing.jobs import people, second_factor
from ticketing.models import User
from ticketing.rules.refusals import Conflict, Invalid
from ticketing.rules.taxonomy import Role

users = AppGroup("users", help="Make, list and close accounts.")

ROLE = click.Choice([role.value for role in Role])
_GENERATE = click.option("--generate", is_flag=True, help="Make up a password and print it, once.")
_PASSWORD = click.option("--password", help="Better left out: it is asked for, unseen.")


@users.command(epilog='Example: flask users add --email ann@desk.example --name "Ann Haddad" --role support_engineer')
@click.option("--email", prompt="E-mail", help="The address they sign in with.")
@click.option("--name", prompt=True, help="Their name, as others will read it.")
@click.option("--role", type=ROLE, prompt=True, help="What they may do.")
@click.option("--team", help="A team's key; by default the team of the role.")
@_PASSWORD
@_GENERATE
def add(email: str, name: str, role: str, team: str | None, password: str | None, generate: bool) -> None:
    """Make an account."""
    password = _password(password, generate)
    try:
        person = people.add_person(email=email, name=name, role=Role(role), team=team, password=password, at=now())
    except Invalid as refusal:
        raise refused(refusal) from None
    click.echo(f"Made {person.name} <{person.email}>, {person.role.value}, mentioned as @{person.handle}.")
    _show(password, generate)


@users.command("list", epilog="Example: flask users list --json")
@click.option("--json", "as_json", is_flag=True, help="One JSON array instead of a table.")
def list_(as_json: bool) -> None:
    """Show every account."""
    rows = [_facts(person) for person in people.list_people()]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=1))
        return
    columns = ("name", "email", "handle", "role", "team", "active")
    table = [columns, *(tuple(_cell(row[column]) for column in columns) for row in rows)]
    widths = [max(len(line[place]) for line in table) for place in range(len(columns))]
    for line in table:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


@users.command(epilog="Example: flask users disable ann@desk.example")
@click.argument("email")
def disable(email: str) -> None:
    """Close the account of EMAIL (or of a handle) and end its sessions. Their tickets and words stay."""
    person = _person(email)
    try:
        closed = people.disable_person(person, now())
    except Conflict:
        raise Refused(
            f"{person.email} is the last active administrator; make another first: flask users add --role administrator"
        ) from None
    click.echo(f"{person.email} may no longer sign in." if closed else f"{person.email} was disabled already.")


@users.command("reset-password", epilog="Example: flask users reset-password ann@desk.example --generate")
@click.argument("email")
@_PASSWORD
@_GENERATE
def reset_password(email: str, password: str | None, generate: bool) -> None:
    """Give EMAIL (or a handle) a new password and end the sessions of the old one."""
    person = _person(email)
    password = _password(password, generate)
    try:
        people.reset_password(person, password, now())
    except Invalid as refusal:
        raise refused(refusal) from None
    click.echo(f"{person.email} has a new password; open sessions have ended.")
    _show(password, generate)


@users.command("second-step-off", epilog="Example: flask users second-step-off ann@desk.example")
@click.argument("email")
def second_step_off(email: str) -> None:
    """Take the second step off EMAIL (or a handle) who lost device and recovery codes, and end their sessions."""
    person = _person(email)
    taken = second_factor.take_off(person, None, "", now())
    click.echo(f"{person.email} signs in by password alone." if taken else f"{person.email} had no second step.")


def _person(email: str) -> User:
    person = people.find_person(email)
    if person is None:
        raise Refused(f"EMAIL: nobody has the address or handle {email}; flask users list shows everybody.")
    return person


def _password(given: str | None, generate: bool) -> str:
    if given is not None and generate:
        raise Refused("--password and --generate exclude each other.")
    if generate:
        return people.generate_password()
    return click.prompt("Password", hide_input=True, confirmation_prompt=True) if given is None else given


def _show(password: str, generate: bool) -> None:
    if generate:
        click.echo(f"Password: {password}")


def _facts(person: User) -> dict:
    return {
        "email": person.email,
        "handle": person.handle,
        "name": person.name,
        "role": person.role.value,
        "team": person.team and person.team.key,
        "active": person.active,
        "created_at": person.created_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
    }


def _cell(value) -> str:
    return {None: "–", True: "yes", False: "no"}.get(value, value)
