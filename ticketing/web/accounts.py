"""Signing in and out, and what people change about themselves."""

from datetime import datetime

from flask import redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy import select

from ticketing.clock import now
from ticketing.extensions import db
from ticketing.forms.accounts import PasswordForm, ProfileForm, SignInForm, zone_names
from ticketing.jobs import second_factor, told_refusals
from ticketing.jobs import sign_in as sign_ins
from ticketing.models.audit import AuditKind, record_audit
from ticketing.models.session import end_sessions_of
from ticketing.models.sign_in import OneTimeLink
from ticketing.models.user import User, lock_person, waste_a_check
from ticketing.rules.throttle import block_of
from ticketing.web import (
    access,
    accounts_entry,
    accounts_links,
    accounts_second,
    accounts_sessions,
    known_browser,
    sessions,
)
from ticketing.web.accounts_blueprint import blueprint
from ticketing.web.respond import Toast, keep, only_reading, safe_next
from ticketing.web.template_helpers import gettext as _

__all__ = ["accounts_links", "accounts_sessions", "blueprint"]


@blueprint.route("/sign-in", methods=["GET", "POST"])
@access.public
def sign_in():
    target = safe_next(request.args.get("next"), url_for("home"))
    if current_user.is_authenticated and request.method == "GET":
        return redirect(target)
    form = SignInForm()
    if not form.is_submitted():
        return render_template("accounts/sign_in.html", form=form, failure=None)
    if not form.validate():
        return render_template("accounts/sign_in.html", form=form, failure=""), 422
    at = now()
    names = known_browser.names(form.email.data, block_of(sessions.address()))
    tried = sign_ins.begin_try(names, at)
    if tried.wait_s:
        return _wait(form, tried.wait_s)
    user = _known(form.email.data, form.password.data)
    if user is None:
        return _failed(form, at)
    lock_person(user.id)
    sign_ins.forgive(tried)
    return accounts_entry.go_on(user, at, target)


def _wait(form: SignInForm, wait_s: int):
    """The same for accounts that are there and that are not."""
    failure = f"{_('Too many attempts.')} {accounts_entry.try_again(wait_s)}"
    return render_template("accounts/sign_in.html", form=form, failure=failure), 429, {"Retry-After": str(wait_s)}


def _failed(form: SignInForm, at: datetime):
    db.session.rollback()
    known = db.session.scalar(select(User.id).where(User.email == form.email.data.lower()))
    told_refusals.record_refusal(
        AuditKind.SIGN_IN_FAILED, at, reason="password", address=sessions.address(), subject_id=known
    )
    db.session.commit()
    return render_template("accounts/sign_in.html", form=form, failure=_("Email and password do not match.")), 422


def _known(email: str, password: str) -> User | None:
    """Whoever this is. An unknown address takes as long as a wrong password and reads the same.

    A check takes tens of milliseconds on purpose: it must not hold the database's write lock.
    """
    with only_reading():
        user = db.session.scalar(select(User).where(User.email == email.lower()))
    right = user.check_password(password) if user is not None else waste_a_check(password)
    return user if right else None


@blueprint.post("/sign-out")
@access.signed_in
def sign_out():
    at = now()
    record_audit(AuditKind.SIGNED_OUT, at, actor_id=access.person().id, address=sessions.address())
    sessions.leave(at)
    db.session.commit()
    return redirect(url_for("accounts.sign_in"), 303)


@blueprint.route("/profile", methods=["GET", "POST"])
@access.signed_in
def profile():
    if request.method == "POST" and "current" in request.form:
        return _change_password()
    user = access.person()
    form = ProfileForm(obj=user)
    if not form.is_submitted():
        return _profile_page(form)
    if not form.validate():
        return _profile_page(form), 422
    user.name, user.time_zone = form.name.data, form.time_zone.data
    db.session.commit()
    keep(Toast(_("Profile saved")))
    return redirect(url_for("accounts.profile"), 303)


def _change_password():
    user, form = access.person(), PasswordForm()
    if not accounts_second.right_password(user, form):
        return _profile_page(ProfileForm(formdata=None, obj=user), form), 422
    user.set_password(form.new.data)  # which ends every session of this person
    at = now()
    OneTimeLink.burn_of(user.id, at)
    ended = end_sessions_of(user.id, at, but=sessions.here().number)
    sessions.renew(user, at)
    record_audit(AuditKind.PASSWORD_CHANGED, at, actor_id=user.id, subject_id=user.id, address=sessions.address(),
                 way="profile", ended=ended)  # fmt: skip
    db.session.commit()
    keep(Toast(_("Password changed"), _("Everywhere else you are signed out.")))
    return redirect(url_for("accounts.profile"), 303)


def _profile_page(form: ProfileForm, password: PasswordForm | None = None) -> str:
    user, at = access.person(), now()
    return render_template(
        "accounts/profile.html", form=form, password=password or PasswordForm(formdata=None), zones=zone_names(),
        factor=second_factor.factor_of(user), sessions=accounts_sessions.shown(user, at),
    )  # fmt: skip
