"""A JSON file that breaks off: what stood before has landed, and the rest is told."""

import io

import pytest
from sqlalchemy import select

from tests.factories import at
from ticketing.extensions import db
from ticketing.jobs.transfer.load import import_tickets
from ticketing.jobs.transfer.report import Report
from ticketing.jobs.transfer.trouble import Unreadable
from ticketing.models import Ticket


@pytest.mark.parametrize(("text", "code"), [
    ('[{"title": "First"}, {"title": "Second"', "broken_json"), ('[{"title": "First"}] {}', "more_after_the_array"),
])  # fmt: skip
def test_what_stood_before_the_break_is_in(app, text, code):
    with app.app_context():
        report = Report()
        with pytest.raises(Unreadable, match=code):
            import_tickets(io.BytesIO(text.encode()), "json", at=at(), report=report)
        assert report.created == 1
        db.session.remove()
        assert db.session.scalars(select(Ticket.title)).all() == ["First"]
