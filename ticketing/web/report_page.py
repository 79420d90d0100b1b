"""What every page of the reports begins with: the scope that is asked for, and how it is told."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from flask import current_app, request

from ticketing.queries.report_names import Names
from ticketing.queries.report_scope import DEFAULT, NOBODY, PRESETS, Scope
from ticketing.rules.refusals import Invalid
from ticketing.rules.taxonomy import PRIORITIES, TicketType
from ticketing.web.labels import LABELS
from ticketing.web.report_words import period_words, weekday_words
from ticketing.web.template_helpers import gettext, moment, number

LATE = timedelta(hours=1)  # the job comes every few minutes
DAYS = ("first", "last")
MOST_IN_FILE = 20_000  # tickets; of a longer list the link and the name of the file say so


def zone() -> str:
    """The zone in whose days the desk counts."""
    return current_app.config["TIME_ZONE"]


def today() -> date:
    return moment().astimezone(ZoneInfo(zone())).date()


def read_scope() -> Scope:
    """Raises Invalid by field."""
    return Scope.read(_asked(), today())


def read_scope_or_usual() -> tuple[Scope, dict[str, str]]:
    """What is asked for and {}; else what is left of it without what cannot be used, and what is wrong, by field."""
    asked = _asked()
    try:
        return Scope.read(asked, today()), {}
    except Invalid as refusal:
        wrong = set(refusal.errors) | (set(DAYS) if refusal.errors.keys() & set(DAYS) else set())
        usable = {name: text for name, text in asked.items() if name not in wrong}
        return Scope.read(usable, today()), refusal.errors


def _asked() -> dict[str, str]:
    """The address. The form sends the days of a named period with its name: untouched, they add nothing to it."""
    asked = request.args.to_dict()
    if asked.get("preset") in PRESETS:
        named = Scope.read({"preset": asked["preset"]}, today())
        if [asked.get(name) for name in DAYS] == [named.first.isoformat(), named.last.isoformat()]:
            return {name: text for name, text in asked.items() if name not in DAYS}
    return asked


def choices(scope: Scope, names: Names) -> list[tuple[str, str, str, dict[str, str]]]:
    """(name, title, words for all, {value: words}) of each filter; what is offered no longer only where it is set."""

    def offered(named, chosen: str) -> dict[str, str]:
        return {one.key: one.name for one in named.values() if one.offered or one.key == chosen}

    people = {NOBODY: gettext("Nobody")} | offered(names.people, scope.person)
    if scope.person and scope.person not in people:
        people[scope.person] = scope.person
    return [
        ("team", gettext("Team"), gettext("All teams"), offered(names.teams, scope.team)),
        ("type", gettext("Type"), gettext("All types"), {one: gettext(LABELS["type"][one]) for one in TicketType}),
        ("category", gettext("Category"), gettext("All categories"), offered(names.categories, scope.category)),
        ("priority", gettext("Priority"), gettext("All priorities"),
         {one: gettext(LABELS["priority"][one]) for one in PRIORITIES}),
        ("person", gettext("Owner"), gettext("All owners"), people),
    ]  # fmt: skip


def told(scope: Scope, names: Names) -> list[str]:
    """The filters that are set, in words."""
    return [words[value] for name, _, _, words in choices(scope, names) if (value := getattr(scope, name)) in words]


def period(scope: Scope) -> str:
    return period_words(scope.first, scope.last, today())


def given(scope: Scope, errors: dict[str, str]) -> dict[str, str]:
    """The values of the form's fields; where days were refused, as they were typed."""
    days = {name: getattr(scope, name).isoformat() for name in DAYS}
    if errors.keys() & set(DAYS):
        return {"preset": ""} | {name: request.args.get(name, "") for name in DAYS}
    return {"preset": scope.preset} | days


def instead(scope: Scope, errors: dict[str, str]) -> str:
    """What is shown although something could not be used."""
    if scope.preset == DEFAULT and errors.keys() & {*DAYS, "preset"}:
        return gettext("This is the report of the last four weeks instead.")
    return gettext("This is the report without it.")


def unfiltered(scope: Scope) -> str:
    return replace(scope, team="", type="", category="", priority="", person="").query()


def csv_words(count: int | None) -> str:
    """The link to a file of so many tickets."""
    if count is None or count <= MOST_IN_FILE:
        return gettext("CSV")
    return gettext("CSV of the first %(n)s", n=number(MOST_IN_FILE))


def file_suffix(name: str, is_cut: bool) -> str:
    return f"{name}-first-{MOST_IN_FILE}" if is_cut else name


def counted_words(counted_at: datetime) -> str:
    """Counted at 10:31 (Europe/Berlin), with the day when it was another one."""
    at = counted_at.astimezone(ZoneInfo(zone()))
    time = f"{at:%H:%M}" if at.date() == today() else f"{weekday_words(at.date())}, {at:%H:%M}"
    return gettext("Counted at %(time)s (%(zone)s)", time=time, zone=zone())
