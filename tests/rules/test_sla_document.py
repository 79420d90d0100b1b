"""The terms as a file that people edit: whatever it holds, it is read or refused, never an error of ours."""

import json
from datetime import UTC, datetime

import hypothesis
import pytest
from hypothesis import strategies as st

from ticketing.rules.sla_document import (
    TEXT_MAX,
    Unreadable,
    check_document,
    named,
    portable,
    read_document,
    write_document,
)
from ticketing.rules.sla_terms import read_terms
from ticketing.rules.taxonomy import PRIORITIES, Priority, TicketType
from ticketing.rules.working_hours import WEEKDAYS

NOW = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)
ROW = {"reaction_min": 15, "resolution_min": 240, "at_risk_percent": 75, "calendar": None}


def document() -> dict:
    return {
        "policies": [
            {"key": "alerts", "name": "Alerts", "types": ["security_alert"], "categories": [], "calendar": "always",
             "targets": {name: dict(ROW) for name in PRIORITIES}},
            {"key": "everything_else", "name": "Everything else", "types": [], "categories": [], "calendar": "office",
             "targets": {name: dict(ROW) for name in PRIORITIES}},
        ],
        "calendars": {
            "always": {"name": "Always", "time_zone": "UTC", "exceptions": {},
                       "weekly": {day: [["00:00", "24:00"]] for day in WEEKDAYS}, "version": 1},
            "office": {"name": "Office", "time_zone": "Europe/Berlin", "version": 9,
                       "weekly": {"tue": [["14:00", "18:00"], ["09:00", "13:00"]], "mon": [["09:00", "17:00"]]},
                       "exceptions": {"2026-12-25": {"name": "Christmas", "open": []},
                                      "2026-05-01": {"name": "Labour Day", "open": []}}},
        },
    }  # fmt: skip


def check(found: object) -> dict:
    return check_document(found, {"user_system"}, NOW)


def test_what_is_written_is_fine_in_a_fixed_order_and_without_numbers():
    text = write_document(document())
    found = read_document(text)
    assert check(found) == {}
    assert "version" not in text
    assert list(found["calendars"]["office"]["weekly"]) == ["mon", "tue"]
    assert list(found["calendars"]["office"]["exceptions"]) == ["2026-05-01", "2026-12-25"]
    assert write_document(found) == text
    assert portable(found) == found
    assert max(map(len, text.splitlines())) <= 120


def test_what_is_written_gives_the_same_deals():
    ours, theirs = read_terms(document(), 1), read_terms(read_document(write_document(document())), 1)
    deal = ours.deals(TicketType.INCIDENT, None, Priority.LOW)
    assert {kind: one.target_s for kind, one in deal.items()} == {
        kind: one.target_s for kind, one in theirs.deals(TicketType.INCIDENT, None, Priority.LOW).items()
    }


@pytest.mark.parametrize(
    ("path", "change"),
    [
        ("policy", lambda found: found.update(policy=1)),
        ("policies.0.typ", lambda found: found["policies"][0].update(typ=[])),
        ("policies.1.targets.low.reaction", lambda found: found["policies"][1]["targets"]["low"].update(reaction=5)),
        ("calendars.office.zone", lambda found: found["calendars"]["office"].update(zone="UTC")),
        ("calendars.office.exceptions.2026-05-01.opens",
         lambda found: found["calendars"]["office"]["exceptions"]["2026-05-01"].update(opens=[])),
    ],
)  # fmt: skip
def test_a_name_that_nothing_has_is_told(path, change):
    found = document()
    change(found)
    assert check(found) == {path: "no_such_name"}


def test_a_path_leads_to_a_name():
    found = document()
    assert named(found, "policies.1.targets.low.reaction_min") == "Everything else"
    assert named(found, "calendars.office.weekly.mon") == "Office"
    for path in ("policies", "policies.7.name", "policies.x.name", "calendars.none.name", "other.1", ""):
        assert named(found, path) is None
    for odd in ([], None, {"policies": 3}, {"policies": [3]}, {"policies": [{"name": 3}]}):
        assert named(odd, "policies.0.name") is None


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [("", "not_json", 1), ('{\n"a": }', "not_json", 2), ("[" * 100_000, "not_json", None),
     ("9" * 10_000, "not_json", None), ("x" * (TEXT_MAX + 1), "too_large", None)],
)  # fmt: skip
def test_what_is_no_json_is_refused(text, code, line):
    with pytest.raises(Unreadable) as problem:
        read_document(text)
    assert (problem.value.code, problem.value.line) == (code, line)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
    | st.sampled_from(["mon", "UTC", "always", "high", "security_alert", "2026-05-01", "09:00", "99:99", "policies"]),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(st.sampled_from(
        ["policies", "calendars", "key", "name", "types", "categories", "calendar", "targets", "high", "reaction_min",
         "weekly", "mon", "time_zone", "exceptions", "2026-05-01", "open", "always", "x"]), inner, max_size=5),
    max_leaves=25,
)  # fmt: skip


@hypothesis.settings(max_examples=500)
@hypothesis.given(JSON)
def test_any_json_is_checked_without_an_error_of_ours(found):
    errors = check(found)
    assert errors
    assert all(isinstance(path, str) and isinstance(code, str) for path, code in errors.items())


@st.composite
def damaged(draw):
    """A good document of which one part was replaced by anything."""
    found = json.loads(json.dumps(document()))
    place, key = found, draw(st.sampled_from(["policies", "calendars"]))
    while draw(st.integers(0, 3)) and isinstance(place[key], dict | list) and place[key]:
        place = place[key]
        key = draw(st.sampled_from(sorted(place) if isinstance(place, dict) else range(len(place))))
    place[key] = draw(JSON)
    return found


@hypothesis.settings(max_examples=500)
@hypothesis.given(damaged())
def test_a_document_with_one_odd_part_is_refused_or_can_be_used(found):
    if not check(found):
        terms = read_terms(found, 1)
        for priority in PRIORITIES:
            assert terms.deals(TicketType.INCIDENT, None, priority)
        assert check(read_document(write_document(found))) == {}
