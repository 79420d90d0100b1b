"""Many people at once, through real requests: one wins, the others are told, nothing fails or counts twice."""

import pytest
from sqlalchemy import func, select

from tests.support.crowds import assert_counts_are_true, at_once, crowd, drop, events, facts, save, statuses
from ticketing.extensions import db
from ticketing.models import Link, Ticket
from ticketing.models.event import EventKind
from ticketing.rules.taxonomy import Role, Status

pytestmark = pytest.mark.both_databases
S, K = Status, EventKind


def test_of_two_who_drag_one_card_to_two_places_one_is_told_who_was_faster(app, people):
    [key] = save(app, 1, S.DIAGNOSTICS)
    before = events(app, K.MOVED, key)
    answers = at_once(
        app, drop(people.ann, key, S.CORRECTION, 4), drop(people.mara, key, S.ASSIGNED, 4, why="Not ours")
    )
    assert statuses(answers) == [200, 409]
    assert events(app, K.MOVED, key) == before + 1
    winner = S.CORRECTION if answers[0].status_code == 200 else S.ASSIGNED
    assert facts(app, key, "status", "version") == (winner, 5)
    assert_counts_are_true(app)


def test_two_who_drag_one_card_to_the_same_place_both_succeed_and_it_moves_once(app, people):
    [key] = save(app, 1, S.DIAGNOSTICS)
    before = events(app, K.MOVED, key)
    answers = at_once(app, *(drop(who, key, S.CORRECTION, 4) for who in (people.ann, people.mara)))
    assert statuses(answers) == [200, 200]
    assert events(app, K.MOVED, key) == before + 1


def test_of_eight_who_press_take_one_owns_the_ticket(app):
    [key] = save(app, 1, S.CLASSIFIED)
    engineers = crowd(app, 8)
    answers = at_once(app, *((who, f"/tickets/{key}/owner", {"owner": "me", "version": 2}) for who in engineers))
    assert statuses(answers) == [200] + [409] * 7
    [taker] = [who for who, answer in zip(engineers, answers, strict=True) if answer.status_code == 200]
    assert facts(app, key, "status", "owner_id", "version") == (S.ASSIGNED, taker.id, 3)
    assert (events(app, K.ASSIGNED, key), events(app, K.REASSIGNED, key)) == (1, 0)
    told = next(answer.text for answer in answers if answer.status_code == 409)
    assert taker.name in told
    assert_counts_are_true(app)


def close_as_duplicate(who, key, of):
    return who, f"/tickets/{key}/closing", {"resolution_code": "duplicate", "duplicate_of": of, "version": 4}


def test_two_tickets_linked_to_and_closed_as_each_other_never_lock_each_other_out(app, people):
    keys = save(app, 20, S.DIAGNOSTICS)
    for a, b in zip(keys[::2], keys[1::2], strict=True):
        link = {"kind": "related"}
        answers = at_once(
            app,
            (people.ben, f"/tickets/{a}/links", link | {"other": b}),
            (people.ida, f"/tickets/{b}/links", link | {"other": a}),
            close_as_duplicate(people.ann, a, b),
            close_as_duplicate(people.mara, b, a),
        )
        assert statuses(answers[:2]) == [200, 200], (a, b)
        assert statuses(answers[2:]) == [200, 409], (a, b)
    with app.app_context():
        kinds = db.session.execute(select(Link.kind, func.count()).group_by(Link.kind)).all()
        assert dict(map(tuple, kinds)) == {"related": 10, "duplicate_of": 10}
    assert events(app, K.CLOSED) == 10
    assert_counts_are_true(app)


def test_a_ticket_is_never_the_parent_of_its_own_parent(app, people):
    keys = save(app, 10, S.DIAGNOSTICS)
    for a, b in zip(keys[::2], keys[1::2], strict=True):
        answers = at_once(
            app,
            (people.ann, f"/tickets/{a}/links", {"kind": "parent", "other": b}),
            (people.mara, f"/tickets/{b}/links", {"kind": "parent", "other": a}),
            (people.ben, f"/tickets/{a}/links", {"kind": "parent:back", "other": b}),
        )
        assert max(statuses(answers)) == 409, (a, b)
        children = facts(app, a, "child_count") + facts(app, b, "child_count")
        assert sorted(children) == [0, 1], (a, b)


def test_of_eight_cards_pinned_at_once_three_are(app):
    keys = save(app, 8, S.DIAGNOSTICS)
    managers = crowd(app, 8, role=Role.SUPPORT_MANAGER, team=None)
    answers = at_once(
        app,
        *((who, f"/tickets/{key}/pin", {"pinned": 1, "version": 4}) for who, key in zip(managers, keys, strict=True)),
    )
    assert statuses(answers) == [200] * 3 + [409] * 5
    with app.app_context():
        assert db.session.scalar(select(func.count()).where(Ticket.pinned_at.is_not(None))) == 3


def test_ten_who_file_at_once_get_ten_tickets_and_every_one_is_counted(app):
    filed = at_once(
        app, *((who, "/tickets", {"title": f"Of {who.handle}", "type": "incident"}) for who in crowd(app, 10))
    )
    assert statuses(filed) == [204] * 10
    assert len({answer.headers["HX-Redirect"] for answer in filed}) == 10
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Ticket)) == 10
        assert len(db.session.scalars(select(Ticket.title).distinct()).all()) == 10
    assert_counts_are_true(app)


def test_comments_watchers_and_a_move_on_one_ticket_all_get_through(app, people):
    [key] = save(app, 1, S.DIAGNOSTICS)
    engineers = crowd(app, 6)
    answers = at_once(
        app,
        *((who, f"/tickets/{key}/comments", {"body": "Seen", "visibility": "internal"}) for who in engineers),
        *((who, f"/tickets/{key}/watchers", {"watch": "1"}) for who in engineers[:3]),
        drop(people.ann, key, S.CORRECTION, 4),
    )
    assert statuses(answers) == [200] * 10
    assert facts(app, key, "status", "comment_count", "version") == (S.CORRECTION, 6, 5)


def test_new_tickets_that_name_the_same_two_in_either_order_never_lock_each_other_out(app, people):
    keys = save(app, 10, S.DIAGNOSTICS)
    new = {"title": "Again", "type": "incident", "category": "user_system", "priority": "low"}
    for _ in range(8):
        orders = (keys, keys[::-1], keys[5:] + keys[:5], keys[::-1])
        who = (people.ann, people.ben, people.ida, people.mara)
        forms = (new | {"related_to": order} for order in orders)
        answers = at_once(app, *((one, "/tickets", form) for one, form in zip(who, forms, strict=True)))
        assert statuses(answers) == [204] * 4
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Link)) == 8 * 4 * len(keys)
