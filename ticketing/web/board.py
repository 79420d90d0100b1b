"""The board: its page, its columns and the moves on it."""

from flask import Blueprint, abort, render_template, request, url_for

from ticketing.clock import now
from ticketing.extensions import db
from ticketing.models.team import BoardColumn
from ticketing.queries import board as reads
from ticketing.queries import facets
from ticketing.queries.counts import open_counts
from ticketing.queries.filters import Filters
from ticketing.queries.people import assignable
from ticketing.rules.abilities import Ability, Permission
from ticketing.rules.numbers import whole
from ticketing.rules.refusals import Invalid
from ticketing.rules.taxonomy import OPEN_STATUSES, STATUSES, Status
from ticketing.rules.workflow import why_not
from ticketing.web import access, board_moves
from ticketing.web.answers import read_code, read_target
from ticketing.web.board_answers import drawing
from ticketing.web.labels import LABELS
from ticketing.web.respond import back, commit, wants_fragment
from ticketing.web.template_helpers import gettext, label

blueprint = Blueprint("board", __name__)


@blueprint.get("/board")
@access.needs(Permission.USE_BOARD)
def show():
    viewer, moment = access.person(), now()
    filters = reads.found_on_board(viewer, Filters.read(request.args), moment)
    kept = open_counts(viewer, moment)
    columns = reads.load_board(viewer, filters, moment, kept)
    numbers = facets.tallies(viewer, filters, moment)
    names = facets.facets(viewer, filters, moment)
    return render_template(
        "board/_main.html" if wants_fragment() else "board/board.html",
        columns=list(columns.values()),
        facets=names,
        views=names.views,
        tallies=numbers,
        view_counts=facets.view_counts(viewer, kept, numbers),
        words=board_words(),
        **drawing(viewer, filters, moment, [card for column in columns.values() for card in column.cards]),
    )


@blueprint.get("/board/columns/<status>")
@access.needs(Permission.USE_BOARD)
def column(status: str):
    """One column: whole, or from `offset` on the next thirty cards."""
    found = read_code(Status, status) or abort(404)
    offset = whole(request.args.get("offset", "0"), high=100_000)
    if offset is None:
        raise Invalid({"offset": "unknown_value"})
    return _column(found, offset, "board/more.htmx.html" if offset else "board/column.htmx.html")


@blueprint.post("/board/columns/<status>/collapse")
@access.needs(Permission.USE_BOARD)
def collapse(status: str):
    found = read_code(Status, status) or abort(404)
    viewer = access.person()
    viewer.fold(found, request.form.get("folded") == "1")
    return _changed(found)


@blueprint.post("/board/columns/<status>/limit")
@access.needs(Permission.MANAGE_BOARD)
def limit(status: str):
    """A soft limit for a column; empty takes it off."""
    found = read_code(Status, status)
    if found not in OPEN_STATUSES:
        abort(404)
    text = request.form.get("limit", "").strip()
    if text and whole(text, 1, 999) is None:
        raise Invalid({"limit": "unknown_value"})
    db.session.get(BoardColumn, found).wip_limit = whole(text)
    return _changed(found)


@blueprint.get("/board/people")
@access.needs(Permission.USE_BOARD)
def people():
    """The assign menu of one ticket: me, its team with everybody's open count, the others.

    It goes by the version that the page showed, where that is told: a menu opened late hides nothing.
    """
    viewer = access.person()
    ticket = access.ticket_or_404(request.args.get("ticket", ""), may=Ability.ASSIGN)
    template = "board/_assign.html" if wants_fragment() else "board/assign.html"
    context = "now" if request.args.get("context") == "now" else "board"
    version = whole(request.args.get("version", ""))
    return render_template(template, ticket=ticket, viewer=viewer, people=assignable(viewer, now()), context=context,
                           version=ticket.version if version is None else version,
                           query=request.args.get("query", ""))  # fmt: skip


@blueprint.post("/board/moves")
@access.signed_in
def move():
    """A drop, a menu item or a plain form: one ticket to one status."""
    ticket = access.ticket_or_404(request.form.get("ticket", ""), may=Ability.MOVE)
    return board_moves.move(ticket, read_target(request.form))


def board_words() -> dict:
    """The sentences a drag shows: for each status why the others take no card of it. The table is one for all."""
    return {
        "names": LABELS["status"],
        "order": list(STATUSES),
        "move": gettext("Move to {name}"),
        "back": gettext("Send back to {name}"),
        "stays": gettext("{key} stays in {name}"),
        "reasons": {
            status: {target: label(why_not(status, target), "refusal") for target in STATUSES if target is not status}
            for status in STATUSES
        },
    }


def _changed(status: Status):
    """Keep what was changed of a column, and show it so."""
    commit()
    if not wants_fragment():
        return back(url_for("board.show"))
    return _column(status, 0, "board/column.htmx.html")


def _column(status: Status, offset: int, template: str):
    viewer, filters = access.person(), Filters.read(request.args)
    moment = now()
    found = reads.load_column(viewer, filters, moment, status, offset)
    return render_template(template, column=found, **drawing(viewer, filters, moment, found.cards))
