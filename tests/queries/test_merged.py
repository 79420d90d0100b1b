"""What was said on merged tickets, as the page of the survivor reads it: in order, and only what one may see."""

import pytest

from tests.factories import at, person
from tests.support.merging import merged, reopened, watched
from ticketing.extensions import db
from ticketing.models import Attachment, Ticket
from ticketing.models.event import EventKind
from ticketing.models.link import link
from ticketing.queries.timeline import load_conversation, load_story
from ticketing.rules.taxonomy import LinkKind, Status, TicketType

S = Status
pytestmark = pytest.mark.usefixtures("cast")


def told(made: Ticket, who="ann") -> list[tuple]:
    """(body, the ticket it comes from) as this person reads them."""
    found = load_story(made, person(who), at(100))
    return [(entry.row.html.strip(), entry.origin) for entry in found.entries if entry.kind == "comment"]


def test_the_survivor_shows_what_was_said_on_the_other_in_order_of_time():
    source, target = watched(), watched()
    target.say("First", internal=False, by=person("ann"), at=at(10))
    source.say("Second", internal=True, by=person("ann"), at=at(11))
    target.say("Third", internal=False, by=person("rita"), at=at(12))
    db.session.commit()
    assert told(target) == [("<p>First</p>", None), ("<p>Third</p>", None)]
    merged(source, target)
    assert told(target) == [("<p>First</p>", None), ("<p>Second</p>", source.id), ("<p>Third</p>", None)]
    assert told(source) == [("<p>Second</p>", None)]
    reopened(source)
    assert [origin for _, origin in told(target)] == [None, None]


def test_files_come_with_their_comment():
    source, target = watched(), watched()
    said = source.say("See", internal=False, by=person("ann"), at=at(11))
    file = Attachment(name="a.log", stored_as="a" * 32, size=1, media_type="text/plain", comment_id=said.id)
    source.attach(file, by=person("ann"), at=at(11))
    merged(source, target)
    found = load_story(target, person("ann"), at(100))
    [entry] = [entry for entry in found.entries if entry.kind == "comment"]
    assert [row.name for row in entry.files] == ["a.log"] and found.files == []


def test_what_was_merged_into_what_was_merged_comes_along():
    one, two, three = watched(), watched(), watched()
    one.say("Deep", internal=False, by=person("ann"), at=at(10))
    merged(one, two)
    merged(two, three, minute=21)
    assert told(three) == [("<p>Deep</p>", one.id)]


def test_a_restricted_duplicate_says_nothing_to_others():
    alert, target = watched("bo", type=TicketType.SECURITY_ALERT, owner=person("bo")), watched()
    alert.say("Secret", internal=False, by=person("bo"), at=at(10))
    merged(alert, target)
    assert told(target) == [] and told(target, "bo") == [("<p>Secret</p>", alert.id)]
    assert alert.id not in load_story(target, person("ann"), at(100)).names.tickets


def test_a_reporter_reads_what_they_reported_themselves():
    mine, theirs, target = watched(), watched(by=person("sam")), watched()
    for made in (mine, theirs):
        made.say("Hello", internal=False, by=person("ann"), at=at(10))
        made.say("Between us", internal=True, by=person("ann"), at=at(11))
        merged(made, target)
    story = load_conversation(target, person("rita"), at(100))
    assert [(entry.row.html.strip(), entry.origin) for entry in story.entries] == [("<p>Hello</p>", mine.id)]


def test_a_link_alone_shows_nothing():
    source, target = watched(), watched()
    source.say("Mine", internal=False, by=person("ann"), at=at(9))
    link(source, target, LinkKind.DUPLICATE_OF, by=person("mara"), at=at(10))
    db.session.commit()
    assert told(target) == []


def passed_on(target: Ticket, body: str, who="ann", internal=False):
    said = target.say(body, internal=internal, by=person(who), at=at(40))
    reached = target.tell_merged(said, by=person(who), at=at(40))
    db.session.commit()
    return [one.id for one in reached.done]


def test_an_answer_is_passed_on_to_all_that_was_merged_and_is_told_here_once():
    one, two, three, loose = watched(), watched(), watched(), watched()
    merged(one, two)
    merged(two, three, minute=21)
    link(loose, three, LinkKind.DUPLICATE_OF, by=person("mara"), at=at(22))  # which alone is no merge
    assert passed_on(three, "All is well") == [one.id, two.id]
    assert told(three) == [("<p>All is well</p>", None)]
    assert told(one) == [("<p>All is well</p>", three.id)]
    assert (one.status, one.comment_count, loose.comment_count) == (S.CLOSED, 1, 0)
    kinds = [entry.row.kind for entry in load_story(three, person("ann"), at(100)).entries if entry.kind == "event"]
    assert kinds[-1] is EventKind.PASSED_ON


def test_nothing_is_passed_on_through_what_one_may_not_see():
    deep, alert, target = watched(), watched(type=TicketType.SECURITY_ALERT, owner=person("bo")), watched()
    merged(deep, alert)
    merged(alert, target, minute=21)
    assert passed_on(target, "Quiet") == []
    assert EventKind.PASSED_ON not in {row.kind for row in load_story(target, person("mara"), at(100)).events}
    assert passed_on(target, "Loud", who="bo") == [deep.id, alert.id]
    events = load_story(target, person("ann"), at(100))
    assert alert.id not in events.names.tickets
