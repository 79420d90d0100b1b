"""`flask recurrence rebuild`: sign every ticket anew, after the rules have changed or rows were written past them."""

from dataclasses import dataclass

from sqlalchemy import bindparam, select, update

from ticketing.extensions import db
from ticketing.jobs.reads import only_reading
from ticketing.models import Setting, Ticket, sign
from ticketing.rules.recurrence import RULES, RULES_SETTING

_BATCH = 1000
_TABLE = Ticket.__table__
_SIGNED = ("signature", "provider", "payment_system")
_PAGE = (
    select(Ticket.id, Ticket.title, Ticket.details, *(getattr(Ticket, name) for name in _SIGNED))
    .where(Ticket.id > bindparam("last"))
    .order_by(Ticket.id)
    .limit(_BATCH)
)
_LOCKED = select(Ticket.id, Ticket.title, Ticket.details).where(Ticket.id.in_(bindparam("numbers", expanding=True)))
_LOCKED = _LOCKED.order_by(Ticket.id).with_for_update()
# Past the model, so that neither a version nor a moment of change moves: nobody did anything to the ticket.
_WRITE = update(_TABLE).where(_TABLE.c.id == bindparam("number"))
_WRITE = _WRITE.values({name: bindparam(f"new_{name}") for name in _SIGNED})


@dataclass(slots=True)
class Rebuilt:
    tickets: int = 0
    changed: int = 0


def rebuild(dry_run: bool = False) -> Rebuilt:
    """Give every ticket the signature that the present rules give it; commits a thousand at a time.

    Only what differs is written, and read once more under lock: whoever edits a ticket meanwhile is not undone. A run
    that is broken off leaves whole tickets, and the next one does the rest. A dry run only counts.
    """
    done, last = Rebuilt(), 0
    while rows := _page(last):
        last = rows[-1].id
        done.tickets += len(rows)
        wrong = [row.id for row in rows if tuple(row[3:]) != _signed(row)]
        done.changed += len(wrong)
        if wrong and not dry_run:
            _sign_anew(wrong)
    if not dry_run:
        db.session.merge(Setting(key=RULES_SETTING, value=RULES))
        db.session.commit()
    return done


def _page(last: int) -> list:
    """Read without a lock, so that nobody's write waits for it."""
    with only_reading():
        return db.session.connection().execute(_PAGE, {"last": last}).all()


def _sign_anew(numbers: list[int]) -> None:
    connection = db.session.connection()
    rows = connection.execute(_LOCKED, {"numbers": numbers}).all()
    names = [f"new_{name}" for name in _SIGNED]
    connection.execute(_WRITE, [{"number": row.id} | dict(zip(names, _signed(row), strict=True)) for row in rows])
    db.session.commit()


def _signed(row) -> tuple:
    found = sign(row.title, row.details)
    return tuple(found[name] for name in _SIGNED)
