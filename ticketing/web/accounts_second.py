"""A person's own second factor: set up, taken off, with new codes for paper. Each of it asks for the password."""

import segno
from flask import Flask, abort, redirect, render_template, session, url_for
from markupsafe import Markup

from ticketing.clock import now
from ticketing.extensions import db
from ticketing.forms.accounts import CodeForm, OwnPasswordForm
from ticketing.forms.texts import NOT_YOURS
from ticketing.jobs import second_factor, told_refusals
from ticketing.jobs import sign_in as sign_ins
from ticketing.models.audit import AuditKind
from ticketing.models.session import end_sessions_of
from ticketing.models.user import User
from ticketing.rules.refusals import Conflict, Invalid
from ticketing.web import access, sessions
from ticketing.web.accounts_blueprint import blueprint
from ticketing.web.accounts_entry import DESK, try_again, wrong_code
from ticketing.web.respond import Toast, keep
from ticketing.web.template_helpers import gettext as _

_BEGUN = "begun"


@blueprint.route("/profile/second-factor", methods=["GET", "POST"])
@access.signed_in
def second_factor_page():
    """How it stands; POST brings the first code of a device that is being set up."""
    user, form = _with_password(), CodeForm()
    if not form.is_submitted():
        return _page(user)
    if not form.validate():
        return _page(user, code=form), 422
    at = now()
    try:
        codes = second_factor.confirm(user, session.get(_BEGUN, ""), form.code.data, sessions.address(), at)
        if not sessions.still_here(user, user.password_hash):
            raise Conflict("not_begun")
        end_sessions_of(user.id, at, but=sessions.here().number)
    except Invalid:
        db.session.rollback()
        form.code.errors = [wrong_code()]
        return _page(user, code=form), 422
    except Conflict:
        db.session.rollback()
        session.pop(_BEGUN, None)
        return redirect(url_for("accounts.second_factor_page"), 303)
    db.session.commit()
    session.pop(_BEGUN, None)
    return _codes_page(codes)


@blueprint.post("/profile/second-factor/device/end")
@access.signed_in
def leave_second_factor():
    """Set nothing up: what was begun is forgotten."""
    session.pop(_BEGUN, None)
    return redirect(url_for("accounts.second_factor_page"), 303)


@blueprint.post("/profile/second-factor/device")
@access.signed_in
def begin_second_factor():
    user, form = _with_password(), OwnPasswordForm()
    if not right_password(user, form):
        return _page(user, password=form, act="device" if second_factor.factor_of(user) else ""), 422
    db.session.commit()
    session[_BEGUN] = second_factor.begin(user, now())
    return redirect(url_for("accounts.second_factor_page"), 303)


@blueprint.post("/profile/second-factor/codes")
@access.signed_in
def renew_recovery_codes():
    user, form = _with_password(), OwnPasswordForm()
    if not right_password(user, form):
        return _page(user, password=form, act="codes"), 422
    try:
        codes = second_factor.renew_codes(user, sessions.address(), now())
    except Conflict:
        db.session.rollback()
        return redirect(url_for("accounts.second_factor_page"), 303)
    db.session.commit()
    return _codes_page(codes)


@blueprint.post("/profile/second-factor/removal")
@access.signed_in
def remove_second_factor():
    user, form = _with_password(), OwnPasswordForm()
    if not right_password(user, form):
        return _page(user, password=form, act="removal"), 422
    try:
        second_factor.take_off(user, user, sessions.address(), now())
    except Conflict:
        keep(Toast(_("Your role needs a second step"), kind="error"))
        return redirect(url_for("accounts.second_factor_page"), 303)
    keep(Toast(_("The second step is off"), _("Your password alone signs you in again.")))
    return redirect(url_for("accounts.profile"), 303)


def right_password(user: User, form) -> bool:
    """Is what stands in `current` this person's password? Braked like signing in, and told in the field.

    Commits: a check takes tens of milliseconds on purpose and must not hold the database's write lock. What came
    meanwhile is asked afterwards, with the person locked: nobody undoes the reset of a password that was stolen.
    Counted apart from tries at the door, by which a stranger could keep somebody from changing a password.
    """
    if not form.validate():
        return False
    db.session.commit()
    at = now()
    tried = sign_ins.begin_try({"profile": str(user.id)}, at)
    if tried.wait_s:
        form.current.errors = [f"{_('Too many attempts.')} {try_again(tried.wait_s)}"]
        return False
    known_by = user.password_hash
    if user.check_password(form.current.data):
        if not sessions.still_here(user, known_by):
            db.session.rollback()
            form.current.errors = [_("You were signed out meanwhile. Sign in again.")]
            return False
        sign_ins.forgive(tried)
        return True
    told_refusals.record_refusal(
        AuditKind.SIGN_IN_FAILED, at, reason="profile", address=sessions.address(), actor_id=user.id, subject_id=user.id
    )
    db.session.commit()
    form.current.errors = [NOT_YOURS]
    return False


def _with_password() -> User:
    """Who came in from a panel has none: there, the panel sees to it."""
    user = access.person()
    return user if user.password_hash else abort(404)


def _page(user: User, *, code: CodeForm | None = None, password: OwnPasswordForm | None = None, act: str = "") -> str:
    factor = second_factor.factor_of(user)
    secret = second_factor.secret_of(user, session.get(_BEGUN, ""), now())
    return render_template(
        "accounts/second_factor.html", factor=factor, secret=secret, code=code or CodeForm(formdata=None),
        password=password or OwnPasswordForm(formdata=None), act=act,
        picture_of=second_factor.address_of(user, secret, DESK) if secret else None,
        required=user.role in second_factor.required_roles(),
    )  # fmt: skip


def _codes_page(codes: list[str]) -> str:
    """Shown in the answer itself and kept nowhere."""
    return render_template("accounts/recovery_codes.html", codes=codes, onward=url_for("accounts.profile"))


def qr(text: str) -> Markup:
    """The text as a picture that a camera reads, drawn into the page: no other answer carries it."""
    return Markup(segno.make(text, error="m").svg_inline(border=4, dark="#000", light="#fff", omitsize=True))


def register(app: Flask) -> None:
    app.jinja_env.globals["qr"] = qr
