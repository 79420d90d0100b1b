"""Only names change: the clocks come out the same, with their generation (sla.md R7)."""

import copy

import pytest

from tests.factories import at, person
from tests.support.saved_terms import CLOSED, clock, filed, put, retermed, with_exceptions
from tests.support.terms import berlin, document
from ticketing.extensions import db
from ticketing.jobs.sla.recompute import recompute_open
from ticketing.jobs.sla.terms import save_terms
from ticketing.jobs.sla.verify import verify
from ticketing.rules.refusals import Invalid
from ticketing.rules.taxonomy import TicketType

LATER = berlin("2026-05-04 10:30")
pytestmark = pytest.mark.usefixtures("app_context")


def renamed() -> dict:
    changed = copy.deepcopy(document())
    changed["calendars"]["office"]["name"] = "Desk hours"
    for found in changed["calendars"]["office"]["exceptions"].values():
        found["name"] = "Holiday"
    return changed


def test_recomputing_after_a_renaming_changes_nothing():
    made = filed("2026-05-04 10:00")
    number = clock(made).calendar_id
    put(renamed(), at=berlin("2026-05-04 10:10"))
    assert document()["calendars"]["office"]["version"] != number
    assert recompute_open(LATER, dry_run=True) == recompute_open(LATER) == []
    assert (clock(made).generation, clock(made).calendar_id) == (1, number)
    assert retermed(made) == []
    assert list(verify()) == []


def test_an_edit_that_comes_out_the_same_after_a_renaming_leaves_the_clocks_alone():
    made = filed("2026-05-04 10:00")
    number = clock(made).calendar_id
    put(renamed(), at=berlin("2026-05-04 10:10"))
    made.edit(type=TicketType.SERVICE_REQUEST, by=person("mara"), at=LATER)
    db.session.commit()
    assert [(clock(made, kind).generation, clock(made, kind).calendar_id) for kind in ("reaction", "resolution")] == [
        (1, number), (1, number),
    ]  # fmt: skip
    assert list(verify()) == []


def test_a_day_saved_after_a_renaming_is_followed():
    made = filed("2026-05-04 16:00")
    put(renamed(), at=berlin("2026-05-04 16:10"))
    changed = with_exceptions({"2026-05-05": CLOSED}, name="Desk hours")
    assert put(changed, at=berlin("2026-05-04 17:00")).moved == 2
    assert clock(made).due_at == berlin("2026-05-06 11:00")
    assert list(verify()) == []


def test_a_note_that_cannot_be_kept_is_refused():
    with pytest.raises(Invalid) as refusal:
        save_terms(document(), by=None, at=at(0), shown=1, note="Why\udcff")
    assert refusal.value.errors == {"note": "unwritable_characters"}
