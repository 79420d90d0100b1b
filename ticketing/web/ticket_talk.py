"""What people add to a ticket: comments, files, watchers, links. None of it grows the ticket's version."""

from werkzeug.wrappers import Response

from ticketing.extensions import db
from ticketing.models.answers import Hold
from ticketing.models.link import link as link_tickets
from ticketing.models.link import unlink
from ticketing.models.storage import TooLarge
from ticketing.models.ticket import Ticket
from ticketing.rules.abilities import Ability
from ticketing.rules.refusals import Invalid, NotAllowed
from ticketing.rules.taxonomy import HOLDABLE, HoldReason
from ticketing.web import access, attachments
from ticketing.web import ticket_forms as forms
from ticketing.web.respond import Toast, commit, fragment, wants_fragment
from ticketing.web.template_helpers import _, moment
from ticketing.web.ticket_blueprint import FILES_AT_ONCE, blueprint, limit_words
from ticketing.web.ticket_family import told_words
from ticketing.web.ticket_page import changed, page
from ticketing.web.ticket_views import dialog


@blueprint.post("/tickets/<key>/comments")
@access.signed_in
def comment(key: str):
    internal = forms.text("visibility") == "internal"
    ticket = access.ticket_or_404(key, Ability.NOTE if internal else Ability.COMMENT)
    try:
        with attachments.receive() as receiving:
            told = _say(ticket, internal, receiving)
            commit()
            receiving.keep()
    except (Invalid, TooLarge) as refusal:
        return _not_said(key, refusal, internal)
    toast = Toast(_("Note added") if internal else _("Reply sent"), told)
    return changed(ticket, toast, composer=True, internal=internal)


def _say(ticket: Ticket, internal: bool, receiving) -> str:
    """Say it, here and, where asked for, on others too: the text alone, since files stay here. Tells where it went."""
    who, at = access.person(), moment()
    files, wishes = attachments.sent_files(), [name for name in ("to_children", "to_merged") if forms.text(name) == "1"]
    if wishes and not who.is_staff:
        raise NotAllowed("staff_only")
    if wishes and files and not forms.text("body"):
        raise Invalid({"body": "others_need_text"})
    body = forms.text("body").replace("\r\n", "\n") or (_("Attached:") if files else "")
    said = ticket.say(body, internal=internal, by=who, at=at)
    attachments.hang_on(ticket, files, receiving, by=who, at=at, comment=said, internal=internal)
    if forms.text("wait") == "reporter" and not internal and ticket.status in HOLDABLE:
        ticket.hold(Hold(HoldReason.REPORTER), by=who, at=at)
    verbs = {"to_children": ticket.tell_children, "to_merged": ticket.tell_merged}
    return told_words({name: verbs[name](said, by=who, at=at) for name in wishes})


def _not_said(key: str, refusal, internal: bool) -> Response:
    """Nothing was kept but what was typed, which stays in the box."""
    db.session.rollback()
    text, status = trouble(refusal)
    if wants_fragment():
        return fragment("tickets/composer_error.htmx.html", status=status, error=text)
    ticket = access.ticket_or_404(key)
    return page(ticket, status=status, body=forms.text("body"), internal=internal, composer_error=text)


def trouble(refusal) -> tuple[str, int]:
    """A refused text or file as a sentence and a status."""
    if isinstance(refusal, TooLarge):
        size = limit_words(refusal.facts["limit"])
        return _("%(name)s is larger than %(size)s. Nothing was sent.", name=refusal.facts["name"], size=size), 413
    if refusal.errors.get("files") == "too_many_files":
        return _("At most %(n)d files at once. Nothing was sent.", n=FILES_AT_ONCE), 422
    if refusal.errors.get("body") == "required":
        return _("Write something, or attach a file."), 422
    return next(iter(forms.words(refusal.errors).values())), 422


@blueprint.post("/tickets/<key>/attachments")
@access.signed_in
def attach(key: str):
    ticket = access.ticket_or_404(key, Ability.ATTACH)
    who = access.person()
    internal = who.is_staff and forms.text("visibility") == "internal"
    try:
        with attachments.receive() as receiving:
            files = attachments.sent_files()
            if not files:
                raise Invalid({"files": "required"})
            attachments.hang_on(ticket, files, receiving, by=who, at=moment(), internal=internal)
            commit()
            receiving.keep()
    except (Invalid, TooLarge) as refusal:
        db.session.rollback()
        text, status = trouble(refusal)
        toast = Toast(_("Not attached"), text, kind="error")
        if wants_fragment():
            return fragment("tickets/toast_only.htmx.html", toast=toast, status=status)
        return page(access.ticket_or_404(key), status=status, composer_error=text)
    return changed(ticket, Toast(_("Attached")))


@blueprint.post("/tickets/<key>/watchers")
@access.signed_in
def watch(key: str):
    """Begin or, with watch=0, stop watching: oneself, or `user` by handle. Managers may take others off."""
    ticket = access.ticket_or_404(key, Ability.WATCH)
    who, at = access.person(), moment()
    person = forms.owner("user") or who
    if forms.text("watch") == "0":
        if person.id != who.id and not who.is_manager:
            raise NotAllowed("manager_only")
        ticket.unwatch(person, by=who, at=at)
        text = _("%(name)s no longer watches %(key)s", name=person.name, key=key)
    else:
        ticket.watch(person, by=who, at=at)
        text = _("%(name)s watches %(key)s", name=person.name, key=key)
    commit()
    return changed(ticket, Toast(text))


@blueprint.post("/tickets/<key>/links")
@access.signed_in
def link(key: str):
    """Link to another ticket, or with remove=1 take a link away. Kind `blocks:back` reads from the other side."""
    ticket = access.ticket_or_404(key, Ability.LINK)
    removing = forms.text("remove") == "1"
    try:
        kind, backwards = forms.link_kind()
        other = forms.other_ticket("other")
        source, target = (other, ticket) if backwards else (ticket, other)
        act = unlink if removing else link_tickets
        act(source, target, kind, by=access.person(), at=moment())
    except Invalid as refusal:
        db.session.rollback()
        return dialog("link", access.ticket_or_404(key), errors=refusal.errors, status=422)
    commit()
    names = {"key": ticket.key, "other": other.key}
    if removing:
        return changed(ticket, Toast(_("%(key)s and %(other)s are no longer linked", **names)), likens=True)
    return changed(ticket, Toast(_("%(key)s linked to %(other)s", **names)), likens=True)
