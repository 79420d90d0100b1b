"""The way in after the password: at once, by a second step, or by setting one up where the role needs it."""

from datetime import datetime, timedelta

from flask import after_this_request, redirect, render_template, request, session, url_for

from ticketing.clock import now
from ticketing.extensions import db
from ticketing.forms.accounts import CodeForm
from ticketing.jobs import second_factor, told_refusals
from ticketing.jobs import sign_in as sign_ins
from ticketing.models.audit import AuditKind, record_audit
from ticketing.models.sign_in import hash_of
from ticketing.models.user import User
from ticketing.rules.refusals import Conflict, Invalid
from ticketing.web import access, known_browser, sessions
from ticketing.web.accounts_blueprint import blueprint
from ticketing.web.respond import Toast, keep, safe_next
from ticketing.web.template_helpers import gettext as _
from ticketing.web.template_helpers import ngettext

PATIENCE = timedelta(minutes=5)  # between the password and the code
DESK = "Ticketing"  # what the device calls this place
_PENDING = "pending"


def go_on(user: User, at: datetime, target: str):
    """Whose password was right: into the desk, or on to the second step. Commits."""
    factor = second_factor.factor_of(user)
    if factor is None and user.role not in second_factor.required_roles(hold=True):
        let_in(user, at, "password")
        db.session.commit()
        return redirect(target, 303)
    sessions.leave(at)
    db.session.commit()
    session[_PENDING] = {
        "user": user.id, "mark": _mark(user),
        "until": int((at + (PATIENCE if factor else second_factor.PATIENCE)).timestamp()),
        "begun": None if factor else second_factor.begin(user, at),
    }  # fmt: skip
    return redirect(url_for("accounts.second_step", next=target), 303)


def let_in(user: User, at: datetime, way: str) -> None:
    """Begin the session, in the caller's transaction."""
    sessions.enter(user, at)
    sign_ins.forget_failures("account", user.email)
    sign_ins.forget_failures("account", known_browser.bucket(user.email))
    after_this_request(lambda response: known_browser.remember(response, user.email))
    user.signed_in_at, user.logins = at, user.logins + 1
    record_audit(AuditKind.SIGNED_IN, at, actor_id=user.id, address=sessions.address(), way=way)


@blueprint.route("/sign-in/code", methods=["GET", "POST"])
@access.public
def second_step():
    """For whoever has just given their password, and nobody else."""
    at, target = now(), safe_next(request.args.get("next"), url_for("home"))
    user = _pending(at)
    if user is None:
        if session.pop(_PENDING, None) is not None:
            keep(Toast(_("That took too long"), _("Sign in again."), kind="info"))
        return redirect(url_for("accounts.sign_in", next=target), 303)
    form = CodeForm()
    if not form.is_submitted():
        return _page(user, form)
    if not form.validate():
        return _page(user, form), 422
    begun = session[_PENDING]["begun"]
    return _set_up(user, begun, form, at, target) if begun else _check(user, form, at, target)


def _check(user: User, form: CodeForm, at: datetime, target: str):
    try:
        way = second_factor.check(user, form.code.data, at, known_browser.bucket(user.email))
    except Conflict as conflict:
        db.session.rollback()
        return _wait(user, form, conflict.facts["wait_s"])
    if not _still(user):
        return _start_again(target)
    if way is None:
        return _wrong(user, form, at)
    second_factor.note_right(known_browser.bucket(user.email))
    let_in(user, at, way)
    left = len(second_factor.factor_of(user).recovery)
    db.session.commit()
    if way == "recovery_code":
        said = ngettext("%(num)d recovery code is left.", "%(num)d recovery codes are left.", left)
        keep(Toast(_("That code is used up"), said, kind="info"))
    return redirect(target, 303)


def _wrong(user: User, form: CodeForm, at: datetime):
    second_factor.note_wrong(known_browser.bucket(user.email), at)
    told_refusals.record_refusal(
        AuditKind.SIGN_IN_FAILED, at, reason="code", address=sessions.address(), subject_id=user.id
    )
    db.session.commit()
    form.code.errors = [wrong_code()]
    return _page(user, form), 422


def _wait(user: User, form: CodeForm, wait_s: int):
    form.code.errors = [f"{_('Too many attempts.')} {try_again(wait_s)}"]
    return _page(user, form), 429, {"Retry-After": str(wait_s)}


def _set_up(user: User, begun: str, form: CodeForm, at: datetime, target: str):
    """The role needs a second step and this person has none yet: they are in with its first code, not before."""
    try:
        codes = second_factor.confirm(user, begun, form.code.data, sessions.address(), at)
    except Invalid:
        db.session.rollback()
        form.code.errors = [wrong_code()]
        return _page(user, form), 422
    except Conflict:  # set up elsewhere meanwhile
        return _start_again(target)
    if not _still(user):
        return _start_again(target)
    let_in(user, at, "second_factor")
    db.session.commit()
    return render_template("accounts/recovery_codes.html", codes=codes, onward=target)


def wrong_code() -> str:
    return _("This code does not fit. Codes change every half minute; each works once.")


def try_again(wait_s: int) -> str:
    return ngettext("Try again in %(num)d minute.", "Try again in %(num)d minutes.", -(-wait_s // 60))


def _pending(at: datetime) -> User | None:
    """Who gave their password here some minutes ago, if it is still theirs."""
    kept = session.get(_PENDING)
    if kept is None or at.timestamp() >= kept["until"]:
        return None
    user = db.session.get(User, kept["user"])
    return user if user is not None and user.active and _mark(user) == kept["mark"] else None


def _still(user: User) -> bool:
    """Asked with the person locked: a reset that came meanwhile counts."""
    db.session.refresh(user)
    return user.active and _mark(user) == session[_PENDING]["mark"]


def _start_again(target: str):
    db.session.rollback()
    session.pop(_PENDING, None)
    return redirect(url_for("accounts.sign_in", next=target), 303)


def _mark(user: User) -> str:
    """Changes with the password, the role and whatever else ends sessions."""
    return hash_of(user.session_token)[:16]


def _page(user: User, form: CodeForm) -> str:
    begun = session[_PENDING]["begun"]
    secret = second_factor.secret_of(user, begun, now()) if begun else None
    address = second_factor.address_of(user, secret, DESK) if secret else None
    return render_template("accounts/second_step.html", form=form, secret=secret, picture_of=address)
