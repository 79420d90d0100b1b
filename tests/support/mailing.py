"""A desk that sends its mail to a post office of the test's own."""

from contextlib import contextmanager

from sqlalchemy import select

from tests.factories import person
from ticketing.extensions import db
from ticketing.models import Notification, Outbox, User

MAIL_NOWHERE = {"host": "127.0.0.1", "port": 1, "security": "none", "sender": "desk@desk.example"}


def mail_to(office, **changes) -> dict:
    """The setting MAIL for this post office."""
    facts = {"host": "127.0.0.1", "port": office.port, "security": "none", "sender": "desk@desk.example",
             "sender_name": "Ticketing", "user": "", "password": "", "timeout_s": 5}  # fmt: skip
    return facts | changes


@contextmanager
def mailing_desk(make_app):
    """The context of an application with most of the cast, saved, and mail that would go somewhere."""
    with make_app(MAIL=MAIL_NOWHERE).app_context():
        for handle in ("mara", "ann", "bo", "rita", "ada", "ben", "ida"):
            person(handle)
        db.session.commit()
        yield


def announcement(made, level="breach", number=7, at=None, **facts) -> Outbox:
    """What clock `number`, one of this ticket, announced; not saved. `at` is when its level fell due and was found."""
    moment = at.isoformat().replace("+00:00", "Z")
    payload = {
        "ticket": made.id, "clock": "resolution", "cycle": 1, "level": level, "cause": None, "target_s": 14400,
        "level_due_at": moment, "due_at": moment, "detected_at": moment,
    }  # fmt: skip
    return Outbox(
        dedupe_key=f"sla:{number}:1:{level}", channel="sla", payload=payload | facts, made_at=at, next_try_at=at
    )


def mail(number, to="ann@desk.example", ticket=1, at=None, **facts) -> Outbox:
    """A mail to an address that waits since `at`; not saved."""
    told = {
        "ticket": ticket,
        "clock": "resolution",
        "cycle": 1,
        "level": "escalate",
        "cause": None,
        "ground": "on_call",
    }
    moment = at.isoformat().replace("+00:00", "Z")
    told |= {"target_s": 14400, "level_due_at": moment, "due_at": moment, "detected_at": moment}
    values = {"dedupe_key": f"mail:{number}", "channel": "email", "address": to, "payload": told, "made_at": at}
    return Outbox(**(values | {"next_try_at": at} | facts))


def rung() -> dict[str, list[str]]:
    """Whose bells hold what, by handle."""
    found: dict[str, list[str]] = {}
    query = select(User.handle, Notification.dedupe_key).join(User, User.id == Notification.user_id)
    for handle, key in db.session.execute(query.order_by(User.handle, Notification.id)):
        found.setdefault(handle, []).append(key)
    return found


def mailed() -> list[str]:
    """The addresses that mails are written to, in order."""
    query = select(Outbox.address, User.email).outerjoin(User, User.id == Outbox.recipient_id)
    rows = db.session.execute(query.where(Outbox.channel == "email"))
    return sorted(address or email for address, email in rows)
