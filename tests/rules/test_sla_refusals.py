"""Terms that could be read, and still cannot be saved: texts nobody can keep, targets nobody reaches."""

import pytest

from tests.support.terms_document import CATEGORIES, NOW, office, policy, refused, target, terms
from ticketing.rules.sla_calendars import check_calendar
from ticketing.rules.sla_document import check_document, named
from ticketing.rules.sla_terms import MINUTES_MAX
from ticketing.rules.taxonomy import Priority

BAD = ["Sec \ud800", "a\0b", "line\nbreak", "\x7f", "\x9b31m"]
A_MINUTE = office(name="Minute", weekly={"mon": [["09:00", "09:01"]]})


def promised(minutes, calendar=None):
    """One priority's resolution; the others are as everywhere."""
    row = target(None, minutes, calendar=calendar)
    return policy(targets={str(priority): target() for priority in Priority} | {"low": row})


@pytest.mark.parametrize("name", BAD)
def test_a_name_that_cannot_be_kept_is_refused(name):
    assert refused(terms(policy(name=name))) == {"policies.0.name": "unwritable_characters"}
    assert check_calendar(office(name=name), NOW) == {"name": "unwritable_characters"}
    days = {"2026-12-24": {"name": name, "open": []}}
    assert check_calendar(office(exceptions=days), NOW) == {"exceptions.2026-12-24": "unwritable_characters"}


@pytest.mark.parametrize("name", BAD)
def test_what_is_wrong_can_always_be_shown(name):
    others = {name: office(name="Other")}
    for document in (
        terms(**others), terms(policy(key=name)), terms(policy(**{name: 1})), {"policies": [], "calendars": {name: 1}},
        terms(odd=office(weekly={name: []})), terms(odd=office(exceptions={name: {"open": []}})),
        terms() | {name: 1}, terms(policy(name=name)),
    ):  # fmt: skip
        errors = check_document(document, CATEGORIES, NOW)
        assert errors
        for path in errors:
            assert path.isprintable()
            assert (named(document, path) or "").isprintable()
        assert all(path.isprintable() for path in refused(document))


def test_a_target_that_its_hours_never_reach_is_refused_at_its_field():
    document = terms(promised(MINUTES_MAX, "minute"), minute=A_MINUTE)
    assert refused(document) == {"policies.0.targets.low.resolution_min": "never_reached"}
    everywhere = terms(promised(MINUTES_MAX) | {"calendar": "minute"}, minute=A_MINUTE)
    assert refused(everywhere) == {
        "policies.0.targets.low.resolution_min": "never_reached",
        **{f"policies.0.targets.{one}.{kind}_min": "never_reached"
           for one in ("critical", "high", "normal") for kind in ("reaction", "resolution")},
    }  # fmt: skip


@pytest.mark.parametrize(("minutes", "ok"), [(174, True), (175, False)])
def test_its_escalation_has_to_come_within_five_years(minutes, ok):
    """261 Mondays have 261 minutes: enough for one and a half times 174."""
    document = terms(promised(minutes, "minute"), minute=A_MINUTE)
    assert (refused(document) == {}) is ok


def test_a_year_around_the_clock_is_reached():
    assert refused(terms(promised(MINUTES_MAX, "always"))) == {}


def test_every_target_that_is_never_reached_is_named():
    many = {f"c{number}": A_MINUTE | {"name": f"Minute {number}"} for number in range(20)}
    document = terms(*(promised(MINUTES_MAX, key) | {"key": key, "name": key, "types": ["incident"]} for key in many),
                     policy(), **many)  # fmt: skip
    for number, one in enumerate(document["policies"][:-1]):
        one["categories"] = [sorted(CATEGORIES)[bit] for bit in range(3) if number >> bit & 1]
        one["types"] = ["incident", "security_alert"][: 1 + number // 8 % 2]
    document["policies"] = [*document["policies"][:16], document["policies"][-1]]
    assert set(refused(document).values()) == {"never_reached"}
