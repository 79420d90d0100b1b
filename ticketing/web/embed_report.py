"""Report a problem: a short form that the panel opens, filled in as far as it knows."""

from contextlib import nullcontext

from flask import current_app, redirect, render_template, request, url_for

from ticketing.extensions import db
from ticketing.forms.report_problem import ReportForm
from ticketing.models.storage import TooLarge
from ticketing.models.ticket import Ticket
from ticketing.queries import tickets as reads
from ticketing.rules import routing
from ticketing.rules.refusals import Invalid
from ticketing.web import access, attachments
from ticketing.web.embed_blueprint import blueprint
from ticketing.web.respond import commit
from ticketing.web.template_helpers import moment
from ticketing.web.ticket_forms import words
from ticketing.web.ticket_talk import trouble


@blueprint.route("/report", methods=["GET", "POST"])
@access.signed_in
def report():
    form = ReportForm()
    if not form.is_submitted():
        return _page(form)
    errors = form.check()
    try:
        if errors:
            raise Invalid(errors)
        key = _file(form)
    except (Invalid, TooLarge) as refusal:
        db.session.rollback()
        return _refused(form, refusal)
    return redirect(url_for("embed.reported", key=key), 303)


@blueprint.post("/report/draft")
@access.signed_in
def draft_report():
    """The form with what the panel knows. It comes by POST: whose problem it is stands in no address and no log."""
    form = ReportForm(formdata=None)
    cut = form.prefill(request.form)
    return _page(form, cut=cut)


@blueprint.get("/reported/<key>")
@access.signed_in
def reported(key: str):
    ticket = access.ticket_or_404(key)
    return render_template("embed/reported.html", ticket=ticket)


def _file(form: ReportForm) -> str:
    """Nothing but the fields of the form decides what the ticket is: who reports it is whoever is signed in."""
    at, who = moment(), access.person()
    with attachments.receive() if request.files else nullcontext() as receiving:
        files = attachments.sent_files()
        ticket = Ticket.file(
            form.title.data, by=who, at=at, type=form.kind, details=form.details, description=form.text,
            team_id=reads.team_with_key(routing.DEFAULT_TEAM).id,
        )  # fmt: skip
        if files:
            attachments.hang_on(ticket, files, receiving, by=who, at=at)
        commit()
        if receiving is not None:
            receiving.keep()
    return ticket.key


def _refused(form: ReportForm, refusal: Invalid | TooLarge):
    status, files_error = 422, ""
    if isinstance(refusal, TooLarge) or "files" in refusal.errors:
        files_error, status = trouble(refusal)
    if isinstance(refusal, Invalid):
        for name, text in words(refusal.errors).items():
            if name in form:
                form[name].errors = [text]
    return _page(form, files_error=files_error), status


def _page(form: ReportForm, *, cut: list[str] = (), files_error: str = "") -> str:
    return render_template(
        "embed/report.html",
        form=form,
        cut=cut,
        files_error=files_error,
        max_upload=current_app.config["MAX_UPLOAD"],
    )
