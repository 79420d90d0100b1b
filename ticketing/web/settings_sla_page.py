"""What the pages of policies, calendars and versions share: the week's picture, savings, and what came between."""

from collections.abc import Iterable, Mapping

from ticketing.extensions import db
from ticketing.forms.sla import hours_text, minutes_text
from ticketing.jobs.sla.terms import put_in_force
from ticketing.jobs.sla.terms_follow import Followed
from ticketing.queries import sla_terms as reads
from ticketing.rules.refusals import Stale
from ticketing.rules.sla_changes import changes_between
from ticketing.rules.sla_terms import check_terms
from ticketing.rules.working_hours import DAY_S
from ticketing.web import access
from ticketing.web.settings_blueprint import blueprint
from ticketing.web.settings_sla_words import date_text, error_text, sentence
from ticketing.web.template_helpers import gettext as _
from ticketing.web.template_helpers import moment

RESERVED = frozenset({"new", "trial", "recalculation", "removal"})  # they are pages themselves

blueprint.add_app_template_filter(minutes_text, "target_time")
blueprint.add_app_template_filter(hours_text, "opening")
blueprint.add_app_template_filter(date_text, "date_text")


@blueprint.app_template_filter("counted")
def counted(number: int) -> str:
    """A count that stops at some point: 2,000+."""
    return f"{reads.COUNTED_TO:,}+" if number > reads.COUNTED_TO else f"{number:,}"


@blueprint.app_template_filter("bars")
def bars(spans: Iterable) -> list[tuple[str, str]]:
    """The intervals of a day as (x, width) in per cent of it."""
    edges = [(_second(opens), _second(closes)) for opens, closes in spans]
    return [(f"{opens / DAY_S:.2%}", f"{max(0, closes - opens) / DAY_S:.2%}") for opens, closes in edges]


def _second(text: str) -> int:
    hours, minutes, *rest = map(int, text.split(":"))
    return min(DAY_S, hours * 3600 + minutes * 60 + (rest[0] if rest else 0))


def save(form, document: dict) -> Followed:
    """Put a document in force that was made from the terms the form has seen. Raises Invalid, Stale."""
    if form.errors_at:  # what cannot be read is no document: say everything that is wrong at once
        raise Unread(check_terms(document, reads.category_names(), moment()))
    who, note = access.person(), form.note.data or ""
    return put_in_force(document, by=who, at=moment(), shown=form.shown, note=note)


class Unread(Exception):
    """Some fields could not be read; `errors` is what is wrong besides."""

    def __init__(self, errors: Mapping[str, str]):
        super().__init__(errors)
        self.errors = errors


def base_document(form) -> dict:
    """The terms the form was made from, to be changed. Raises Stale when there are none of that number."""
    row = reads.terms_numbered(form.shown) if form.shown else None
    if row is None:
        raise Stale("stale")
    return row.document


def words(errors: Mapping[str, str]) -> dict[str, str]:
    """{field: code} as {field: text}."""
    return {field: error_text(field, code) for field, code in errors.items()}


def elsewhere(document: Mapping, path: str, code: str) -> str:
    """What is wrong in a part of the terms that is not on the page: where, and what."""
    part, _dot, rest = path.partition(".")
    key, _dot, field = rest.partition(".")
    if part == "calendars":
        name = document["calendars"].get(key, {}).get("name", key)
    elif part == "policies" and key.isdigit() and int(key) < len(document["policies"]):
        name = document["policies"][int(key)].get("name", key)
    else:
        return error_text(part, code)
    return _("%(name)s: %(what)s", name=name, what=error_text(field, code))


def came_between(shown: int) -> dict:
    """What others saved since these terms, for the page of a saving that was too late."""
    db.session.rollback()
    now, base = reads.in_force(), reads.terms_numbered(shown) if shown else None
    found = changes_between(base.document, now.document) if base is not None else []
    categories = reads.category_names()
    return {
        "changes": [sentence(change, categories) for change in found],
        "by": reads.saved_by(now.id), "at": now.made_at, "number": now.id,
    }  # fmt: skip


def policies_using(document: Mapping, key: str) -> list[str]:
    """The names of the policies that run on this calendar, by themselves or for one priority."""
    return [
        policy["name"]
        for policy in document["policies"]
        if key in {policy["calendar"], *(row.get("calendar") for row in policy["targets"].values())}
    ]


def free_key(name: str, taken: Iterable[str], stem: str) -> str:
    """A key for addresses and history that never changes, whatever the name becomes."""
    letters = "".join(letter if letter.isascii() and letter.isalnum() else " " for letter in name.lower())
    stem = "_".join(letters.split())[:30].strip("_") or stem
    key, number = stem, 1
    while key in taken or key in RESERVED:
        number += 1
        key = f"{stem}_{number}"
    return key
