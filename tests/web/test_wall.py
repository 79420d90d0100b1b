"""The wallboard's address: who makes it, what it shows, and what it never does."""

import re

import pytest
from sqlalchemy import select

from tests import factories as make
from tests.support.embedding import HOME, PANEL, make_key, row_of
from tests.support.signing import sign_in
from tests.support.sql import statements
from ticketing.extensions import db
from ticketing.models import AuditEntry
from ticketing.rules.taxonomy import Status


@pytest.fixture
def key(app, people):
    return make_key(app)


@pytest.fixture
def ada(app, people):
    return sign_in(app.test_client(), people.ada)


def publish(ada, key):
    """The path of a new address."""
    page = ada.post(f"/settings/embedding/{key.id}/wall").text
    return re.search(r'<output class="secret" id="secret">[a-z]+://[^/]+(/embed/wall/[\w-]{43})</output>', page)[1]


def show(app, path, **more):
    return app.test_client().get(path, base_url=HOME, **more)


def test_it_is_shown_to_whoever_knows_the_address(app, ada, key):
    with app.app_context():
        make.ticket_in(Status.DIAGNOSTICS)
        secret = make.ticket_in(Status.DIAGNOSTICS)
        secret.restricted, secret.title = True, "A leak of cards"
        db.session.commit()
    path = publish(ada, key)
    answer = show(app, path)
    assert answer.status_code == 200 and "Deposits time out" in answer.text and "A leak of cards" not in answer.text
    assert f"frame-ancestors {PANEL}" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Referrer-Policy"] == "no-referrer" and answer.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer.headers
    assert "<form" not in answer.text and "<button" not in answer.text and "<a " not in answer.text
    assert 'data-theme="dark"' in answer.text
    assert 'data-theme="light"' in show(app, f"{path}?theme=light").text
    assert 'data-theme="dark"' in show(app, f'{path}?theme="><script>').text


def test_it_opens_nothing_else(app, ada, key):
    client, path = app.test_client(), publish(ada, key)
    client.get(path, base_url=HOME)
    assert client.get("/embed/board", base_url=HOME).status_code in (302, 401)
    assert client.post(path, base_url=HOME).status_code == 405
    assert show(app, path.removeprefix("/embed")).status_code == 404  # outside of /embed there is none


@pytest.mark.parametrize("secret", ["x", "x" * 43, "%00", "x" * 5000, "None", "..%2f.."])
def test_a_wrong_address_is_not_there(app, ada, key, secret):
    publish(ada, key)
    answer = show(app, f"/embed/wall/{secret}")
    assert answer.status_code == 404 and "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]


def test_a_new_address_ends_the_one_before_and_taking_it_back_ends_all(app, ada, key):
    first = publish(ada, key)
    second = publish(ada, key)
    assert [show(app, path).status_code for path in (first, second)] == [404, 200]
    ada.post(f"/settings/embedding/{key.id}/wall/removal")
    assert show(app, second).status_code == 404
    third = publish(ada, key)
    ada.post(f"/settings/embedding/{key.id}/revocation")
    assert show(app, third).status_code == 404
    assert ada.post(f"/settings/embedding/{key.id}/wall").status_code == 303  # a revoked key publishes nothing
    with app.app_context():
        assert row_of(key).wall_hash is None
        acts = [one.facts["act"] for one in db.session.scalars(select(AuditEntry).order_by(AuditEntry.id))]
        assert acts[-5:] == ["wall_published", "wall_published", "wall_taken_back", "wall_published", "revoked"]


def test_its_secret_is_kept_nowhere(app, ada, key):
    path = publish(ada, key)
    secret = path.rpartition("/")[2]
    with app.app_context():
        kept = [row_of(key).wall_hash, *(str(one.facts) for one in db.session.scalars(select(AuditEntry)))]
        assert secret not in str(kept)
    page = ada.get(f"/settings/embedding/{key.id}").text
    assert secret not in page and "Take it back" in page


def test_it_asks_the_database_eight_times(app, ada, key):
    path = publish(ada, key)
    with app.app_context():
        make.ticket_in(Status.DIAGNOSTICS)
        db.session.commit()
    show(app, path)
    with statements(app) as sent:
        show(app, path)
    assert len(sent) == 8, sent
