"""A forgotten password, and links by mail that set one."""

import time

from flask import redirect, render_template, url_for

from ticketing.clock import now
from ticketing.forms.mail_links import ForgottenForm, NewPasswordForm
from ticketing.jobs import mail_links
from ticketing.web import access, sessions
from ticketing.web.accounts_blueprint import blueprint
from ticketing.web.respond import Toast, keep
from ticketing.web.template_helpers import gettext as _

ANSWER_S = 0.3  # longer than it takes to write a mail: nobody hears from the clock that there was one to write


@blueprint.route("/forgot", methods=["GET", "POST"])
@access.public
def forgot():
    """The answer is the same for an address that has an account and for one that has none."""
    form = ForgottenForm()
    if not mail_links.available():
        return render_template("accounts/forgot.html", form=None, sent=False, wait=False)
    if not form.is_submitted():
        return render_template("accounts/forgot.html", form=form, sent=False, wait=False)
    if not form.validate():
        return render_template("accounts/forgot.html", form=form, sent=False, wait=False), 422
    begun = time.monotonic()
    wait_s = mail_links.ask_reset(form.email.data, sessions.address(), now())
    if not wait_s:  # who waits anyhow learns nothing by the time, and holds no thread
        time.sleep(max(0, ANSWER_S - (time.monotonic() - begun)))  # committed: nobody waits for the database meanwhile
    if wait_s:
        page = render_template("accounts/forgot.html", form=form, sent=False, wait=True)
        return page, 429, {"Retry-After": str(wait_s)}
    return render_template("accounts/forgot.html", form=form, sent=True, wait=False)


@blueprint.route("/new-password/<secret>", methods=["GET", "POST"])
@access.public
def new_password(secret: str):
    """Looking at it burns nothing: mail scanners look. The address of this page is told to no other."""
    form = NewPasswordForm()
    if mail_links.owner_of(secret, now()) is None:
        return _page(None), 410
    if not form.is_submitted():
        return _page(form)
    if not form.validate():
        return _page(form), 422
    if not mail_links.set_password_by(secret, form.new.data, sessions.address(), now()):
        return _page(None), 410
    keep(Toast(_("Your password is set"), _("Sign in with it.")))
    return redirect(url_for("accounts.sign_in"), 303)


def _page(form: NewPasswordForm | None) -> str:
    return render_template("accounts/new_password.html", form=form)
