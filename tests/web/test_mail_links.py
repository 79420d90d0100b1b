"""A forgotten password and an invitation, as pages: one answer for all, and addresses that no request can bend."""

import re
import time
from datetime import UTC, datetime

import pytest
import time_machine
from sqlalchemy import func, select

from tests.support.mailing import MAIL_NOWHERE, mail_to
from tests.support.post_office import post_office
from tests.support.signing import sign_in
from ticketing.extensions import db
from ticketing.jobs.outbox.send import send_all
from ticketing.models import AuditEntry, OneTimeLink, Outbox, User
from ticketing.web import accounts_links

NEW = "a new one, and long"
FORGED = [
    {"Host": "evil.example"}, {"X-Forwarded-Host": "evil.example"}, {"Forwarded": "host=evil.example"},
    {"Host": "evil.example", "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "http",
     "X-Forwarded-Prefix": "/e", "X-Original-URL": "https://evil.example/", "Origin": "https://evil.example"},
]  # fmt: skip
NIA = {"name": "Nia", "email": "nia@desk.example", "role": "reporter", "active": "y"}


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(accounts_links, "ANSWER_S", 0)


@pytest.fixture
def office():
    with post_office() as office:
        yield office


@pytest.fixture
def desk(make_app, office, people):
    return make_app(MAIL=mail_to(office), BASE_URL="https://desk.example")


@pytest.fixture
def ada(desk, people):
    return sign_in(desk.test_client(), people.ada)


def ask(app, email="ann@desk.example", **headers):
    return app.test_client().post("/forgot", data={"email": email}, headers=headers)


def letters(app, office):
    with app.app_context():
        send_all(datetime.now(UTC))
    return office.arrived


def path_in(letter):
    return re.search(r"https://desk\.example(/new-password/[\w-]+)\s", letter.get_body(("plain",)).get_content())[1]


def choose(client, path, new=NEW, again=None):
    return client.post(path, data={"new": new, "again": new if again is None else again})


def plain(answer):
    """An answer without what differs from one request to the next."""
    text = re.sub(r'("X-CSRFToken": "|name="csrf_token"[^>]*value=")[^"]*', "", answer.text)
    headers = {name: value for name, value in answer.headers if name not in ("Date", "Set-Cookie", "Content-Length")}
    return answer.status_code, text, headers


def test_the_way_from_a_forgotten_password_to_signing_in(desk, office):
    assert 'href="/forgot"' in desk.test_client().get("/sign-in").text
    assert ask(desk).status_code == 200
    client, (letter,) = desk.test_client(), letters(desk, office)
    path = path_in(letter)
    assert [client.get(path).status_code for _ in range(3)] == [200] * 3  # looking burns nothing
    assert client.head(path).status_code == 200
    answer = choose(client, path)
    assert (answer.status_code, answer.location) == (303, "/sign-in")
    assert client.get("/board").location.startswith("/sign-in")
    entered = client.post("/sign-in", data={"email": "ann@desk.example", "password": NEW})
    assert (entered.status_code, client.get("/board").status_code) == (303, 200)
    assert [client.get(path).status_code, choose(client, path, "another one, long").status_code] == [410] * 2


def test_all_sessions_end(desk, office, people):
    clients = [sign_in(desk.test_client(), people.ann) for _ in range(2)]
    assert [one.get("/board").status_code for one in clients] == [200] * 2
    ask(desk)
    choose(desk.test_client(), path_in(letters(desk, office)[0]))
    assert all(one.get("/board").location.startswith("/sign-in") for one in clients)


def test_the_answer_is_one_for_known_unknown_and_closed(desk, people):
    with desk.app_context():
        db.session.get(User, people.bo.id).active = False
        db.session.commit()
    answers = [plain(ask(desk, email)) for email in ("ann@desk.example", "nobody@desk.example", "bo@desk.example")]
    assert answers[0] == answers[1] == answers[2]
    assert answers[0][0] == 200 and "desk.example" not in answers[0][1].partition("<main")[2]
    with desk.app_context():
        assert db.session.scalar(select(func.count()).select_from(Outbox)) == 1


