"""What the lists behind the reports' numbers are called, and which stand beside one another."""

from ticketing.rules.report_facts import HOLDS, STAYS
from ticketing.rules.sla import ClockKind
from ticketing.rules.taxonomy import OPEN_STATUSES
from ticketing.web.labels import LABELS, N_
from ticketing.web.report_tables import AGED
from ticketing.web.template_helpers import gettext

_PLAIN = {
    "created": N_("Created"), "closed": N_("Closed"), "reopened": N_("Reopened"), "reassigned": N_("Reassigned"),
    "stays": N_("All stays in a status"), "holds": N_("All holds"), "open": N_("Open at the end"),
}  # fmt: skip
_OUTCOMES = {
    "": N_("%(clock)s: met and breached"), "met": N_("%(clock)s: met"), "breached": N_("%(clock)s: breached"),
    "cancelled": N_("%(clock)s: cancelled"), "self": N_("%(clock)s: own"),
    "superseded": N_("%(clock)s: taken back"),
}  # fmt: skip
_SHAPES = (  # what a name begins with, how its rest is called, and the words round it
    ("stay_", "status", N_("Stays in %(name)s")), ("open_", "status", N_("In %(name)s at the end")),
    ("hold_", "hold_reason", N_("Holds: %(name)s")), (AGED, "backlog_age", N_("Open, filed %(name)s")),
)  # fmt: skip


def figure_name(figure: str) -> str:
    """The words for one of queries.report_behind.NAMES, or for an age of the backlog."""
    if figure in _PLAIN:
        return gettext(_PLAIN[figure])
    for kind in ClockKind:
        if figure == kind or figure.startswith(f"{kind}_"):
            clock = gettext(LABELS["clock_name"][kind])
            return gettext(_OUTCOMES[figure.removeprefix(kind).removeprefix("_")], clock=clock)
    begin, words, text = next(shape for shape in _SHAPES if figure.startswith(shape[0]))
    name = gettext(LABELS[words][figure.removeprefix(begin)])
    return gettext(text, name=name[0].lower() + name[1:] if begin == AGED else name)


def is_live(figure: str) -> bool:
    """Is it of this moment, whatever the period?"""
    return figure.startswith(AGED)


def _families() -> dict[str, tuple[str, ...]]:
    """{a figure: all that stand in a row with it}"""
    clocks = [
        (
            str(kind),
            *(f"{kind}_{outcome}" for outcome in _OUTCOMES if outcome and (outcome != "self" or kind == "reaction")),
        )
        for kind in ClockKind
    ]
    rows = [
        ("created", "closed", "reopened", "reassigned", "open"), *clocks,
        ("stays", *STAYS.values()), ("holds", *HOLDS.values()),
        ("open", *(f"open_{status}" for status in OPEN_STATUSES)),
        tuple(f"{AGED}{code}" for code in LABELS["backlog_age"]),
    ]  # fmt: skip
    found: dict[str, tuple[str, ...]] = {}
    for row in rows:
        for figure in row:
            found.setdefault(str(figure), tuple(map(str, row)))
    return found


FAMILIES = _families()
