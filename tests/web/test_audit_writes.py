"""Every writing route of the settings and every list as a file leaves an entry in the log: the URL map is walked."""

from types import SimpleNamespace

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.exc import OperationalError

from tests.factories import NOW
from tests.support.embedding import GIVEN, make_key
from tests.support.mailing import MAIL_NOWHERE, mail
from tests.support.rows import fingerprint
from tests.support.signing import sign_in
from tests.support.terms_forms import calendar_form, policy_form
from ticketing.extensions import db
from ticketing.jobs.embed_keys import rotate_secret
from ticketing.models import AuditEntry, EmbedKey, SecondFactor, User
from ticketing.models.audit import AuditKind
from ticketing.rules.taxonomy import Status
from ticketing.web.settings_audit import kind_names

CATEGORY = {"name": "Bonus", "team": "devops", "priority": "normal", "active": "y"}
BO = {"name": "Bo", "email": "bo@desk.example", "role": "reporter", "active": "y"}
NIA = {"name": "Nia", "email": "nia@desk.example", "role": "reporter", "active": "y"}
SETTING, PERSON, KEY = (AuditKind.SETTING, "changed"), AuditKind.PERSON, AuditKind.EMBED_KEY
# They write nothing, however often they are sent.
NO_WRITES = {"settings.try_policy", "settings.what_if", "settings.prove_mail"}


def policy(desk, **changes):
    return policy_form(desk.terms, number=desk.number, **changes)


def calendar(desk, **changes):
    return calendar_form(desk.terms, number=desk.number, **changes)


# endpoint → (what the path holds, the form, the entries that it leaves); functions are given the desk.
WRITES = {
    "settings.board": ({}, {"new": "5"}, [SETTING]),
    "settings.teams": ({}, {"name": "Night shift"}, [SETTING]),
    "settings.team": ({"id": 1}, {"name": "Day shift"}, [SETTING]),
    "settings.add_category": ({}, CATEGORY, [SETTING]),
    "settings.category": ({"id": 1}, CATEGORY, [SETTING]),
    "settings.messages": ({}, {"address": "on@call.example"}, [SETTING]),
    "settings.retry_messages": ({}, {}, [SETTING]),
    "settings.retry_message": (lambda desk: {"id": desk.mail}, {}, [SETTING]),
    "settings.discard_message": (lambda desk: {"id": desk.mail}, {}, [SETTING]),
    "settings.policy": ({"key": "security"}, lambda desk: policy(desk, high_reaction="33"), [SETTING]),
    "settings.add_policy": ({}, lambda desk: policy(desk, name="Second", types=["incident"], categories=[]), [SETTING]),
    "settings.move_policy": ({"key": "first"}, lambda desk: {"terms": desk.number, "to": "up"}, [SETTING]),
    "settings.remove_policy": ({"key": "security"}, lambda desk: {"terms": desk.number}, [SETTING]),
    "settings.calendar": ({"key": "office"}, lambda desk: calendar(desk, fri="9-12"), [SETTING]),
    "settings.add_calendar": ({}, lambda desk: calendar(desk, name="Night"), [SETTING]),
    "settings.remove_calendar": ({"key": "spare"}, lambda desk: {"terms": desk.number}, [SETTING]),
    "settings.recalculation": ({}, {}, [SETTING]),
    "settings.add_person": ({}, NIA, [(PERSON, "made")]),
    "settings.person": (lambda desk: {"id": desk.bo}, BO, [(PERSON, "changed")]),
    "settings.reset_password": (lambda desk: {"id": desk.bo}, {}, [(PERSON, "password_reset")]),
    "settings.end_persons_sessions": (lambda desk: {"id": desk.bo}, {}, [(AuditKind.SESSIONS_ENDED, None)]),
    "settings.sign_in_rules": ({}, {"reporter": "y"}, [SETTING]),
    "settings.take_off_second_factor": (lambda desk: {"id": desk.bo}, {}, [(AuditKind.SECOND_FACTOR, "taken_off")]),
    "settings.invite_person": (lambda desk: {"id": desk.bo}, {}, [(AuditKind.LINK_SENT, None)]),
    "settings.add_embed_key": ({}, GIVEN | {"name": "B", "issuer": "b"}, [(KEY, "made")]),
    "settings.embed_key": (lambda desk: {"id": desk.key}, GIVEN | {"name": "New name"}, [(KEY, "changed")]),
    "settings.rotate_embed_secret": (lambda desk: {"id": desk.single}, {}, [(KEY, "secret_made")]),
    "settings.retire_embed_secret": (
        lambda desk: {"id": desk.key, "number": desk.secret}, {}, [(KEY, "secret_retired")]),
    "settings.publish_wall": (lambda desk: {"id": desk.key}, {}, [(KEY, "wall_published")]),
    "settings.take_wall_back": (lambda desk: {"id": desk.wall}, {}, [(KEY, "wall_taken_back")]),
    "settings.revoke_embed_key": (lambda desk: {"id": desk.key}, {}, [(KEY, "revoked")]),
}  # fmt: skip
FILES = {
    "queue.export": "/queue.csv?q=x",
    "reports.export": "/reports/weeks.csv",
    "reports.export_tickets": "/reports/tickets.csv?figure=closed",
    "reports.export_provider": "/reports/provider.csv?kind=provider&called=PayNetix",
    "reports.export_providers": "/reports/providers.csv",
    "settings.audit_csv": "/settings/audit.csv",
}


