"""Roles that need a second step, whoever takes one off, and where one is signed in."""

import pytest
from sqlalchemy import select

from tests import factories as make
from tests.support.second_steps import (
    SECRET,
    code,
    codes_on,
    give_password,
    is_in,
    secret_on,
    set_up,
)
from tests.support.signing import sign_in
from tests.support.sql import statements
from ticketing.extensions import db
from ticketing.models import AuditEntry, SecondFactor, Setting, User, UserSession

_LOG = select(AuditEntry).order_by(AuditEntry.id)


pytestmark = pytest.mark.usefixtures("at")


def require(app, people, *roles, client=None):
    client = client or sign_in(app.test_client(), people.ada)
    return client.post("/settings/sign-in", data=dict.fromkeys(roles, "y"))


def test_a_role_that_needs_one_sets_it_up_before_it_is_in(app, ann, people, at):
    require(app, people, "support_engineer")
    client = app.test_client()
    answer = give_password(client, path="/sign-in?next=/queue")
    assert answer.location == "/sign-in/code?next=/queue" and not is_in(client)
    secret = secret_on(client.get(answer.location).text)
    assert client.post(answer.location, data={"code": "000000"}).status_code == 422 and not is_in(client)
    page = client.post(answer.location, data={"code": code(secret)}).text
    assert len(codes_on(page)) == 10 and 'href="/queue"' in page and is_in(client)
    assert give_password(app.test_client(), "bo").location == "/"  # another role
    answer = client.post("/profile/second-factor/removal", data={"current": SECRET})
    assert answer.status_code == 303
    with app.app_context():
        assert db.session.get(SecondFactor, people.ann.id) is not None  # not theirs to turn off


def test_who_has_none_is_signed_out_when_their_role_comes_to_need_one(app, device, people):
    with app.app_context():
        cleo = make.person("cleo", role=people.ann.role)
        db.session.commit()
        cleo = cleo.get_id()
    inside = (
        sign_in(app.test_client(), cleo),
        sign_in(app.test_client(), people.ann),
        sign_in(app.test_client(), people.bo),
    )
    require(app, people, "support_engineer")
    assert [is_in(client) for client in inside] == [False, True, True]
    again = sign_in(app.test_client(), cleo)
    require(app, people, "support_engineer", "reporter")  # only what is new ends anything
    assert is_in(again)


def test_an_administrator_does_not_shut_themselves_out(app, ann, people, at):
    client = app.test_client()
    give_password(client, "ada")
    answer = require(app, people, "administrator", client=client)
    assert (answer.status_code, "Set up your own second step first" in answer.text) == (422, True)
    with app.app_context():
        assert db.session.get(Setting, "second_factor") is None
    set_up(client)
    assert require(app, people, "administrator", client=client).status_code == 303
    with app.app_context():
        assert db.session.get(Setting, "second_factor").value == {"roles": ["administrator"]}


def test_an_administrator_takes_it_off_for_somebody_else_alone(app, device, people):
    ada, ann = sign_in(app.test_client(), people.ada), sign_in(app.test_client(), people.ann)
    assert "Take it off" in ada.get(f"/settings/people/{people.ann.id}").text
    ada.post(f"/settings/people/{people.ann.id}/second-factor/removal")
    assert not is_in(ann)
    assert give_password(app.test_client()).location == "/"
    with app.app_context():
        entry = [one for one in db.session.scalars(_LOG) if one.kind == "second_factor"][-1]
        assert (entry.actor_id, entry.subject_id, entry.facts) == (people.ada.id, people.ann.id, {"act": "taken_off"})
    assert ada.post(f"/settings/people/{people.ada.id}/second-factor/removal").status_code == 409


def test_who_came_in_from_a_panel_has_nothing_to_set_up(app, people):
    client = sign_in(app.test_client(), people.bo)
    with app.app_context():
        db.session.get(User, people.bo.id).password_hash = None
        db.session.commit()
    assert "Second step" not in client.get("/profile").text
    assert client.get("/profile/second-factor").status_code == 404


def test_sessions_end_one_by_one_and_all_at_once(app, ann, people):
    here, there, elsewhere = (app.test_client() for _ in range(3))
    there.environ_base["HTTP_USER_AGENT"] = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
    for client in (here, there, elsewhere):
        give_password(client)
    with app.app_context():
        numbers = list(db.session.scalars(select(UserSession.id).order_by(UserSession.id)))
    page = here.get("/profile").text
    assert page.count("sessions__one") == 3 and "Firefox on Linux" in page and "This one" in page
    bo = sign_in(app.test_client(), people.bo)
    assert bo.post(f"/profile/sessions/{numbers[1]}/end").status_code == 404
    assert is_in(there)
    here.post(f"/profile/sessions/{numbers[1]}/end")
    assert [is_in(client) for client in (here, there, elsewhere)] == [True, False, True]
    assert here.post(f"/profile/sessions/{numbers[0]}/end").status_code == 409
    assert here.post("/profile/sessions/end").location == "/sign-in"
    assert [is_in(client) for client in (here, there, elsewhere)] == [False] * 3
    assert is_in(bo)


def test_the_profile_asks_the_database_five_times(app, people):
    client = sign_in(app.test_client(), people.ann)
    client.get("/profile")
    for _ in range(3):
        sign_in(app.test_client(), people.ann)
    with statements(app) as sent:
        client.get("/profile")
    assert len(sent) == 5, sent
