"""What the board is told after a ticket changed: its card where it belongs now, and the headers it may have changed."""

from datetime import datetime
from urllib.parse import parse_qsl

from flask import request
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from ticketing.clock import now
from ticketing.models.ticket import Ticket
from ticketing.models.ticket_family import Reached
from ticketing.models.ticket_row import LANE_HELD
from ticketing.models.user import User
from ticketing.queries import board as reads
from ticketing.queries.filters import Filters
from ticketing.rules.refusals import Invalid
from ticketing.rules.taxonomy import Status
from ticketing.web import access
from ticketing.web.board_cards import drawer
from ticketing.web.respond import Toast, fragment, wants_fragment
from ticketing.web.sla_chip import Chips
from ticketing.web.template_helpers import gettext


def asked_from_board() -> bool:
    """Does the answer go to a board? Whoever only reports has none: its cards and counts are not theirs to see."""
    return wants_fragment() and request.form.get("context") == "board" and access.person().is_staff


def shown_filters() -> Filters:
    """The filters of the board that the request came from; nonsense means none."""
    try:
        return Filters.read(MultiDict(parse_qsl(request.form.get("query", "")[:2000].lstrip("?"))))
    except Invalid:
        return Filters()


def after_change(ticket: Ticket, toast: Toast | None, *, was: Status | None = None, status: int = 200, conflict="",
                 asking_ends: bool = False, reached: Reached | None = None) -> Response:  # fmt: skip
    """Put the card where it really is, and redraw the headers of the columns that may have changed.

    `was` is the status before; the one that the page showed comes as `from`. `conflict` is a caption for the card;
    with `asking_ends` an open dialog has no use any more. The children that a closing `reached` leave their columns.
    """
    viewer, moment = access.person(), now()
    filters = reads.found_on_board(viewer, shown_filters(), moment)
    card = reads.load_matching_card(viewer, filters, moment, ticket.id)
    before = card and reads.card_before(viewer, filters, moment, card)
    shown = {ticket.status, was or ticket.status, *_named("from"), *_named("to"), *(reached.left if reached else ())}
    heads = reads.load_heads(viewer, filters, moment, closed=Status.CLOSED in shown)
    if toast is not None and toast.say:
        toast.say += _counted(heads[ticket.status])
    return fragment(
        "board/change.htmx.html", toast=toast, status=status, ticket_id=ticket.id, card=card, before=before,
        list_id=_list_id(card), heads=[heads[each] for each in Status if each in shown],
        median_s=heads[ticket.status].median_s, conflict=conflict, asking_ends=asking_ends,
        children=[child.id for child in reached.done] if reached else [],
        **drawing(viewer, filters, moment, [card] if card else []),
    )  # fmt: skip


def _counted(head) -> str:
    """What the column holds now, for those who listen: a move changes what they cannot see at a glance."""
    text = gettext(", %(n)s tickets", n=head.total) if head.total != 1 else gettext(", 1 ticket")
    return text + (gettext(", %(n)s overdue", n=head.overdue) if head.overdue else "")


def drawing(viewer: User, filters: Filters, moment: datetime, cards: list) -> dict:
    """What the templates of columns and cards need besides the cards; `cards` are all that will be drawn."""
    chips = Chips(cards, moment)
    return {
        "viewer": viewer,
        "filters": filters,
        "folded": viewer.collapsed,
        "draw": drawer(viewer, moment, chips),
        "chips": chips,
    }


def _list_id(card) -> str:
    if card is None:
        return ""
    return f"{'held' if card.lane == LANE_HELD and card.hold_reason else 'cards'}-{card.status}"


def _named(field: str) -> set[Status]:
    text = request.form.get(field, "")
    return {Status(text)} if text in set(Status) else set()
