"""What guards signing in: the brake, the log, and sessions that end when they should."""

import re
from datetime import UTC, datetime

import pytest
import time_machine
from sqlalchemy import select

from tests.support.second_steps import SECRET
from tests.support.signing import sign_in
from ticketing.extensions import db
from ticketing.models import AuditEntry, User


def enter(client, email="ann@desk.example", password=SECRET):
    return client.post("/sign-in", data={"email": email, "password": password})


def tries(app, count, email="ann@desk.example", password="wrong", address="10.0.0.1"):
    """Statuses of so many sign-ins, one after the other, from this address."""
    client = app.test_client()
    client.environ_base["REMOTE_ADDR"] = address
    return [enter(client, email, password).status_code for _ in range(count)]


def test_whoever_fails_ten_times_waits(app, ann):
    assert tries(app, 12) == [422] * 10 + [429] * 2
    client = app.test_client()
    client.environ_base["REMOTE_ADDR"] = "10.9.9.9"
    answer = enter(client)  # from elsewhere and with the right password, too
    assert (answer.status_code, 0 < int(answer.headers["Retry-After"]) <= 900) == (429, True)
    assert "Try again in 15 minutes." in answer.text
    later = datetime.now(UTC).timestamp() + 901
    with time_machine.travel(later, tick=False):
        assert enter(app.test_client()).status_code == 303


def test_an_unknown_account_waits_alike(app, ann):
    known, unknown = tries(app, 11), tries(app, 11, "nobody@desk.example")
    assert known == unknown
    texts = []
    for email in ("ann@desk.example", "nobody@desk.example"):
        client = app.test_client()
        text = enter(client, email).text.replace(email, "")
        texts.append(re.sub(r'name="csrf_token"[^>]*', "", text))
    assert texts[0] == texts[1]


def test_an_address_waits_however_many_accounts_it_tries(app, ann):
    got = [code for n in range(52) for code in tries(app, 1, f"p{n}@desk.example")]
    assert got == [422] * 50 + [429] * 2
    assert tries(app, 1, address="10.0.0.2") == [422]


def test_no_password_is_looked_at_while_one_waits(app, ann, monkeypatch):
    tries(app, 10)
    monkeypatch.setattr(User, "check_password", lambda *_: pytest.fail("a check was spent"))
    monkeypatch.setattr("ticketing.web.accounts.waste_a_check", lambda *_: pytest.fail("a check was spent"))
    assert tries(app, 1) == [429]


def test_who_gets_in_has_nothing_to_wait_for(app, ann):
    tries(app, 9)
    assert tries(app, 1, password=SECRET) == [303]
    assert tries(app, 9) == [422] * 9


def test_all_of_it_is_in_the_log(app, ann):
    client = app.test_client()
    tries(app, 2)
    tries(app, 1, "nobody@desk.example")
    enter(client)
    client.post("/profile", data={"current": SECRET, "new": "another long one", "again": "another long one"})
    client.post("/sign-out")
    with app.app_context():
        entries = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
        told = [(one.kind, one.actor_id, one.subject_id) for one in entries]
        assert told == [
            ("sign_in_failed", None, ann.id), ("sign_in_failed", None, ann.id), ("sign_in_failed", None, None),
            ("signed_in", ann.id, None), ("password_changed", ann.id, ann.id), ("signed_out", ann.id, None),
        ]  # fmt: skip
        assert entries[0].address == "10.0.0.1"
        assert not any(SECRET in str(one.facts) or "nobody" in str(one.facts) for one in entries)


def test_a_session_that_was_planted_does_not_survive_signing_in(app, ann, people):
    client = sign_in(app.test_client(), people.mara)
    planted = client.get_cookie("ticketing").value
    enter(client)
    assert client.get_cookie("ticketing").value != planted
    other = app.test_client()
    other.set_cookie("ticketing", planted)
    assert other.get("/board").location.startswith("/sign-in")  # what was there before has ended


