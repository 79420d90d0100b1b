"""Changes of a ticket's own facts: owner, hold, closing, fields, pin. Each view says one verb; the model does it."""

from functools import wraps

from flask import request, url_for
from sqlalchemy.orm.exc import StaleDataError

from ticketing.extensions import db
from ticketing.models.ticket import Ticket
from ticketing.rules.abilities import Ability
from ticketing.rules.clockwork import DECIDES_TERMS
from ticketing.rules.refusals import Conflict, Invalid, NotAllowed, Stale
from ticketing.rules.taxonomy import ResolutionCode, Status
from ticketing.web import access, board_moves
from ticketing.web import ticket_forms as forms
from ticketing.web.answers import closes_children
from ticketing.web.respond import Toast, commit, wants_fragment
from ticketing.web.template_helpers import _, label, moment
from ticketing.web.ticket_blueprint import blueprint
from ticketing.web.ticket_family import MERGE_REFUSALS, closed_words, merged_words, not_merged
from ticketing.web.ticket_page import changed, conflict
from ticketing.web.ticket_views import dialog, edit_form, menu_of, needs_dialog, take_first

# Where giving or taking away an owner is a move, and where to.
_OWNER_MOVES = {
    Status.NEW: Status.ASSIGNED,
    Status.CLASSIFIED: Status.ASSIGNED,
    Status.ASSIGNED: Status.CLASSIFIED,
}


def tells_conflicts(again=None):
    """Answer a stale form with who was faster. `again(ticket, missed)` makes the form that was being filled in."""

    def wrap(view):
        @wraps(view)
        def guarded(key: str):
            try:
                return view(key)
            except Stale as refusal:
                return conflict(key, refusal, again)
            except StaleDataError:
                return conflict(key, Stale("stale"), again)

        return guarded

    return wrap


def _dialog_again(name: str):
    return lambda ticket, missed: dialog(name, ticket, missed=missed).get_data(as_text=True)


@blueprint.post("/tickets/<key>/owner")
@access.signed_in
@tells_conflicts()
def assign(key: str):
    ticket = access.ticket_or_404(key, Ability.ASSIGN)
    who, at, was = access.person(), moment(), ticket.status
    try:
        owner = forms.owner()
        if forms.text("owner") == "me" and ticket.owner_id == who.id:  # Take on one's own acknowledges it
            ticket.take(by=who, at=at, version=forms.version())
        else:
            ticket.assign(owner, by=who, at=at, version=forms.version(), answers=forms.answers())
    except Invalid as refusal:
        if "owner" in refusal.errors or "version" in refusal.errors or was not in _OWNER_MOVES:
            raise
        return board_moves.ask(key, _OWNER_MOVES[was], refusal)  # a change of owner that is a move asks like one
    commit()
    return changed(ticket, Toast(_assigned(key, owner, who)), was=was)


def _assigned(key: str, owner, who) -> str:
    if owner is None:
        return _("%(key)s has no owner", key=key)
    if owner.id == who.id:
        return _("%(key)s is yours", key=key)
    return _("%(key)s assigned to %(name)s", key=key, name=owner.name)


@blueprint.post("/tickets/<key>/hold")
@access.signed_in
@tells_conflicts(_dialog_again("hold"))
def hold(key: str):
    ticket = access.ticket_or_404(key, Ability.HOLD)
    try:
        wanted = forms.hold()
        ticket.hold(wanted, by=access.person(), at=moment(), version=forms.version())
    except Invalid as refusal:
        return dialog("hold", _fresh(key), errors=refusal.errors, status=422)
    except Conflict as refusal:
        if refusal.code != "reaction_runs":
            raise
        return take_first(_fresh(key))
    commit()
    return changed(ticket, Toast(_("%(key)s is on hold", key=key), label(wanted.reason, "hold_reason")))


@blueprint.post("/tickets/<key>/resume")
@access.signed_in
@tells_conflicts()
def resume(key: str):
    ticket = access.ticket_or_404(key, Ability.HOLD)
    ticket.resume(by=access.person(), at=moment(), version=forms.version())
    commit()
    return changed(ticket, Toast(_("%(key)s resumed", key=key)))


