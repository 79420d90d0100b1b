"""Settings: which panels may show the desk in a frame, and hand their users over."""

from flask import abort, current_app, redirect, render_template, request, url_for

from ticketing.clock import now
from ticketing.extensions import db
from ticketing.forms.embed import EmbedKeyForm
from ticketing.forms.texts import TAKEN, UNKNOWN
from ticketing.jobs import embed_keys
from ticketing.models.embed import EmbedKey
from ticketing.queries.embed_keys import list_keys
from ticketing.rules.abilities import Permission
from ticketing.rules.hand_off import ALGORITHMS, origin_of
from ticketing.rules.refusals import Conflict, Invalid
from ticketing.web import access, sessions
from ticketing.web.labels import LABELS
from ticketing.web.respond import Toast, keep
from ticketing.web.settings_blueprint import blueprint
from ticketing.web.template_helpers import gettext as _
from ticketing.web.template_helpers import moment

_FIELDS = ("name", "issuer", "audience", "algorithm", "jwks", "origins", "role_ceiling", "default_view", "adopts")


@blueprint.get("/embedding")
@access.needs(Permission.ADMINISTER)
def embedding():
    return render_template("settings/embedding.html", keys=list_keys(moment()))


@blueprint.route("/embedding/new", methods=["GET", "POST"])
@access.needs(Permission.ADMINISTER)
def add_embed_key():
    form = EmbedKeyForm(**_choices())
    if not form.is_submitted():
        return _page(form)
    if not form.validate():
        return _page(form), 422
    try:
        key, secret = embed_keys.make_key(_given(form), access.person(), now(), sessions.address())
    except Invalid as refusal:
        return _refused(refusal, form)
    if secret is None:
        return _back(key, Toast(_("%(name)s may show the desk now", name=key.name)))
    return _secret_page(key, secret)


@blueprint.route("/embedding/<id:id>", methods=["GET", "POST"])
@access.needs(Permission.ADMINISTER)
def embed_key(id: int):
    key = _key(id)
    values = {name: getattr(key, name) for name in _FIELDS}
    values |= {"origins": "\n".join(key.origins), "role_ceiling": str(key.role_ceiling)}
    form = EmbedKeyForm(data=values, **_choices())
    if not form.is_submitted():
        return _page(form, key)
    form.algorithm.data = key.algorithm
    if not form.validate():
        return _page(form, key), 422
    try:
        embed_keys.change_key(key, _given(form), access.person(), now(), sessions.address())
    except Invalid as refusal:
        return _refused(refusal, form, key)
    return _back(key, Toast(_("%(name)s saved", name=key.name)))


@blueprint.post("/embedding/<id:id>/secrets")
@access.needs(Permission.ADMINISTER)
def rotate_embed_secret(id: int):
    key = _key(id)
    try:
        return _secret_page(key, embed_keys.rotate_secret(key, access.person(), now(), sessions.address()))
    except Conflict as conflict:
        db.session.rollback()
        said = {"two_already": _("Two are in use. Retire the old one first.")}.get(conflict.code, "")
        return _back(key, Toast(_("No new secret was made"), said, kind="error"))


@blueprint.post("/embedding/<id:id>/secrets/<id:number>/retiring")
@access.needs(Permission.ADMINISTER)
def retire_embed_secret(id: int, number: int):
    key = _key(id)
    try:
        embed_keys.retire_secret(key, number, access.person(), now(), sessions.address())
    except Conflict as conflict:
        db.session.rollback()
        if conflict.code != "only_one":
            abort(404)
        said = _("It is the only one: its panel would stand outside. Make a second secret first, or revoke the key.")
        return _back(key, Toast(_("The secret was not retired"), said, kind="error"))
    return _back(key, Toast(_("The secret is retired"), _("What it signs lets nobody in any more.")))


@blueprint.route("/embedding/<id:id>/revocation", methods=["GET", "POST"])
@access.needs(Permission.ADMINISTER)
def revoke_embed_key(id: int):
    key = _key(id)
    if request.method == "GET":
        alive = next(count for one, count in list_keys(moment()) if one.id == key.id)
        return render_template("settings/embedding_revocation.html", key=key, alive=alive)
    ended = embed_keys.revoke_key(key, access.person(), now(), sessions.address())
    keep(Toast(_("%(name)s is revoked", name=key.name), _("%(n)d sessions have ended.", n=ended)))
    return redirect(url_for("settings.embedding"), 303)


@blueprint.post("/embedding/<id:id>/wall")
@access.needs(Permission.ADMINISTER)
def publish_wall(id: int):
    key = _key(id)
    try:
        secret = embed_keys.publish_wall(key, access.person(), now(), sessions.address())
    except Conflict:
        db.session.rollback()
        return _back(key, Toast(_("This key is revoked"), kind="error"))
    return render_template("settings/embedding_wall.html", key=key, address_of_wall=f"{_desk()}/embed/wall/{secret}")


@blueprint.post("/embedding/<id:id>/wall/removal")
@access.needs(Permission.ADMINISTER)
def take_wall_back(id: int):
    key = _key(id)
    taken = embed_keys.take_wall_back(key, access.person(), now(), sessions.address())
    return _back(key, Toast(_("The wallboard is taken back") if taken else _("There was no wallboard")))


def _key(number: int) -> EmbedKey:
    return db.session.get(EmbedKey, number) or abort(404)


def _given(form: EmbedKeyForm) -> dict:
    return {name: form[name].data for name in _FIELDS}


def _choices() -> dict:
    views = {"board": _("Board"), "queue": _("Queue"), "mine": _("My tickets"), "report": _("Report a problem")}
    return {"algorithms": {one: one for one in ALGORITHMS}, "roles": LABELS["role"], "views": views}


def _refused(refusal: Invalid, form: EmbedKeyForm, key: EmbedKey | None = None):
    db.session.rollback()
    said = {
        "taken": TAKEN,
        "not_an_origin": _("Write origins such as https://panel.example.com, one a line, without a path."),
        "too_many": _("These are too many."),
        "not_keys": _("This is no set of public keys (JWKS)."),
        "private_keys": _("These are private keys. Paste the public ones alone, and make new ones: these were shown."),
        "weak_keys": _("These keys are too weak: RSA needs 2048 bits, ES256 the curve P-256."),
        "wrong_keys": _("These keys are for another algorithm, or not for signatures."),
    }
    if refusal.errors.get("origins") == "not_an_origin":
        wrong = next(text for text in (form.origins.data or "").split() if origin_of(text) is None)
        said["not_an_origin"] = f"{_('%(typed)s is none.', typed=wrong[:100])} {said['not_an_origin']}"
    for name, code in refusal.errors.items():
        form[name].errors = [said.get(code) or LABELS["field_error"].get(code) or UNKNOWN]
    return _page(form, key), 422


def _back(key: EmbedKey, toast: Toast):
    keep(toast)
    return redirect(url_for("settings.embed_key", id=key.id), 303)


def _page(form: EmbedKeyForm, key: EmbedKey | None = None) -> str:
    return render_template("settings/embedding_key.html", form=form, key=key, desk=_desk())


def _desk() -> str:
    return current_app.config["BASE_URL"] or request.host_url.rstrip("/")


def _secret_page(key: EmbedKey, secret: str) -> str:
    """Shown in the answer itself and kept nowhere."""
    return render_template("settings/embedding_secret.html", key=key, secret=secret, kid=key.secrets[-1].kid)
