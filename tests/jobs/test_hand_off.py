"""Whom a good token means: made, followed, adopted, refused; on both databases."""

import threading

import pytest
from sqlalchemy import func, select

from tests import factories as make
from tests.support.embedding import PANEL, frame_of, get, hand_over, make_key, row_of, token
from ticketing.clock import now
from ticketing.extensions import db
from ticketing.jobs import embed_keys, hand_off
from ticketing.models import AuditEntry, BurntToken, EmbedIdentity, User, UserSession
from ticketing.models.audit import AuditKind
from ticketing.rules.hand_off import HandOffRefused
from ticketing.rules.taxonomy import Role


@pytest.fixture
def key(app, people):
    return make_key(app)


def take(app, key, **changed):
    """Name, e-mail, role, team and how it came, as saved."""
    with app.app_context():
        found = hand_off.take(token(key, **changed), PANEL, now())
        user = found.user
        facts = user.name, user.email, user.role, user.team and user.team.key, found.way
        db.session.commit()
        return facts


def refused(app, key, **changed):
    with app.app_context(), pytest.raises(HandOffRefused) as refusal:
        hand_off.take(token(key, **changed), PANEL, now())
    return refusal.value.reason


def test_a_new_person_is_made_once_and_then_followed(app, key):
    assert take(app, key) == ("Pia Panel", "pia@panel.example", Role.SUPPORT_ENGINEER, "technical_support", "created")
    changed = take(app, key, name="Pia Neu", email="neu@panel.example", role="devops_engineer")
    assert changed == ("Pia Neu", "neu@panel.example", Role.DEVOPS_ENGINEER, "devops", "updated")
    assert take(app, key, role="reporter", team="devops")[2:4] == (Role.REPORTER, None)
    assert take(app, key, team="backend")[3] == "backend"
    with app.app_context():
        assert db.session.scalar(select(func.count()).where(User.email.like("%panel.example"))) == 1


def test_a_new_person_begins_in_the_desks_own_zone(make_app):
    app = make_app(TIME_ZONE="Europe/Berlin")
    take(app, make_key(app))
    with app.app_context():
        assert db.session.scalar(select(User.time_zone).where(User.email == "pia@panel.example")) == "Europe/Berlin"


def test_no_role_above_the_ceiling(app, key):
    assert take(app, key, role="administrator")[2] is Role.SUPPORT_MANAGER


def test_an_account_from_here_is_led_into_only_where_that_is_allowed(app, people, key):
    assert refused(app, key, email="ann@desk.example") == "email_taken"
    with app.app_context():
        row_of(key).adopts = True
        db.session.commit()
    adopted = take(app, key, email="ANN@desk.example", name="Somebody", role="reporter")
    assert adopted == (people.ann.name, "ann@desk.example", people.ann.role, "technical_support", "adopted")
    assert take(app, key, email="x@panel.example", name="X")[0] == people.ann.name  # its own, also later
    assert refused(app, key, sub="9", email="ada@desk.example") == "above_ceiling"


def test_whoever_was_disabled_stays_out(app, key):
    take(app, key)
    with app.app_context():
        db.session.scalar(select(User).where(User.email == "pia@panel.example")).disable()
        db.session.commit()
    assert refused(app, key) == "disabled"


def test_the_same_sub_of_two_panels_is_two_people(app, key):
    other = make_key(app, name="Other", issuer="other")
    take(app, key)
    assert refused(app, other) == "email_taken"
    assert take(app, other, email="second@panel.example")[4] == "created"


def test_what_is_refused_leaves_nothing(app, key):
    refused(app, key, team="pirates")
    with app.app_context():
        for table in (BurntToken, EmbedIdentity):
            assert db.session.scalar(select(func.count()).select_from(table)) == 0


def test_another_role_ends_what_the_old_one_had_open(app, key):
    client = frame_of(app, key)
    assert get(client, "/board").status_code == 200
    frame_of(app, key, role="devops_engineer")
    assert get(client, "/board").status_code == 401


def test_revoking_ends_all_that_came_by_it(app, people, key):
    client = frame_of(app, key)
    with app.app_context():
        assert embed_keys.revoke_key(row_of(key), db.session.get(User, people.ada.id), now()) == 1
        entry = db.session.scalars(select(AuditEntry).where(AuditEntry.kind == AuditKind.EMBED_KEY)).all()[-1]
        assert (entry.facts["act"], entry.facts["sessions"]) == ("revoked", 1)
    assert get(client, "/board").status_code == 401


def test_one_token_sent_by_many_threads_lets_in_once(app, key):
    text, got = token(key), []

    def send():
        got.append(hand_over(app.test_client(), text).status_code)

    threads = [threading.Thread(target=send) for _ in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(got) == [303] + [403] * 7
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(UserSession)) == 1


def test_two_first_tokens_of_one_person_make_one_account(app, key):
    got = []

    def send():
        got.append(hand_over(app.test_client(), token(key)).status_code)

    threads = [threading.Thread(target=send) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert got == [303] * 4
    with app.app_context():
        assert db.session.scalar(select(func.count()).where(User.email == "pia@panel.example")) == 1


def test_a_handle_is_free_although_somebody_has_the_name(app, key):
    with app.app_context():
        make.person("ann").handle = "pia"
        db.session.commit()
    take(app, key)
    with app.app_context():
        assert db.session.scalar(select(User.handle).where(User.email == "pia@panel.example")) == "pia2"
