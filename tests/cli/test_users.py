"""flask users: who may sign in."""

import json
import re

import pyotp
import pytest
from sqlalchemy import select

from tests.factories import person
from ticketing.clock import now
from ticketing.extensions import db
from ticketing.jobs import second_factor
from ticketing.models import AuditEntry, User

NINA = ("users", "add", "--email", "nina@desk.example", "--name", "Nina Berg", "--role", "devops_engineer")
_ENTRIES = select(AuditEntry).order_by(AuditEntry.id)


def test_an_added_person_is_in_the_team_of_their_role(app, flask):
    flask(*NINA, "--password", "long enough")
    with app.app_context():
        nina = db.session.scalars(select(User)).one()
        assert (nina.team.key, nina.handle, nina.active) == ("devops", "nina", True)
        assert nina.check_password("long enough")


def test_a_generated_password_is_printed_once_and_works(app, flask):
    printed = re.search(r"^Password: (\S+)$", flask(*NINA, "--generate").output, re.MULTILINE)
    with app.app_context():
        assert db.session.scalars(select(User)).one().check_password(printed.group(1))


def test_two_people_with_the_same_local_part_get_two_handles(flask):
    flask(*NINA, "--generate")
    output = flask(
        "users", "add", "--email", "Nina@other.example", "--name", "Nina Too", "--role", "reporter", "--generate"
    ).output
    assert "mentioned as @nina2" in output


@pytest.mark.parametrize(("changed", "said"), [
    (("--email", "nina"), "--email: is not an e-mail address"),
    (("--name", " "), "--name: must not be empty"),
    (("--role", "king"), "'king' is not one of 'support_engineer'"),
    (("--team", "kitchen"), "--team: is not a team; allowed are technical_support, devops"),
    (("--role", "reporter", "--team", "devops"), "--team: is for staff"),
    (("--password", "short"), "--password: must have at least 10 characters"),
])  # fmt: skip
def test_what_is_wrong_is_named_with_what_is_allowed(app, flask, changed, said):
    assert said in flask(*NINA, "--password", "long enough", *changed, code=2).output
    with app.app_context():
        assert db.session.scalars(select(User)).all() == []


def test_an_address_is_given_once(flask):
    flask(*NINA, "--generate")
    assert "--email: is the address of an account that exists" in flask(*NINA, "--generate", code=2).output


def test_the_list_is_a_table_or_json(people, flask):
    lines = flask("users", "list").output.splitlines()
    assert lines[0].split() == ["name", "email", "handle", "role", "team", "active"]
    assert (
        len({line.index("@desk.example") - line.index(line.split("@")[0].split()[-1]) >= 0 for line in lines[1:]}) == 1
    )
    found = {row["handle"]: row for row in json.loads(flask("users", "list", "--json").output)}
    assert (found["ann"]["team"], found["rita"]["role"]) == ("technical_support", "reporter")


def test_a_disabled_person_is_out_at_once(app, people, flask, client_for):
    client = client_for(people.ann)
    flask("users", "disable", "ann@desk.example")
    assert client.get("/board").status_code in (302, 401)
    assert "disabled already" in flask("users", "disable", "ann").output


def test_the_last_administrator_stays(app, people, flask):
    assert "last active administrator" in flask("users", "disable", "ada@desk.example", code=2).output
    with app.app_context():
        assert person("ada").active


def test_a_reset_password_ends_the_sessions_of_the_old_one(app, people, flask):
    flask("users", "reset-password", "ann@desk.example", input="long enough\nlong enough\n")
    with app.app_context():
        assert person("ann").check_password("long enough")
        assert person("ann").session_token != people.ann.session_token
    assert "nobody has the address" in flask("users", "reset-password", "eve@desk.example", "--generate", code=2).output


COMMANDS = ("init", "demo", "users add", "users list", "users disable", "users reset-password", "tickets export",
            "tickets import", "board refresh")  # fmt: skip


@pytest.mark.sqlite_only
@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_shows_an_example(flask, command):
    assert "Example" in flask(*command.split(), "--help").output


def test_the_log_tells_what_was_done_to_accounts(app, people, flask):
    flask(*NINA, "--generate")
    flask("users", "reset-password", "nina@desk.example", "--generate")
    flask("users", "disable", "nina@desk.example")
    flask("users", "disable", "nina@desk.example")  # which does nothing any more
    flask("users", "reset-password", "nina@desk.example", "--password", "short", code=2)
    with app.app_context():
        nina = db.session.scalars(select(User).where(User.handle == "nina")).one().id
        told = [(one.kind, one.facts["act"], one.subject_id, one.actor_id) for one in db.session.scalars(_ENTRIES)]
    assert told == [("person", act, nina, None) for act in ("made", "password_reset", "disabled")]


@pytest.mark.parametrize("command", [("tickets", "export"), ("sla", "policies", "export")])
def test_the_log_tells_what_was_taken_away(app, people, flask, command):
    flask(*command)
    with app.app_context():
        (entry,) = db.session.scalars(_ENTRIES)
        assert (entry.kind, entry.facts["what"]) == ("exported", " ".join(("flask", *command)))


def test_a_second_step_is_taken_off_from_the_shell_and_sessions_end(app, flask):
    flask(*NINA, "--generate")
    assert "had no second step" in flask("users", "second-step-off", "nina").output
    with app.app_context():
        nina = db.session.scalars(select(User)).one()
        begun = second_factor.begin(nina, now())
        code = pyotp.TOTP(second_factor.secret_of(nina, begun, now())).now()
        second_factor.confirm(nina, begun, code, "", now())
        token = nina.session_token
        db.session.commit()
    assert "by password alone" in flask("users", "second-step-off", "nina@desk.example").output
    with app.app_context():
        nina = db.session.scalars(select(User)).one()
        assert second_factor.factor_of(nina) is None and nina.session_token != token
        entry = list(db.session.scalars(_ENTRIES))[-1]
        assert (entry.kind, entry.actor_id, entry.facts) == ("second_factor", None, {"act": "taken_off"})
