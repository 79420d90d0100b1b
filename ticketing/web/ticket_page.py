"""What the ticket page shows, for staff and for the reporter, as a page and as the parts an answer renews."""

from dataclasses import dataclass

from flask import current_app, render_template, request, url_for
from werkzeug.wrappers import Response

from ticketing.extensions import db, reading
from ticketing.models.ticket import Ticket
from ticketing.models.user import User
from ticketing.queries import timeline
from ticketing.queries.last_change import last_change
from ticketing.rules import workflow
from ticketing.rules.abilities import Ability, may
from ticketing.rules.refusals import Stale
from ticketing.rules.sla import ClockKind
from ticketing.rules.taxonomy import DETAILS_OF_TYPE, HOLDABLE, STATUSES, Status
from ticketing.web import access, now_answers, recurrence
from ticketing.web.board_answers import after_change, asked_from_board
from ticketing.web.respond import Toast, asking_page, fragment, keep, safe_next, wants_fragment
from ticketing.web.template_helpers import _, moment
from ticketing.web.ticket_clocks import panel
from ticketing.web.ticket_family import family

ACTIVITIES = ("all", "replies", "notes", "history")


@dataclass(frozen=True, slots=True)
class Step:
    """One status as a target: open to the viewer, or why not (a code)."""

    target: Status
    legal: bool
    reason: str = ""


def steps(ticket: Ticket, viewer: User) -> list[Step]:
    """The other six statuses and the present one: legal ones first, then the rest with their reasons."""
    legal = workflow.legal_targets(ticket.facts, ticket.relation_to(viewer))
    reason = ""
    if recurrence.is_offered(ticket):
        legal, reason = (), "reopen_window_over"
    open_ones = [Step(target, True) for target in legal]
    rest = [target for target in STATUSES if target not in legal]
    return open_ones + [Step(one, False, _reason(ticket, one, reason)) for one in rest]


def _reason(ticket: Ticket, target: Status, known: str) -> str:
    if known and target is Status.DIAGNOSTICS:
        return known
    return workflow.why_not(ticket.status, target)


def next_step(ticket: Ticket, found: list[Step]) -> Step | None:
    """The one step the page offers first: forward, or the reopening of a closed ticket."""
    at = STATUSES.index(ticket.status)
    for step in found:
        if step.legal and (STATUSES.index(step.target) > at or ticket.status is Status.CLOSED):
            return step
    return None


def on_hold(ticket: Ticket) -> bool:
    """A hold whose time is over counts as ended; the next act writes it down."""
    return bool(ticket.hold_reason) and (ticket.hold_until is None or ticket.hold_until > moment())


def reaction_runs(ticket: Ticket) -> bool:
    """Does it wait for a reaction, by what its card says? Nothing is due before the reaction is."""
    return bool(ticket.clock_face) and ticket.clock_face.get("kind") == ClockKind.REACTION


def facts_of(ticket: Ticket, viewer: User) -> dict:
    """What the head and the menus need to know."""
    relation = ticket.relation_to(viewer)
    found = steps(ticket, viewer)
    works = viewer.is_staff and may(Ability.HOLD, relation, restricted=ticket.restricted, watching=True)
    return {
        "ticket": ticket, "viewer": viewer, "steps": found, "next": next_step(ticket, found),
        "held": on_hold(ticket), "may_hold": works and ticket.status in HOLDABLE, "may_pin": viewer.is_manager,
        "may_close_early": workflow.may_close_as(ticket.facts, relation),
        "may_take": viewer.is_staff and ticket.is_open and (ticket.owner_id != viewer.id or reaction_runs(ticket)),
        "takes_first": viewer.is_staff and reaction_runs(ticket), "may_recur": recurrence.is_offered(ticket),
    }  # fmt: skip


