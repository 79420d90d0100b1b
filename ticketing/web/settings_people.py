"""Settings: who may sign in, as what."""

from datetime import datetime

from flask import abort, redirect, render_template, request, url_for
from sqlalchemy import select

from ticketing.clock import now
from ticketing.extensions import db
from ticketing.forms.settings import PersonForm
from ticketing.forms.texts import TAKEN
from ticketing.jobs import mail_links, second_factor
from ticketing.jobs import people as accounts
from ticketing.models.audit import AuditKind, record_audit
from ticketing.models.sign_in import OneTimeLink
from ticketing.models.team import Team
from ticketing.models.user import User
from ticketing.queries.embed_keys import panel_of
from ticketing.queries.people import SHOWN, find_people
from ticketing.rules.abilities import Permission
from ticketing.rules.refusals import Invalid
from ticketing.rules.taxonomy import TEAM_OF_ROLE, Role
from ticketing.web import access, sessions
from ticketing.web.labels import LABELS
from ticketing.web.respond import Toast, keep
from ticketing.web.settings_blueprint import blueprint, team_choices
from ticketing.web.template_helpers import gettext as _


@blueprint.get("/people")
@access.needs(Permission.ADMINISTER)
def people():
    teams = dict(db.session.execute(select(Team.key, Team.id)).all())
    asked = {name: request.args.get(name, "").strip()[:200] for name in ("q", "role", "team", "show")}
    role = Role(asked["role"]) if asked["role"] in set(Role) else None
    found = find_people(asked["q"], role, teams.get(asked["team"]), everybody=asked["show"] == "everybody")
    return render_template(
        "settings/people.html", found=found, asked=asked, roles=LABELS["role"], teams=team_choices(), shown=SHOWN
    )


@blueprint.route("/people/new", methods=["GET", "POST"])
@access.needs(Permission.ADMINISTER)
def add_person():
    form = PersonForm(**_choices())
    if not form.is_submitted():
        return _page(form)
    if not form.validate():
        return _page(form), 422
    password = accounts.generate_password()
    try:
        made = accounts.add_person(
            email=form.email.data, name=form.name.data, role=Role(form.role.data), password=password, at=now(),
            team=_team_key(form), by=access.person().id, address=sessions.address(),
        )  # fmt: skip
    except Invalid as refusal:
        db.session.rollback()
        _show(refusal, form)
        return _page(form), 422
    if form.invite.data and mail_links.available():
        mail_links.invite(made, access.person(), sessions.address(), now())
        keep(Toast(_("%(name)s is invited", name=made.name), _("The link in the mail works once, for seven days.")))
        return redirect(url_for("settings.person", id=made.id), 303)
    return _password_page(made, password, new=True)


@blueprint.route("/people/<id:id>", methods=["GET", "POST"])
@access.needs(Permission.ADMINISTER)
def person(id: int):
    user = db.session.get(User, id) or abort(404)
    values = {
        "name": user.name, "email": user.email, "role": str(user.role), "active": user.active,
        "team": user.team.key if user.team else "",
    }  # fmt: skip
    form = PersonForm(data=values, **_choices())
    if not form.is_submitted():
        return _page(form, user)
    if not (form.validate() and _may_change(user, form)):
        db.session.rollback()
        return _page(form, user), 422
    at = now()
    _change(user, form, at)
    record_audit(AuditKind.PERSON, at, actor_id=access.person().id, subject_id=user.id, address=sessions.address(),
                 act="changed", role=str(user.role), active=user.active)  # fmt: skip
    db.session.commit()
    keep(Toast(_("%(name)s saved", name=user.name)))
    return redirect(url_for("settings.people"), 303)


@blueprint.post("/people/<id:id>/password")
@access.needs(Permission.ADMINISTER)
def reset_password(id: int):
    user = db.session.get(User, id) or abort(404)
    password = accounts.generate_password()
    accounts.reset_password(user, password, now(), by=access.person().id, address=sessions.address())
    return _password_page(user, password, new=False)


@blueprint.post("/people/<id:id>/sessions")
@access.needs(Permission.ADMINISTER)
def end_persons_sessions(id: int):
    """Sign somebody out everywhere."""
    user, at = db.session.get(User, id) or abort(404), now()
    count = accounts.shut_out(user, at)
    record_audit(AuditKind.SESSIONS_ENDED, at, actor_id=access.person().id, subject_id=user.id,
                 address=sessions.address(), count=count, reason="administrator")  # fmt: skip
    db.session.commit()
    keep(Toast(_("%(name)s is signed out everywhere", name=user.name)))
    return redirect(url_for("settings.person", id=id), 303)


@blueprint.post("/people/<id:id>/invitation")
@access.needs(Permission.ADMINISTER)
def invite_person(id: int):
    """Once more; the link before it works no longer."""
    user = db.session.get(User, id) or abort(404)
    if not user.active or user.machine or not mail_links.available():
        abort(409)
    mail_links.invite(user, access.person(), sessions.address(), now())
    keep(Toast(_("%(name)s is invited", name=user.name), _("The link in the mail works once, for seven days.")))
    return redirect(url_for("settings.person", id=id), 303)


def _may_change(user: User, form: PersonForm) -> bool:
    """The desk keeps one administrator who can let people in, and one account per address."""
    same = select(User.id).where(User.email == form.email.data, User.id != user.id)
    if db.session.scalar(same) is not None:
        form.email.errors = [TAKEN]
        return False
    stays = form.active.data and form.role.data == Role.ADMINISTRATOR
    if not user.is_admin or not user.active or stays:
        return True
    if accounts.leaves_an_administrator(user):
        return True
    field = form.role if form.active.data else form.active
    field.errors = [_("This is the last active administrator. Make another one first.")]
    return False


def _change(user: User, form: PersonForm, at: datetime) -> None:
    """Another role, or none any more, ends every session of the old one; at another address no old link lets in."""
    was, wrote = (user.role, user.active), user.email
    user.name, user.email, user.role = form.name.data, form.email.data, Role(form.role.data)
    key = _team_key(form)
    user.team = db.session.scalar(select(Team).where(Team.key == key)) if key else None
    user.active = form.active.data
    if was != (user.role, user.active):
        accounts.shut_out(user, at)
    elif wrote != user.email:
        OneTimeLink.burn_of(user.id, at)


def _team_key(form: PersonForm) -> str | None:
    """A reporter is in no team; who works in one by their role is in that one unless another is named."""
    role = Role(form.role.data)
    return (form.team.data or TEAM_OF_ROLE.get(role)) if role.is_staff else None


def _choices() -> dict:
    return {"roles": LABELS["role"], "teams": {"": _("No team")} | team_choices()}


def _show(refusal: Invalid, form: PersonForm) -> None:
    for name, code in refusal.errors.items():
        field = form[name if name in form else "email"]
        field.errors = [TAKEN if code == "taken" else LABELS["field_error"].get(code, LABELS["refusal"]["invalid"])]


def _page(form: PersonForm, user: User | None = None) -> str:
    factor, panel = (second_factor.factor_of(user), panel_of(user)) if user else (None, None)
    return render_template(
        "settings/person.html", form=form, person=user, by_mail=mail_links.available(), factor=factor, panel=panel
    )


def _password_page(user: User, password: str, new: bool) -> str:
    """Shown in the answer itself and kept nowhere: loading the page again does not bring it back."""
    return render_template("settings/password.html", person=user, password=password, new=new)