@pytest.fixture
def app(make_app):
    return make_app(MAIL=MAIL_NOWHERE, BASE_URL="https://desk.example")


@pytest.fixture
def desk(app, people, ticket, terms, that_morning):
    """Something of everything that a setting can be made of."""
    ticket(Status.DIAGNOSTICS, details={"provider": "PayNetix"})
    key, single = make_key(app), make_key(app, name="Single", issuer="single")
    ada = sign_in(app.test_client(), people.ada)
    before = terms()[1]
    assert (
        ada.post(
            "/settings/policies/new", data=policy_form(before, name="First", types=["payment_issue"], categories=[])
        ).status_code
        == 303
    )
    assert ada.post("/settings/calendars/new", data=calendar_form(before, name="Spare", number=2)).status_code == 303
    number, document = terms()
    with app.app_context():
        rotate_secret(db.session.get(EmbedKey, key.id), db.session.get(User, people.ada.id), NOW)
        given_up = mail(1, at=NOW, next_try_at=None, dead_at=NOW)
        db.session.add_all([given_up, SecondFactor(user_id=people.bo.id, sealed_secret="x", made_at=NOW)])
        db.session.commit()
        db.session.get(EmbedKey, single.id).wall_hash = "x"
        db.session.commit()
        secret = db.session.get(EmbedKey, key.id).secrets[0].id
        return SimpleNamespace(ada=ada, bo=people.bo.id, key=key.id, single=single.id, wall=single.id, secret=secret,
                               mail=given_up.id, terms=document, number=number)  # fmt: skip


def newest(app):
    with app.app_context():
        return db.session.scalar(select(func.max(AuditEntry.id))) or 0


def since(app, number):
    with app.app_context():
        return db.session.scalars(select(AuditEntry).where(AuditEntry.id > number).order_by(AuditEntry.id)).all()


def given(value, desk):
    return value(desk) if callable(value) else value


def address(app, endpoint, values):
    with app.test_request_context():
        return app.url_map.bind("localhost").build(endpoint, values, method="POST")


def routes(app):
    """(settings' routes that may write, routes of lists as files)."""
    rules = [one for one in app.url_map.iter_rules() if not one.endpoint.startswith("embed")]
    return ({one.endpoint for one in rules if one.endpoint.startswith("settings.") and "POST" in one.methods},
            {one.endpoint for one in rules if one.rule.endswith(".csv")})  # fmt: skip


def test_no_route_is_left_out(app):
    """Whoever adds one says here what it leaves in the log."""
    writing, files = routes(app)
    assert writing == WRITES.keys() | NO_WRITES and not WRITES.keys() & NO_WRITES
    assert files == FILES.keys()


@pytest.mark.parametrize("endpoint", WRITES)
def test_a_write_leaves_its_entry(app, people, desk, endpoint):
    values, data, wanted = (given(one, desk) for one in WRITES[endpoint])
    before = newest(app)
    answer = desk.ada.post(address(app, endpoint, values), data=data)
    assert answer.status_code == (200 if "password" in endpoint or "secret" in answer.text else 303), answer.text
    entries = since(app, before)
    assert [(one.kind, one.facts.get("act")) for one in entries] == wanted
    assert {one.actor_id for one in entries} == {people.ada.id}
    assert wanted[0][0] is KEY or {one.address for one in entries} == {"127.0.0.1"}
    if wanted == [SETTING]:
        assert entries[0].facts["setting"] == endpoint.partition(".")[2]


@pytest.mark.parametrize("endpoint", WRITES)
def test_a_write_that_breaks_off_leaves_neither_itself_nor_an_entry(app, desk, endpoint, monkeypatch):
    """The two are one transaction: no commit of the first, and the second is not there either."""
    values, data, _wanted = (given(one, desk) for one in WRITES[endpoint])
    path, before, was = address(app, endpoint, values), newest(app), fingerprint(app)
    app.config["PROPAGATE_EXCEPTIONS"] = False

    def full(*_):
        raise OperationalError("INSERT INTO audit_entry", {}, Exception("disk full"))

    event.listen(AuditEntry, "before_insert", full)
    try:
        answer = desk.ada.post(path, data=data)
    finally:
        event.remove(AuditEntry, "before_insert", full)
    assert answer.status_code >= 500
    assert (newest(app), fingerprint(app)) == (before, was)


@pytest.mark.parametrize("endpoint", FILES)
def test_a_file_leaves_its_entry(app, people, desk, endpoint):
    before = newest(app)
    answer = desk.ada.get(FILES[endpoint])
    assert answer.status_code == 200 and answer.get_data()
    (entry,) = since(app, before)
    assert (entry.kind, entry.facts["what"], entry.actor_id) == (AuditKind.EXPORTED, endpoint, people.ada.id)


def test_each_kind_has_a_name(app):
    with app.test_request_context():
        assert kind_names().keys() == set(AuditKind)
