"""Parents and children on the page of a ticket, and the words for what an act on a parent did to its children."""

from dataclasses import dataclass
from datetime import datetime

from ticketing.models.ticket import Ticket
from ticketing.models.ticket_family import Reached
from ticketing.models.user import User
from ticketing.queries.family import count_open_children, may_know_of
from ticketing.queries.timeline import Story
from ticketing.rules.refusals import Conflict
from ticketing.rules.taxonomy import Status
from ticketing.web.sla_chip import Chips
from ticketing.web.template_helpers import gettext as _
from ticketing.web.template_helpers import label, ngettext

MERGE_REFUSALS = ("linked_other_way", "merge_circle", "merged_away")
NAMED = 3  # children that a message names; of more it gives the number


@dataclass(slots=True)
class Family:
    """`parent` is a link's row or None, `children` are links' rows, open ones first; `chip` draws their clocks."""

    parent: object | None
    children: list
    open: int
    chip: Chips


def family(story: Story, now: datetime) -> Family | None:
    """What the viewer may know of the ticket's parent and children. No statement, but one for children's calendars."""
    children = sorted(story.children, key=lambda row: (row.status is Status.CLOSED, row.other))
    if story.parent is None and not children:
        return None
    return Family(story.parent, children, len(story.open_children), Chips(children, now))


def closable_children(ticket: Ticket, viewer: User, now: datetime) -> int:
    """How many children a closing by this person could take along."""
    return count_open_children([ticket.id], viewer, now) if ticket.child_count and viewer.is_staff else 0


def closed_words(reached: Reached | None) -> str:
    """How many children were closed with their parent, and which were not and why; "" when there is nothing to say."""
    if reached is None:
        return ""
    told = [children_closed(len(reached.done))] if reached.done else []
    for child, code in reached.refused[:NAMED]:
        told.append(_("%(key)s stays open: %(reason)s.", key=child.key, reason=_reason(code)))
    if more := len(reached.refused[NAMED:]):
        told.append(_("%(n)d more stay open.", n=more))
    return " ".join(told)


def children_closed(count: int, parents: int = 1) -> str:
    if parents > 1:
        return ngettext("One child was closed with them.", "%(num)d children were closed with them.", count)
    return ngettext("One child was closed with it.", "%(num)d children were closed with it.", count)


def merged_words(survivor: Ticket | None) -> str:
    """Where a duplicate went on, said where that is no open ticket."""
    if survivor is None or survivor.is_open:
        return ""
    return _("%(key)s, which it was merged into, is closed too.", key=survivor.key)


def not_merged(key: str, refusal: Conflict, viewer: User) -> str:
    """Why a ticket cannot be closed as a duplicate of the one with this key; a survivor one may not see has no name."""
    survivor = refusal.facts.get("survivor")
    if survivor and may_know_of(survivor, viewer):
        return _("%(key)s was merged into T-%(survivor)d: name that one.", key=key, survivor=survivor)
    return label(refusal.code, "refusal")


def told_words(reached: dict[str, Reached]) -> str:
    """On how many others an update was written too, and on which it was not and why; by "to_children", "to_merged"."""
    told = []
    for wish, found in reached.items():
        if done := len(found.done):
            told.append(_written_on(done) if wish == "to_children" else _written_on_merged(done))
        for other, code in found.refused[:NAMED]:
            told.append(_("Not on %(key)s: %(reason)s.", key=other.key, reason=_reason(code)))
        if more := len(found.refused[NAMED:]):
            told.append(_("Not on %(n)d more.", n=more))
    return " ".join(told)


def _written_on(count: int) -> str:
    return ngettext("Also written on one child.", "Also written on %(num)d children.", count)


def _written_on_merged(count: int) -> str:
    return ngettext("Also written on one merged ticket.", "Also written on %(num)d merged tickets.", count)


def _reason(code: str) -> str:
    text = label(code, "refusal")
    return text[:1].lower() + text[1:]
