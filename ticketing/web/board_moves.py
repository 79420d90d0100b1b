"""A move and its answers: done, something is missing, refused, or somebody was faster."""

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from ticketing.clock import now
from ticketing.extensions import db
from ticketing.models.ticket import Ticket
from ticketing.models.ticket_family import Reached
from ticketing.queries import facets
from ticketing.queries.filters import Filters
from ticketing.queries.last_change import last_change
from ticketing.queries.people import assignable
from ticketing.rules.refusals import Conflict, IllegalMove, Invalid, NotAllowed, Stale
from ticketing.rules.taxonomy import Status
from ticketing.rules.workflow import EARLY_CODES, ORDINARY_CODES, legal_targets
from ticketing.web import access, errors
from ticketing.web.answers import ANSWER_FIELDS, closes_children, read_answers, read_version
from ticketing.web.board_answers import after_change
from ticketing.web.labels import LABELS
from ticketing.web.respond import Toast, commit, keep, safe_next, wants_fragment
from ticketing.web.template_helpers import ago, gettext, label
from ticketing.web.ticket_family import closable_children, closed_words
from ticketing.web.ticket_page import changed


def move(ticket: Ticket, target: Status) -> Response:
    form, viewer, moment = request.form, access.person(), now()
    was, reached = ticket.status, None
    try:
        version = read_version(form)
        moved = ticket.move_to(target, by=viewer, at=moment, version=version, answers=read_answers(form))
        if moved and target is Status.CLOSED and closes_children(form):
            reached = ticket.close_children(by=viewer, at=moment)
    except Invalid as refusal:
        return ask(ticket.key, target, refusal)
    except Stale:
        return _somebody_was_faster(ticket.key, target)
    except (IllegalMove, NotAllowed, Conflict) as refusal:
        return _refuse(ticket.key, target, refusal)
    commit()
    toast = _moved(ticket, was, reached) if moved else _closed_before(ticket) if closes_children(form) else None
    return answer(ticket, toast, was=was, reached=reached)


def answer(ticket: Ticket, toast: Toast | None, *, was: Status | None = None, status: int = 200, conflict: str = "",
           reached: Reached | None = None) -> Response:  # fmt: skip
    """Parts of the board or of the ticket page for htmx; for a plain form the page anew, where the toast waits."""
    # Whoever reports has no board: cards and counts of it are not theirs to see.
    on_ticket = request.form.get("context") in ("ticket", "now") or not access.person().is_staff
    if wants_fragment() and on_ticket:
        return changed(ticket, toast, was=was, status=status, asking_ends=status != 200)
    if wants_fragment():
        return after_change(ticket, toast, was=was, status=status, conflict=conflict, reached=reached)
    if toast is not None:
        keep(toast)
    default = url_for("tickets.show", key=ticket.key) if on_ticket else url_for("board.show")
    return redirect(safe_next(request.form.get("return_to"), default), 303)


def _closed_before(ticket: Ticket) -> Toast:
    """Somebody closed it first: then its children were theirs to take along."""
    title = gettext("%(key)s was closed already", key=ticket.key)
    return Toast(title, gettext("Its open children stay as they are."), kind="info")


def _moved(ticket: Ticket, was: Status, reached: Reached | None) -> Toast:
    key, place = ticket.key, label(ticket.status, "status")
    say = gettext("%(key)s moved from %(old)s to %(place)s", key=key, old=label(was, "status"), place=place)
    if ticket.status is Status.CLOSED:
        reopen = {"ticket": key, "to": Status.DIAGNOSTICS, "version": ticket.version, "from": Status.CLOSED}
        if request.form.get("context"):  # its answer goes to the page that shows the toast
            reopen["context"] = request.form["context"]
        action = {"label": gettext("Reopen"), "url": url_for("board.move"), "method": "post", "fields": reopen}
        code, children = label(ticket.resolution_code, "resolution_code"), closed_words(reached)
        text = f"{code}. {children}" if children else code
        return Toast(gettext("%(key)s closed", key=key), text, actions=[action], say=f"{children} {say}".strip())
    text = ""
    if was in (Status.NEW, Status.CLASSIFIED) and ticket.status is Status.ASSIGNED:
        text = gettext("%(name)s owns it now.", name=ticket.owner.name)
    return Toast(gettext("%(key)s moved to %(place)s", key=key, place=place), text, say=say)


