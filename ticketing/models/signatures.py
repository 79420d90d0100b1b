"""What a ticket is counted by when troubles recur: written with its title and details, whoever writes those.

Not by each verb: filing, editing and an import alike add or change the row, and none of them can forget this.
"""

from sqlalchemy import event, inspect

from ticketing.models.ticket import Ticket
from ticketing.rules.recurrence import party_key, signature_of

_MADE_OF = {"title", "details"}


def sign(title: str, details: dict | None) -> dict[str, str | None]:
    """The columns `signature`, `provider` and `payment_system` of a ticket with this title and these details."""
    details = details or {}
    found = signature_of(title, details)
    return {
        "signature": found and found.key,
        "provider": party_key(details.get("provider")),
        "payment_system": party_key(details.get("payment_system")),
    }


@event.listens_for(Ticket, "before_insert")
def _sign_new(_mapper, _connection, ticket: Ticket) -> None:
    _write(ticket)


@event.listens_for(Ticket, "before_update")
def _sign_changed(_mapper, _connection, ticket: Ticket) -> None:
    if not _MADE_OF.isdisjoint(inspect(ticket).committed_state):
        _write(ticket)


def _write(ticket: Ticket) -> None:
    for name, value in sign(ticket.title, ticket.details).items():
        if getattr(ticket, name) != value:
            setattr(ticket, name, value)
