"""Ways in that nobody may be led through unawares, and none that outlives what opened it."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select

from tests.support.embedding import HOME, PANEL, frame_of, get, hand_over, make_key, post, row_of, token
from tests.support.mailing import MAIL_NOWHERE
from tests.support.signing import sign_in
from ticketing.clock import now
from ticketing.extensions import db
from ticketing.jobs import embed_keys
from ticketing.models import EmbedIdentity, Outbox, User
from ticketing.rules.taxonomy import Role
from ticketing.web import accounts_links


@pytest.fixture
def app(make_app, monkeypatch):
    monkeypatch.setattr(accounts_links, "ANSWER_S", 0)
    return make_app(MAIL=MAIL_NOWHERE, BASE_URL=HOME)


@pytest.fixture
def ada(app, people):
    return sign_in(app.test_client(), people.ada)


def adopted(key, people, handle="ann", **more):
    """Claims of a token that leads into this account."""
    return {"sub": handle, "email": f"{handle}@desk.example", **more}


def tab_link(client):
    return post(client, "/tab", data={"path": "/queue"}, headers={"Accept": "application/json"}).json["address"]


def promote(app, people, role):
    with app.app_context():
        db.session.get(User, people.ann.id).role = role
        db.session.commit()


def test_an_account_that_has_risen_above_the_highest_role_comes_in_no_more(app, people):
    key = make_key(app, adopts=True, role_ceiling="support_engineer")
    client = frame_of(app, key, **adopted(key, people))
    link = tab_link(client).removeprefix(HOME)
    promote(app, people, Role.ADMINISTRATOR)  # by hand, so that nothing else ends what is open
    assert hand_over(app.test_client(), token(key, **adopted(key, people))).status_code == 403
    assert app.test_client().get(link, base_url=HOME).status_code == 410
    promote(app, people, Role.SUPPORT_ENGINEER)
    assert hand_over(app.test_client(), token(key, **adopted(key, people))).status_code == 303


def test_lowering_the_highest_role_ends_what_stands_above_it(app, people):
    key = make_key(app, adopts=True, role_ceiling="support_manager")
    above = frame_of(app, key, role="support_engineer")
    below = frame_of(app, key, sub="r", email="r@panel.example", name="Rolf", role="reporter")
    link = tab_link(above).removeprefix(HOME)
    with app.app_context():
        row = row_of(key)
        given = {name: getattr(row, name) for name in ("name", "issuer", "audience", "default_view", "adopts", "jwks")}
        given |= {"origins": PANEL, "role_ceiling": "reporter"}
        embed_keys.change_key(row, given, db.session.get(User, people.ada.id), now())
    assert get(above, "/board").status_code in (302, 401)
    assert get(below, "/my").status_code == 200
    assert app.test_client().get(link, base_url=HOME).status_code == 410


def test_whom_a_panel_alone_signs_in_gets_no_password_by_mail(app, people):
    key = make_key(app, adopts=True)
    frame_of(app, key)
    frame_of(app, key, **adopted(key, people))
    answers = [app.test_client().post("/forgot", data={"email": email})
               for email in ("pia@panel.example", "ann@desk.example", "nobody@desk.example")]  # fmt: skip
    texts = {re.sub(r"I[\w-]{50,}\.[\w-]+\.[\w-]+", "", answer.text) for answer in answers}
    assert {answer.status_code for answer in answers} == {200} and len(texts) == 1
    with app.app_context():
        assert list(db.session.scalars(select(Outbox.recipient_id))) == [people.ann.id]  # hers is the desk's own


def test_the_only_secret_is_not_retired(app, people, ada):
    key = make_key(app)
    with app.app_context():
        first = row_of(key).secrets[0].id
    path = f"/settings/embedding/{key.id}/secrets/{first}/retiring"
    page = ada.post(path, base_url=HOME, follow_redirects=True).text
    assert "The secret was not retired" in page
    assert hand_over(app.test_client(), token(key)).status_code == 303
    ada.post(f"/settings/embedding/{key.id}/secrets", base_url=HOME)
    assert "The secret is retired" in ada.post(path, base_url=HOME, follow_redirects=True).text
    assert hand_over(app.test_client(), token(key)).status_code == 403


@pytest.mark.parametrize(("dest", "status"), [("document", 403), ("iframe", 303), ("frame", 303), (None, 303)])
def test_a_token_opens_a_frame_and_no_page_of_its_own(app, people, dest, status):
    """Else a link on any page could make whoever follows it somebody else."""
    key = make_key(app)
    headers = {"Origin": PANEL} | ({"Sec-Fetch-Dest": dest} if dest else {})
    answer = app.test_client().post("/embed/enter", data={"token": token(key)}, headers=headers, base_url=HOME)
    assert answer.status_code == status


def test_a_frame_session_that_was_planted_does_not_survive_entering(app, people):
    """Somebody puts the cookie of their own frame into another's browser, and waits."""
    key = make_key(app)
    attacker, victim = frame_of(app, key, sub="evil", email="evil@panel.example", name="Eve"), app.test_client()
    planted = attacker.get_cookie("ticketing_frame", path="/embed").value
    victim.set_cookie("ticketing_frame", planted, path="/embed", secure=True)
    assert get(victim, "/board").status_code == 200  # it was theirs until here
    assert hand_over(victim, token(key)).status_code == 303
    assert victim.get_cookie("ticketing_frame", path="/embed").value != planted
    assert get(victim, "/board").status_code == 200 and get(attacker, "/board").status_code == 401


