"""Cards and heads of columns as markup. Each is drawn once and kept for as long as nothing in it changes.

Drawing is a pure function of the row, the viewer's moves and the words for its age, so that what is kept cannot be
wrong, only unused: two hundred cards then cost a look-up each. The chip says something new each minute: what is kept is
the card before it and the card after it.
"""

from collections.abc import Callable
from datetime import datetime
from functools import lru_cache

from flask import current_app, request
from markupsafe import Markup

from ticketing.models.user import User
from ticketing.queries.board import CARD, CLOCK, Column
from ticketing.queries.filters import Filters
from ticketing.rules.taxonomy import Role
from ticketing.rules.workflow import Facts, Relation, legal_targets
from ticketing.web.sla_chip import Chips
from ticketing.web.template_helpers import age, kept

KEPT = 4096  # about a kilobyte each
_CHANGING = -len(CLOCK)
_CHIP = "\x1f"  # stands where the chip will; no title holds one


def drawer(viewer: User, moment: datetime, chips: Chips) -> Callable[..., Markup]:
    """draw(row, median_s, conflict="") for the rows of queries.board, as this viewer sees them now, and draw.head for
    the columns they stand in."""
    who, team, role, root = viewer.id, viewer.team_id, viewer.role, request.script_root
    draw_card, draw_head = (each if current_app.debug else kept(each, KEPT) for each in (_draw, _head))

    def draw(row, median_s: int | None = None, conflict: str = "") -> Markup:
        moves = _moves(
            row.status, row.type, row.priority, row.owner_id is not None, role, row.owner_id == who,
            team is not None and row.team_id == team, row.reporter_id == who, row.solver_id == who,
        )  # fmt: skip
        seconds = int((moment - row.status_since).total_seconds())
        pace = "" if not median_s or seconds < median_s else "late" if seconds >= 2 * median_s else "slow"
        before, after = draw_card(root, row[:_CHANGING], moves, age(seconds), pace, conflict)
        return Markup(before + chips.written(row) + after)

    def head(column: Column, folded: bool, filters: Filters, oob: bool = False) -> Markup:
        numbers = (column.status, column.total, column.matching, column.overdue, column.limit)
        return draw_head(root, numbers, folded, filters.query() if filters else "", oob)

    draw.head = head
    return draw


def _head(root: str, numbers: tuple, folded: bool, query: str, oob: bool) -> Markup:
    status, total, matching, overdue, limit = numbers
    column = Column(status, total=total, matching=matching, overdue=overdue, limit=limit)
    return Markup(current_app.jinja_env.get_template("board/_column.html").module.head(column, folded, query, oob))


def _draw(root: str, values: tuple, moves: str, age_text: str, pace: str, conflict: str) -> tuple[str, str]:
    """The card before its chip and after it."""
    row = dict(zip(CARD, values, strict=True))
    key = f"T-{row['id']}"
    macro = current_app.jinja_env.get_template("board/_card.html").module.card
    card = macro(row, key, f"{root}/tickets/{key}", moves, age_text, pace, _CHIP, conflict)
    before, _chip, after = str(card).partition(_CHIP)
    return before, after


@lru_cache(maxsize=4096)
def _moves(
    status, type, priority, owned: bool, role: Role, owner: bool, team: bool, reporter: bool, solver: bool
) -> str:
    """The statuses this person may drop the card on, as the card carries them."""
    return " ".join(legal_targets(Facts(status, type, priority, owned), Relation(role, owner, team, reporter, solver)))
