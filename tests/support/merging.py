"""Tickets with watchers, merged and taken apart again; all need a context and the cast."""

from tests.factories import at, person, ticket_in
from ticketing.extensions import db
from ticketing.jobs.sla.verify import verify
from ticketing.models import Ticket
from ticketing.models.answers import Answers
from ticketing.rules.taxonomy import ResolutionCode, Status


def watched(*handles: str, **facts) -> Ticket:
    """A ticket in Diagnostics that these watch."""
    made = ticket_in(Status.DIAGNOSTICS, **facts)
    for handle in handles:
        made.watch(person(handle), by=person("mara"), at=at(7))
    return made


def merged(source: Ticket, target: Ticket, by: str = "mara", minute: float = 20) -> None:
    """Merge one into another. Commits; the clocks tell what the history tells."""
    source.close_as(ResolutionCode.DUPLICATE, by=person(by), at=at(minute), duplicate_of=target)
    db.session.commit()
    assert list(verify()) == []


def reopened(source: Ticket, minute: float = 30) -> None:
    """Undo its merge. Commits; the clocks tell what the history tells."""
    source.move_to(Status.DIAGNOSTICS, by=person("mara"), at=at(minute), answers=Answers(why="Another cause"))
    db.session.commit()
    assert list(verify()) == []
