"""What was told long ago is let go of."""

from datetime import datetime, timedelta

from sqlalchemy import delete, select

from ticketing.extensions import db
from ticketing.models import Notification, Outbox

SENT_KEPT = timedelta(days=30)
NOTIFICATIONS_KEPT = timedelta(days=90)
_AT_ONCE = 1000  # the rest goes with the next runs


def tidy(now: datetime) -> None:
    """Delete what was sent a month ago and what the bells have held for a season; commits.

    Dead letters stay until somebody decides about them.
    """
    sent = select(Outbox.id).where(Outbox.sent_at < now - SENT_KEPT).limit(_AT_ONCE)
    # Numbers grow with time, so the oldest notifications are the first by number.
    oldest = select(Notification.id).order_by(Notification.id).limit(_AT_ONCE)
    old = (Notification.id.in_(oldest), Notification.made_at < now - NOTIFICATIONS_KEPT)
    for statement in (delete(Outbox).where(Outbox.id.in_(sent)), delete(Notification).where(*old)):
        db.session.execute(statement.execution_options(synchronize_session=False))
    db.session.commit()
