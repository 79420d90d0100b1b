"""Links by mail that set a password: whom they reach, how often, how long, and what is left of them."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from tests.factories import NOW, person
from tests.support.mailing import mail_to
from tests.support.post_office import post_office
from ticketing.extensions import db
from ticketing.jobs import mail_links
from ticketing.jobs.outbox import dead
from ticketing.jobs.outbox.send import send_all
from ticketing.jobs.people import disable_person, reset_password
from ticketing.models import AuditEntry, OneTimeLink, Outbox, SignInFailure, User, UserSession
from ticketing.models.audit import AuditKind
from ticketing.models.session import SessionKind, begin_session
from ticketing.models.sign_in import hash_of
from ticketing.rules.refusals import Conflict, Invalid

ADDRESS = "10.0.0.1"
NEW = "a new one, and long"
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


@pytest.fixture
def office():
    with post_office() as office:
        yield office


@pytest.fixture
def desk(make_app, office):
    app = make_app(MAIL=mail_to(office), BASE_URL="https://desk.example")
    with app.app_context():
        for handle in ("ann", "bo", "ada"):
            person(handle)
        db.session.commit()
        yield app


def ask(email="ann@desk.example", at=NOW, address=ADDRESS):
    return mail_links.ask_reset(email, address, at)


def count(model):
    return db.session.scalar(select(func.count()).select_from(model))


def at_once(app, how_many, one):
    """`one(n)` so many times in the same moment; what came of it."""
    gate = threading.Barrier(how_many, timeout=30)

    def act(n):
        with app.app_context():
            gate.wait()
            return one(n)

    db.session.remove()
    with ThreadPoolExecutor(how_many) as pool:
        return list(pool.map(act, range(how_many)))


def secret_of(mail):
    """What stands in a letter that arrived, in both of its bodies."""
    parts = [mail.get_body((kind,)).get_content() for kind in ("plain", "html")]
    found = {part.partition("https://desk.example/new-password/")[2].split()[0].split('"')[0] for part in parts}
    assert len(found) == 1
    return found.pop()


def sent(office, at=NOW):
    db.session.remove()
    send_all(at)
    return secret_of(office.arrived[-1])


def test_the_letter_lets_set_a_password_once(desk, office):
    ask(" Ann@Desk.example ")
    secret = sent(office)
    (mail,) = office.arrived
    assert (mail["To"], mail["Subject"]) == ("Ann Haddad <ann@desk.example>", "A new password for Ticketing")
    assert mail_links.owner_of(secret, NOW).email == "ann@desk.example"
    assert mail_links.set_password_by(secret, NEW, ADDRESS, NOW)
    assert person("ann").check_password(NEW)
    assert not mail_links.set_password_by(secret, "another one, long", ADDRESS, NOW)
    assert person("ann").check_password(NEW)


def test_every_session_ends_and_the_log_tells_it(desk, office):
    for handle in ("ann", "ann", "bo"):
        begin_session(person(handle).id, SessionKind.TAB, NOW, NOW + HOUR)
    was = person("ann").session_token
    db.session.commit()
    ask()
    mail_links.set_password_by(sent(office), NEW, ADDRESS, NOW)
    live = db.session.scalars(select(UserSession.user_id).where(UserSession.ended_at.is_(None))).all()
    assert live == [person("bo").id]
    assert person("ann").session_token != was
    entries = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
    assert [(one.kind, one.subject_id, one.address) for one in entries] == [
        (kind, person("ann").id, ADDRESS)
        for kind in (AuditKind.LINK_SENT, AuditKind.LINK_USED, AuditKind.PASSWORD_CHANGED)
    ]
    assert entries[-1].facts == {"way": "reset", "ended": 2}


@pytest.mark.parametrize("email", ["nobody@desk.example", "bo@desk.example", "ada@desk.example", ""])
def test_whoever_is_not_there_or_closed_gets_none(desk, email):
    person("bo").active = False
    person("ada").machine = True
    db.session.commit()
    assert ask(email) == 0
    assert (count(Outbox), count(OneTimeLink), count(AuditEntry)) == (0, 0, 0)
    assert count(SignInFailure) == 2  # it counts as any other


def test_an_account_gets_three_an_hour(desk):
    assert [ask(at=NOW + n * MINUTE, address=f"10.0.0.{n}") for n in range(5)] == [0] * 5
    assert count(Outbox) == 3
    ask(at=NOW + HOUR + MINUTE / 2)
    assert count(Outbox) == 4


def test_an_address_asks_twenty_times_an_hour(desk):
    waits = [ask(f"p{n}@desk.example") for n in range(21)]
    assert (waits[:20], waits[20]) == ([0] * 20, 3600)
    assert (ask("bo@desk.example"), ask("bo@desk.example", address="10.0.0.2")) == (3600, 0)
    assert count(Outbox) == 1


@pytest.mark.parametrize(("after", "good"), [(HOUR - MINUTE, True), (HOUR, False)])
def test_it_lasts_an_hour(desk, office, after, good):
    ask()
    secret = sent(office)
    assert (mail_links.owner_of(secret, NOW + after) is not None) is good
    assert mail_links.set_password_by(secret, NEW, ADDRESS, NOW + after) is good


def test_a_newer_link_takes_the_place_of_the_older(desk, office):
    ask()
    older = sent(office)
    ask(at=NOW + MINUTE)
    newer = sent(office, NOW + MINUTE)
    assert not mail_links.set_password_by(older, NEW, ADDRESS, NOW + MINUTE)
    assert mail_links.set_password_by(newer, NEW, ADDRESS, NOW + MINUTE)


@pytest.mark.parametrize("password", ["short", "x" * 201, ""])
def test_a_password_that_is_refused_burns_nothing(desk, office, password):
    ask()
    secret = sent(office)
    with pytest.raises(Invalid):
        mail_links.set_password_by(secret, password, ADDRESS, NOW)
    assert mail_links.set_password_by(secret, NEW, ADDRESS, NOW)


def test_no_table_holds_the_secret_and_the_mail_forgets_it(desk, office):
    ask()
    waiting = db.session.scalars(select(Outbox)).one().payload
    assert mail_links.secret_in(waiting, NOW)
    secret = sent(office)
    row = db.session.scalars(select(Outbox)).one()
    assert row.sent_at and row.payload == {"link": "reset"}
    assert secret not in str(waiting) and secret not in row.dedupe_key
    assert db.session.scalars(select(OneTimeLink)).one().secret_hash == hash_of(secret)
    assert secret not in str([one.facts for one in db.session.scalars(select(AuditEntry))])


def test_a_mail_that_is_given_up_forgets_it_too_and_is_not_sent_again(desk, office):
    office.refuse["ann@desk.example"] = "550 no such user"
    ask()
    db.session.remove()
    assert send_all(NOW).given_up == 1
    row = db.session.scalars(select(Outbox)).one()
    assert row.dead_at and row.payload == {"link": "reset"}
    office.refuse.clear()
    dead.retry_all(NOW)
    db.session.remove()
    assert send_all(NOW).withdrawn == 1
    assert office.arrived == [] and count(Outbox) == 0


def test_a_mail_that_is_put_off_keeps_it(desk, office):
    office.refuse["ann@desk.example"] = "450 later"
    ask()
    db.session.remove()
    assert send_all(NOW).put_off == 1
    office.refuse.clear()
    assert mail_links.set_password_by(sent(office, NOW + 5 * MINUTE), NEW, ADDRESS, NOW + 5 * MINUTE)


@pytest.mark.parametrize("spoilt", ["too late", "closed", "another", "key", "no base"])
def test_a_mail_that_would_bring_nothing_is_withdrawn(desk, office, spoilt):
    ask()
    at = NOW + HOUR if spoilt == "too late" else NOW
    match spoilt:
        case "closed":
            disable_person(person("ann"), NOW)
        case "another":
            reset_password(person("ann"), NEW, NOW)
        case "key":
            desk.config["SECRET_KEY"] = "another one, and long enough to be taken"
        case "no base":
            desk.config["BASE_URL"] = ""
    db.session.remove()
    assert send_all(at).withdrawn == 1
    assert office.arrived == []


@pytest.mark.parametrize("act", ["password", "closed", "closed and opened"])
def test_what_an_administrator_does_burns_links_that_are_out(desk, office, act):
    ask()
    secret = sent(office)
    if act == "password":
        reset_password(person("ann"), "by an administrator", NOW)
    else:
        disable_person(person("ann"), NOW)
        if act == "closed and opened":
            db.session.execute(update(User).values(active=True))
            db.session.commit()
    assert not mail_links.set_password_by(secret, NEW, ADDRESS, NOW)
    assert not person("ann").check_password(NEW)


def test_an_invitation_lasts_seven_days_and_says_so(desk, office):
    mail_links.invite(person("bo"), person("ada"), ADDRESS, NOW)
    secret = sent(office)
    assert office.arrived[0]["Subject"] == "Your account at Ticketing"
    assert "for seven days" in office.arrived[0].get_body(("plain",)).get_content()
    week = timedelta(days=7)
    assert mail_links.owner_of(secret, NOW + week) is None
    assert mail_links.set_password_by(secret, NEW, ADDRESS, NOW + week - MINUTE)
    entry = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id)).first()
    assert (entry.kind, entry.actor_id, entry.subject_id) == (AuditKind.LINK_SENT, person("ada").id, person("bo").id)


@pytest.mark.parametrize("missing", ["MAIL", "BASE_URL"])
def test_nobody_is_invited_where_no_link_can_be_sent(desk, missing):
    desk.config[missing] = None
    with pytest.raises(Conflict):
        mail_links.invite(person("bo"), person("ada"), ADDRESS, NOW)
    assert (count(Outbox), count(OneTimeLink)) == (0, 0)


def test_of_many_at_once_one_sets_the_password(desk, office):
    ask()
    secret = sent(office)
    got = at_once(desk, 6, lambda n: mail_links.set_password_by(secret, f"{NEW} {n}", ADDRESS, NOW))
    assert sorted(got) == [False] * 5 + [True]
    assert person("ann").check_password(f"{NEW} {got.index(True)}")


def test_of_many_requests_at_once_three_are_mailed(desk):
    assert at_once(desk, 8, lambda n: ask(address=f"10.0.1.{n}")) == [0] * 8
    assert count(Outbox) == 3
