"""Merging is closing as duplicate: watchers follow, a reopening undoes it, and some merges cannot be."""

import pytest
from sqlalchemy import select

from tests.factories import at, person, team, ticket, ticket_in
from tests.support.merging import merged, reopened, watched
from ticketing.extensions import db
from ticketing.models import Event, Link, Ticket, Watcher
from ticketing.models.event import EventKind
from ticketing.models.link import link, unlink
from ticketing.rules.refusals import Conflict, Refusal
from ticketing.rules.taxonomy import LinkKind, ResolutionCode, Status, TicketType

S = Status
pytestmark = pytest.mark.usefixtures("cast")


def watchers(made: Ticket) -> list[str]:
    rows = db.session.scalars(select(Watcher.user_id).where(Watcher.ticket_id == made.id))
    names = {person(handle).id: handle for handle in ("ann", "bo", "ben", "ida", "mara")}
    return sorted(names[number] for number in rows)


# Watchers


def test_watchers_follow_and_stay_where_they_were():
    source, target = watched("bo", "ben"), watched("ben", "ida")
    merged(source, target)
    assert (watchers(source), watchers(target)) == (["ben", "bo"], ["ben", "bo", "ida"])
    query = select(Event).where(Event.ticket_id == target.id, Event.kind == EventKind.WATCHED, Event.at == at(20))
    [event] = db.session.scalars(query)
    assert event.payload == {"user": person("bo").id, "merged_from": source.id}
    assert target.version == 4


def test_only_those_follow_who_may_see_it():
    source = watched("ann", "bo", "ben", "mara")
    alert = ticket(type=TicketType.SECURITY_ALERT, team_id=team("devops").id)
    merged(source, alert)
    assert watchers(alert) == ["bo", "mara"]


def test_who_has_left_the_desk_does_not_follow():
    source, target = watched("bo"), watched()
    person("bo").disable()
    merged(source, target)
    assert watchers(target) == []


def test_a_reopening_takes_the_link_and_those_back_who_came_only_with_it():
    source, target = watched("bo", "ben"), watched("ben")
    merged(source, target)
    reopened(source)
    assert watchers(target) == ["ben"]
    assert db.session.scalar(select(Link.id)) is None
    [went] = db.session.scalars(select(Event).where(Event.ticket_id == target.id, Event.kind == EventKind.UNWATCHED))
    assert went.payload == {"user": person("bo").id, "merged_from": source.id}


def test_who_began_to_watch_by_themselves_meanwhile_stays():
    source, target = watched("bo"), watched()
    merged(source, target)
    target.unwatch(person("bo"), by=person("bo"), at=at(21))
    target.watch(person("bo"), by=person("bo"), at=at(22))
    reopened(source)
    assert watchers(target) == ["bo"]


def test_who_stopped_watching_meanwhile_is_left_alone():
    source, target = watched("bo"), watched()
    merged(source, target)
    target.unwatch(person("bo"), by=person("bo"), at=at(21))
    reopened(source)
    assert watchers(target) == []


def test_who_came_with_two_leaves_with_the_second():
    one, two, target = watched("bo"), watched("bo"), watched()
    merged(one, target)
    merged(two, target, minute=21)
    reopened(one)
    assert watchers(target) == ["bo"]
    reopened(two, minute=31)
    assert watchers(target) == []


def test_who_is_asked_in_after_the_merge_stays():
    source, target = watched("bo", "ida"), watched()
    merged(source, target)
    target.say("@bo, look", internal=True, by=person("ann"), at=at(21))
    assert target.watch(person("ida"), by=person("ida"), at=at(22)) is True
    assert target.watch(person("ida"), by=person("ida"), at=at(23)) is False
    reopened(source)
    assert watchers(target) == ["bo", "ida"]


def test_staff_who_reported_the_duplicate_follow_as_watchers():
    mine, target = ticket_in(S.DIAGNOSTICS, by=person("ben")), watched()
    merged(mine, target)
    assert watchers(target) == ["ben"]
    theirs = ticket_in(S.DIAGNOSTICS, by=person("ben"))
    merged(theirs, target, minute=21)
    reopened(mine)
    assert watchers(target) == ["ben"]
    reopened(theirs, minute=31)
    assert watchers(target) == []


