"""The forms of policies and calendars, and how people write durations and opening hours."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from wtforms import Form, SelectField, SelectMultipleField, StringField

from ticketing.forms.accounts import one_line, strip
from ticketing.rules.numbers import whole
from ticketing.rules.sla_terms import WARN_PCT
from ticketing.rules.taxonomy import PRIORITIES
from ticketing.rules.working_hours import WEEKDAYS

_DURATION = re.compile(r"(?:([0-9]{1,6}) *h(?:ours?)?)? *(?:([0-9]{1,7}) *(?:m(?:in(?:utes?)?)?)?)?", re.IGNORECASE)
_SHARE = re.compile(r"([0-9]{1,3}) *%?")
_TIME = r"([0-9]{1,2})((?::[0-9]{2}){0,2})"
_SPAN = re.compile(rf"{_TIME} *(?:-|–|—|to) *{_TIME}", re.IGNORECASE)
_BETWEEN = re.compile(r" *[,;] *")
_TARGETS = ("reaction", "resolution")


def parse_minutes(text: str) -> int | None:
    """Whole minutes of "15", "15 min", "4 h" or "1 h 30 min"; None of nothing. Raises ValueError."""
    text = " ".join((text or "").split())
    if not text:
        return None
    found = _DURATION.fullmatch(text)
    if found is None:
        raise ValueError(text)
    return int(found[1] or 0) * 60 + int(found[2] or 0)


def minutes_text(minutes: int | None) -> str:
    """15 min, 4 h, 1 h 30 min; never days, because a working day has no fixed length."""
    if minutes is None:
        return ""
    hours, rest = divmod(minutes, 60)
    return " ".join(
        part for part in (f"{hours} h" if hours else "", f"{rest} min" if rest or not hours else "") if part
    )


def parse_hours(text: str) -> list[list[str]]:
    """The intervals of "09:00–13:00, 14:00–18:00"; closed is nothing, or the word. Raises ValueError."""
    text = " ".join((text or "").split())
    if not text or text.casefold() == "closed":
        return []
    spans = []
    for part in _BETWEEN.split(text):
        found = _SPAN.fullmatch(part)
        if found is None:
            raise ValueError(part)
        spans.append([f"{int(found[1]):02}{found[2] or ':00'}", f"{int(found[3]):02}{found[4] or ':00'}"])
    return spans


def hours_text(spans) -> str:
    """09:00–13:00, 14:00–18:00"""
    return ", ".join(f"{opens}–{closes}" for opens, closes in spans)


class _TermsForm(Form):
    """`errors_at` holds what is wrong as {field: code}, filled by reading the form and by the rules."""

    terms = StringField()  # the number of the terms that it was made from
    note = StringField(filters=[one_line])

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.errors_at: dict[str, str] = {}
        self.told: dict[str, str] = {}

    @property
    def shown(self) -> int:
        return whole(self.terms.data or "", 1) or 0

    def refuse(self, words: Mapping[str, str]) -> None:
        """Show {field: text} at the fields, and `told` what is about none of them."""
        self.told = dict(words)
        for name, text in words.items():
            if name in self:
                self[name].errors = [text]

    def _take(self, name: str, read):
        """What a field says, or None and a note of what is wrong with it."""
        code, reader = read
        try:
            return reader(self[name].data or "")
        except ValueError:
            self.errors_at[name] = code
            return None


class _PolicyForm(_TermsForm):
    name = StringField(filters=[one_line])
    calendar = SelectField(choices={}, validate_choice=False)
    types = SelectMultipleField(choices={}, validate_choice=False)
    categories = SelectMultipleField(choices={}, validate_choice=False)

    def read(self, key: str, last: bool = False) -> dict:
        """The policy that was filled in, as a document has it; fills `errors_at`."""
        self.errors_at = {}
        return {
            "key": key, "name": self.name.data or "", "calendar": self.calendar.data or "",
            "types": [] if last else list(self.types.data or ()),
            "categories": [] if last else list(self.categories.data or ()),
            "targets": {str(priority): self._target(priority) for priority in PRIORITIES},
        }  # fmt: skip

    def _target(self, priority: str) -> dict:
        row = {f"{kind}_min": self._take(f"{priority}_{kind}", ("not_minutes", parse_minutes)) for kind in _TARGETS}
        share = self._take(f"{priority}_warn", ("not_a_share", _share))
        return row | {
            "at_risk_percent": WARN_PCT if share is None else share,
            "calendar": self[f"{priority}_calendar"].data or None,
        }

    def places(self, errors: Mapping[str, str]) -> dict[str, str]:
        """{place within the policy: code} as {field: code}."""
        return {self.place(path): code for path, code in errors.items()}

    @staticmethod
    def place(path: str) -> str:
        part, _, rest = path.partition(".")
        if part != "targets" or not rest:
            return part
        priority, _, target = rest.partition(".")
        return f"{priority}_" + {"at_risk_percent": "warn"}.get(target, target.removesuffix("_min"))


PolicyForm = type(
    "PolicyForm", (_PolicyForm,),
    {f"{priority}_{part}": StringField(filters=[strip]) for priority in PRIORITIES for part in (*_TARGETS, "warn")}
    | {f"{priority}_calendar": SelectField(choices={}, validate_choice=False) for priority in PRIORITIES},
)  # fmt: skip


def policy_values(policy: Mapping) -> dict:
    """A policy of a document as the form shows it."""
    values = {name: policy[name] for name in ("name", "calendar", "types", "categories")}
    for priority, row in policy["targets"].items():
        values |= {f"{priority}_{kind}": minutes_text(row.get(f"{kind}_min")) for kind in _TARGETS}
        values[f"{priority}_warn"] = f"{row.get('at_risk_percent', WARN_PCT)}%"
        values[f"{priority}_calendar"] = row.get("calendar") or ""
    return values


def _share(text: str) -> int | None:
    if not text:
        return None
    found = _SHARE.fullmatch(text)
    if found is None:
        raise ValueError(text)
    return int(found[1])


@dataclass(slots=True)
class DayRow:
    """One dated exception as it was typed. `error` is the text of what is wrong with it."""

    day: str = ""
    name: str = ""
    hours: str = ""
    error: str = ""

    @property
    def blank(self) -> bool:
        return not (self.day or self.name or self.hours)


class _CalendarForm(_TermsForm):
    name = StringField(filters=[one_line])
    time_zone = StringField(filters=[strip])

    def __init__(self, values=None, rows: list[DayRow] | None = None, **kwargs):
        super().__init__(values, **kwargs)
        self.rows = rows if rows is not None else []
        self.wrong_rows: dict[int, str] = {}

    def read(self) -> dict:
        """The calendar that was filled in, as a document has it; fills `errors_at`, and `wrong_rows` by place."""
        self.errors_at, self.wrong_rows, exceptions = {}, {}, {}
        weekly = {day: spans for day in WEEKDAYS if (spans := self._take(day, ("not_intervals", parse_hours)))}
        for place, row in enumerate(self.rows):
            if row.blank:
                continue
            if row.day in exceptions:
                self.wrong_rows[place] = "same_day"
            exceptions[row.day] = {"name": row.name, "open": self._row_hours(place, row)}
        return {
            "name": self.name.data or "", "time_zone": self.time_zone.data or "", "weekly": weekly,
            "exceptions": exceptions,
        }  # fmt: skip

    def _row_hours(self, place: int, row: DayRow) -> list:
        try:
            return parse_hours(row.hours)
        except ValueError:
            self.wrong_rows[place] = "not_intervals"
            return []

    def place_errors(self, errors: Mapping[str, str]) -> None:
        """Put {place within the calendar: code} to the fields and rows; what the form itself found comes first."""
        for path, code in errors.items():
            part, _, rest = path.partition(".")
            if part == "exceptions" and "." in path:
                place = next(place for place, row in enumerate(self.rows) if row.day == rest and not row.blank)
                self.wrong_rows.setdefault(place, code)
            else:
                self.errors_at.setdefault(rest if part == "weekly" and rest else part, code)

    @property
    def wrong(self) -> bool:
        return bool(self.errors_at or self.wrong_rows)


CalendarForm = type(
    "CalendarForm", (_CalendarForm,), {day: StringField(filters=[strip]) for day in WEEKDAYS}
)  # one field per weekday, named after it


def calendar_values(body: Mapping) -> tuple[dict, list[DayRow]]:
    """A calendar of a document as the form shows it."""
    values = {"name": body["name"], "time_zone": body["time_zone"]}
    values |= {day: hours_text(body["weekly"].get(day, ())) for day in WEEKDAYS}
    rows = [
        DayRow(day, found.get("name", ""), hours_text(found["open"]))
        for day, found in sorted(body.get("exceptions", {}).items())
    ]
    return values, rows


def rows_of(values) -> list[DayRow]:
    """The dated exceptions of a sent form; lists of unlike length are filled up with nothing."""
    lists = [values.getlist(name) for name in ("day", "day_name", "day_hours")]
    longest = max(map(len, lists))
    columns = [[" ".join(text.split()) for text in one] + [""] * (longest - len(one)) for one in lists]
    return [DayRow(*row) for row in zip(*columns, strict=True)]
