"""Settings: the ordered list of policies, each with its form, and a ticket to try them on."""

from flask import abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from ticketing.extensions import db
from ticketing.forms.sla import PolicyForm, policy_values
from ticketing.models.sla import SlaTerms
from ticketing.queries import sla_terms as reads
from ticketing.rules.abilities import Permission
from ticketing.rules.refusals import Invalid, Stale
from ticketing.rules.sla_calendars import ALWAYS
from ticketing.rules.sla_terms import POLICIES_MAX, WARN_PCT
from ticketing.rules.taxonomy import PRIORITIES
from ticketing.web import access
from ticketing.web import settings_sla_page as page
from ticketing.web import settings_sla_try as trying
from ticketing.web.respond import Toast, keep, only_reading
from ticketing.web.settings_blueprint import blueprint
from ticketing.web.settings_sla_words import condition_text
from ticketing.web.template_helpers import gettext as _

NEW = ""  # the key of a policy that has none yet


@blueprint.get("/policies")
@access.needs(Permission.MANAGE_BOARD)
def policies():
    row = reads.in_force()
    first = row.document["policies"][0]
    return _page(row, first["key"], _form_of(first, row))


@blueprint.route("/policies/<key>", methods=["GET", "POST"])
@access.needs(Permission.MANAGE_BOARD)
def policy(key: str):
    if request.method == "POST":
        return _save(key, PolicyForm(request.form))
    row = reads.in_force()
    found = _find(row.document, key)
    if found is None:
        abort(404)
    return _page(row, key, _form_of(row.document["policies"][found], row))


@blueprint.route("/policies/new", methods=["GET", "POST"])
@access.needs(Permission.MANAGE_BOARD)
def add_policy():
    if request.method == "POST":
        return _save(NEW, PolicyForm(request.form))
    row = reads.in_force()
    shares = {f"{priority}_warn": f"{WARN_PCT}%" for priority in PRIORITIES}
    return _page(row, NEW, PolicyForm(data={"terms": str(row.id), "calendar": ALWAYS, **shares}))


@blueprint.post("/policies/<key>/place")
@access.needs(Permission.MANAGE_BOARD)
def move_policy(key: str):
    """One place up or down; the last one stays the last."""
    form, to = PolicyForm(request.form), request.form.get("to")
    try:
        document = page.base_document(form)
        if to not in ("up", "down"):
            raise Invalid({"to": "unknown_value"})
        found, last = _find(document, key), len(document["policies"]) - 1
        if found is None:
            abort(404)
        other = found - 1 if to == "up" else found + 1
        if found != last and 0 <= other < last:
            order = document["policies"]
            order[found], order[other] = order[other], order[found]
            page.save(form, document)
    except Stale:
        return _too_late(key, None, form.shown)
    return redirect(url_for("settings.policy", key=key), 303)


@blueprint.route("/policies/<key>/removal", methods=["GET", "POST"])
@access.needs(Permission.MANAGE_BOARD)
def remove_policy(key: str):
    """The page that asks, and the removal. Tickets that run under it go on as they are."""
    form = PolicyForm(request.form)
    if request.method == "GET":
        row = reads.in_force()
        found = _removable(row.document, key)
        return render_template(
            "settings/policy_removal.html", policy=row.document["policies"][found], terms=row,
            used=reads.open_tickets(key),
        )  # fmt: skip
    try:
        document = page.base_document(form)
        gone = document["policies"].pop(_removable(document, key))
        page.save(form, document)
    except Stale:
        return _too_late(key, None, form.shown)
    keep(Toast(_("Policy %(name)s removed", name=gone["name"]), _("Tickets that run under it go on as they are.")))
    return redirect(url_for("settings.policies"), 303)


@blueprint.post("/policies/trial")
@access.needs(Permission.MANAGE_BOARD)
def try_policy():
    """A ticket tried on the form as it is now, saved or not. Writes nothing."""
    with only_reading():
        row, form = reads.in_force(), PolicyForm(request.form)
        document, key = row.document, request.form.get("policy", NEW)
        _put(document, key, form)
        asked = trying.question(request.form)
        found = None if form.errors_at else trying.answer(document, asked)
        return render_template("settings/_policy_answer.html", asked=asked, answer=found, unsaved=True)


