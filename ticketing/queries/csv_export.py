"""Lists as CSV for spreadsheets: the rows of the queue, without its pages.

Written as UTF-8 with a byte order mark, because Excel takes a file without one for the local code page and
LibreOffice, Numbers and Sheets open either; lines end with CR LF and values are set apart by commas (RFC 4180).
"""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import aliased

from ticketing.extensions import db
from ticketing.models.team import Category, Team
from ticketing.models.ticket import Ticket
from ticketing.models.user import User
from ticketing.queries.filters import Filters
from ticketing.queries.queue import listed, statuses_of
from ticketing.queries.search import holds
from ticketing.queries.search_words import read_words

COLUMNS = (
    "key", "title", "type", "category", "priority", "status", "owner", "team", "reporter", "hold",
    "created", "updated", "closed", "resolution code", "root cause",
)  # fmt: skip
# What a spreadsheet would take for a formula, and the mark itself, so that taking one off is exact. Where lists are set
# apart by semicolons a spreadsheet goes by those, by tabs or by lines, whatever stands in quotes here.
_BEGINS, _FORMULA = r"(?:^|(?<=[;\t\r\n]))( *)", "(?=[-=+@'])"
_UNMARKED, _MARKED = re.compile(_BEGINS + _FORMULA), re.compile(f"{_BEGINS}'{_FORMULA}")
CHUNK = 500
MARK = "\ufeff"  # that a file is UTF-8


def export(viewer: User, filters: Filters, now: datetime, *, numbers: list[int] | None = None) -> Iterator[str]:
    """The listed tickets that the viewer may see, newest last, in pieces of text; `numbers` keeps some of them."""
    query = _query(viewer, filters, now)
    if numbers is not None:
        query = query.where(Ticket.id.in_(numbers))
    yield MARK + lines([COLUMNS])
    result = db.session.execute(query.execution_options(yield_per=CHUNK))
    for rows in result.partitions():
        yield lines(_record(row) for row in rows)


def safe_cell(text: str) -> str:
    """A text cell that no spreadsheet runs: each sign that begins a formula gets a mark in front."""
    return _UNMARKED.sub(r"\1'", text)


def plain_cell(cell: str) -> str:
    """The text that safe_cell made the cell of."""
    return _MARKED.sub(r"\1", cell)


def _query(viewer: User, filters: Filters, now: datetime) -> Select:
    owner, reporter = aliased(User), aliased(User)
    return (
        select(
            Ticket.id, Ticket.title, Ticket.type, Category.name, Ticket.priority, Ticket.status, owner.name, Team.name,
            reporter.name, Ticket.hold_reason, Ticket.created_at, Ticket.updated_at, Ticket.closed_at,
            Ticket.resolution_code, Ticket.root_cause,
        )
        .join(Team, Team.id == Ticket.team_id)
        .join(reporter, reporter.id == Ticket.reporter_id)
        .outerjoin(owner, owner.id == Ticket.owner_id)
        .outerjoin(Category, Category.id == Ticket.category_id)
        .where(_wanted(viewer, filters), *listed(viewer, replace(filters, q=()), now))
        .order_by(Ticket.id)
    )  # fmt: skip


def _wanted(viewer: User, filters: Filters) -> ColumnElement[bool]:
    """As in the list: open tickets unless statuses are asked for, and one that is named whatever its status."""
    among = Ticket.status.in_(statuses_of(filters))
    if not filters.q:
        return among
    number = read_words(filters.q[0]).number
    wanted = and_(among, holds(filters.q[0], viewer))
    return wanted if number is None or filters.status else or_(wanted, Ticket.id == number)


def _record(row) -> Iterator[str]:
    number, *values = row
    yield f"T-{number}"
    for value in values:
        yield f"{value:%Y-%m-%dT%H:%M:%SZ}" if isinstance(value, datetime) else safe_cell(str(value or ""))


def lines(records) -> str:
    """Records of texts and numbers as lines of a file; texts of people go through safe_cell before."""
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\r\n").writerows(records)
    return buffer.getvalue()
