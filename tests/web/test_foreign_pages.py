"""Somebody else's page sends forms in the name of whoever is signed in: over every writing route, nothing changes."""

import io

import pytest
from werkzeug.routing import IntegerConverter

from tests import factories as make
from tests.support.embedding import HOME, frame_of, get, make_key
from tests.support.rows import fingerprint
from tests.support.signing import sign_in
from ticketing.extensions import db
from ticketing.models import SavedView
from ticketing.rules.taxonomy import Status
from ticketing.web.frame import ROOMS

EVIL = {"Origin": "https://evil.example", "Referer": "https://evil.example/page"}
# They carry a proof of their own: a signature that works once (test_token_cases.py).
EXEMPT = {"embed.enter"}
# What forms of the desk send, all at once: each route takes what it knows.
FIELDS = {
    "body": "Hello", "title": "Taken over", "name": "Taken over", "ticket": "T-1", "from": "diagnostics",
    "to": "correction", "version": "1", "owner": "me", "key": "T-2", "kind": "relates_to", "role": "administrator",
    "email": "evil@evil.example", "active": "y", "type": "incident", "priority": "critical", "path": "/",
    "reason": "provider", "current": "x", "new": "y" * 12, "again": "y" * 12, "password": "y" * 12, "folded": "1",
    "limit": "3", "address": "evil@evil.example", "pinned": "1", "time_zone": "Europe/Malta",
    "description": "Taken over", "tickets": "T-1", "act": "assign", "number": "1", "seen": "1", "issuer": "evil",
    "audience": "evil", "algorithm": "HS256", "origins": "https://evil.example", "role_ceiling": "administrator",
    "default_view": "board", "query": "q=x", "team": "devops", "category": "user_system",
}  # fmt: skip


@pytest.fixture
def desk(make_app, people):
    """The application in earnest, with something of everything on it."""
    app = make_app(WTF_CSRF_ENABLED=True)
    with app.app_context():
        for _ in range(2):
            ticket = make.ticket_in(Status.DIAGNOSTICS)
            ticket.say("Looking", internal=False, by=make.person("ann"), at=make.at(3))
        db.session.add(SavedView(user_id=people.ada.id, name="Mine", query="q=x", created_at=make.NOW))
        db.session.commit()
    make_key(app)
    return app


def writing_routes(app, *, framed):
    """(endpoint, method, path) of all that may write."""
    with app.test_request_context():
        for rule in app.url_map.iter_rules():
            there = rule.endpoint == "home" or rule.endpoint.partition(".")[0] in ROOMS
            only_there = rule.endpoint.startswith("embed.")
            if rule.endpoint in EXEMPT or (framed and not there) or (not framed and only_there):
                continue
            values = {name: _value(name, rule) for name in rule.arguments}
            for method in sorted(rule.methods - {"GET", "HEAD", "OPTIONS"}):
                yield rule.endpoint, method, app.url_map.bind("localhost").build(rule.endpoint, values, method=method)


def _value(name, rule):
    if isinstance(rule._converters[name], IntegerConverter):
        return 1
    return {"key": "T-1", "status": "new"}.get(name, "x")


def token_in(page):
    return page.partition('"X-CSRFToken": "')[2].partition('"')[0]


def others_token(app, people):
    client = sign_in(app.test_client(), people.bo)
    return token_in(client.get("/board", base_url=HOME).text)


def replay(app, client, routes, prefix, token):
    before = fingerprint(app)
    for endpoint, method, path in routes:
        fields = FIELDS | ({"csrf_token": token} if token else {})
        for headers in (EVIL, EVIL | {"HX-Request": "true"}):
            answer = client.open(
                prefix + path, method=method, base_url=HOME, data=dict(fields, files=(io.BytesIO(b"x"), "x.txt")),
                headers=headers | ({"X-CSRFToken": token} if token else {}),
            )  # fmt: skip
            assert answer.status_code in (400, 401, 403), (endpoint, method, answer.status_code)
    assert fingerprint(app) == before


@pytest.mark.parametrize("kind", ["none", "nonsense", "somebody else's"])
def test_nothing_changes_in_a_tab(desk, people, kind):
    routes = list(writing_routes(desk, framed=False))
    assert len(routes) == TAB_ROUTES
    token = {"none": None, "nonsense": "IjEyMyI.abc.def", "somebody else's": others_token(desk, people)}[kind]
    replay(desk, sign_in(desk.test_client(), people.ada), routes, "", token)


@pytest.mark.parametrize("kind", ["none", "nonsense", "somebody else's"])
def test_nothing_changes_in_a_frame(desk, people, kind):
    routes = list(writing_routes(desk, framed=True))
    assert len(routes) == FRAME_ROUTES
    token = {"none": None, "nonsense": "IjEyMyI.abc.def", "somebody else's": others_token(desk, people)}[kind]
    client = frame_of(desk, make_key(desk, name="B", issuer="b"), role="support_manager")
    replay(desk, client, routes, "/embed", token)


@pytest.mark.parametrize("content_type", ["text/plain", "application/json"])
def test_no_other_kind_of_body_gets_through(desk, people, content_type):
    client, before = sign_in(desk.test_client(), people.ada), fingerprint(desk)
    for endpoint, method, path in writing_routes(desk, framed=False):
        answer = client.open(
            path, method=method, base_url=HOME, data=b'{"title": "x"}', content_type=content_type, headers=EVIL
        )
        assert answer.status_code in (400, 401, 403), (endpoint, answer.status_code)
    assert fingerprint(desk) == before


def test_the_same_forms_change_something_with_their_token(desk, people):
    """The control: it is the token that was missing."""
    client = sign_in(desk.test_client(), people.ada)
    token, changed = token_in(client.get("/board", base_url=HOME).text), 0
    for _endpoint, method, path in writing_routes(desk, framed=False):
        if "sign-out" in path or path in ("/profile", "/profile/sessions/end"):
            continue
        before = fingerprint(desk)
        client.open(
            path,
            method=method,
            base_url=HOME,
            data=FIELDS | {"csrf_token": token},
            headers={"Referer": HOME + "/board"},
        )
        changed += fingerprint(desk) != before
    assert changed > 10
    framed = frame_of(desk, make_key(desk, name="B", issuer="b"), role="support_manager")
    token = token_in(get(framed, "/board").text)
    before = fingerprint(desk)
    answer = framed.post("/embed/tickets/T-1/comments", base_url=HOME, data={"body": "Hi", "csrf_token": token},
                         headers={"Referer": HOME + "/embed/tickets/T-1"})  # fmt: skip
    assert answer.status_code == 303 and fingerprint(desk) != before


TAB_ROUTES, FRAME_ROUTES = 69, 25
