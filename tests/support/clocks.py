"""Many due clocks without the work of filing so many tickets."""

from datetime import datetime

from sqlalchemy import insert, select

from tests import factories
from ticketing.extensions import db
from ticketing.models import SlaClock, Ticket
from ticketing.rules.taxonomy import Priority


def due_clocks(tickets: int, moment: datetime) -> None:
    """So many tickets like one critical that was filed at `moment`, each with both of its clocks. Commits."""
    made = factories.ticket(priority=Priority.CRITICAL, moment=moment)
    db.session.commit()
    ticket_row = _row(Ticket, made.id)
    clock_rows = [_row(SlaClock, clock.id) for clock in made.clockwork.clocks]
    numbers = [made.id + n for n in range(1, tickets)]
    db.session.execute(insert(Ticket.__table__), [ticket_row | {"id": number} for number in numbers])
    rows = [row | {"ticket_id": number} for number in numbers for row in clock_rows]
    for row in rows:
        row.pop("id", None)
    db.session.execute(insert(SlaClock.__table__), rows)
    db.session.commit()


def _row(model, number: int) -> dict:
    return dict(db.session.execute(select(model.__table__).where(model.id == number)).mappings().one())