def test_who_went_on_through_two_merges_comes_back_through_both():
    one, two, three = watched("bo"), watched("ida"), watched("ben")
    merged(one, two)
    merged(two, three, minute=21)
    assert watchers(three) == ["ben", "bo", "ida"]
    reopened(one)
    assert (watchers(two), watchers(three)) == (["ida"], ["ben", "ida"])
    reopened(two, minute=31)
    assert (watchers(two), watchers(three)) == (["ida"], ["ben"])


def test_the_middle_of_two_merges_takes_all_that_came_through_it():
    one, two, three = watched("bo"), watched("ida"), watched()
    merged(one, two)
    merged(two, three, minute=21)
    reopened(two)
    assert (watchers(two), watchers(three)) == (["bo", "ida"], [])


def test_a_second_merge_after_a_reopening_brings_them_again():
    source, target, other = watched("bo"), watched(), watched()
    merged(source, target)
    reopened(source)
    merged(source, other, minute=40)
    assert (watchers(target), watchers(other)) == ([], ["bo"])


# What cannot be


def refusal(source: Ticket, target: Ticket) -> tuple[str, dict]:
    source_version = source.version
    with pytest.raises(Refusal) as told:
        source.close_as(ResolutionCode.DUPLICATE, by=person("mara"), at=at(50), duplicate_of=target)
    db.session.rollback()
    assert source.is_open and source.version == source_version
    return told.value.code, told.value.facts


def test_nothing_is_a_duplicate_of_itself():
    source = watched()
    db.session.commit()
    assert refusal(source, source) == ("invalid", {"errors": {"duplicate_of": "itself"}})


def test_two_are_not_merged_into_each_other():
    one, two = watched(), watched()
    merged(one, two)
    assert refusal(two, one)[0] == "linked_other_way"


def test_merges_make_no_circle():
    one, two, three = watched(), watched(), watched()
    merged(one, two)
    merged(two, three, minute=21)
    assert refusal(three, one)[0] == "merge_circle"


def test_what_was_merged_away_takes_nothing_in_and_names_what_does():
    one, two, three = watched(), watched(), watched()
    merged(one, two)
    assert refusal(three, one) == ("merged_away", {"survivor": two.id})
    reopened(one)
    merged(three, one, minute=60)


def test_what_was_solved_already_takes_in_what_is_reported_once_more():
    source, solved = watched("bo"), ticket_in(S.CLOSED)
    merged(source, solved)
    assert watchers(solved) == ["bo"] and solved.status is S.CLOSED


def test_taking_the_link_off_by_hand_undoes_it_too():
    source, target = watched("bo"), watched()
    merged(source, target)
    unlink(source, target, LinkKind.DUPLICATE_OF, by=person("mara"), at=at(25))
    assert watchers(target) == []
    reopened(source)
    assert source.is_open


def test_a_link_alone_is_no_merge():
    source, target = watched("bo"), watched()
    link(source, target, LinkKind.DUPLICATE_OF, by=person("mara"), at=at(10))
    db.session.commit()
    assert watchers(target) == []


def test_a_reopening_leaves_other_links_alone():
    source, target, other = watched(), watched(), watched()
    link(source, other, LinkKind.DUPLICATE_OF, by=person("mara"), at=at(10))
    merged(source, target)
    reopened(source)
    assert list(db.session.scalars(select(Link.target_id))) == [other.id]


def test_an_older_closing_that_does_not_say_of_what_loses_all_of_them():
    source, target = watched("bo"), watched()
    merged(source, target)
    closing = db.session.scalar(select(Event).where(Event.ticket_id == source.id, Event.kind == EventKind.CLOSED))
    closing.payload = {key: value for key, value in closing.payload.items() if key != "duplicate_of"}
    db.session.commit()
    reopened(source)
    assert db.session.scalar(select(Link.id)) is None


def test_no_link_made_by_hand_closes_a_circle():
    first, second, third = ticket("First"), ticket("Second"), ticket("Third")
    link(first, second, LinkKind.DUPLICATE_OF, by=person("mara"), at=at(1))
    link(second, third, LinkKind.DUPLICATE_OF, by=person("mara"), at=at(2))
    with pytest.raises(Conflict) as refusal:
        link(third, first, LinkKind.DUPLICATE_OF, by=person("mara"), at=at(3))
    assert refusal.value.code == "merge_circle"
