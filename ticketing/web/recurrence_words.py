"""The words for a trouble: what it is called, why its tickets are one, and what a parent made from it says."""

from dataclasses import dataclass
from datetime import datetime

from ticketing.models.ticket import Ticket
from ticketing.queries.recurrence_troubles import Trouble
from ticketing.rules.recurrence import Part, PartKind, Signature, Source
from ticketing.rules.taxonomy import DETAILS_OF_TYPE, TITLE_MAX, TicketType
from ticketing.web.sla_chip import work_time
from ticketing.web.template_helpers import full_time, label, ngettext
from ticketing.web.template_helpers import gettext as _

_KEYS_NAMED = 20  # in the description of a parent


@dataclass(frozen=True, slots=True)
class Reason:
    """One line of why these are one: what (a label), its value, where from, and what does not matter in it."""

    name: str
    value: str
    source: str
    ignored: str


def name_of(signature: Signature | None, title: str) -> str:
    """What a trouble is called: its party and error code, else the title of its newest ticket."""
    if signature is None or signature.symptom.kind is PartKind.WORDS:
        return title
    code, party = signature.symptom.value, signature.party
    if party is None:
        return _("Error %(code)s", code=code)
    return _("%(party)s: error %(code)s", party=party.value, code=code)


def why(trouble: Trouble) -> str:
    """Category Payment Processing, payment system PayNetix (field), error code 502 (field)."""
    category = trouble.category.name if trouble.category else _("not classified yet")
    parts = [_("category %(name)s", name=category), *map(_part, trouble.signature.explain if trouble.signature else ())]
    text = ", ".join(parts)
    return text[:1].upper() + text[1:]


def _part(part: Part) -> str:
    source = _("field") if part.source is Source.FIELD else _("title")
    if part.kind is PartKind.WORDS:
        return _("the words “%(words)s” (title)", words=part.value)
    what = label(part.kind, "detail").lower()
    return _("%(what)s %(value)s (%(source)s)", what=what, value=part.value, source=source)


def reasons(trouble: Trouble) -> list[Reason]:
    """All that its tickets have in common, line by line."""
    classified = _("From the classification.")
    if trouble.takes_unclassified and trouble.unclassified:
        classified = ngettext(
            "From the classification. %(num)d is not classified yet and counts here, because the rest is the same.",
            "From the classification. %(num)d are not classified yet and count here, because the rest is the same.",
            trouble.unclassified,
        )
    found = [Reason(_("Category"), trouble.category.name if trouble.category else _("None yet"), classified, "")]
    for part in trouble.signature.explain if trouble.signature else ():
        found.append(_reason(part))
    return found


def _reason(part: Part) -> Reason:
    if part.kind is PartKind.WORDS:
        ignored = _(
            "Without regard to order, capitals, accents and plurals; left out are numbers, keys, dates, amounts, "
            "addresses, names in quotes or in other fields, and words such as “the”, “since” and “today”."
        )
        return Reason(_("Words"), part.value, _("From the title; there is no error code."), ignored)
    if part.kind is PartKind.ERROR_CODE:
        source = _("From the field.") if part.source is Source.FIELD else _("From the title; the field is empty.")
        ignored = _("Without regard to capitals, blanks, dashes, leading zeros and “HTTP”.")
        return Reason(_("Error code"), part.value, source, ignored)
    ignored = _("Without regard to capitals, accents and blanks.")
    return Reason(label(part.kind, "detail"), part.value, _("From the field."), ignored)


def parent_facts(trouble: Trouble, loose: list[Ticket], now: datetime) -> dict:
    """Title, type, details and description of a parent for these tickets.

    Whoever may not see a restricted ticket must learn nothing of it from its parent: the words come from the others,
    and where there are none the parent is restricted as well.
    """
    plain = [ticket for ticket in loose if not ticket.restricted]
    told = plain or loose
    kind = TicketType.INCIDENT if plain else TicketType.SECURITY_ALERT
    newest = max(told, key=lambda ticket: (ticket.created_at, ticket.id))
    keeps = {part.kind.value for part in (trouble.signature.explain if trouble.signature else ())}
    details = {name: value for name, value in newest.details.items() if name in keeps and name in DETAILS_OF_TYPE[kind]}
    return {
        "title": name_of(trouble.signature, newest.title)[:TITLE_MAX], "type": kind, "details": details,
        "priority": min((ticket.priority for ticket in told), key=lambda priority: priority.rank),
        "description": _description(trouble, told, now),
    }  # fmt: skip


def _description(trouble: Trouble, told: list[Ticket], now: datetime) -> str:
    keys = ", ".join(ticket.key for ticket in told[:_KEYS_NAMED])
    if more := len(told[_KEYS_NAMED:]):
        keys = _("%(keys)s and %(n)d more", keys=keys, n=more)
    return "\n\n".join([
        _("Made from the recurrence radar at %(at)s.", at=full_time(now)),
        _("Why these are one: %(why)s.", why=why(trouble)),
        _("Open at that moment: %(keys)s.", keys=keys),
    ])  # fmt: skip


def hours(seconds: int, cut: bool) -> str:
    """A length of time in words; of a trouble of which only the newest tickets were read, the least it can be."""
    return _("over %(time)s", time=work_time(seconds)) if cut else work_time(seconds)


def often(count: int, cut: bool) -> str:
    return _("%(n)d or more", n=count) if cut else str(count)


def usual(trouble: Trouble) -> str:
    """How many a day it usually is: 0.4, 12."""
    mean = trouble.usual
    return f"{mean:.0f}" if mean >= 10 or mean == int(mean) else f"{mean:.1f}" if mean >= 0.1 else f"{mean:.2f}"
