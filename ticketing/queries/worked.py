"""The working time that went into a ticket, as its clocks have counted it."""

from sqlalchemy import ScalarSelect, func, select

from ticketing.models.sla import SlaClock
from ticketing.models.ticket import Ticket
from ticketing.rules.sla import ClockKind, ClockState


def worked_s() -> ScalarSelect:
    """Seconds beside each Ticket: of its resolution clocks up to their last stop or pause, NULL without any.

    What a clock counted that was cancelled later was no work towards a resolution.
    """
    counted = select(func.sum(SlaClock.elapsed_before_s)).where(SlaClock.ticket_id == Ticket.id)
    counted = counted.where(SlaClock.kind == ClockKind.RESOLUTION, SlaClock.state != ClockState.CANCELLED)
    return counted.scalar_subquery()
