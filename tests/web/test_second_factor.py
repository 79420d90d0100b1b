"""A code beside the password: setting it up, signing in with it, and losing the device."""

import pytest
from sqlalchemy import select

from tests.support.second_steps import (
    SECRET,
    code,
    codes_on,
    give_password,
    is_in,
    secret_on,
    set_up,
)
from ticketing.extensions import db
from ticketing.models import AuditEntry, SecondFactor, User

pytestmark = pytest.mark.usefixtures("at")


def test_setting_up_and_signing_in(app, ann, at):
    client = app.test_client()
    give_password(client)
    secret, codes = set_up(client)
    assert len(set(codes)) == 10 and len(secret) == 32
    at.shift(31)
    other = app.test_client()
    answer = give_password(other, path="/sign-in?next=/queue?view=mine")
    assert answer.location == "/sign-in/code?next=/queue?view%3Dmine"
    assert not is_in(other)  # the password alone opens nothing
    done = other.post(answer.location, data={"code": f" {code(secret)[:3]} {code(secret)[3:]} "})
    assert done.location == "/queue?view=mine" and is_in(other)
    with app.app_context():
        acts = [(one.kind, one.facts.get("way") or one.facts.get("act")) for one in db.session.scalars(_LOG)]
        assert acts == [("signed_in", "password"), ("second_factor", "set_up"), ("signed_in", "second_factor")]
        row = db.session.get(SecondFactor, ann.id)
        kept = str([row.sealed_secret, row.recovery, [one.facts for one in db.session.scalars(_LOG)]])
        assert secret not in kept and not any(one in kept for one in codes)


_LOG = select(AuditEntry).order_by(AuditEntry.id)


def test_a_code_works_once_and_none_before_it_does_afterwards(app, device, at):
    first, second = app.test_client(), app.test_client()
    late = code(device[0], -1)
    give_password(first), give_password(second)
    assert first.post("/sign-in/code", data={"code": code(device[0])}).status_code == 303
    assert second.post("/sign-in/code", data={"code": code(device[0])}).status_code == 422
    assert second.post("/sign-in/code", data={"code": late}).status_code == 422
    assert not is_in(second)


