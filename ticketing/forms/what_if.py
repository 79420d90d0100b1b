"""The forms of a what-if: other targets in a table, or a whole document."""

from collections.abc import Mapping
from copy import deepcopy

from wtforms import FileField, Form, StringField, TextAreaField

from ticketing.forms.accounts import strip
from ticketing.forms.sla import minutes_text, parse_minutes
from ticketing.rules.sla_document import TEXT_MAX
from ticketing.rules.taxonomy import PRIORITIES

PERIODS = (7, 28, 90)
_KINDS = ("reaction", "resolution")


class _WhatIfForm(Form):
    """`errors_at` is what is wrong as {field: code}; `refuse` puts the words to the fields."""

    days = StringField(default="28")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.errors_at: dict[str, str] = {}
        self.told: dict[str, str] = {}

    @property
    def period(self) -> int | None:
        """How many days back; None for something that was not offered."""
        return int(self.days.data) if self.days.data in {str(days) for days in PERIODS} else None

    def refuse(self, words: Mapping[str, str]) -> None:
        self.told = dict(words)
        for name, text in words.items():
            if name in self:
                self[name].errors = [text]


class TargetsForm(_WhatIfForm):
    """The minutes of every policy and priority; `for_terms` makes the fields of the present ones."""

    @classmethod
    def for_terms(cls, document: Mapping, values=None) -> "TargetsForm":
        fields = {name: StringField(filters=[strip]) for name in _names(document)}
        made = type("TargetsForm", (cls,), fields)
        return made(values) if values is not None else made(data=_present(document))

    def read(self, document: Mapping) -> dict:
        """The document with the targets that were filled in; fills `errors_at`."""
        self.errors_at, changed = {}, deepcopy(dict(document))
        for policy in changed["policies"]:
            for priority, kind, name in _of(policy):
                try:
                    policy["targets"][priority][f"{kind}_min"] = parse_minutes(self[name].data or "")
                except ValueError:
                    self.errors_at[name] = "not_minutes"
        return changed


def field_of(document: Mapping, path: str) -> str | None:
    """The field for a path such as policies.0.targets.high.reaction_min; None for what is in no field."""
    parts = path.split(".")
    if len(parts) != 5 or parts[0] != "policies" or parts[4] not in (f"{kind}_min" for kind in _KINDS):
        return None
    return field_name(document["policies"][int(parts[1])]["key"], parts[3], parts[4].removesuffix("_min"))


def field_name(policy: str, priority: str, kind: str) -> str:
    return f"of-{policy}-{priority}-{kind}"


class DocumentForm(_WhatIfForm):
    """Policies and calendars as JSON: a file, or else what stands in the text."""

    document = TextAreaField()
    file = FileField()

    def text(self, sent) -> str | None:
        """What was given; None when the file is no text in UTF-8. `sent` is the uploaded file, if there is one."""
        if sent is None or not sent.filename:
            return self.document.data or ""
        try:
            return sent.stream.read(4 * TEXT_MAX + 1).decode("utf-8-sig")
        except UnicodeDecodeError:
            return None


def _names(document: Mapping) -> list[str]:
    return [name for policy in document["policies"] for _priority, _kind, name in _of(policy)]


def _of(policy: Mapping):
    """(priority, kind, name of the field) of each target of a policy."""
    for priority in PRIORITIES:
        for kind in _KINDS:
            yield str(priority), kind, field_name(policy["key"], priority, kind)


def _present(document: Mapping) -> dict:
    return {
        name: minutes_text(policy["targets"][priority].get(f"{kind}_min"))
        for policy in document["policies"]
        for priority, kind, name in _of(policy)
    }
