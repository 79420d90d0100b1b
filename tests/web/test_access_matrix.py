"""Default deny, proved by walking every address as a stranger and as each role."""

import pytest
from werkzeug.exceptions import NotFound
from werkzeug.routing import IntegerConverter, Rule

from tests import factories
from tests.support.pulse import beat
from tests.support.signing import sign_in
from ticketing.extensions import db
from ticketing.rules.abilities import Permission
from ticketing.rules.taxonomy import Role, Status
from ticketing.web.headers import CONTENT_SECURITY_POLICY

# All that is open to strangers. Whoever adds to it says why in the review.
PUBLIC = {
    "accounts.sign_in", "health.healthz", "static", "assets",
    "embed.enter", "embed.enter_by_fragment",  # a signed token is the proof
    "embed.wall",  # the secret in its address is
    "tab.go_through",  # a secret that works once is
    "accounts.forgot", "accounts.new_password",  # for whoever cannot sign in; a secret by mail
    "accounts.second_step",  # the password was the proof, some minutes ago
}  # fmt: skip
FRAME = "embed"  # is there in frames alone: test_frame.py
BOARD = {"board", "queue", "views", "notifications", "reports"}
ADMINISTRATORS_ONLY = {
    "settings.people", "settings.person", "settings.add_person", "settings.reset_password", "settings.teams",
    "settings.team", "settings.categories", "settings.category", "settings.add_category", "settings.messages",
    "settings.prove_mail", "settings.retry_message", "settings.retry_messages", "settings.discard_message",
    "settings.embedding", "settings.add_embed_key", "settings.embed_key", "settings.rotate_embed_secret",
    "settings.retire_embed_secret", "settings.revoke_embed_key", "settings.audit", "settings.audit_csv",
    "settings.end_persons_sessions", "settings.invite_person", "settings.sign_in_rules",
    "settings.publish_wall", "settings.take_wall_back",
    "settings.take_off_second_factor",
}  # fmt: skip
MANAGERS_ONLY = {
    "settings.board", "board.limit", "settings.what_if", "settings.what_if_document", "settings.policies",
    "settings.policy", "settings.add_policy", "settings.move_policy", "settings.remove_policy", "settings.try_policy",
    "settings.recalculation", "settings.calendars", "settings.calendar", "settings.add_calendar",
    "settings.remove_calendar", "settings.terms_versions", "settings.terms_version", "reports.now",
}  # fmt: skip
LEAVING = {"accounts.sign_out", "accounts.end_own_sessions"}  # whoever asks is nobody afterwards
# A reporter may close and reopen their own ticket; the loader and the table decide about each.
BY_TICKET = {"board.move"}
HANDLE_OF = {
    Role.SUPPORT_ENGINEER: "ann", Role.DEVOPS_ENGINEER: "bo", Role.BACKEND_DEVELOPER: "ben",
    Role.INTEGRATION_ENGINEER: "ida", Role.SUPPORT_MANAGER: "mara", Role.ADMINISTRATOR: "ada", Role.REPORTER: "rita",
}  # fmt: skip
# An answer that is no refusal of the role: done, sent on, not there, conflicting, or badly filled in.
LET_IN = {200, 204, 302, 303, 304, 404, 409, 410, 413, 422}


@pytest.fixture
def desk(app, people):
    """The desk with one ticket that rita reported and ann is working on."""
    with app.app_context():
        factories.ticket_in(Status.DIAGNOSTICS)
        db.session.commit()
    beat(app)  # /healthz is well
    return app


def addresses(app):
    """(endpoint, method, path) of every rule, each with its placeholders filled in."""
    for rule in app.url_map.iter_rules():
        if room_of(rule.endpoint) == FRAME:
            continue
        for method in sorted(rule.methods - {"HEAD", "OPTIONS"}):
            yield rule.endpoint, method, _fill(app, rule)


def _fill(app, rule: Rule):
    values = {name: _value_for(name, rule) for name in rule.arguments}
    with app.test_request_context():
        try:
            return app.url_map.bind("localhost").build(rule.endpoint, values)
        except NotFound:  # pragma: no cover - a rule that cannot be built would be a broken one
            return str(rule)


def _value_for(name, rule):
    if name == "key":
        return "T-1"
    if name == "status":
        return "diagnostics"
    if name in ("filename", "version"):
        return {"filename": "css/base.css", "version": "0"}[name]
    return 1 if isinstance(rule._converters[name], IntegerConverter) else "x"


def ask(client, method, path, **headers):
    answer = client.open(path, method=method, headers=headers)
    assert answer.get_data() is not None
    answer.close()  # static files are open until then
    return answer