@pytest.mark.parametrize("email", ["ann@desk.example", "nobody@desk.example"])
def test_no_answer_comes_before_its_time(desk, monkeypatch, email):
    monkeypatch.setattr(accounts_links, "ANSWER_S", 0.3)
    begun = time.monotonic()
    ask(desk, email)
    assert time.monotonic() - begun >= 0.3


def test_the_answer_stays_one_when_an_account_has_had_its_mails(desk):
    answers = [plain(ask(desk, email)) for email in ("ann@desk.example", "nobody@desk.example") for _ in range(5)]
    assert all(one == answers[0] for one in answers)


def test_an_address_waits_after_twenty(desk):
    codes = [ask(desk, f"p{n}@desk.example").status_code for n in range(21)]
    assert codes == [200] * 20 + [429]
    answer = ask(desk)
    assert (answer.status_code, 0 < int(answer.headers["Retry-After"]) <= 3600) == (429, True)
    with time_machine.travel(datetime.now(UTC).timestamp() + 3601, tick=False):
        assert ask(desk).status_code == 200


@pytest.mark.parametrize("headers", FORGED, ids=lambda headers: "+".join(headers))
def test_no_header_bends_the_link(desk, office, headers):
    answer = ask(desk, **headers)
    assert answer.status_code in (200, 400) and "evil" not in answer.text
    if answer.status_code == 400:  # not heard at all
        return
    (letter,) = letters(desk, office)
    assert "evil" not in letter.as_string() and path_in(letter)
    answer = desk.test_client().post(path_in(letter), data={"new": NEW, "again": NEW}, headers=headers)
    assert (answer.status_code, answer.location) == (303, "/sign-in")


@pytest.mark.parametrize("headers", FORGED, ids=lambda headers: "+".join(headers))
def test_no_header_bends_an_invitation(desk, office, ada, people, headers):
    assert ada.post(f"/settings/people/{people.bo.id}/invitation", headers=headers).status_code in (303, 400)
    for letter in letters(desk, office):
        assert "evil" not in letter.as_string() and path_in(letter)


@pytest.mark.parametrize("missing", [{"MAIL": None}, {"BASE_URL": ""}], ids=["mail", "base"])
def test_without_mail_the_page_says_whom_to_ask(make_app, people, missing):
    app = make_app(**({"MAIL": MAIL_NOWHERE, "BASE_URL": "https://desk.example"} | missing))
    page = app.test_client().get("/forgot")
    assert "An administrator can give you a new password." in page.text and "<form" not in page.text
    assert ask(app).status_code == 200
    with app.app_context():
        assert db.session.scalars(select(Outbox)).all() == []


@pytest.mark.parametrize("email", ["", " ", "a" * 255])
def test_no_address_is_told_at_its_field(desk, email):
    answer = ask(desk, email)
    assert answer.status_code == 422 and "aria-invalid" in answer.text


@pytest.mark.parametrize(
    ("new", "again", "said"),
    [("short", None, "10"), (NEW, "something else", "not the same"), ("", "", "needed"), ("x" * 201, None, "long")],
)
def test_a_password_that_will_not_do_is_told_and_burns_nothing(desk, office, new, again, said):
    ask(desk)
    path = path_in(letters(desk, office)[0])
    answer = choose(desk.test_client(), path, new, again)
    assert answer.status_code == 422 and said in answer.text
    assert new not in answer.text or not new
    assert choose(desk.test_client(), path).status_code == 303


@pytest.mark.parametrize("secret", ["x", "x" * 5000, "%00", "..%2f", "é", "'; --"])
def test_a_link_that_was_never_sent_opens_nothing(desk, secret):
    for method in ("GET", "POST"):
        answer = desk.test_client().open(f"/new-password/{secret}", method=method, data={"new": NEW, "again": NEW})
        assert answer.status_code in (404, 410), method


def test_the_page_of_a_link_tells_its_address_to_nobody(desk, office):
    ask(desk)
    page = desk.test_client().get(path_in(letters(desk, office)[0]))
    assert page.headers["Cache-Control"] == "no-store" and '<meta name="referrer" content="same-origin">' in page.text
    assert not re.search(r'(?:src|href|action)="(?:https?:)?//', page.text)


