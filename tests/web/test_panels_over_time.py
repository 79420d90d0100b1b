"""A panel over its time: its people come again, become others, go; its secrets and keys follow one another."""

import io
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from tests import factories as make
from tests.support.embedding import HOME, PANEL, claims, frame_of, get, hand_over, make_key, post, row_of, token
from tests.support.signing import sign_in
from ticketing.clock import now
from ticketing.extensions import db
from ticketing.jobs import embed_keys
from ticketing.jobs.tidy import tidy_ways_in
from ticketing.models import Attachment, AuditEntry, OneTimeLink, User, UserSession
from ticketing.models.sign_in import LinkUse
from ticketing.rules.taxonomy import Role, Status

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40


@pytest.fixture
def key(app, people):
    return make_key(app)


def tab_of(app, client):
    """A tab opened out of this frame."""
    link = post(client, "/tab", data={"path": "/queue"}, headers={"Accept": "application/json"}).json["address"]
    tab = app.test_client()
    assert tab.get(link.removeprefix(HOME), base_url=HOME).status_code == 303
    return tab


def is_in(tab):
    return tab.get("/queue", base_url=HOME).status_code == 200


def form_token(client):
    return get(client, "/tickets/new").text.partition('name="csrf_token" value="')[2].partition('"')[0]


def test_forms_of_another_tab_of_the_panel_stay_good_for_the_same_person(make_app, people):
    app = make_app(WTF_CSRF_ENABLED=True)
    key = make_key(app)
    with app.app_context():
        ticket = make.ticket_in(Status.DIAGNOSTICS).key
        db.session.commit()
    client = frame_of(app, key)
    written = {"body": "Still open", "csrf_token": form_token(client)}
    assert hand_over(client, token(key)).status_code == 303  # the panel's next page
    headers = {"Referer": f"{HOME}/embed/tickets/{ticket}"}
    assert post(client, f"/tickets/{ticket}/comments", data=written, headers=headers).status_code == 303
    other = token(key, sub="8", email="otto@panel.example", name="Otto")
    assert hand_over(client, other).status_code == 303
    assert post(client, f"/tickets/{ticket}/comments", data=written, headers=headers).status_code == 401


def test_a_tab_ends_when_the_panel_has_another_user_and_goes_on_with_the_same(app, key):
    client = frame_of(app, key)
    tab = tab_of(app, client)
    hand_over(client, token(key))
    assert is_in(tab)
    hand_over(client, token(key, sub="8", email="otto@panel.example", name="Otto"))
    assert not is_in(tab)


def test_what_a_retired_secret_has_signed_is_out(app, people, key):
    client = frame_of(app, key)
    tab = tab_of(app, client)
    with app.app_context():
        ada, row = db.session.get(User, people.ada.id), row_of(key)
        fresh = embed_keys.rotate_secret(row, ada, now())
        first, second = [(one.id, one.kid) for one in row.secrets]
    other = frame_of(app, key, headers={"kid": second[1]}, secret=fresh, sub="8", email="o@panel.example")
    with app.app_context():
        embed_keys.retire_secret(row_of(key), first[0], db.session.get(User, people.ada.id), now())
    assert (get(client, "/board").status_code, is_in(tab), get(other, "/board").status_code) == (401, False, 200)


def test_a_new_key_with_the_issuer_of_a_revoked_one_goes_on_with_its_people(app, people, key):
    client = frame_of(app, key)
    with app.app_context():
        ada = db.session.get(User, people.ada.id)
        embed_keys.revoke_key(row_of(key), ada, now())
    assert get(client, "/board").status_code == 401
    fresh = make_key(app)
    assert hand_over(app.test_client(), token(key)).status_code == 403
    again = app.test_client()
    assert hand_over(again, token(fresh)).status_code == 303
    with app.app_context():
        assert len(list(db.session.scalars(select(User).where(User.email == "pia@panel.example")))) == 1
        assert row_of(key).name == f"Back office (revoked {key.id})"
        made = list(db.session.scalars(select(AuditEntry).where(AuditEntry.embed_key_id == fresh.id)))[0]
        assert made.facts["successor_of"] == key.id