def _save(key: str, form) -> Response:
    """Put the filled-in policy in force; what is wrong is said at its field, and what was typed stays."""
    try:
        document = page.base_document(form)
        if key != NEW and _find(document, key) is None:
            abort(404)
        if key == NEW and len(document["policies"]) >= POLICIES_MAX:
            return _refused(form, key, {"form": _("There can be at most %(n)d policies.", n=POLICIES_MAX)})
        place = _put(document, key, form)
        page.save(form, document)
    except Stale:
        return _too_late(key, form, form.shown)
    except (Invalid, page.Unread) as refusal:
        return _refused(form, key, _said(form, document, place, refusal.errors))
    saved = document["policies"][place]
    keep(Toast(
        _("Policy %(name)s saved", name=saved["name"]),
        _("It applies to new tickets and to changes of priority, type or category."),
        actions=[{"label": _("Recalculate open tickets"), "url": url_for("settings.recalculation")}],
    ))  # fmt: skip
    return redirect(url_for("settings.policy", key=saved["key"]), 303)


def _put(document: dict, key: str, form) -> int:
    """The form's policy into the document; returns its place. A new one comes before the last."""
    listed, found = document["policies"], _find(document, key)
    if found is None:
        key = page.free_key(form.name.data or "", {one["key"] for one in listed}, "policy")
        found = len(listed) - 1
        listed.insert(found, form.read(key))
    else:
        listed[found] = form.read(key, last=found == len(listed) - 1)
    return found


def _said(form, document: dict, place: int, errors: dict) -> dict[str, str]:
    """What is wrong by field, in words. What is wrong between two policies is said at the one that is being saved."""
    ours, others = {}, []
    for path, code in errors.items():
        part, _dot, rest = path.partition(".")
        number, _dot, field = rest.partition(".")
        if part == "policies" and (number == str(place) or code in ("same_condition", "taken")):
            ours[form.place(field)] = code
        elif path == "note":
            ours["note"] = code
        else:
            others.append(page.elsewhere(document, path, code))
    ours.pop("key", None)
    said = page.words(ours | form.errors_at)
    return said | {"form": " ".join(others)} if others else said


def _refused(form, key: str, said: dict[str, str]) -> Response:
    db.session.rollback()
    form.refuse(said)
    return _page(reads.in_force(), key, form), 422


def _too_late(key: str, form, shown: int) -> Response:
    """Somebody saved meanwhile: what they changed, and what was typed, to be saved over it or not."""
    between = page.came_between(shown)
    row = reads.in_force()
    gone = key != NEW and _find(row.document, key) is None
    if form is None:
        listed = row.document["policies"]
        key = listed[0]["key"] if gone else key
        form = _form_of(listed[_find(row.document, key)], row)
    elif gone:
        key = NEW
    form.terms.data = str(row.id)
    return _page(row, key, form, between=between, gone=gone), 409


def _removable(document: dict, key: str) -> int:
    found = _find(document, key)
    if found is None or found == len(document["policies"]) - 1:
        abort(404)
    return found


def _find(document: dict, key: str) -> int | None:
    return next((place for place, one in enumerate(document["policies"]) if one["key"] == key), None)


def _form_of(policy: dict, row: SlaTerms):
    return PolicyForm(data=policy_values(policy) | {"terms": str(row.id)})


def _page(row: SlaTerms, key: str, form, **more) -> str:
    document, categories = row.document, reads.category_names()
    calendars = {name: body["name"] for name, body in document["calendars"].items()}
    listed = [
        {"key": one["key"], "name": one["name"], "when": condition_text(one, categories),
         "calendar": calendars[one["calendar"]]}
        for one in document["policies"]
    ]  # fmt: skip
    found = _find(document, key)
    asked = trying.question(request.args, None if found is None else document["policies"][found])
    return render_template(
        "settings/policies.html", form=form, key=key, listed=listed, terms=row, calendars=calendars,
        categories=categories, last=key == listed[-1]["key"], used=reads.open_tickets(key) if key else 0, asked=asked,
        answer=trying.answer(document, asked), zones=trying.zones(document), **more,
    )  # fmt: skip
