"""Settings: what compliance would have been under other targets, or whole other policies and calendars."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from flask import Response, render_template, request
from sqlalchemy import select

from ticketing.extensions import db
from ticketing.forms.what_if import PERIODS, DocumentForm, TargetsForm, field_name, field_of
from ticketing.jobs.sla.simulate import Pair, Result, simulate
from ticketing.models import Ticket
from ticketing.queries import sla_terms as reads
from ticketing.queries.visibility import visible_to
from ticketing.rules.abilities import Permission
from ticketing.rules.report_change import SHARE, difference, percent
from ticketing.rules.sla import ClockKind
from ticketing.rules.sla_document import Unreadable, check_document, named, read_document, write_document
from ticketing.rules.taxonomy import PRIORITIES
from ticketing.web import access
from ticketing.web.labels import LABELS
from ticketing.web.respond import only_reading
from ticketing.web.settings_blueprint import blueprint
from ticketing.web.settings_sla_words import error_text
from ticketing.web.template_helpers import gettext as _
from ticketing.web.template_helpers import label, moment

MOST = 5_000  # tickets in one answer, so that the page comes within seconds
KEPT = 50  # cycles in each list
WAYS = ("targets", "document")


@dataclass(frozen=True, slots=True)
class Cell:
    """One clock of one group before and after. Shares are texts such as 92.3%; `mood` is better, worse or same."""

    before: str
    before_of: str
    after: str
    after_of: str
    moved: str
    mood: str


@blueprint.route("/what-if", methods=["GET", "POST"])
@access.needs(Permission.MANAGE_BOARD)
def what_if():
    """The forms, and after sending one the answer below it. Nothing is written."""
    if request.method == "POST":
        return _answer()
    way = request.args.get("with") if request.args.get("with") in WAYS else WAYS[0]
    return _page(way, _form(way, reads.in_force().document))


@blueprint.get("/what-if/policies.json")
@access.needs(Permission.MANAGE_BOARD)
def what_if_document():
    """The policies and calendars in force, as a file to change and try."""
    headers = {"Content-Disposition": 'attachment; filename="policies.json"', "Cache-Control": "no-store"}
    text = write_document(reads.in_force().document)
    return Response(text, content_type="application/json; charset=utf-8", headers=headers)


def _answer():
    with only_reading():
        db.session.rollback()  # the lock that a writing request begins with
        present = reads.in_force().document
        way = request.form.get("with") if request.form.get("with") in WAYS else WAYS[0]
        form = _form(way, present, request.form)
        document, words = _read_targets(form, present) if way == "targets" else _read_document(form)
        if form.period is None:
            words["days"] = LABELS["field_error"]["unknown_value"]
        if words:
            form.refuse(words)
            return _page(way, form), 422
        since = moment() - timedelta(days=form.period)
        result = simulate(document, moment(), since, most=MOST, keep=KEPT)
        return _page(way, form, result=result)


def _form(way: str, present: Mapping, values=None) -> TargetsForm | DocumentForm:
    if way == "targets":
        return TargetsForm.for_terms(present, values)
    return DocumentForm(values) if values is not None else DocumentForm(data={"document": write_document(present)})


def _read_targets(form: TargetsForm, present: Mapping) -> tuple[dict, dict[str, str]]:
    """The document that the table makes, and what is wrong with it as {field: text}."""
    document = form.read(present)
    words = {name: error_text(_as_target(name), code) for name, code in form.errors_at.items()}
    for path, code in check_document(document, reads.category_names(), moment()).items():
        name = field_of(document, path)
        words.setdefault(name or path, error_text(_as_target(path), code))
    return document, words


def _read_document(form: DocumentForm) -> tuple[object, dict[str, str]]:
    text = form.text(request.files.get("file"))
    field = "file" if request.files.get("file") else "document"
    if text is None:
        return None, {field: _("This file is not text in UTF-8.")}
    try:
        document = read_document(text)
    except Unreadable as problem:
        if problem.code == "too_large":
            return None, {field: _("This is too large to be policies.")}
        return None, {field: _("This is not JSON; it breaks off in line %(line)d.", line=problem.line)
                      if problem.line else _("This is not JSON.")}  # fmt: skip
    errors = check_document(document, reads.category_names(), moment())
    if errors and field == "document":
        return None, {field: " ".join(_sentences(document, errors))}
    return document, {field: " ".join(_sentences(document, errors))} if errors else {}


def _sentences(document: object, errors: Mapping[str, str]) -> list[str]:
    """A sentence for each of the first errors, with the path that leads there."""
    found = []
    for path, code in list(errors.items())[:10]:
        name = named(document, path)
        place = f"{path} ({name})" if name else path
        words = _("This is not what it should be.") if code == "unreadable" else error_text(_as_target(path), code)
        found.append(f"{place}: {words}")
    if len(errors) > 10:
        found.append(_("And %(n)d more.", n=len(errors) - 10))
    return found


def _as_target(path: str) -> str:
    """The last name of a path as the words for targets know it."""
    last = path.rpartition(".")[2].rpartition("-")[2].removesuffix("_min")
    return f"target_{last}" if last in set(ClockKind) else last


def _page(way: str, form, result: Result | None = None) -> str:
    row = reads.in_force()
    more = {} if result is None else {"result": result, "groups": _groups(result), "titles": _titles(result)}
    return render_template(
        "settings/what_if.html", way=way, form=form, document=row.document, periods=PERIODS, most=MOST, kept=KEPT,
        names=_field_names(row.document), field_name=field_name, **more,
    )  # fmt: skip


def _field_names(document: Mapping) -> dict[str, str]:
    """What people call the fields, for the list of what is wrong."""
    names = {"document": _("Policies and calendars"), "file": _("File"), "days": _("Period")}
    for policy in document["policies"]:
        for priority in PRIORITIES:
            for kind in ClockKind:
                words = (policy["name"], label(priority, "priority"), label(kind, "clock"))
                names[field_name(policy["key"], priority, kind)] = ", ".join(words)
    return names


def _groups(result: Result) -> list[tuple[str, list]]:
    """(title, [(name, code, {kind: Cell})]) of everything, the priorities and the teams, those that have cycles."""
    priorities = [
        (label(code, "priority"), code, _cells(result.priorities[code]))
        for code in PRIORITIES if code in result.priorities
    ]  # fmt: skip
    teams = [
        (name, None, _cells(result.teams[number]))
        for number, name in result.team_names.items() if number in result.teams
    ]  # fmt: skip
    groups = [("", [(_("All"), None, _cells(result.total))]), (_("By priority"), priorities), (_("By team"), teams)]
    return [(title, rows) for title, rows in groups if rows]


def _cells(pairs: Mapping[ClockKind, Pair]) -> dict[ClockKind, Cell]:
    return {kind: _cell(pair) for kind, pair in pairs.items()}


def _cell(pair: Pair) -> Cell:
    points = difference(SHARE, pair.after.share, pair.before.share) or 0.0
    mood = "better" if points > 0 else "worse" if points < 0 else "same"
    before, after = pair.before, pair.after
    return Cell(
        percent(before.share), _("%(met)d of %(all)d", met=before.met, all=before.counted),
        percent(after.share), _("%(met)d of %(all)d", met=after.met, all=after.counted),
        f"{points:+.1f}".replace("-", "−") if points else "±0", mood,
    )  # fmt: skip


def _titles(result: Result) -> dict[int, str]:
    shown = {one.ticket for one in (*result.breaching, *result.sparing)}
    query = select(Ticket.id, Ticket.title).where(Ticket.id.in_(shown), visible_to(access.person()))
    return dict(db.session.execute(query).all())