def test_accounts_of_the_desk_are_entered_only_while_the_key_says_so(app, people):
    key = make_key(app, adopts=True)
    said = {"sub": "ann", "email": "ann@desk.example"}
    frame_of(app, key, **said)
    with app.app_context():
        row_of(key).adopts = False
        db.session.commit()
    assert hand_over(app.test_client(), token(key, **said)).status_code == 403


def test_a_password_that_is_new_in_a_panels_tab_leaves_it_the_panels(app, people):
    key = make_key(app, adopts=True)
    with app.app_context():
        db.session.get(User, people.ann.id).set_password("correct horse battery")
        db.session.commit()
    tab = tab_of(app, frame_of(app, key, sub="ann", email="ann@desk.example"))
    fields = {"current": "correct horse battery", "new": "another long one", "again": "another long one"}
    assert tab.post("/profile", data=fields, base_url=HOME).status_code == 303 and is_in(tab)
    with app.app_context():
        embed_keys.revoke_key(row_of(key), db.session.get(User, people.ada.id), now())
    assert not is_in(tab)


def test_another_address_or_role_burns_the_links_that_were_sent(app, people, key):
    frame_of(app, key)
    for changed in ({"email": "pia.new@panel.example"}, {"email": "pia.new@panel.example", "role": "reporter"}):
        with app.app_context():
            user = db.session.scalars(select(User).where(User.email.like("pia%"))).one()
            OneTimeLink.make(LinkUse.INVITATION, user.id, now(), now() + timedelta(days=7))
            db.session.commit()
        frame_of(app, key, **changed)
        with app.app_context():
            assert all(link.used_at for link in db.session.scalars(select(OneTimeLink)))


def test_a_panel_does_not_take_the_last_administrator_away(app, people):
    key = make_key(app, role_ceiling="administrator")
    frame_of(app, key, role="administrator")
    with app.app_context():
        db.session.get(User, people.ada.id).role = Role.REPORTER
        db.session.commit()
    assert hand_over(app.test_client(), token(key, role="reporter")).status_code == 403
    with app.app_context():
        db.session.get(User, people.ada.id).role = Role.ADMINISTRATOR
        db.session.commit()
    assert hand_over(app.test_client(), token(key, role="reporter")).status_code == 303


@pytest.mark.parametrize(("dest", "status"), [("iframe", 303), ("document", 403), (None, 403)])
def test_a_page_that_tells_no_origin_may_hand_over_into_a_frame(app, key, dest, status):
    """Under Referrer-Policy: no-referrer or same-origin, a form of another site says null."""
    headers = {"Origin": "null"} | ({"Sec-Fetch-Dest": dest} if dest else {})
    answer = app.test_client().post("/embed/enter", data={"token": token(key)}, headers=headers, base_url=HOME)
    assert answer.status_code == status


@pytest.mark.parametrize(
    ("name", "fields", "headers"),
    [
        ("lone surrogate", lambda k: {"token": token(k, iss="\ud800")}, {}),
        ("half an address", lambda k: {"token": "x"}, {"Origin": "https://[x"}),
        ("a zero", lambda k: {"token": "x\0y"}, {}),
        ("huge", lambda k: {"token": "x" * 6_000_000}, {}),
        ("nothing", lambda k: {}, {}),
    ],
)
def test_whatever_is_sent_is_refused_alike_and_logged(app, key, name, fields, headers):
    client = app.test_client()
    data = fields(key)
    answer = client.post("/embed/enter", data=data, headers={"Origin": PANEL} | headers, base_url=HOME)
    assert answer.status_code == 403 and "You could not be signed in" in answer.text
    with app.app_context():
        entries = [one for one in db.session.scalars(select(AuditEntry)) if one.kind == "hand_off_refused"]
        assert len(entries) == 1