@blueprint.post("/tickets/<key>/closing")
@access.signed_in
@tells_conflicts(_dialog_again("close_as"))
def close_as(key: str):
    ticket = access.ticket_or_404(key, Ability.MOVE)
    was, reached = ticket.status, None
    if ticket.is_open and not ticket.may_close_early(access.person()):
        raise NotAllowed("workers_only")
    try:
        code = forms.early_code()
        twin = forms.other_ticket("duplicate_of", required=False) if code is ResolutionCode.DUPLICATE else None
        closed = ticket.close_as(code, by=access.person(), at=moment(), version=forms.version(), duplicate_of=twin,
                                 comment=forms.text("comment"))  # fmt: skip
        if closed and closes_children(request.form):
            reached = ticket.close_children(by=access.person(), at=moment())
    except Invalid as refusal:
        return dialog("close_as", _fresh(key), errors=refusal.errors, status=422)
    except Conflict as refusal:
        if refusal.code not in MERGE_REFUSALS:
            raise
        errors = {"duplicate_of": not_merged(twin.key, refusal, access.person())}
        return dialog("close_as", _fresh(key), errors=errors, status=409)
    commit()
    text = _("%(key)s closed as %(code)s", key=key, code=label(code, "resolution_code"))
    told = " ".join(filter(None, [merged_words(twin), closed_words(reached)]))
    return changed(ticket, Toast(text, told), was=was, reached=reached)


@blueprint.post("/tickets/<key>/fields")
@access.signed_in
@tells_conflicts(lambda ticket, missed: _edit_again(ticket, missed))
def edit(key: str):
    """Change the fields that were sent: one from a menu, or all from the page."""
    ticket = access.ticket_or_404(key, Ability.EDIT)
    who, at, version, was = access.person(), moment(), forms.version(), ticket.status
    try:
        ticket.expect(version)
        ticket.edit(by=who, at=at, why=forms.text("why"), **forms.edits(ticket))
        team = forms.team()
        if team is not None and team.id != ticket.team_id:
            ticket.change_team(team.id, by=who, at=at, owner=forms.owner("owner"), why=forms.text("why"))
    except Invalid as refusal:
        return _edit_refused(key, refusal.errors)
    except NotAllowed as refusal:
        if refusal.code != "manager_gives_time" or (wants_fragment() and forms.text("field")):
            raise
        return edit_form(_fresh(key), errors={"priority": refusal.code}, status=403)  # what else was typed stays
    commit()
    return changed(ticket, Toast(_("Saved")), was=was, likens=True)


@blueprint.post("/tickets/<key>/pin")
@access.signed_in
@tells_conflicts()
def pin(key: str):
    ticket = access.ticket_or_404(key, Ability.PIN)
    pinned = forms.text("pinned") != "0"
    ticket.pin(pinned, by=access.person(), at=moment(), version=forms.version())
    commit()
    text = (
        _("%(key)s is pinned to the top of its column", key=key)
        if pinned
        else _("%(key)s is no longer pinned", key=key)
    )
    return changed(ticket, Toast(text))


def _fresh(key: str) -> Ticket:
    """The ticket as it is without what the refused act had begun to change."""
    db.session.rollback()
    return access.ticket_or_404(key)


def _edit_refused(key: str, wrong: dict):
    """The form that was sent, with what is wrong at its fields."""
    field = forms.text("field")
    ticket = _fresh(key)
    if (set(wrong) & {"owner", "why"} and field == "team") or ("why" in wrong and field in DECIDES_TERMS):
        return needs_dialog(ticket, wrong, url_for("tickets.edit", key=key))
    if wants_fragment() and field:
        return menu_of(ticket, field, errors=wrong, status=422)
    return edit_form(ticket, errors=wrong, status=422)


def _edit_again(ticket: Ticket, missed: str) -> str:
    """What was typed is kept beside what somebody else has done; a choice in a menu is simply made again."""
    field = forms.text("field")
    if field in ("", "owner", "watcher", "team", "category", "priority", "type"):
        return ""
    return menu_of(ticket, field, missed=missed).get_data(as_text=True)
