"""What guards the ways in is let go of in time, and not before."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from tests.factories import NOW
from tests.support.embedding import make_key
from ticketing.extensions import db
from ticketing.jobs.tidy import tidy_ways_in
from ticketing.models import AuditEntry, BurntToken, OneTimeLink, SignInFailure, UserSession
from ticketing.models.audit import AuditKind, record_audit
from ticketing.models.session import SessionKind, begin_session
from ticketing.models.sign_in import LinkUse

DAY = timedelta(days=1)


@pytest.fixture
def filled(app, people):
    """Each kind of row twice: one that has to go and one that stays."""
    key = make_key(app)
    with app.app_context():
        db.session.query(AuditEntry).delete()
        for days in (40, 1):
            at = NOW - days * DAY
            begin_session(people.ann.id, SessionKind.TAB, at, at + timedelta(hours=1))
            OneTimeLink.make(LinkUse.RESET, people.ann.id, at, at + timedelta(hours=1))
        begin_session(people.bo.id, SessionKind.TAB, NOW - 90 * DAY, NOW + DAY)  # a long one that goes on
        for n, ends_at in enumerate((NOW - timedelta(seconds=1), NOW + timedelta(seconds=1))):
            db.session.add(BurntToken(embed_key_id=key.id, jti_hash=str(n), ends_at=ends_at))
            db.session.add(SignInFailure(scope="account", name_hash="x", at=ends_at - DAY))
            record_audit(AuditKind.SIGNED_OUT, ends_at - 400 * DAY)
        db.session.commit()


def test_what_is_of_no_use_goes(app, filled):
    with app.app_context():
        assert tidy_ways_in(NOW, 400) == 5
        left = [db.session.scalar(select(func.count()).select_from(one))
                for one in (BurntToken, SignInFailure, OneTimeLink, UserSession, AuditEntry)]  # fmt: skip
        assert left == [1, 1, 1, 2, 1]
        assert tidy_ways_in(NOW, 400) == 0


def test_it_takes_as_many_portions_as_it_needs(app, filled, monkeypatch):
    monkeypatch.setattr("ticketing.jobs.tidy._AT_ONCE", 2)
    with app.app_context():
        for n in range(7):
            db.session.add(SignInFailure(scope="address", name_hash=str(n), at=NOW - 3 * DAY))
        db.session.commit()
        assert tidy_ways_in(NOW, 400) == 12
