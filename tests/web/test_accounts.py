"""Signing in and out, and what people change about themselves."""

import re

import pytest

from tests import factories
from tests.support.signing import sign_in
from ticketing.extensions import db
from ticketing.models import User

SECRET = "correct horse battery"


@pytest.fixture
def ann(app, people):
    with app.app_context():
        user = db.session.get(User, people.ann.id)
        user.set_password(SECRET)
        db.session.commit()
        identifier = user.get_id()
    people.ann.session = identifier
    return people.ann


def enter(client, email="ann@desk.example", password=SECRET, path="/sign-in"):
    return client.post(path, data={"email": email, "password": password})


def test_signing_in_leads_to_the_board(app, ann):
    client = app.test_client()
    answer = enter(client)
    assert (answer.status_code, answer.location) == (303, "/")
    assert client.get("/").location == "/board"
    with app.app_context():
        assert db.session.get(User, ann.id).logins == 1


def test_capitals_and_blanks_in_the_address_are_forgiven(app, ann):
    assert enter(app.test_client(), "  Ann@Desk.Example ").status_code == 303


def test_signing_in_leads_back_to_where_one_was_going(app, ann):
    client = app.test_client()
    asked = client.get("/queue?view=mine")
    assert asked.location == "/sign-in?next=/queue?view%3Dmine"
    assert enter(client, path=asked.location).location == "/queue?view=mine"


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_nobody_is_led_to_another_site(app, ann, target):
    client = app.test_client()
    answer = client.post("/sign-in", query_string={"next": target}, data={"email": ann.email, "password": SECRET})
    assert answer.location == "/"


@pytest.mark.parametrize(
    ("email", "password"),
    [("ann@desk.example", "wrong"), ("nobody@desk.example", SECRET), ("rita@desk.example", SECRET)],
    ids=["wrong password", "unknown address", "an account without a password"],
)
def test_every_failure_reads_the_same(app, ann, email, password):
    answer = enter(app.test_client(), email, password)
    assert answer.status_code == 422
    assert "Email and password do not match." in answer.text
    assert answer.text.count("aria-invalid") == 2


def test_an_unknown_address_costs_a_password_check_too(app, ann, monkeypatch):
    spent = []
    monkeypatch.setattr("ticketing.web.accounts.waste_a_check", lambda password: spent.append(password) or False)
    enter(app.test_client(), "nobody@desk.example", "guess")
    assert spent == ["guess"]


def test_empty_fields_are_named(app, ann):
    answer = enter(app.test_client(), "", "")
    assert answer.status_code == 422
    assert answer.text.count("This is needed.") == 2
    assert "do not match" not in answer.text


def test_a_disabled_account_does_not_open(app, ann):
    with app.app_context():
        db.session.get(User, ann.id).disable()
        db.session.commit()
    assert enter(app.test_client()).status_code == 422


def test_disabling_an_account_ends_its_sessions(app, ann, client_for):
    client = client_for(ann.session)
    assert client.get("/profile").status_code == 200
    with app.app_context():
        db.session.get(User, ann.id).disable()
        db.session.commit()
    assert client.get("/profile").status_code == 302


def test_nothing_of_the_session_before_signing_in_survives(app, ann):
    client = app.test_client()
    with client.session_transaction() as session:
        session["planted"] = "by somebody else"
    enter(client)
    with client.session_transaction() as session:
        assert "planted" not in session
        assert session.permanent


def test_who_is_signed_in_is_sent_on(ann, client_for):
    assert client_for(ann.session).get("/sign-in").location == "/"


def test_signing_out_needs_a_post_and_ends_the_session(app, ann, client_for):
    client = client_for(ann.session)
    assert client.get("/sign-out").status_code == 405
    assert client.post("/sign-out").location == "/sign-in"
    assert client.get("/profile").status_code == 302


def test_the_sign_in_form_asks_for_its_token(csrf_app, ann):
    client = csrf_app.test_client()
    assert enter(client).status_code == 400
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/sign-in").text)[1]
    answer = client.post("/sign-in", data={"email": ann.email, "password": SECRET, "csrf_token": token})
    assert answer.status_code == 303


def test_the_profile_keeps_name_and_time_zone(app, ann, client_for):
    client = client_for(ann.session)
    answer = client.post("/profile", data={"name": "  Ann\n Haddad-Lee ", "time_zone": "Europe/Malta"})
    assert answer.status_code == 303
    assert "Profile saved" in client.get("/profile").text
    with app.app_context():
        user = db.session.get(User, ann.id)
        assert (user.name, user.time_zone) == ("Ann Haddad-Lee", "Europe/Malta")


@pytest.mark.parametrize("zone", ["Atlantis/Center", "../etc/passwd", ""])
def test_a_time_zone_that_is_none_is_refused_at_its_field(app, ann, client_for, zone):
    answer = client_for(ann.session).post("/profile", data={"name": "Ann", "time_zone": zone})
    assert answer.status_code == 422
    assert 'id="time_zone-error"' in answer.text
    with app.app_context():
        assert db.session.get(User, ann.id).name == "Ann Haddad"


def change(client, current=SECRET, new="another long one", again=None):
    return client.post("/profile", data={"current": current, "new": new, "again": new if again is None else again})


def test_a_new_password_ends_the_other_sessions_and_keeps_this_one(app, ann, client_for):
    here, there = client_for(ann.session), client_for(ann.session)
    assert change(here).status_code == 303
    assert here.get("/profile").status_code == 200
    assert there.get("/profile").status_code == 302
    assert enter(app.test_client()).status_code == 422
    assert enter(app.test_client(), password="another long one").status_code == 303


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"current": "wrong"}, "current"),
        ({"new": "short"}, "new"),
        ({"new": "x" * 201}, "new"),
        ({"again": "not the same"}, "again"),
    ],
)
def test_a_password_that_will_not_do_is_refused_at_its_field(app, ann, client_for, values, field):
    answer = change(client_for(ann.session), **values)
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert enter(app.test_client()).status_code == 303


def test_two_browsers_are_two_people(app, people):
    ann, stranger = sign_in(app.test_client(), people.ann), app.test_client()
    assert "Ann Haddad" in ann.get("/profile").text
    assert stranger.get("/profile").status_code == 302
    assert "Bo Bondar" in sign_in(app.test_client(), people.bo).get("/profile").text


def test_a_reporter_begins_with_their_tickets(people, client_for):
    assert client_for(people.rita).get("/").location == "/my"
    assert factories.CAST["rita"][1].is_staff is False
