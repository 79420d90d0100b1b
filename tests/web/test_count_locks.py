"""Acts that change the kept counts twice in one transaction, many at once: none waits for another for ever."""

import pytest

from tests import factories as make
from tests.support.crowds import assert_counts_are_true, at_once, crowd, save, statuses
from ticketing import clock
from ticketing.extensions import db
from ticketing.rules.taxonomy import Role, Status, TicketType

pytestmark = pytest.mark.both_databases


def filed(app, how_many, **facts):
    """So many tickets, filed just now; `facts` name team and category by key."""
    with app.app_context():
        rows = {"category": make.category(facts.pop("category"))} if "category" in facts else {}
        rows |= {"team_id": make.team(facts.pop("team")).id} if "team" in facts else {}
        keys = [make.ticket(moment=clock.now(), **rows, **facts).key for _ in range(how_many)]
        db.session.commit()
        return keys


def test_people_who_file_with_an_owner_and_people_who_take_never_lock_each_other_out(app, people):
    engineers = crowd(app, 8)
    form = {"type": "incident", "category": "user_system"}
    for _ in range(3):
        keys = filed(app, 4, category="user_system")  # in the very row of counts that the others pass through
        file = ((who, "/tickets", form | {"title": "At once", "owner": "ann"}) for who in engineers[:4])
        take = (
            (who, f"/tickets/{key}/owner", form | {"owner": "me", "version": 1})
            for who, key in zip(engineers[4:], keys, strict=True)
        )
        assert statuses(at_once(app, *file, *take)) == [200] * 4 + [204] * 4
    assert_counts_are_true(app)


def test_tickets_that_change_type_and_team_in_opposite_directions_never_lock_each_other_out(app, people):
    managers = crowd(app, 8, role=Role.SUPPORT_MANAGER, team=None)
    for _ in range(3):
        there = filed(app, 4, team="devops")
        back = filed(app, 4, team="technical_support", type=TicketType.SECURITY_ALERT)
        forms = [{"type": "security_alert", "team": "technical_support", "version": 1}] * 4
        forms += [{"type": "incident", "team": "devops", "version": 1}] * 4
        sent = zip(managers, there + back, forms, strict=True)
        answers = at_once(app, *((who, f"/tickets/{key}/fields", form) for who, key, form in sent))
        assert statuses(answers) == [200] * 8
    assert_counts_are_true(app)


def test_what_a_savepoint_takes_back_is_not_counted(app, people):
    save(app, 2, Status.NEW)
    with app.app_context():
        make.ticket("Stays")
        with db.session.begin_nested():
            make.ticket("Stays too")
        nested = db.session.begin_nested()
        make.ticket("Is taken back")
        nested.rollback()
        make.ticket("Stays as well")
        db.session.commit()
    assert_counts_are_true(app)
