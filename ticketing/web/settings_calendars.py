"""Settings: calendars with their hours, dated exceptions and public holidays."""

import re
from datetime import UTC, date
from zoneinfo import ZoneInfo

from flask import abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from ticketing.extensions import db
from ticketing.forms.accounts import zone_names
from ticketing.forms.sla import CalendarForm, DayRow, calendar_values, parse_hours, rows_of
from ticketing.jobs.sla.terms_follow import Followed, affected
from ticketing.queries import sla_terms as reads
from ticketing.rules.abilities import Permission
from ticketing.rules.numbers import whole
from ticketing.rules.refusals import Invalid, Stale
from ticketing.rules.sla_calendars import ALWAYS, check_calendar, check_spans, time_zones
from ticketing.rules.working_hours import WEEKDAYS
from ticketing.web import access, settings_sla_holidays
from ticketing.web import settings_sla_page as page
from ticketing.web.respond import Toast, keep, only_reading, wants_fragment
from ticketing.web.settings_blueprint import blueprint
from ticketing.web.settings_sla_words import error_text
from ticketing.web.template_helpers import gettext as _
from ticketing.web.template_helpers import moment

NEW = ""  # the key of a calendar that has none yet
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_AGAIN = {"more", "drop", "holidays", "add_holidays", "close", "edit", "preview"}  # buttons that save nothing
_LOOKING = {"more", "drop", "holidays", "close"}  # those that leave the public holidays a choice


@blueprint.get("/calendars")
@access.needs(Permission.MANAGE_BOARD)
def calendars():
    row = reads.in_force()
    document = row.document
    listed = [
        {"key": key, "body": body, "used": page.policies_using(document, key), "today": _today(body["time_zone"])}
        for key, body in document["calendars"].items()
    ]
    return render_template("settings/calendars.html", listed=listed, terms=row, weekdays=WEEKDAYS, always=ALWAYS)


@blueprint.route("/calendars/new", methods=["GET", "POST"])
@access.needs(Permission.MANAGE_BOARD)
def add_calendar():
    if request.method == "POST":
        return _sent(NEW)
    row = reads.in_force()
    workday = "09:00–17:00"
    values = {"terms": str(row.id), "time_zone": access.person().time_zone} | dict.fromkeys(WEEKDAYS[:5], workday)
    return _page(NEW, CalendarForm(data=values, rows=[]))


@blueprint.route("/calendars/<key>", methods=["GET", "POST"])
@access.needs(Permission.MANAGE_BOARD)
def calendar(key: str):
    if request.method == "POST":
        return _sent(key)
    row = reads.in_force()
    values, rows = calendar_values(_body(row.document, key))
    return _page(key, CalendarForm(data=values | {"terms": str(row.id)}, rows=rows))


@blueprint.route("/calendars/<key>/removal", methods=["GET", "POST"])
@access.needs(Permission.MANAGE_BOARD)
def remove_calendar(key: str):
    """The page that asks, and the removal; what a policy uses stays."""
    form = CalendarForm(request.form)
    row = reads.in_force() if request.method == "GET" else None
    try:
        document = row.document if row is not None else page.base_document(form)
        body, used = _body(document, key), page.policies_using(document, key)
        if row is not None or used:
            number = row.id if row is not None else form.shown
            shown = render_template("settings/calendar_removal.html", key=key, body=body, used=used, number=number)
            return shown, 409 if row is None else 200
        del document["calendars"][key]
        page.save(form, document)
    except Stale:
        return _too_late(key, None, form.shown)
    keep(Toast(_("Calendar %(name)s removed", name=body["name"]), _("Clocks that run on it go on as they are.")))
    return redirect(url_for("settings.calendars"), 303)


def _sent(key: str) -> Response:
    """One of the form's buttons: rows and holidays come and go in the form; the others save, after a look at N."""
    form = CalendarForm(request.form, rows=rows_of(request.form))
    if not _LOOKING & request.form.keys():
        _take_holidays(form)
    _order(form)
    if _AGAIN & request.form.keys():
        with only_reading():
            return _again(key, form)
    return _save(key, form)


def _again(key: str, form) -> Response | str:
    """The form as it is now, with what the button asked for. Nothing is saved and nothing refused."""
    if key != NEW:
        _body(reads.in_force().document, key)
    if "preview" in request.form:
        return _preview(key, form)
    if "more" in request.form:
        form.rows.append(DayRow())
    dropped = whole(request.form.get("drop"), 0, len(form.rows) - 1)
    if dropped is not None:
        del form.rows[dropped]
    holidays, ticked = None, None
    if "holidays" in request.form or ("country" in request.form and {"more", "drop"} & request.form.keys()):
        holidays = settings_sla_holidays.find(request.form, _today(form.time_zone.data or "UTC"))
        ticked = None if "holidays" in request.form else {text[:10] for text in request.form.getlist("holiday")}
    return _page(key, form, holidays=holidays, ticked=ticked, added="more" in request.form)


def _take_holidays(form) -> None:
    """The ticked public holidays, "2026-05-01 Labour Day" each, become rows that are closed."""
    there = {row.day for row in form.rows}
    for text in request.form.getlist("holiday"):
        day, _blank, name = text.partition(" ")
        if day not in there:
            form.rows.append(DayRow(day, " ".join(name.split())))
            there.add(day)


