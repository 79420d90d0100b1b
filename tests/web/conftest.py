"""What the tests of pages share."""

import pytest
import time_machine
from sqlalchemy import select

from tests import factories as make
from tests.support.second_steps import make_device
from ticketing.extensions import db
from ticketing.models import SlaTerms
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


@pytest.fixture
def key(ticket):
    """The key of a ticket in Diagnostics, which ann works on."""
    return ticket()


@pytest.fixture
def that_morning():
    """It is half an hour after factories.NOW, when the tickets of the factories were filed: none of them is late."""
    with time_machine.travel(make.at(30), tick=False):
        yield


@pytest.fixture
def mara(people, client_for):
    """The browser of a manager."""
    return client_for(people.mara)


@pytest.fixture
def terms(app):
    """`terms()`: number and document of those in force."""

    def read(number=None):
        with app.app_context():
            query = select(SlaTerms).order_by(SlaTerms.id.desc()).limit(1)
            row = db.session.get(SlaTerms, number) if number else db.session.scalar(query)
            return row.id, row.document

    return read


@pytest.fixture
def at():
    """A clock that stands; `at.shift(31)` moves it."""
    with time_machine.travel(make.NOW, tick=False) as clock:
        yield clock


@pytest.fixture
def device(app, ann, at):
    """Ann's: its secret, and ten codes for paper."""
    return make_device(app, at)
