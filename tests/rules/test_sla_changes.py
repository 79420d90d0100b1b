"""What a saving changed, in codes and facts."""

import copy

from tests.support.terms_document import CLOSED, OFFICE, office, policy, target, terms
from ticketing.rules.sla_changes import Change, changes_between


def changed(change):
    before = terms(policy("one", types=["incident"]), policy("two", types=["payment_issue"]), policy())
    after = copy.deepcopy(before)
    change(after)
    return [(one.code, one.facts) for one in changes_between(before, after)]


def test_nothing_is_no_change():
    assert changed(lambda _document: None) == []


def test_policies_that_come_go_move_and_are_renamed():
    def change(document):
        one, two, rest = document["policies"]
        rest["name"] = "Others"
        document["policies"] = [two, policy("three", types=["incident"]), rest]

    assert changed(change) == [
        ("policy_removed", {"policy": "One"}),
        ("policy_added", {"policy": "Three", "place": 2}),
        ("policy_renamed", {"policy": "Others", "from": "Rest"}),
    ]

    def swap(document):
        document["policies"][:2] = document["policies"][1::-1]

    assert [code for code, _facts in changed(swap)] == ["policy_moved"]


def test_conditions_targets_thresholds_and_calendars_of_a_policy():
    def change(document):
        one = document["policies"][0]
        one["types"], one["calendar"] = ["payment_issue"], "always"
        one["targets"]["high"] = target(None, 30, 80, "office")

    row = {"policy": "One", "priority": "high"}
    assert changed(change) == [
        ("condition_changed", {"policy": "One", "types": ["payment_issue"], "categories": []}),
        ("policy_calendar", {"policy": "One", "from": "Office", "to": "Always"}),
        ("target_changed", row | {"clock": "reaction", "from": 240, "to": None}),
        ("target_changed", row | {"clock": "resolution", "from": 960, "to": 30}),
        ("warn_changed", row | {"from": 75, "to": 80}),
        ("row_calendar", row | {"from": None, "to": "Office"}),
    ]


def test_hours_zones_and_dates_of_a_calendar():
    def change(document):
        body = document["calendars"]["office"]
        body |= {
            "name": "Desk",
            "time_zone": "Europe/Malta",
            "exceptions": {"2026-05-02": CLOSED, "2026-05-01": CLOSED},
        }
        body["weekly"] |= {"mon": [], "sat": [["10:00", "12:00"]]}
        document["calendars"]["nights"] = office(name="Nights")

    name = {"calendar": "Desk"}
    assert changed(change) == [
        ("calendar_renamed", name | {"from": "Office"}),
        ("zone_changed", name | {"from": "Europe/Berlin", "to": "Europe/Malta"}),
        ("hours_changed", name | {"day": "mon", "from": OFFICE, "to": []}),
        ("hours_changed", name | {"day": "sat", "from": [], "to": [["10:00", "12:00"]]}),
        ("exceptions_added", name | {"days": {"2026-05-01": CLOSED, "2026-05-02": CLOSED}}),
        ("calendar_added", {"calendar": "Nights"}),
    ]


def test_dates_that_change_and_go_and_a_calendar_that_goes():
    before = terms(old=office(name="Old"), office=office(exceptions={"2026-05-01": CLOSED, "2026-05-02": CLOSED}))
    after = terms(office=office(exceptions={"2026-05-02": {"name": "Else", "open": []}}))
    assert changes_between(before, after) == [
        Change("calendar_removed", {"calendar": "Old"}),
        Change("exceptions_removed", {"calendar": "Office", "days": {"2026-05-01": CLOSED}}),
        Change("exceptions_changed", {"calendar": "Office", "days": {"2026-05-02": {"name": "Else", "open": []}}}),
    ]