@pytest.mark.parametrize(("steps", "good"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_clock_may_be_half_a_minute_wrong(app, device, steps, good):
    client = app.test_client()
    give_password(client)
    client.post("/sign-in/code", data={"code": code(device[0], steps)})
    assert is_in(client) is good


@pytest.mark.parametrize("given", ["", "000000", "12345", "1234567", "abcdef", "١٢٣٤٥٦", "²²²²²²", "x" * 41, "-" * 16])
def test_what_is_no_code_lets_nobody_in(app, device, given):
    client = app.test_client()
    give_password(client)
    answer = client.post("/sign-in/code", data={"code": given})
    assert answer.status_code == 422 and "field__error" in answer.text and not is_in(client)


def test_a_recovery_code_works_once_however_it_is_typed(app, device):
    given = device[1][3].upper().replace("-", " ")
    for good in (True, False):
        client = app.test_client()
        give_password(client)
        client.post("/sign-in/code", data={"code": given})
        assert is_in(client) is good
        client.get("/board")
    with app.app_context():
        assert len(db.session.scalars(select(SecondFactor)).one().recovery) == 9
        assert [one.facts["way"] for one in db.session.scalars(_LOG) if one.kind == "signed_in"][-1] == "recovery_code"


def test_after_five_wrong_codes_one_waits_whatever_the_sixth_is(app, device, at):
    client = app.test_client()
    give_password(client)
    assert [client.post("/sign-in/code", data={"code": "000000"}).status_code for _ in range(5)] == [422] * 5
    for given in (code(device[0]), device[1][0]):
        answer = client.post("/sign-in/code", data={"code": given})
        assert (answer.status_code, not is_in(client)) == (429, True)
    other = app.test_client()  # a new start does not help
    give_password(other)
    assert other.post("/sign-in/code", data={"code": code(device[0])}).status_code == 429
    at.shift(901)
    give_password(other)
    other.post("/sign-in/code", data={"code": code(device[0])})
    assert is_in(other)


def test_the_password_is_not_remembered_for_long(app, device, at):
    client = app.test_client()
    give_password(client)
    at.shift(301)
    answer = client.post("/sign-in/code", data={"code": code(device[0])})
    assert answer.location.startswith("/sign-in?") and not is_in(client)


def test_nobody_comes_to_the_second_step_without_the_first(app, device):
    client = app.test_client()
    assert give_password(client, password="wrong one here").status_code == 422
    for method in ("get", "post"):
        answer = getattr(client, method)("/sign-in/code?next=//evil.example", data={"code": code(device[0])})
        assert answer.location == "/sign-in?next=/" and not is_in(client)


def test_a_new_password_forgets_who_gave_the_old_one(app, device, people):
    client = app.test_client()
    give_password(client)
    with app.app_context():
        db.session.get(User, people.ann.id).set_password("quite another one")
        db.session.commit()
    client.post("/sign-in/code", data={"code": code(device[0])})
    assert not is_in(client)


def test_a_link_by_mail_does_not_go_round_it(app, device, people):
    with app.app_context():
        user = db.session.get(User, people.ann.id)
        user.set_password("set by a link in a mail")  # what the link does
        db.session.commit()
    client = app.test_client()
    assert give_password(client, password="set by a link in a mail").location.startswith("/sign-in/code")
    assert not is_in(client)


def test_everything_about_it_asks_for_the_password(app, device, at):
    client = app.test_client()
    give_password(client)
    client.post("/sign-in/code", data={"code": code(device[0])})
    for path in ("codes", "removal", "device"):
        answer = client.post(f"/profile/second-factor/{path}", data={"current": "wrong one here"})
        assert (answer.status_code, "not your present password" in answer.text) == (422, True), path
    with app.app_context():
        assert db.session.scalars(select(SecondFactor)).one().recovery
    new = codes_on(client.post("/profile/second-factor/codes", data={"current": SECRET}).text)
    assert len(new) == 10 and not set(new) & set(device[1])
    client.post("/profile/second-factor/removal", data={"current": SECRET})
    with app.app_context():
        assert db.session.scalars(select(SecondFactor)).all() == []
    assert give_password(app.test_client()).location == "/"


def test_a_password_is_guessed_on_the_profile_no_oftener_than_at_the_door(app, ann):
    client = app.test_client()
    give_password(client)
    for _ in range(10):
        client.post("/profile/second-factor/device", data={"current": "wrong one here"})
    for path in ("/profile/second-factor/device", "/profile"):
        answer = client.post(path, data={"current": SECRET, "new": "y" * 12, "again": "y" * 12})
        assert (answer.status_code, "Too many attempts." in answer.text) == (422, True), path


def test_nobody_confirms_a_secret_that_somebody_else_was_shown(app, ann, at):
    """Two browsers that know the password each get a secret of their own; the first confirmed one is it."""
    one, two = app.test_client(), app.test_client()
    for client in (one, two):
        give_password(client)
        client.post("/profile/second-factor/device", data={"current": SECRET})
    first, second = (secret_on(client.get("/profile/second-factor").text) for client in (one, two))
    assert first != second
    assert codes_on(one.post("/profile/second-factor", data={"code": code(first)}).text)
    assert two.post("/profile/second-factor", data={"code": code(second)}).status_code == 303
    at.shift(61)
    third = app.test_client()
    give_password(third)
    third.post("/sign-in/code", data={"code": code(second)})
    assert not is_in(third)
    third.post("/sign-in/code", data={"code": code(first)})
    assert is_in(third)


def test_another_device_takes_the_place_of_the_first_once_it_is_confirmed(app, device, at):
    client, late = app.test_client(), app.test_client()
    for one in (client, late):
        give_password(one)
        one.post("/sign-in/code", data={"code": code(device[0])})
        at.shift(31)
        one.post("/profile/second-factor/device", data={"current": SECRET})
    second, other = (secret_on(one.get("/profile/second-factor").text) for one in (client, late))
    with app.app_context():
        assert code(device[0]) and db.session.scalars(select(SecondFactor)).one()  # the first goes on meanwhile
    codes = codes_on(client.post("/profile/second-factor", data={"code": code(second)}).text)
    assert len(codes) == 10 and not set(codes) & set(device[1])
    assert late.post("/profile/second-factor", data={"code": code(other)}).status_code == 303  # too late
    at.shift(61)
    for secret, good in ((device[0], False), (other, False), (second, True)):
        again = app.test_client()
        give_password(again)
        again.post("/sign-in/code", data={"code": code(secret)})
        assert is_in(again) is good
    with app.app_context():
        acts = [one.facts["act"] for one in db.session.scalars(_LOG) if one.kind == "second_factor"]
        assert acts == ["set_up", "changed"]


def test_what_was_begun_is_given_up(app, ann):
    client = app.test_client()
    give_password(client)
    client.post("/profile/second-factor/device", data={"current": SECRET})
    assert "device__secret" in client.get("/profile/second-factor").text
    client.post("/profile/second-factor/device/end")
    assert "device__secret" not in client.get("/profile/second-factor").text