@pytest.mark.parametrize("site", ["cross-site", "same-site", "none"])
def test_a_link_into_a_tab_that_somebody_sent_asks_first(app, people, site):
    link = tab_link(frame_of(app, make_key(app))).removeprefix(HOME)
    client = app.test_client()
    page = client.get(link, base_url=HOME, headers={"Sec-Fetch-Site": site})
    assert page.status_code == 200 and "Go on as Pia Panel?" in page.text
    assert client.get("/queue", base_url=HOME).status_code == 302
    assert client.post(link, base_url=HOME).status_code == 303
    assert client.get("/queue", base_url=HOME).status_code == 200
    assert client.post(link, base_url=HOME).status_code == 410


def test_whoever_is_somebody_else_here_is_asked_first(app, people):
    link = tab_link(frame_of(app, make_key(app))).removeprefix(HOME)
    bo = sign_in(app.test_client(), people.bo)
    page = bo.get(link, base_url=HOME, headers={"Sec-Fetch-Site": "same-origin"})
    assert "You are signed in as Bo Bondar; that would end here." in page.text
    assert "Bo Bondar" in bo.get("/profile").text
    assert bo.post(link, base_url=HOME).status_code == 303


@pytest.mark.parametrize("given", ["//[", "http://[::1", "//[::1", "/\\[", "http://]", "//]:", "/\n/evil"])
def test_half_an_address_leads_home(app, people, given):
    answer = app.test_client().get("/sign-in", query_string={"next": given})
    assert answer.status_code == 200
    client = sign_in(app.test_client(), people.ann)
    assert client.get("/sign-in", query_string={"next": given}).location == "/"


def test_who_asks_too_often_holds_no_thread(app, people, monkeypatch):
    monkeypatch.setattr(accounts_links, "ANSWER_S", 10)
    slept = []
    monkeypatch.setattr(accounts_links.time, "sleep", slept.append)
    answers = [app.test_client().post("/forgot", data={"email": "x@x.example"}).status_code for _ in range(22)]
    assert answers == [200] * 20 + [429] * 2 and len(slept) == 20


@pytest.mark.both_databases
def test_of_many_guesses_at_once_ten_are_looked_at(app, people, monkeypatch):
    looked = []

    def look(_user, password):
        looked.append(password)
        return False

    monkeypatch.setattr(User, "check_password", look)

    def guess(number):
        data = {"email": "ann@desk.example", "password": f"guess {number}"}
        return app.test_client().post("/sign-in", data=data).status_code

    with ThreadPoolExecutor(12) as crowd:
        answers = list(crowd.map(guess, range(24)))
    assert (len(looked), answers.count(422), answers.count(429)) == (10, 10, 14)


def test_a_stranger_at_the_door_keeps_nobody_from_their_profile(app, people):
    with app.app_context():
        user = db.session.get(User, people.ann.id)
        token_before = user.session_token
        user.set_password("correct horse battery")
        user.session_token = token_before
        db.session.commit()
    ann = sign_in(app.test_client(), people.ann)
    for _ in range(11):
        app.test_client().post("/sign-in", data={"email": "ann@desk.example", "password": "wrong"})
    fields = {"current": "correct horse battery", "new": "another long one", "again": "another long one"}
    assert ann.post("/profile", data=fields).status_code == 303


def test_who_came_from_a_panel_is_said_so(app, people, ada):
    frame_of(app, make_key(app))
    with app.app_context():
        number = db.session.scalar(select(EmbedIdentity.user_id))
        assert db.session.scalar(select(func.count()).select_from(EmbedIdentity)) == 1
    assert "Comes in from Back office" in ada.get(f"/settings/people/{number}").text
    assert "Comes in from" not in ada.get(f"/settings/people/{people.bo.id}").text
