"""Several people press at once: one parent, and every open ticket is its child."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import func, select

from tests import factories as make
from tests.support.crowds import assert_counts_are_true, at_once, crowd
from ticketing.extensions import db
from ticketing.models import Link, Ticket
from ticketing.rules.taxonomy import LinkKind, Status

pytestmark = pytest.mark.both_databases


@pytest.fixture
def address(app, people):
    with app.app_context():
        made = [
            make.ticket_in(Status.CLASSIFIED, moment=make.NOW - timedelta(hours=n), category_key="provider_integration",
                           details={"provider": "Reelworks", "error_code": "502"}) for n in (1, 2, 3)
        ]  # fmt: skip
        db.session.commit()
        return f"/reports/recurring/{made[0].signature}-{made[0].category_id}/parent"


def family(app):
    with app.app_context():
        links = db.session.execute(select(Link.source_id, Link.target_id).where(Link.kind == LinkKind.PARENT)).all()
        parents = select(Ticket.id, Ticket.child_count).where(Ticket.child_count > 0)
        total = db.session.scalar(select(func.count()).select_from(Ticket))
        return sorted(map(tuple, links)), db.session.execute(parents).all(), total


def test_of_six_who_press_at_once_one_makes_the_parent(app, people, address):
    engineers = crowd(app, 6)
    with time_machine.travel(make.NOW):
        answers = at_once(app, *((who, address, {}) for who in engineers))
    assert [answer.status_code for answer in answers] == [204] * 6
    to = sorted(answer.headers["HX-Redirect"] for answer in answers)
    assert to.count("/tickets/T-4") == 1 and sum(one.startswith("/reports/recurring/") for one in to) == 5
    assert family(app) == ([(4, 1), (4, 2), (4, 3)], [(4, 3)], 4)
    assert_counts_are_true(app)


def test_who_adds_what_came_since_at_once_counts_no_child_twice(app, people, address):
    engineers = crowd(app, 5)
    with time_machine.travel(make.NOW):
        at_once(app, (engineers[0], address, {}))
        with app.app_context():
            for _ in range(3):
                make.ticket_in(Status.CLASSIFIED, moment=make.NOW, category_key="provider_integration",
                               details={"provider": "Reelworks", "error_code": "502"})  # fmt: skip
            db.session.commit()
        answers = at_once(app, *((who, address, {"parent": "T-4"}) for who in engineers))
    assert [answer.status_code for answer in answers] == [204] * 5
    links, parents, _total = family(app)
    assert links == [(4, n) for n in (1, 2, 3, 5, 6, 7)] and [tuple(one) for one in parents] == [(4, 6)]
