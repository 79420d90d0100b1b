"""Settings: what leaves the desk. The mail server, the on-call channel, and the dead letters."""

from flask import abort, current_app, redirect, render_template, url_for

from ticketing.clock import now
from ticketing.forms.settings import OnCallForm
from ticketing.forms.texts import NO_EMAIL
from ticketing.jobs.outbox import dead, desk, proof
from ticketing.jobs.outbox.send import OUTBOX_SEND
from ticketing.queries import messages as reads
from ticketing.queries.around import SLA_CHECK
from ticketing.rules.abilities import Permission
from ticketing.rules.refusals import Conflict, Invalid
from ticketing.web import access
from ticketing.web.respond import Toast, keep
from ticketing.web.settings_blueprint import blueprint
from ticketing.web.template_helpers import gettext as _
from ticketing.web.template_helpers import moment


@blueprint.route("/messages", methods=["GET", "POST"])
@access.needs(Permission.ADMINISTER)
def messages():
    """How sending goes, and the form of the on-call address."""
    form = OnCallForm(data={"address": desk.on_call_address()})
    if not form.is_submitted():
        return _page(form)
    if not (form.validate() and _kept(form)):
        return _page(form), 422
    return _back(Toast(_("On-call address saved") if form.address.data else _("Nobody is on call now")))


@blueprint.post("/messages/proof")
@access.needs(Permission.ADMINISTER)
def prove_mail():
    """Send a mail to whoever asks, now."""
    try:
        to = proof.send_proof(access.person().email, now())
    except Invalid:
        return _back(Toast(_("Your own address takes no mail"), kind="error"))
    except Conflict as conflict:
        said = conflict.facts.get("said") or _("No mail server is set.")
        return _back(Toast(_("The test mail did not leave"), said, kind="error"))
    return _back(Toast(_("The server took a test mail"), _("Look into the mailbox of %(address)s.", address=to)))


@blueprint.post("/messages/retry")
@access.needs(Permission.ADMINISTER)
def retry_messages():
    count = dead.retry_all(now())
    return _back(Toast(_("%(n)d messages are tried again", n=count) if count else _("There was none to try again")))


@blueprint.post("/messages/<id:id>/retry")
@access.needs(Permission.ADMINISTER)
def retry_message(id: int):
    if not dead.retry(id, now()):
        abort(404)
    return _back(Toast(_("The message is tried again"), _("It goes with the next run, within a minute.")))


@blueprint.post("/messages/<id:id>/discarding")
@access.needs(Permission.ADMINISTER)
def discard_message(id: int):
    if not dead.discard(id):
        abort(404)
    return _back(Toast(_("The message is thrown away")))


def _kept(form: OnCallForm) -> bool:
    try:
        desk.set_on_call_address(form.address.data or "")
    except Invalid:  # what looked like an address is none to those who know all of the rules
        form.address.errors = [NO_EMAIL]
        return False
    return True


def _back(toast: Toast):
    keep(toast)
    return redirect(url_for("settings.messages"), 303)


def _page(form: OnCallForm) -> str:
    at = moment()
    runs = reads.last_runs(SLA_CHECK, OUTBOX_SEND)
    return render_template(
        "settings/messages.html", form=form, server=desk.mail_server(), base_url=current_app.config["BASE_URL"],
        numbers=reads.numbers(at), letters=reads.dead_letters(), shown=reads.SHOWN, check=runs.get(SLA_CHECK),
        sending=runs.get(OUTBOX_SEND),
    )  # fmt: skip