def test_a_form_without_its_token_changes_nothing(make_app, people, office):
    app = make_app(MAIL=mail_to(office), BASE_URL="https://desk.example", WTF_CSRF_ENABLED=True)
    answer = ask(app)
    assert (answer.status_code, answer.location.partition("?")[0]) == (303, "/sign-in")
    assert letters(app, office) == []


def test_a_new_person_is_invited_and_sees_no_password(desk, ada, office):
    answer = ada.post("/settings/people/new", data=NIA | {"invite": "y"})
    assert (answer.status_code, answer.location.rpartition("/")[0]) == (303, "/settings/people")
    (letter,) = letters(desk, office)
    assert letter["To"] == "Nia <nia@desk.example>"
    client = desk.test_client()
    assert choose(client, path_in(letter)).status_code == 303
    assert client.post("/sign-in", data={"email": "nia@desk.example", "password": NEW}).status_code == 303
    with desk.app_context():
        kinds = [one.kind for one in db.session.scalars(select(AuditEntry).order_by(AuditEntry.id))]
    assert kinds == ["person", "link_sent", "link_used", "password_changed", "signed_in"]


@pytest.mark.parametrize("mail", [True, False])
def test_who_is_not_invited_gets_a_password_that_is_shown(desk, make_app, people, office, mail):
    app = desk if mail else make_app()
    client = sign_in(app.test_client(), people.ada)
    assert ('name="invite"' in client.get("/settings/people/new").text) is mail
    answer = client.post("/settings/people/new", data=NIA | ({} if mail else {"invite": "y"}))
    assert answer.status_code == 200 and "Nia" in answer.text
    assert letters(desk, office) == []


def test_an_invitation_is_sent_again_and_the_older_one_is_void(desk, ada, people, office):
    path = f"/settings/people/{people.bo.id}/invitation"
    assert path in ada.get(f"/settings/people/{people.bo.id}").text
    assert [ada.post(path).status_code for _ in range(2)] == [303, 303]
    with desk.app_context():
        good = db.session.scalars(select(OneTimeLink).where(OneTimeLink.used_at.is_(None))).all()
        assert [one.user_id for one in good] == [people.bo.id]
    (letter,) = letters(desk, office)  # the older one was not even sent
    assert choose(desk.test_client(), path_in(letter)).status_code == 303


def test_nobody_is_invited_who_may_not_sign_in(desk, ada, people, office):
    with desk.app_context():
        db.session.get(User, people.bo.id).active = False
        db.session.commit()
    assert ada.post(f"/settings/people/{people.bo.id}/invitation").status_code == 409
    assert letters(desk, office) == []


@pytest.mark.parametrize(
    "change", [{"email": "other@desk.example"}, {"role": "reporter", "team": ""}, {"active": None}]
)
def test_what_an_administrator_changes_burns_a_link_that_is_out(desk, ada, people, office, change):
    ask(desk, "bo@desk.example")
    path = path_in(letters(desk, office)[0])
    form = {"name": "Bo", "email": "bo@desk.example", "role": "devops_engineer", "team": "devops", "active": "y"}
    where = f"/settings/people/{people.bo.id}"
    assert ada.post(where, data=form).status_code == 303
    assert desk.test_client().get(path).status_code == 200  # a new name burns nothing
    changed = {name: value for name, value in (form | change).items() if value is not None}
    assert ada.post(where, data=changed).status_code == 303
    assert desk.test_client().get(path).status_code == 410


def test_a_password_changed_in_the_profile_burns_it_too(desk, people, office):
    with desk.app_context():
        db.session.get(User, people.ann.id).set_password("the old one, long")
        db.session.commit()
        ann = db.session.get(User, people.ann.id).get_id()
    ask(desk)
    path = path_in(letters(desk, office)[0])
    client = sign_in(desk.test_client(), ann)
    data = {"current": "the old one, long", "new": NEW, "again": NEW}
    assert client.post("/profile", data=data).status_code == 303
    assert choose(desk.test_client(), path, "taken by another").status_code == 410
