"""Settings: who needs a second step to sign in, and taking off that of somebody whose device is lost."""

from flask import abort, redirect, render_template, url_for

from ticketing.clock import now
from ticketing.extensions import db
from ticketing.forms.settings import SecondStepForm
from ticketing.jobs import second_factor
from ticketing.models.audit import AuditKind, record_audit
from ticketing.models.user import User
from ticketing.queries.people import count_second_factors
from ticketing.rules.abilities import Permission
from ticketing.rules.refusals import Conflict
from ticketing.rules.taxonomy import Role
from ticketing.web import access, sessions
from ticketing.web.respond import Toast, keep
from ticketing.web.settings_blueprint import blueprint
from ticketing.web.template_helpers import gettext as _


@blueprint.route("/sign-in", methods=["GET", "POST"])
@access.needs(Permission.ADMINISTER)
def sign_in_rules():
    needed = second_factor.required_roles()
    form = SecondStepForm(data={str(role): role in needed for role in Role})
    if not form.is_submitted():
        return _page(form)
    wanted = {role for role in Role if form[str(role)].data}
    me = access.person()
    if not form.validate():
        return _page(form), 422
    at = now()
    try:
        ended = second_factor.require(wanted, at, me)
    except Conflict:
        db.session.rollback()
        form[str(me.role)].errors = [_("Set up your own second step first; your session would end as well.")]
        return _page(form), 422
    record_audit(
        AuditKind.SETTING, at, actor_id=me.id, address=sessions.address(), setting="sign_in_rules", act="changed",
        roles=sorted(wanted), before=sorted(needed), sessions=ended,
    )  # fmt: skip
    db.session.commit()
    keep(Toast(_("Saved"), _("%(n)d sessions have ended.", n=ended) if ended else ""))
    return redirect(url_for("settings.sign_in_rules"), 303)


@blueprint.post("/people/<id:id>/second-factor/removal")
@access.needs(Permission.ADMINISTER)
def take_off_second_factor(id: int):
    """For whoever lost their device and their codes. One's own goes by the profile, with the password."""
    user = db.session.get(User, id) or abort(404)
    if user.id == access.person().id:
        abort(409)
    if second_factor.take_off(user, access.person(), sessions.address(), now()):
        keep(Toast(_("The second step of %(name)s is off", name=user.name), _("Their sessions have ended.")))
    return redirect(url_for("settings.person", id=id), 303)


def _page(form: SecondStepForm) -> str:
    return render_template("settings/sign_in.html", form=form, counts=count_second_factors())
