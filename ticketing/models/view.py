"""Saved views: a name for a set of filters, one person's own."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from ticketing.extensions import db
from ticketing.models.types import Instant

NAME_MAX = 40
QUERY_MAX = 1000
VIEWS_PER_PERSON = 20


class SavedView(db.Model):
    __tablename__ = "saved_view"
    __table_args__ = (Index("uq_saved_view_user_name", "user_id", "name", unique=True),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    name: Mapped[str] = mapped_column(String(NAME_MAX))
    query: Mapped[str] = mapped_column(String(QUERY_MAX))  # the filters as in the address, without "?"
    created_at: Mapped[datetime] = mapped_column(Instant)
