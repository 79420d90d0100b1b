"""Saving policies and calendars: the next version, or nothing. Times are Berlin's."""

import json
import threading

import pytest
from sqlalchemy import func, select

from tests.factories import person
from tests.support.saved_terms import CLOSED, MONDAY, clock, filed, put, shown, with_exceptions
from tests.support.terms import berlin, document
from ticketing.extensions import db
from ticketing.jobs.sla import terms_follow
from ticketing.jobs.sla.terms import put_in_force, save_terms
from ticketing.jobs.sla.terms_follow import COUNTED_TO, affected
from ticketing.models import CalendarVersion, SlaTerms
from ticketing.models.sla import current_terms
from ticketing.rules.refusals import Invalid, Stale
from ticketing.rules.taxonomy import Priority


def test_the_next_terms_are_kept_beside_the_old(app_context):
    before, changed = document(), document()
    changed["policies"][-1]["targets"]["normal"]["reaction_min"] = 120
    mara = person("mara")
    saved = save_terms(changed, by=mara, at=MONDAY, shown=1, note="Faster")
    db.session.commit()
    row = db.session.get(SlaTerms, 2)
    assert (saved.number, saved.follows) == (2, ())
    assert (row.note, row.made_at, row.made_by_id) == ("Faster", MONDAY, mara.id)
    assert db.session.get(SlaTerms, 1).document == before
    assert current_terms().policies[-1].targets[Priority.NORMAL].reaction_min == 120
    assert db.session.scalar(select(func.count(CalendarVersion.id))) == 2  # no calendar changed


def test_new_terms_are_for_clocks_created_afterwards(app_context):
    old = filed("2026-05-04 09:00")
    changed = document()
    changed["policies"][-1]["targets"]["normal"]["reaction_min"] = 120
    put(changed, at=berlin("2026-05-04 09:30"))
    new = filed("2026-05-04 09:30")
    assert (clock(old).target_s, clock(old).terms_id) == (4 * 3600, 1)
    assert (clock(new).target_s, clock(new).terms_id) == (2 * 3600, 2)


def test_a_changed_calendar_gets_a_version_and_only_it(app_context):
    saved = save_terms(with_exceptions({"2026-12-24": CLOSED}), by=None, at=MONDAY, shown=1)
    kept = document()["calendars"]
    assert kept["always"]["version"] == 1
    row = db.session.get(CalendarVersion, kept["office"]["version"])
    assert (row.key, row.derived, row.made_at) == ("office", False, MONDAY)
    assert json.loads(row.body)["exceptions"] == {"2026-12-24": CLOSED}
    assert saved.follows == ("office",)


@pytest.mark.parametrize("given", [99, None, "nonsense"])
def test_the_versions_are_not_taken_from_whoever_saves(app_context, given):
    changed = document()
    changed["calendars"]["office"]["version"] = given
    save_terms(changed, by=None, at=MONDAY, shown=1)
    assert document()["calendars"]["office"]["version"] == 2


def test_a_wrong_document_says_where_and_leaves_no_trace(app_context):
    changed = document()
    changed["policies"][0]["targets"]["high"]["reaction_min"] = 0
    changed["calendars"]["office"]["weekly"] = {"mon": [["13:00", "09:00"]]}
    with pytest.raises(Invalid) as refused:
        save_terms(changed, by=None, at=MONDAY, shown=1, note="x" * 201)
    assert refused.value.errors == {
        "policies.0.targets.high.reaction_min": "zero_target",
        "calendars.office.weekly.mon": "from_after_to",
        "note": "too_long",
    }
    assert shown() == 1


@pytest.mark.parametrize("number", [0, 2, 99])
def test_what_was_not_shown_last_is_stale(app_context, number):
    with pytest.raises(Stale):
        save_terms(document(), by=None, at=MONDAY, shown=number)


def test_of_two_savings_at_once_exactly_one_wins(app):
    with app.app_context():
        documents = [document(), document()]
    for number, one in enumerate(documents, 1):
        one["policies"][0]["name"] = f"Security {number}"
        one["calendars"]["office"]["exceptions"][f"2027-01-0{number}"] = CLOSED
    results, gate = [], threading.Barrier(2)

    def save(one):
        with app.app_context():
            gate.wait()
            try:
                put_in_force(one, by=None, at=MONDAY, shown=1)
                results.append(one["policies"][0]["name"])
            except Stale:
                db.session.rollback()
                results.append("stale")
            finally:
                db.session.remove()

    threads = [threading.Thread(target=save, args=(one,)) for one in documents]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert sorted(results)[1] == "stale"
    with app.app_context():
        assert shown() == 2
        assert document()["policies"][0]["name"] == sorted(results)[0]
        assert db.session.scalar(select(func.count(CalendarVersion.id))) == 3


def test_the_preview_counts_what_the_saving_moves(app_context):
    filed("2026-05-04 09:00")
    filed("2026-05-04 16:00")
    at = berlin("2026-05-04 17:00")
    for days in ({"2026-05-05": CLOSED}, {"2026-05-06": CLOSED}, {"2026-05-01": CLOSED}, {"2026-05-03": CLOSED}):
        changed = with_exceptions(days)
        expected = affected("office", changed["calendars"]["office"], at)
        db.session.rollback()
        assert put(changed, at=at).moved == expected, days
        put(with_exceptions({}), at=at)


def test_the_preview_counts_to_a_limit_and_a_new_calendar_has_none(app_context, monkeypatch):
    monkeypatch.setattr(terms_follow, "COUNTED_TO", 3)
    for _ in range(4):
        filed("2026-05-04 16:00")
    body = with_exceptions({"2026-05-05": CLOSED})["calendars"]["office"]
    assert affected("office", body, berlin("2026-05-04 17:00")) == 4
    assert affected("new_one", body, berlin("2026-05-04 17:00")) == 0
    assert COUNTED_TO == 2_000