def ask(key: str, target: Status, refusal: Invalid) -> Response:
    """422: the form with what is missing, as a dialog or as a page."""
    db.session.rollback()
    ticket = access.ticket_or_404(key)
    asked = [name for name in ANSWER_FIELDS if name in refusal.errors or (name != "comment" and name in request.form)]
    if target is Status.ASSIGNED and ticket.owner_id is None and "owner" not in asked:
        asked.append("owner")
    viewer, moment = access.person(), now()
    named = facets.facets(viewer, Filters(), moment)
    template = "board/ask.htmx.html" if wants_fragment() else "board/ask.html"
    early = request.form.get("resolution_code") in EARLY_CODES
    page = render_template(
        template, ticket=ticket, target=target, asked=asked, errors=refusal.errors, given=request.form, viewer=viewer,
        categories=named.categories, codes=_texts("resolution_code", EARLY_CODES if early else ORDINARY_CODES),
        causes=LABELS["root_cause"], people=assignable(viewer, moment) if "owner" in asked else [],
        action=url_for("board.move"), hidden=_hidden(ticket, target, [*asked, "comment"]),
        children=closable_children(ticket, viewer, moment) if target is Status.CLOSED else 0,
    )  # fmt: skip
    return Response(page, status=422, content_type="text/html; charset=utf-8")


def _hidden(ticket: Ticket, target: Status, asked: list[str]) -> dict[str, str]:
    """What the form carries on unseen: the move itself, and answers that were given before."""
    kept = {name: request.form[name] for name in ("from", "query", "context", "return_to") if request.form.get(name)}
    kept |= {name: request.form[name] for name in ANSWER_FIELDS if name not in asked and name in request.form}
    return {"ticket": ticket.key, "to": target, "version": request.form.get("version") or str(ticket.version)} | kept


def _texts(kind: str, codes) -> dict[str, str]:
    return {code: text for code, text in LABELS[kind].items() if code in codes}


def _refuse(key: str, target: Status, refusal) -> Response:
    """403 or 409: the card goes back to where it is, and the rule is named."""
    db.session.rollback()
    status = errors.STATUS_OF[type(refusal)]
    if not wants_fragment():
        return errors.answer(status, code=refusal.code, facts=refusal.facts | {"key": key})
    ticket, kind, actions = access.ticket_or_404(key), "info", []
    if refusal.code == "reopen_window_over":  # with something to do it stays until it is closed
        again = {"label": gettext("File as a recurrence"), "url": url_for("tickets.new", recurrence_of=key)}
        kind, actions = "conflict", [again]
    toast = Toast(
        gettext("%(key)s stays in %(place)s", key=key, place=label(ticket.status, "status")),
        gettext("%(place)s: %(reason)s.", place=label(target, "status"), reason=_lower(label(refusal.code, "refusal"))),
        kind=kind, actions=actions,
    )  # fmt: skip
    return answer(ticket, toast, status=status)


def _somebody_was_faster(key: str, target: Status) -> Response:
    """409: the card goes to where it really is; whoever was faster is named, and the move is offered again."""
    db.session.rollback()
    ticket, viewer = access.ticket_or_404(key), access.person()
    change = last_change(ticket.id)
    who, when = _who(change), _when(change)
    place = label(ticket.status, "status")
    shown = request.form.get("from")
    if shown and shown != ticket.status:
        title = gettext("%(key)s had already moved", key=key)
        told = gettext("Moved to %(place)s by %(who)s %(when)s.", place=place, who=who, when=when)
    else:
        title = gettext("%(key)s was changed meanwhile", key=key)
        told = gettext("Changed by %(who)s %(when)s.", who=who, when=when)
    actions = []
    if target in legal_targets(ticket.facts, ticket.relation_to(viewer)):
        fields = _hidden(ticket, target, []) | {"version": ticket.version, "from": ticket.status}
        anyway = gettext("Move to %(place)s anyway", place=label(target, "status"))
        actions.append({"label": anyway, "url": url_for("board.move"), "method": "post", "fields": fields})
    wish = gettext("Your move to %(place)s was not saved.", place=label(target, "status"))
    toast = Toast(title, f"{told} {wish}", kind="conflict", actions=actions)
    if not wants_fragment():
        return errors.answer(409, code="stale", facts={"told": told, "key": key})
    return answer(ticket, toast, status=409, conflict=told)


def _who(change) -> str:
    return change.actor_name if change is not None and change.actor_name else gettext("somebody")


def _when(change) -> str:
    seconds = int((now() - change.at).total_seconds()) if change is not None else 60
    return gettext("%(n)d s ago", n=max(0, seconds)) if seconds < 60 else ago(change.at) if change else ""


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]
