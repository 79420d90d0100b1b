"""A search as the queue makes it, and a ticket with words everywhere; both need a context and the cast."""

from tests.factories import at, person, ticket
from ticketing.extensions import db
from ticketing.queries import queue
from ticketing.queries.filters import Filters
from ticketing.rules.taxonomy import STATUSES

ANY = tuple(STATUSES)


def found(text, who="ann", **filters):
    """The numbers that a person's search finds, as the queue lists them."""
    asked = queue.found_in_queue(person(who), Filters(q=(text,), **filters), queue.RELEVANCE, at(60))
    page = queue.load_page(person(who), asked, queue.RELEVANCE, 1, at(60))
    assert page.total == len(page.rows)
    return [row.id for row in page.rows]


def full_ticket():
    made = ticket(
        "Wallet drifts", description="Since the release", details={"brand": "Northspin", "player_id": "PNX-00042"}
    )
    made.say("Customers are angry", internal=False, by=person("ann"), at=at(1))
    made.say("Probably a rounding slip", internal=True, by=person("ann"), at=at(2))
    db.session.flush()
    return made
