"""Teams, categories and the board's columns: reference data that people edit."""

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Integer, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ticketing.extensions import db
from ticketing.models.types import Code, Ranked
from ticketing.rules.taxonomy import Priority, Status


class Team(db.Model):
    __tablename__ = "team"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)


class Category(db.Model):
    __tablename__ = "category"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    team_id: Mapped[int] = mapped_column(ForeignKey("team.id"))
    priority: Mapped[Priority] = mapped_column(Ranked(Priority))
    active: Mapped[bool] = mapped_column(Boolean, default=True)

    team: Mapped[Team] = relationship()


class BoardColumn(db.Model):
    """A column's soft limit, and how long tickets usually stay in it (seconds, over the last 28 days)."""

    __tablename__ = "board_column"
    __table_args__ = (CheckConstraint("wip_limit IS NULL OR wip_limit > 0", name="positive_limit"),)

    status: Mapped[Status] = mapped_column(Code(Status), primary_key=True)
    wip_limit: Mapped[int | None] = mapped_column(Integer)
    median_s: Mapped[int | None] = mapped_column(Integer)
    samples: Mapped[int] = mapped_column(Integer, default=0)
