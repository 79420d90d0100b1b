"""The story of a ticket: order, folding, names, time in each status, and what a reporter gets."""

from datetime import timedelta

import pytest

from tests.factories import at, person, team, ticket, ticket_in
from ticketing.extensions import db
from ticketing.models import Attachment
from ticketing.models.answers import Answers
from ticketing.models.event import EventKind
from ticketing.models.link import link, unlink
from ticketing.queries import timeline
from ticketing.queries.last_change import last_change
from ticketing.rules.taxonomy import LinkKind, Priority, ResolutionCode, RootCause, Status, TicketType

pytestmark = pytest.mark.usefixtures("cast")


def story(made, who="ann", minutes=1000, **more):
    db.session.flush()
    return timeline.load_story(made, person(who), at(minutes), **more)


def shape(entries):
    return [entry.kind if entry.kind != "event" else str(entry.row.kind) for entry in entries]


def test_comments_stand_among_the_events_in_order():
    made = ticket()
    made.say("one", internal=False, by=person("rita"), at=at(1))
    made.edit(by=person("ann"), at=at(2), priority=Priority.HIGH)
    made.say("two", internal=True, by=person("ann"), at=at(3))
    assert shape(story(made).entries) == ["created", "comment", "classified", "comment"]


def test_of_one_second_the_order_of_the_acts_stays():
    made = ticket_in(Status.DIAGNOSTICS)
    made.move_to(Status.CORRECTION, by=person("ann"), at=at(9), answers=Answers(comment="Found it"))
    made.say("And more", internal=False, by=person("ann"), at=at(9))
    assert shape(story(made).entries)[-3:] == ["moved", "comment", "comment"]


def test_a_file_stands_with_its_comment_and_another_by_itself():
    made = ticket()
    said = made.say("see", internal=False, by=person("rita"), at=at(1))
    for name, comment in (("a.log", said.id), ("b.log", None)):
        row = Attachment(name=name, stored_as=name * 4, size=1, media_type="text/plain", comment_id=comment)
        made.attach(row, by=person("rita"), at=at(1))
    told = story(made)
    assert shape(told.entries) == ["created", "comment", "attached"]
    assert [row.name for row in told.entries[1].files] == ["a.log"]
    assert [row.name for row in told.files] == ["a.log", "b.log"]


def test_a_long_run_is_folded_but_for_its_last_two():
    made = ticket_in(Status.CORRECTION)
    entries = story(made).entries
    folded = timeline.choose(entries, "all")
    assert [entry.kind for entry in folded] == ["fold", "event", "event"]
    assert "reacted" in shape(entries)  # which the moves tell of: only the history has it
    assert len(folded[0].folded) == len(entries) - 1 - 2
    assert [entry.row.id for entry in folded[1:]] == [entry.row.id for entry in entries[-2:]]


def test_a_run_of_three_stays_open():
    made = ticket()
    for place, priority in enumerate((Priority.HIGH, Priority.LOW)):
        made.edit(by=person("ann"), at=at(1 + place), priority=priority)
    assert shape(timeline.choose(story(made).entries, "all")) == ["created", "classified", "classified"]


@pytest.mark.parametrize(
    ("activity", "kinds"),
    [
        ("replies", ["comment"]),
        ("notes", ["comment"]),
        ("history", ["created", "reacted"]),
        ("all", ["created", "comment", "comment"]),
    ],
)
def test_the_filters(activity, kinds):
    made = ticket()
    made.say("open", internal=False, by=person("ann"), at=at(1))
    made.say("secret", internal=True, by=person("ann"), at=at(2))
    assert shape(timeline.choose(story(made).entries, activity)) == kinds


def test_time_in_each_status_adds_up_over_returns():
    made = ticket_in(Status.SOLUTION_CHECK)  # a minute in each, the check since minute 5
    made.move_to(Status.DIAGNOSTICS, by=person("ann"), at=at(15), answers=Answers(why="No"))
    made.move_to(Status.SOLUTION_CHECK, by=person("ann"), at=at(35), answers=Answers(solution="Now"))
    spent = story(made, minutes=40).spent
    assert spent[Status.NEW] == spent[Status.CORRECTION] == 60
    assert spent[Status.DIAGNOSTICS] == 60 + 20 * 60
    assert spent[Status.SOLUTION_CHECK] == 10 * 60 + 5 * 60