def room_of(endpoint):
    return endpoint.partition(".")[0]


def may_enter(endpoint, role):
    if endpoint in ADMINISTRATORS_ONLY:
        return role is Role.ADMINISTRATOR
    if endpoint in MANAGERS_ONLY:
        return role.is_manager
    return role.is_staff or endpoint in BY_TICKET or room_of(endpoint) not in BOARD


def test_every_view_says_who_may_enter(app):
    for endpoint, view in app.view_functions.items():
        if endpoint in ("static", "assets"):
            continue
        access = getattr(view, "access", None)
        assert access in ("public", "signed_in") or isinstance(access, Permission), endpoint
        assert (access == "public") == (endpoint in PUBLIC), endpoint


def test_a_stranger_is_sent_to_sign_in(desk):
    for endpoint, method, path in addresses(desk):
        answer = ask(desk.test_client(), method, path)
        if endpoint in PUBLIC:
            assert answer.status_code in LET_IN, path
        else:
            assert answer.status_code in (302, 303), (method, path)
            assert answer.location.startswith("/sign-in"), (method, path)


def test_a_strangers_fragment_is_401_with_the_way_in(desk):
    for endpoint, method, path in addresses(desk):
        if endpoint in PUBLIC:
            continue
        answer = ask(desk.test_client(), method, path, **{"HX-Request": "true"})
        assert answer.status_code == 401, (method, path)
        if method == "GET":
            assert (answer.data, answer.headers["HX-Redirect"]) == (b"", "/sign-in"), path
        else:  # what was typed stays on the page
            assert "HX-Redirect" not in answer.headers, path
            assert 'href="/sign-in"' in answer.text, path


@pytest.mark.parametrize("role", list(Role))
def test_each_role_enters_what_is_theirs_and_nothing_else(desk, people, role):
    session = getattr(people, HANDLE_OF[role]).get_id()
    for endpoint, method, path in addresses(desk):
        if endpoint in PUBLIC or endpoint in LEAVING or endpoint == "settings.reset_password":
            continue
        answer = ask(sign_in(desk.test_client(), session), method, path)
        if may_enter(endpoint, role):
            allowed = LET_IN | ({403} if room_of(endpoint) in ("tickets", "attachments") else set())
            assert answer.status_code in allowed, (endpoint, method, path, answer.status_code)
        else:
            assert answer.status_code == 403, (endpoint, method, path, answer.status_code)


def test_nobody_but_an_administrator_resets_a_password(desk, people):
    for role, handle in HANDLE_OF.items():
        answer = ask(
            sign_in(desk.test_client(), getattr(people, handle)), "POST", f"/settings/people/{people.sam.id}/password"
        )
        assert (answer.status_code == 200) is (role is Role.ADMINISTRATOR), role


def test_a_view_that_nobody_marked_is_closed(make_app):
    app = make_app()
    app.add_url_rule("/forgotten", "forgotten", lambda: "secret")
    with app.app_context():
        ada = factories.person("ada")
        db.session.commit()
        session = ada.get_id()
    assert sign_in(app.test_client(), session).get("/forgotten").status_code == 403


def test_every_write_needs_its_token(csrf_app, people):
    with csrf_app.app_context():
        factories.ticket_in(Status.DIAGNOSTICS)
        db.session.commit()
    session = people.ada.get_id()
    writes = [(method, path) for _endpoint, method, path in addresses(csrf_app) if method not in ("GET", "HEAD")]
    assert len(writes) > 20
    for method, path in writes:
        answer = ask(sign_in(csrf_app.test_client(), session), method, path)
        assert answer.status_code == 400, (method, path, answer.status_code)


def test_every_answer_carries_the_strict_policy(desk, people):
    for session in (None, people.ada.get_id()):
        for _endpoint, method, path in [*addresses(desk), ("none", "GET", "/no/such/page")]:
            client = desk.test_client()
            if session and path != "/sign-out":
                sign_in(client, session)
            answer = ask(client, method, path)
            assert answer.headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY + "'none'", path
            assert answer.headers["X-Content-Type-Options"] == "nosniff", path
    assert "default-src 'self'" in CONTENT_SECURITY_POLICY
    assert "unsafe" not in CONTENT_SECURITY_POLICY


def test_two_clients_are_two_people(desk, people):
    ann, stranger, bo = desk.test_client(), desk.test_client(), desk.test_client()
    sign_in(ann, people.ann)
    sign_in(bo, people.bo)
    assert "Ann Haddad" in ann.get("/profile").text
    assert stranger.get("/profile").status_code == 302
    assert "Bo Bondar" in bo.get("/profile").text
    assert "Ann Haddad" in ann.get("/profile").text
