"""Comments, watchers and files on a ticket: what each verb records, and what leaves the version alone."""

import pytest
from sqlalchemy import select

from tests.factories import at, person, team, ticket, ticket_in
from ticketing.extensions import db
from ticketing.models import Attachment, Event, Watcher
from ticketing.models.answers import Hold
from ticketing.models.event import EventKind
from ticketing.rules.refusals import Invalid, NotAllowed
from ticketing.rules.taxonomy import HoldReason, Status, TicketType

pytestmark = pytest.mark.usefixtures("cast")


def events(made, kind):
    db.session.flush()
    query = select(Event).where(Event.ticket_id == made.id, Event.kind == kind).order_by(Event.id)
    return [(event.actor_id, event.payload) for event in db.session.scalars(query)]


def test_a_comment_is_kept_as_written_and_as_html():
    made = ticket()
    said = made.say(" It is **back** ", internal=False, by=person("rita"), at=at(1))
    assert (said.body, said.html) == ("It is **back**", "<p>It is <strong>back</strong></p>\n")
    assert events(made, EventKind.COMMENTED) == [(person("rita").id, {"comment": said.id, "internal": False})]


def test_counts_follow_and_the_version_stays():
    made = ticket()
    made.say("a", internal=False, by=person("rita"), at=at(1))
    made.say("b", internal=True, by=person("ann"), at=at(2))
    assert (made.comment_count, made.visible_comment_count, made.version) == (2, 1, 1)
    assert made.updated_at == at(2)


@pytest.mark.parametrize(
    ("body", "code"), [("", "required"), (" \n\t", "required"), ("x" * 20_001, "too_long")], ids=["", "blank", "long"]
)
def test_an_empty_or_endless_comment_is_refused(body, code):
    with pytest.raises(Invalid) as refusal:
        ticket().say(body, internal=False, by=person("rita"), at=at(1))
    assert refusal.value.errors == {"body": code}


@pytest.mark.parametrize(("who", "internal"), [("sam", False), ("rita", True)])
def test_who_may_not_write(who, internal):
    with pytest.raises(NotAllowed):
        ticket().say("x", internal=internal, by=person(who), at=at(1))


def test_mentioned_staff_watch_from_then_on():
    made = ticket()
    made.say("@ann @ben @ann @rita @ghost", internal=False, by=person("bo"), at=at(1))
    watching = set(db.session.scalars(select(Watcher.user_id).where(Watcher.ticket_id == made.id)))
    assert watching == {person("ann").id, person("ben").id}
    made.say("@ann again", internal=False, by=person("bo"), at=at(2))
    assert len(events(made, EventKind.WATCHED)) == 2


def test_the_reporters_answer_ends_the_wait_for_it():
    made = ticket_in(Status.DIAGNOSTICS)
    made.hold(Hold(HoldReason.REPORTER), by=person("ann"), at=at(10))
    made.say("Anything?", internal=False, by=person("ann"), at=at(11))
    assert made.hold_reason is HoldReason.REPORTER
    made.say("Yes", internal=False, by=person("rita"), at=at(12))
    assert made.hold_reason is None
    assert events(made, EventKind.RESUMED)[0][1]["cause"] == "reporter"


def test_a_wait_for_somebody_else_goes_on():
    made = ticket_in(Status.DIAGNOSTICS)
    made.hold(Hold(HoldReason.PROVIDER), by=person("ann"), at=at(10))
    made.say("Still broken", internal=False, by=person("rita"), at=at(12))
    assert made.hold_reason is HoldReason.PROVIDER


def test_watching_twice_is_watching_once():
    made = ticket()
    assert made.watch(person("ann"), by=person("ann"), at=at(1)) is True
    assert made.watch(person("ann"), by=person("ann"), at=at(2)) is False
    assert made.unwatch(person("ann"), by=person("ann"), at=at(3)) is True
    assert made.unwatch(person("ann"), by=person("ann"), at=at(4)) is False
    assert len(events(made, EventKind.WATCHED)) == len(events(made, EventKind.UNWATCHED)) == 1
    assert made.version == 1


def test_only_active_staff_watch():
    made = ticket()
    person("ben").active = False
    for who in ("rita", "ben"):
        with pytest.raises(Invalid):
            made.watch(person(who), by=person("ann"), at=at(1))


def test_a_watcher_of_a_restricted_ticket_may_write_on_it():
    made = ticket(type=TicketType.SECURITY_ALERT, team_id=team("devops").id)
    with pytest.raises(NotAllowed):
        made.say("x", internal=True, by=person("ann"), at=at(1))
    made.watch(person("ann"), by=person("bo"), at=at(2))
    made.say("x", internal=True, by=person("ann"), at=at(3))


def test_a_file_is_recorded_with_who_hung_it_there():
    made = ticket()
    row = Attachment(name="gw.log", stored_as="a" * 32, size=3, media_type="text/plain", internal=True)
    made.attach(row, by=person("ann"), at=at(5))
    assert (row.ticket_id, row.uploader_id, row.created_at) == (made.id, person("ann").id, at(5))
    facts = {"attachment": row.id, "name": "gw.log", "internal": True}
    assert events(made, EventKind.ATTACHED) == [(person("ann").id, facts)]
