"""What a card tells: holds as they are now, and no trace of a ticket that the viewer may not know of."""

import pytest

from tests.factories import at, person, ticket, ticket_in
from ticketing.extensions import db
from ticketing.models.answers import Hold
from ticketing.models.link import link
from ticketing.queries import board, facets
from ticketing.queries.counts import open_counts
from ticketing.queries.filters import Filters
from ticketing.rules.taxonomy import HoldReason, LinkKind, Status, TicketType

S = Status
pytestmark = pytest.mark.usefixtures("cast")


def cards(viewer, moment, filters=None):
    columns = board.load_board(viewer, filters or Filters(), moment, open_counts(viewer, moment))
    return {card.id: card for column in columns.values() for card in column.cards}


def test_a_hold_whose_time_is_over_is_over_without_anybody_noticing():
    made = ticket_in(S.DIAGNOSTICS)
    made.hold(Hold(HoldReason.VENDOR, until=at(60)), by=person("ann"), at=at(10))
    db.session.commit()
    ann, held, free = person("ann"), Filters(hold=("yes",)), Filters(hold=("no",))
    for moment, reason, listed in ((at(59), HoldReason.VENDOR, held), (at(61), None, free)):
        assert cards(ann, moment)[made.id].hold_reason == reason
        assert list(cards(ann, moment, listed)) == [made.id]
        assert facets.tallies(ann, Filters(), moment)["held"] == (1 if reason else 0)


def test_no_mark_tells_of_a_link_to_a_restricted_ticket():
    open_one = ticket("Open to all")
    secret = ticket("Leak", type=TicketType.SECURITY_ALERT)
    mara = person("mara")
    link(secret, open_one, LinkKind.PARENT, by=mara, at=at(1))
    link(secret, open_one, LinkKind.RECURRENCE_OF, by=mara, at=at(1))
    db.session.commit()
    seen = cards(person("ben"), at(5))[open_one.id]
    assert (seen.parent_id, seen.repeat_count) == (None, 0)
    seen = cards(mara, at(5))[open_one.id]
    assert (seen.parent_id, seen.repeat_count) == (secret.id, 1)


def test_a_row_ends_with_what_its_chip_says():
    ticket()
    db.session.commit()
    [card] = cards(person("ann"), at(5)).values()
    assert card._fields == (*board.CARD, *(column.key for column in board.CLOCK))


def test_the_reporters_words_show_while_the_hold_lasts():
    made = ticket_in(S.DIAGNOSTICS)
    made.hold(Hold(HoldReason.VENDOR, until=at(60)), by=person("ann"), at=at(10))
    made.say("Any news?", internal=False, by=person("rita"), at=at(20))
    db.session.commit()
    assert [cards(person("ann"), moment)[made.id].reporter_wrote for moment in (at(59), at(61))] == [1, 0]


def test_children_and_returns_are_counted_on_the_card():
    parent, child = ticket("Parent"), ticket("Child")
    link(parent, child, LinkKind.PARENT, by=person("mara"), at=at(1))
    db.session.commit()
    seen = cards(person("ann"), at(5))
    assert (seen[parent.id].child_count, seen[child.id].parent_id) == (1, parent.id)
