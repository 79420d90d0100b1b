"""Families and merges while others act too: nobody locks anybody out, nothing closes twice, nobody follows in vain."""

import pytest
from sqlalchemy import func, select

from tests import factories as make
from tests.support.crowds import assert_counts_are_true, at_once, drop, events, facts, save, statuses
from ticketing.extensions import db
from ticketing.jobs.sla.verify import verify
from ticketing.models import Event, Link, Ticket, Watcher
from ticketing.models.event import EventKind
from ticketing.rules.taxonomy import LinkKind, Status

pytestmark = [pytest.mark.both_databases, pytest.mark.usefixtures("that_morning")]
S, K = Status, EventKind
ENDING = {"resolution_code": "fixed", "root_cause": "provider", "close_children": "1", "from": "solution_check"}


@pytest.fixture
def families(app, people):
    """`families(n)`: so many parents in solution check, each with children of lower and of higher numbers."""

    def found(how_many, children=4):
        with app.app_context():
            before = [[make.ticket_in(S.DIAGNOSTICS) for _ in range(children // 2)] for _ in range(how_many)]
            parents = [make.ticket_in(S.SOLUTION_CHECK) for _ in range(how_many)]
            for place in range(children // 2):
                for parent, own in zip(reversed(parents), reversed(before), strict=True):
                    own.append(make.ticket_in(S.CORRECTION))
                    parent.adopt(own, by=make.person("mara"), at=make.at(8 + place))
            db.session.commit()
            return [(parent.key, [child.key for child in own]) for parent, own in zip(parents, before, strict=True)]

    return found


def close(who, key, version=6):
    return drop(who, key, "closed", version, **ENDING)


def assert_history_holds(app):
    with app.app_context():
        assert list(verify()) == []
    assert_counts_are_true(app)


def test_of_two_who_close_one_family_at_once_each_child_is_closed_once(app, people, families):
    for parent, children in families(5):
        answers = at_once(app, close(people.mara, parent), close(people.ben, parent))
        assert statuses(answers) == [200, 200]
        for key in (parent, *children):
            assert events(app, K.CLOSED, key) == 1
        assert events(app, K.CHILDREN_CLOSED, parent) == 1
        assert {facts(app, key, "status", "closed_at") for key in (parent, *children)} == {
            (S.CLOSED, *facts(app, parent, "closed_at"))
        }
    assert_history_holds(app)


def test_families_that_lie_among_each_other_close_at_once(app, people, families):
    found = families(4, children=6)
    answers = at_once(app, *(close(people.mara, parent) for parent, _ in found))
    assert statuses(answers) == [200] * 4
    for _, children in found:
        assert {facts(app, key, "status") for key in children} == {(S.CLOSED,)}
    assert_history_holds(app)


def test_whoever_moves_a_child_meanwhile_is_first_or_finds_it_closed(app, people, families):
    for parent, children in families(4):
        moves = [drop(people.ann, key, S.ASSIGNED, 4, why="Back") for key in children[:2]]
        answers = at_once(app, close(people.mara, parent), *moves)
        assert answers[0].status_code == 200 and set(statuses(answers[1:])) <= {200, 409}
        assert {facts(app, key, "status") for key in children} == {(S.CLOSED,)}
    assert_history_holds(app)


def test_a_word_to_all_and_a_closing_of_all_and_of_one_never_lock_each_other_out(app, people, families):
    for parent, children in families(4):
        told = {"body": "Soon", "visibility": "public", "to_children": "1"}
        early = {"resolution_code": "invalid", "version": 4}
        answers = at_once(
            app,
            close(people.mara, parent),
            (people.ann, f"/tickets/{parent}/comments", told),
            (people.ann, f"/tickets/{children[0]}/closing", early),
            (people.bo, f"/tickets/{children[1]}/comments", {"body": "Mine", "visibility": "internal"}),
        )
        assert statuses(answers[:2]) == [200, 200] and answers[3].status_code == 200
        assert answers[2].status_code in (200, 409)
        assert all(events(app, K.CLOSED, key) == 1 for key in children)
    assert_history_holds(app)


def test_of_two_who_want_the_same_children_each_child_has_one_parent(app, people):
    keys = save(app, 8, S.DIAGNOSTICS)
    parents = save(app, 2, S.DIAGNOSTICS)
    wish = {"ticket": [f"{key}:4" for key in keys], "parent": "1"}
    answers = at_once(
        app,
        (people.ann, "/queue/bulk", wish | {"parent_key": parents[0]}),
        (people.mara, "/queue/bulk", wish | {"ticket": wish["ticket"][::-1], "parent_key": parents[1]}),
    )
    assert statuses(answers) == [200, 200]
    with app.app_context():
        counted = select(Ticket.parent_id, func.count()).where(Ticket.parent_id.is_not(None)).group_by(Ticket.parent_id)
        counts = dict(map(tuple, db.session.execute(counted)))
    assert sum(counts.values()) == 8
    for key in parents:
        assert facts(app, key, "child_count") == (counts.get(int(key[2:]), 0),)


def test_a_child_taken_away_while_its_parent_closes_goes_or_stays_whole(app, people, families):
    for parent, children in families(4):
        apart = {"kind": "parent:back", "other": parent, "remove": "1"}
        answers = at_once(
            app, close(people.mara, parent), (people.ann, f"/tickets/{children[0]}/links", apart)
        )  # fmt: skip
        assert statuses(answers) == [200, 200]
        assert facts(app, parent, "child_count") == (3,)
        with app.app_context():
            told = db.session.scalar(select(Event.payload).where(Event.ticket_id == int(parent[2:]),
                                                                 Event.kind == K.CHILDREN_CLOSED))  # fmt: skip
        went = int(children[0][2:]) in told["tickets"]
        assert facts(app, children[0], "status") == (S.CLOSED if went else S.DIAGNOSTICS,)
    assert_history_holds(app)


def merge(who, key, of, version):
    return who, f"/tickets/{key}/closing", {"resolution_code": "duplicate", "duplicate_of": of, "version": version}


def test_merges_and_reopenings_in_a_chain_leave_only_who_belongs(app, people):
    for _ in range(5):
        third, second, first = save(app, 3, S.DIAGNOSTICS)  # merged from higher to lower numbers
        with app.app_context():
            made = db.session.get(Ticket, int(first[2:]))
            made.watch(make.person("ida"), by=make.person("ida"), at=make.at(9))
            db.session.commit()
        assert at_once(app, merge(people.ann, first, second, 4))[0].status_code == 200
        back = drop(people.ann, first, "diagnostics", 5, why="Another cause", **{"from": "closed"})
        answers = at_once(app, merge(people.mara, second, third, 4), back)
        assert statuses(answers) == [200, 200]
        with app.app_context():
            numbers = [int(second[2:]), int(third[2:])]
            assert list(db.session.scalars(select(Watcher.user_id).where(Watcher.ticket_id.in_(numbers)))) == []
            links = select(func.count()).where(Link.kind == LinkKind.DUPLICATE_OF, Link.source_id == int(first[2:]))
            assert db.session.scalar(links) == 0
    assert_history_holds(app)


def test_three_who_merge_in_a_circle_leave_one_standing(app, people):
    for _ in range(5):
        one, two, three = save(app, 3, S.DIAGNOSTICS)
        answers = at_once(
            app, merge(people.ann, one, two, 4), merge(people.mara, two, three, 4), merge(people.bo, three, one, 4)
        )
        assert set(statuses(answers)) <= {200, 409, 403}
        assert max(statuses(answers)) in (409, 403)
        assert (S.DIAGNOSTICS,) in {facts(app, key, "status") for key in (one, two, three)}
    assert_history_holds(app)
