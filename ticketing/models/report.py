"""What reports count: one row for each dated fact of a ticket, and sheets that sum them up by day.

Both are derived from tickets, events and clocks (jobs/reports), and may be thrown away and made anew at any time.
"""

from enum import StrEnum

from sqlalchemy import Boolean, ForeignKey, Index, Integer, LargeBinary, SmallInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from ticketing.extensions import db
from ticketing.models.types import Code

STOCK_DAY = 0  # of the sheets that say how many tickets are in each open status at the end of all days


def week_of(day: int) -> int:
    """What the sheets of this day's week have for a day: minus the ordinal of its Sunday, which seven divides."""
    return -(day + -day % 7)


class Family(StrEnum):
    """Which tickets a sheet sums up; `key` says whose, and the columns after `day` are 0 where it takes them all."""

    ALL = "all"
    CASES = "cases"  # of one team, type, category and priority
    TEAM = "team"  # of one value of one of these, for tables by it
    TYPE = "type"
    CATEGORY = "category"
    PRIORITY = "priority"
    OWNER = "owner"  # the same, of one owner: key is their number, 0 for nobody
    OWNERS = "owners"  # all that one owner has, in one sheet
    PARTY = "party"  # all that name one provider or payment system


class ReportFact(db.Model):
    """`figure` is the number of a rules.report_facts.Figure, `day` the ordinal of the date in the desk's zone.

    `seconds` is how long what ended that day took; 0 for what is only counted. `place` tells a ticket's facts apart.
    """

    __tablename__ = "report_fact"
    __table_args__ = (Index("ix_report_fact_ticket", "ticket_id"), {"sqlite_with_rowid": False})

    figure: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    day: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), primary_key=True, autoincrement=False)
    place: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    seconds: Mapped[int] = mapped_column(Integer)


class ReportSheet(db.Model):
    """All facts of one day, or of one week (`week_of`), of one group, as rules.report_sheet packs them."""

    __tablename__ = "report_sheet"
    __table_args__ = (
        Index("ix_report_sheet_day", "day"),
        Index("ix_report_sheet_family", "family", "day"),
        {"sqlite_with_rowid": False},
    )

    family: Mapped[Family] = mapped_column(Code(Family, length=8), primary_key=True)
    key: Mapped[str] = mapped_column(String(160), primary_key=True)
    day: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    restricted: Mapped[bool] = mapped_column(Boolean, primary_key=True)
    team_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    type: Mapped[str] = mapped_column(String(24), primary_key=True)
    category_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    priority: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    body: Mapped[bytes] = mapped_column(LargeBinary)