def test_a_closed_ticket_spends_no_time():
    made = ticket_in(Status.CLOSED)
    assert Status.CLOSED not in story(made, minutes=1000).spent
    assert sum(story(made, minutes=1000).spent.values()) == 6 * 60


def test_a_reopened_ticket_counts_the_time_it_was_closed_apart():
    made = ticket_in(Status.SOLUTION_CHECK)
    codes = Answers(resolution_code=ResolutionCode.FIXED, root_cause=RootCause.SOFTWARE)
    made.move_to(Status.CLOSED, by=person("mara"), at=at(10), answers=codes)
    made.move_to(Status.DIAGNOSTICS, by=person("rita"), at=at(70), answers=Answers(why="Again"))
    assert story(made, minutes=80).spent[Status.CLOSED] == 3600


def test_everybody_named_has_a_name():
    made = ticket_in(Status.DIAGNOSTICS)
    made.assign(person("ben"), by=person("mara"), at=at(20))
    made.watch(person("ida"), by=person("bo"), at=at(21))
    names = story(made).names
    for who in ("ann", "ben", "mara", "ida", "bo", "rita"):
        assert names.people[person(who).id] == person(who).name
    assert len(names.teams) == 4 and len(names.categories) == 6


def test_links_show_with_the_side_they_are_read_from():
    one, two = ticket("One"), ticket("Two")
    link(one, two, LinkKind.BLOCKS, by=person("ann"), at=at(1))
    [(kind, from_here, other)] = [(row.kind, bool(row.from_here), row.title) for row in story(one).links]
    assert (kind, from_here, other) == (LinkKind.BLOCKS, True, "Two")
    [row] = story(two).links
    assert (bool(row.from_here), row.title) == (False, "One")


def test_what_one_may_not_see_is_not_told_of_either():
    made = ticket()
    alert = ticket("Leak", type=TicketType.SECURITY_ALERT, team_id=team("devops").id)
    link(made, alert, LinkKind.RELATED, by=person("mara"), at=at(1))
    unlink(made, alert, LinkKind.RELATED, by=person("mara"), at=at(2))
    link(made, alert, LinkKind.BLOCKS, by=person("mara"), at=at(3))
    assert story(made).links == [] and shape(story(made).entries) == ["created"]
    assert len(story(made, "mara").links) == 1
    assert shape(story(made, "bo").entries) == ["created", "linked", "unlinked", "linked"]


def test_a_reporter_gets_the_visible_comments_and_their_files():
    made = ticket()
    for internal in (False, True):
        said = made.say("open" if not internal else "secret", internal=internal, by=person("ann"), at=at(1))
        row = Attachment(name=f"{internal}.log", stored_as=f"{internal}" * 5, size=1, media_type="text/plain",
                         comment_id=said.id, internal=internal)  # fmt: skip
        made.attach(row, by=person("ann"), at=at(1))
    db.session.flush()
    told = timeline.load_conversation(made, made.reporter, at(1000))
    assert [entry.row.html for entry in told.entries] == ["<p>open</p>\n"]
    assert [row.name for row in told.files] == ["False.log"]
    assert told.links == [] and told.spent == {}


def test_a_very_long_story_is_cut_and_can_be_had_whole(monkeypatch):
    monkeypatch.setattr(timeline, "ENTRIES", 5)
    made = ticket()
    for minute in range(8):
        made.say(f"{minute}", internal=False, by=person("ann"), at=at(minute))
    told = story(made)
    assert told.cut and [entry.row.html for entry in told.entries][-1] == "<p>7</p>\n"
    assert not story(made, whole=True).cut
    assert story(made, whole=True).comments == 8


def test_the_last_change_is_the_last_of_the_tickets_own_facts():
    made = ticket_in(Status.DIAGNOSTICS)
    made.say("x", internal=False, by=person("bo"), at=at(30))
    made.watch(person("ida"), by=person("bo"), at=at(31))
    db.session.flush()
    last = last_change(made.id)
    assert (last.kind, last.actor_name) == (EventKind.MOVED, "Ann Haddad")


def test_a_description_is_rendered_once():
    text = "It **fails** " + str(timedelta(days=1))
    assert timeline.description_html(text) is timeline.description_html(text)