def page_facts(ticket: Ticket) -> dict:
    viewer, at = access.person(), moment()
    facts = facts_of(ticket, viewer)
    if not viewer.is_staff:
        story = timeline.load_conversation(ticket, viewer, at)
        return facts | {"story": story, "entries": story.entries, "activity": "all", "watchers": [], "watching": False}
    people = {ticket.reporter_id, ticket.owner_id or 0}
    story = timeline.load_story(ticket, viewer, at, people, whole=request.args.get("whole") == "1")
    activity, relatives = shown_activity(), family(story, at)
    spans = relatives.chip.spans if relatives else {}
    return facts | {
        "story": story, "entries": timeline.choose(story.entries, activity), "activity": activity,
        "watchers": story.watchers, "watching": any(row.id == viewer.id for row in story.watchers),
        "detail_names": DETAILS_OF_TYPE[ticket.type], "clocks": panel(ticket, story, at, spans),
        "family": relatives,
    }  # fmt: skip


def shown_activity() -> str:
    """Which filter of the timeline is on: of this address, or of the page that asks for a part."""
    wanted = request.args.get("activity")
    if wanted is None and wants_fragment():
        wanted = asking_page().get("activity", "all")
    return wanted if wanted in ACTIVITIES else "all"


def page(ticket: Ticket, *, status: int = 200, **more) -> Response:
    max_upload = current_app.config["MAX_UPLOAD"]
    body = render_template("tickets/show.html", max_upload=max_upload, **page_facts(ticket), **more)
    return Response(body, status=status, content_type="text/html; charset=utf-8")


def parts(ticket: Ticket, *, toast: Toast | None = None, status: int = 200, **more) -> Response:
    """The changed parts of the page, and whatever `more` adds: `again` is a form to show once more, `composer`."""
    max_upload = current_app.config["MAX_UPLOAD"]
    facts = page_facts(ticket)
    return fragment("tickets/parts.htmx.html", toast=toast, status=status, max_upload=max_upload, **facts, **more)


def changed(ticket: Ticket, toast: Toast | None, *, was: Status | None = None, **more) -> Response:
    """After a committed change: the parts for htmx, the page again for a plain form. `was` is the status before.

    `more` reaches the parts; without a toast nothing had to change.
    """
    who = access.person()
    key = ticket.key
    if access.visible_ticket(key, who, lock=False) is None:  # the change has taken it out of one's sight
        return _elsewhere(toast, url_for("board.show") if who.is_staff else url_for("tickets.mine"))
    if asked_from_board():
        ends = {name: more[name] for name in ("status", "asking_ends", "reached") if name in more}
        return after_change(ticket, toast, was=was, **ends)
    if now_answers.asked_from_now():
        ends = {name: more[name] for name in ("status", "asking_ends") if name in more}
        return now_answers.after_change(toast, **ends)
    if wants_fragment():
        if was is not None and was is not ticket.status and Status.CLOSED in (was, ticket.status):
            more["likens"] = True  # what can be done about the similar ones is something else now
        return parts(ticket, toast=toast, **more)
    if toast is not None:
        keep(toast)
    return _see_other(safe_next(request.form.get("return_to"), url_for("tickets.show", key=key)))


def conflict(key: str, refusal: Stale, again=None) -> Response:
    """Somebody was faster: tell who did what and when, and show the ticket as it is.

    `again` makes, of the fresh ticket, the form that was being filled in.
    """
    db.session.rollback()
    reading.set(True)
    ticket = access.visible_ticket(key, access.person(), lock=False)
    if ticket is None:
        return _elsewhere(Toast(key, kind="conflict"), url_for("tickets.mine"))
    text = render_template("tickets/_missed.html", ticket=ticket, row=(row := last_change(ticket.id)),
                           names=_names(row), at=moment()).strip()  # fmt: skip
    toast = Toast(title=text, text=_("Your change was not saved. The page shows how it is now."), kind="conflict")
    if asked_from_board():
        return after_change(ticket, toast, status=409, conflict=text)
    if now_answers.asked_from_now():
        return now_answers.after_conflict(ticket, toast)
    if wants_fragment():
        return parts(ticket, toast=toast, status=409, again=again(ticket, text) if again else "")
    return page(ticket, status=409, missed=text)


def _names(row) -> timeline.Names:
    return timeline.load_names(timeline.people_of(row)) if row is not None else timeline.Names()


def _elsewhere(toast: Toast | None, url: str) -> Response:
    if toast is not None:
        keep(toast)
    if wants_fragment():
        return Response(status=204, headers={"HX-Redirect": url})
    return _see_other(url)


def _see_other(url: str) -> Response:
    return Response(status=303, headers={"Location": url})