def test_a_refused_hand_off_leaves_nobody_in(app, key):
    client = frame_of(app, key)
    hand_over(client, "nonsense")
    with app.app_context():
        assert all(one.ended_at for one in db.session.scalars(select(UserSession)))


def test_a_frame_that_keeps_no_cookie_says_so_in_the_panel(app, key):
    landing = hand_over(app.test_client(), token(key)).location
    answer = app.test_client().get(landing, base_url=HOME)
    assert (answer.status_code, "Your browser keeps no cookie here" in answer.text) == (401, True)
    assert f"frame-ancestors {PANEL}" in answer.headers["Content-Security-Policy"]
    for wrong in ("/embed/board?entered=99", "/embed/board?entered=x", "/embed/board"):
        plain = app.test_client().get(wrong, base_url=HOME)
        assert "frame-ancestors 'none'" in plain.headers["Content-Security-Policy"]


def test_a_picture_is_shown_in_the_frame_of_its_panel_alone(app, people, key):
    with app.app_context():
        ticket = make.ticket_in(Status.DIAGNOSTICS).key
        db.session.commit()
    client = frame_of(app, key)
    files = {"files": (io.BytesIO(PNG), "shot.png"), "body": "See"}
    assert post(client, f"/tickets/{ticket}/comments", data=files).status_code == 303
    with app.app_context():
        number = db.session.scalar(select(Attachment.id))
    with get(client, f"/attachments/{number}?inline=1") as answer:
        assert answer.headers["Content-Security-Policy"] == f"sandbox; default-src 'none'; frame-ancestors {PANEL}"
    with sign_in(app.test_client(), people.ann).get(f"/attachments/{number}?inline=1") as answer:
        assert answer.headers["Content-Security-Policy"].endswith("frame-ancestors 'none'")


def test_the_frame_remembers_how_its_host_looks(app, key):
    client = frame_of(app, key)
    for theme in ("dark", "light"):
        assert post(client, "/theme", data={"theme": theme}).status_code == 204
        assert f'data-theme="{theme}"' in get(client, "/board").text
    assert post(client, "/theme", data={"theme": '"><script>'}).status_code == 422


def test_tidying_one_panels_tokens_leaves_another_panels(app, key):
    other, start = make_key(app, name="Other", issuer="other"), now()
    with time_machine.travel(start, tick=False):
        short = token(other, jti="1", sub="1", email="o@panel.example", exp=int(start.timestamp()) + 5)
        assert hand_over(app.test_client(), short).status_code == 303
    with time_machine.travel(start + timedelta(seconds=70), tick=False), app.app_context():
        good = token(key, **(claims(key) | {"jti": "1"}))
        assert hand_over(app.test_client(), good).status_code == 303
        tidy_ways_in(now(), 400)
        assert hand_over(app.test_client(), good).status_code == 403


@pytest.mark.parametrize("minutes", [5, 10, 60])
def test_whoever_is_at_it_is_never_idle(make_app, people, minutes):
    app = make_app(IDLE_MINUTES=minutes)
    start = now()
    with time_machine.travel(start, tick=False):
        client = frame_of(app, make_key(app))
    step = timedelta(minutes=minutes) * 0.85
    for turn in range(1, 8):
        with time_machine.travel(start + turn * step, tick=False):
            assert get(client, "/board").status_code == 200, turn
    with time_machine.travel(start + 7 * step + timedelta(minutes=minutes, seconds=1), tick=False):
        assert get(client, "/board").status_code == 401


def test_a_page_that_looks_by_itself_keeps_nobody_in(make_app, people):
    app, start = make_app(IDLE_MINUTES=60), now()
    with time_machine.travel(start, tick=False):
        client = frame_of(app, make_key(app))
    for minutes in (20, 40, 59):
        with time_machine.travel(start + timedelta(minutes=minutes), tick=False):
            assert get(client, "/notifications/bell", headers={"Looks-Again": "1"}).status_code == 200
    with time_machine.travel(start + timedelta(minutes=61), tick=False):
        assert get(client, "/board").status_code == 401