def test_a_copied_cookie_is_dead_after_signing_out_and_after_a_new_password(app, ann):
    for act in (("/sign-out", {}), ("/profile", {"current": SECRET, "new": SECRET + "!", "again": SECRET + "!"})):
        client, copied = app.test_client(), app.test_client()
        enter(client)
        copied.set_cookie("ticketing", client.get_cookie("ticketing").value)
        assert copied.get("/board").status_code == 200
        client.post(act[0], data=act[1])
        assert copied.get("/board").location.startswith("/sign-in"), act


def test_a_tab_ends_when_nobody_uses_it_and_after_its_hours(app, ann):
    client, start = app.test_client(), datetime.now(UTC).timestamp()
    enter(client)
    with time_machine.travel(start + 241 * 60, tick=False):
        assert client.get("/board").location.startswith("/sign-in")
    enter(client)
    for hours in (3, 6, 9, 11.9):
        with time_machine.travel(start + hours * 3600, tick=False):
            assert client.get("/board").status_code == 200, hours
    with time_machine.travel(start + 12.1 * 3600, tick=False):
        assert client.get("/board").location.startswith("/sign-in")


def test_the_profile_takes_no_more_than_its_fields(app, ann):
    client = app.test_client()
    enter(client)
    more = {
        "name": "Ann", "time_zone": "UTC", "role": "administrator", "email": "x@x.example", "active": "", "team_id": 2,
        "machine": "1", "id": 99, "password_hash": "x", "session_token": "x", "handle": "root",
    }  # fmt: skip
    assert client.post("/profile", data=more).status_code == 303
    with app.app_context():
        row = db.session.get(User, ann.id)
        assert (row.name, row.role, row.email, row.handle) == ("Ann", ann.role, ann.email, ann.handle)
        assert (row.active, row.machine, row.team_id) == (True, False, ann.team_id)


def test_a_browser_that_was_in_before_is_not_shut_out_by_strangers(app, ann):
    """It has ten tries of its own, whatever they do; another browser waits."""
    home = app.test_client()
    assert enter(home).status_code == 303
    home.post("/sign-out")
    assert tries(app, 11)[-1] == 429
    assert enter(app.test_client()).status_code == 429
    assert enter(home).status_code == 303
    home.post("/sign-out")
    assert [enter(home, password="wrong").status_code for _ in range(11)] == [422] * 10 + [429]


def test_the_cookie_of_a_known_browser_is_good_for_its_own_accounts_alone(app, ann, people):
    home, forged = app.test_client(), app.test_client()
    enter(home)
    cookie = home.get_cookie("ticketing_known", path="/sign-in")
    assert cookie.http_only and cookie.same_site == "Lax" and "ann" not in cookie.value
    tries(app, 10, "bo@desk.example")
    assert enter(home, "bo@desk.example").status_code == 429
    tries(app, 10)
    for value in (cookie.value[:-2], "x", "", "e30.x", cookie.value + "a"):
        forged.set_cookie("ticketing_known", value, path="/sign-in")
        assert enter(forged).status_code == 429, value


def test_one_customer_of_ipv6_is_one_address(app, ann):
    got = [tries(app, 1, f"p{n}@desk.example", address=f"2001:db8:1:2::{n:x}")[0] for n in range(52)]
    assert got == [422] * 50 + [429] * 2
    assert tries(app, 1, "x@desk.example", address="2001:db8:1:3::1") == [422]


def test_a_flood_hides_no_try_at_an_account_that_is_there(app, ann, monkeypatch):
    monkeypatch.setattr("ticketing.jobs.told_refusals.PER_KIND", 20)
    for place in range(5):
        tries(app, 8, f"nobody{place}@desk.example", address=f"10.1.0.{place}")
    tries(app, 1, address="10.9.9.9")
    with app.app_context():
        entries = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
        told = [one for one in entries if one.kind == "sign_in_failed"]
        assert len(told) == 21 and (told[-1].subject_id, told[-1].address) == (ann.id, "10.9.9.9")
        counted = [one for one in entries if one.kind == "refusals"]
        assert [one.facts["count"] for one in counted] == [20]
        assert counted[0].facts["addresses"] == ["10.1.0.2", "10.1.0.3", "10.1.0.4"]