def _save(key: str, form) -> Response:
    try:
        document = page.base_document(form)
        before = None if key == NEW else _body(document, key)
        place = key or page.free_key(form.name.data or "", reads.keys_ever_used(), "calendar")
        body = form.read()
        document["calendars"][place] = body | ({"version": before["version"]} if before else {})
        if form.wrong:
            raise page.Unread({f"calendars.{place}.{at}": code for at, code in check_calendar(body, moment()).items()})
        if before is not None and "confirmed" not in request.form and reads.in_force().id == form.shown:
            count = 0 if check_calendar(body, moment()) else affected(place, body, moment())
            if count:
                return _confirm(key, form, body, count)
        done = page.save(form, document)
    except Stale:
        return _too_late(key, form, form.shown)
    except (Invalid, page.Unread) as refusal:
        return _refused(key, form, document, place, refusal.errors)
    keep(Toast(_("Calendar %(name)s saved", name=body["name"]), _followed(done)))
    return redirect(url_for("settings.calendars") + f"#{place}", 303)


def _followed(done: Followed) -> str:
    if done.failed:
        keys = ", ".join(told.partition(":")[0] for told in done.failed[:5])
        return _("Due times moved: %(n)d. Could not be moved, as the log says: %(keys)s.", n=done.moved, keys=keys)
    if done.more:
        return _("Due times are moving; the last of them with the next check, within a minute.")
    if done.moved:
        return _("Due times moved: %(n)d.", n=done.moved)
    return _("It applies to clocks that start from now on.")


def _confirm(key: str, form, body: dict, count: int) -> Response | str:
    """A page between the form and the saving: how many open clocks it concerns."""
    db.session.rollback()
    fields = [(name, value) for name, value in request.form.items(multi=True) if name not in ("csrf_token", "holiday")]
    fields = [one for one in fields if not one[0].startswith("day")]
    rows = [(row.day, row.name, row.hours) for row in form.rows if not row.blank]
    return render_template(
        "settings/calendar_confirm.html", key=key, name=body["name"], fields=fields, rows=rows, count=count
    )


def _preview(key: str, form) -> Response | str:
    """While the form is being filled in: the week's picture, and how many open clocks a saving would concern."""
    body, count, said = form.read(), None, ""
    if not form.wrong and not check_calendar(body, moment()):
        count = affected(key, body, moment()) if key else 0
    elif check_calendar(body, moment()).get("weekly") == "never_open":
        said = error_text("weekly", "never_open")
    return render_template("settings/calendar_preview.htmx.html", week=_week(form), count=count, said=said)


def _refused(key: str, form, document: dict, place: str, errors: dict) -> Response:
    db.session.rollback()
    prefix = f"calendars.{place}."
    ours = {path.removeprefix(prefix): code for path, code in errors.items() if path.startswith(prefix)}
    others = [page.elsewhere(document, path, code) for path, code in errors.items() if not path.startswith(prefix)]
    form.place_errors(ours)
    said = page.words(form.errors_at)
    for number, code in form.wrong_rows.items():
        form.rows[number].error = error_text("exceptions", code)
        said[f"row-{number}"] = form.rows[number].error
    form.refuse(said | ({"form": " ".join(others)} if others else {}))
    return _page(key, form), 422


def _too_late(key: str, form, shown: int) -> Response:
    between, row = page.came_between(shown), reads.in_force()
    gone = key != NEW and key not in row.document["calendars"]
    if form is None and gone:
        return redirect(url_for("settings.calendars"), 303)
    if form is None:
        values, rows = calendar_values(_body(row.document, key))
        form = CalendarForm(data=values, rows=rows)
    form.terms.data = str(row.id)
    return _page(NEW if gone else key, form, between=between, gone=gone), 409


def _page(key: str, form, **more) -> str:
    today = _order(form)
    past = sum(_past(row, today) for row in form.rows)
    shown = {"holidays": None, "ticked": None, "added": False, "between": None, "gone": False} | more
    template = "settings/_calendar_form.html" if wants_fragment() else "settings/calendar.html"
    return render_template(
        template, key=key, form=form, ahead=len(form.rows) - past, listed={row.day for row in form.rows}, today=today,
        week=_week(form), weekdays=WEEKDAYS, zones=zone_names(), **shown,
    )  # fmt: skip


def _order(form) -> str:
    """The days that have passed come last, as the page folds them away. Returns today, as the calendar has it."""
    today = _today(form.time_zone.data or "UTC").isoformat()
    form.rows.sort(key=lambda row: _past(row, today))
    return today


def _past(row: DayRow, today: str) -> bool:
    return _DAY.fullmatch(row.day) is not None and row.day < today


def _week(form) -> dict:
    """What of the week can be read already, for its picture."""
    found = {}
    for day in WEEKDAYS:
        try:
            spans = parse_hours(form[day].data)
        except ValueError:
            continue
        found[day] = [] if check_spans(spans) else spans
    return found


def _body(document: dict, key: str) -> dict:
    if key == ALWAYS or key not in document["calendars"]:
        abort(404)
    return document["calendars"][key]


def _today(zone: str) -> date:
    return moment().astimezone(ZoneInfo(zone) if zone in time_zones() else UTC).date()
