"""What the tests of pages share."""

import pytest

from tests import factories as make
from ticketing.extensions import db
from ticketing.rules.taxonomy import Status


@pytest.fixture
def ticket(app, people):
    """`ticket(Status.X, **facts)` saves one and gives its key."""

    def save(status=Status.DIAGNOSTICS, **facts):
        with app.app_context():
            made = make.ticket_in(status, **facts)
            db.session.commit()
            return made.key

    return save
