"""What a person fills in while acting on a ticket: validated values, not yet applied."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from ticketing.rules.taxonomy import HoldReason, Priority, ResolutionCode, RootCause, TicketType

if TYPE_CHECKING:
    from ticketing.models.team import Category
    from ticketing.models.ticket import Ticket
    from ticketing.models.user import User


@dataclass(slots=True)
class Answers:
    """The fields a move may ask for (workflow.MOVES names them) and the comment box."""

    type: TicketType | None = None
    category: Category | None = None
    priority: Priority | None = None
    owner: User | None = None
    solution: str = ""
    finding: str = ""
    why: str = ""
    resolution_code: ResolutionCode | None = None
    root_cause: RootCause | None = None
    duplicate_of: Ticket | None = None
    with_parent: Ticket | None = None  # never an answer of a form: `Family.close_with` gives it
    comment: str = ""

    @property
    def others(self) -> dict[str, int]:
        """The numbers of the tickets they name, as the event of a closing keeps them."""
        named = {"duplicate_of": self.duplicate_of, "with_parent": self.with_parent}
        return {name: ticket.id for name, ticket in named.items() if ticket is not None}

    def only(self, names: Collection[str]) -> Answers:
        """What was asked for, and the comment: whatever else a form may hold is not applied."""
        return Answers(comment=self.comment, **{name: getattr(self, name) for name in names})


@dataclass(frozen=True, slots=True)
class Hold:
    reason: HoldReason
    text: str = ""
    until: datetime | None = None
