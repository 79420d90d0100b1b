"""The radar: what flares, what comes back, what it costs, and who may know of it."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from tests.factories import at, category, person, ticket, ticket_in
from ticketing.extensions import db
from ticketing.models.answers import Answers
from ticketing.models.link import link
from ticketing.models.sla import SlaClock
from ticketing.queries.recurrence import Place, load_radar, load_trouble, read_place
from ticketing.queries.recurrence_lists import fixes_of
from ticketing.rules.sla import ClockState
from ticketing.rules.taxonomy import LinkKind, ResolutionCode, RootCause, Status, TicketType

S = Status
NOW = at(0)
pytestmark = pytest.mark.usefixtures("cast")


def ago(days=0, hours=0, seconds=0):
    return NOW - timedelta(days=days, hours=hours, seconds=seconds)


def filed(moment, provider="Reelworks", code="HTTP 502", status=S.CLASSIFIED, **facts):
    details = {"provider": provider, "error_code": code}
    return ticket_in(status, moment=moment, category_key="provider_integration", details=details, **facts)


def radar(who="mara", now=NOW):
    db.session.commit()
    return load_radar(person(who), now)


def test_three_in_a_day_and_three_times_the_usual_flare():
    for hours in (1, 2, 3):
        filed(ago(hours=hours))
    [one] = radar().flaring
    assert (one.day, one.baseline, one.tickets, one.open, one.last_seen) == (3, 0, 3, 3, ago(hours=1))
    assert one.days == [0] * 28 + [3]
    assert [(part.kind, part.value, part.source) for part in one.signature.explain] == [
        ("provider", "Reelworks", "field"), ("error_code", "502", "field"),
    ]  # fmt: skip
    assert one.category.key == "provider_integration"


@pytest.mark.parametrize(("today", "before", "flares"), [
    (2, 0, False), (3, 0, True), (3, 28, True), (3, 29, False), (4, 37, True), (4, 38, False),
])  # fmt: skip
def test_the_line_is_drawn_exactly(today, before, flares):
    for n in range(today):
        ticket(moment=ago(hours=n))
    for n in range(before):
        ticket(moment=ago(days=1 + n % 28))
    assert bool(radar().flaring) is flares


def test_the_day_and_the_baseline_meet_without_a_gap():
    for moment in (ago(days=1), ago(days=1, seconds=-1), ago(), ago(days=29), ago(days=29, seconds=-1)):
        ticket(moment=moment)
    ticket(moment=NOW + timedelta(seconds=1))
    db.session.commit()
    place = Place(ticket(moment=NOW).signature, None)
    db.session.rollback()
    one = load_trouble(place, person("mara"), NOW)
    assert (one.day, one.baseline) == (2, 2)
    assert (one.days[0], one.days[27], one.days[28]) == (1, 1, 2)


def test_a_ticket_not_classified_yet_counts_where_its_like_stand():
    for hours in (1, 2):
        filed(ago(hours=hours))
    ticket(moment=ago(hours=3), details={"provider": "reelworks ", "error_code": "502"})
    filed(ago(days=9))
    other = filed(ago(days=5))
    other.category = category("api_integration")
    [one] = radar().flaring
    assert (one.day, one.baseline, one.tickets, one.unclassified) == (3, 1, 5 - 1, 1)
    assert one.place == Place(other.signature, category("provider_integration").id)
    lone = load_trouble(Place(other.signature, category("api_integration").id), person("mara"), NOW)
    assert (lone.day, lone.tickets, lone.unclassified) == (0, 1, 0)
    assert load_trouble(Place(other.signature, None), person("mara"), NOW).place == one.place


def test_titles_and_details_that_change_move_a_ticket_to_another_trouble():
    made = [filed(ago(hours=n)) for n in (1, 2, 3)]
    before = made[0].signature
    made[0].edit(details={"provider": "Novaplay"}, by=person("ann"), at=NOW)
    db.session.commit()
    assert (made[0].signature != before, made[0].provider, made[0].payment_system) == (True, "novaplay", None)
    assert radar().flaring == []
    made[0].edit(details={"provider": "Reelworks", "error_code": "502"}, by=person("ann"), at=NOW)
    assert [one.day for one in radar().flaring] == [3]
    made[0].edit(title="Anything", by=person("ann"), at=NOW)  # the code decides, not the title
    assert [one.day for one in radar().flaring] == [3]


def closed(moment, code=ResolutionCode.FIXED, hours=1, **facts):
    made = filed(moment, status=S.SOLUTION_CHECK, **facts)
    answers = Answers(resolution_code=code, root_cause=RootCause.PROVIDER)
    made.move_to(S.CLOSED, by=person("mara"), at=moment + timedelta(hours=hours), answers=answers)
    return made


@pytest.mark.parametrize(("code", "returns"), [
    (ResolutionCode.FIXED, 1), (ResolutionCode.WORKAROUND, 1), (ResolutionCode.PROVIDER_FIXED, 1),
    (ResolutionCode.NOT_REPRODUCIBLE, 0), (ResolutionCode.DECLINED, 0),
])  # fmt: skip
def test_a_new_ticket_after_a_mended_one_is_a_return(code, returns):
    closed(ago(days=60), code)
    filed(ago(days=3))
    found = radar().returning
    assert len(found) == returns
    for one in found:
        assert (one.returns, one.gap_s) == (1, 57 * 86400 - 3600)


def test_what_comes_before_the_mending_or_long_ago_is_no_return():
    filed(ago(days=40, hours=1))
    filed(ago(days=2))
    closed(ago(days=1))
    closed(ago(days=50), provider="Novaplay")
    filed(ago(days=29), provider="Novaplay")
    assert radar().returning == []


def test_the_first_ticket_without_a_category_is_a_return_all_the_same():
    closed(ago(days=80))
    ticket(moment=ago(days=1, hours=2), details={"provider": "Reelworks", "error_code": "502"})
    [one] = radar().returning
    assert (one.returns, one.unclassified, one.category.key) == (1, 1, "provider_integration")


def test_a_reopening_is_a_return():
    made = closed(ago(days=4))
    made.move_to(S.DIAGNOSTICS, by=person("rita"), at=ago(days=2), answers=Answers(why="Again"))
    [one] = radar().returning
    assert (one.returns, one.gap_s, one.tickets, one.open) == (1, 2 * 86400 - 3600, 1, 1)
    assert one.open_s == 2 * 86400 + 3600  # not while it was closed
    assert one.last_seen == ago(days=2)


def test_a_reopening_of_what_was_never_mended_is_none():
    made = closed(ago(days=4), ResolutionCode.NOT_REPRODUCIBLE)
    made.move_to(S.DIAGNOSTICS, by=person("rita"), at=ago(days=2), answers=Answers(why="Again"))
    assert radar().returning == []


def test_a_linked_recurrence_is_a_return_of_its_own_trouble_once():
    old = closed(ago(days=60), provider="Novaplay")
    new = filed(ago(days=3))
    link(new, old, LinkKind.RECURRENCE_OF, by=person("ann"), at=ago(days=2))
    [one] = radar().returning
    assert (one.returns, one.gap_s, one.place.key) == (1, 57 * 86400 - 3600, new.signature)
    closed(ago(days=30))
    [one] = radar().returning
    assert one.returns == 1  # it followed a mended one of its own as well


def test_the_gap_is_the_median():
    closed(ago(days=20))
    for days in (19, 15, 10):
        closed(ago(days=days))
    [one] = radar().returning
    assert (one.returns, one.gap_s) == (3, 4 * 86400 - 3600)


def test_what_it_cost_is_added_up():
    first = closed(ago(days=3), hours=30)  # Friday morning to Saturday
    second = filed(ago(hours=2), status=S.DIAGNOSTICS, owner=person("bo"))
    db.session.commit()
    [one] = radar().returning
    assert one.open_s == 30 * 3600 + 2 * 3600
    assert one.people == 2
    clocks = [clock for made in (first, second) for clock in made.clockwork.clocks if clock.kind == "resolution"]
    elapsed = clocks[0].elapsed_before_s + clocks[1].elapsed_before_s
    elapsed += clocks[1].calendar.work(clocks[1].segment_start, NOW)
    assert one.worked_s == elapsed
    late = sum(clock.breached_at is not None for made in (first, second) for clock in made.clockwork.clocks)
    assert one.breaches == late
    assert (one.open, one.loose, one.parent) == (1, 1, None)


def test_a_parent_is_found_from_its_children_and_from_a_member_that_is_one():
    made = [filed(ago(hours=n)) for n in (1, 2, 3, 4)]
    outer = ticket("An umbrella", moment=ago(hours=1))
    for child in made[:2]:
        link(outer, child, LinkKind.PARENT, by=person("mara"), at=NOW)
    [one] = radar().flaring
    assert (one.parent.id, one.open, one.loose) == (outer.id, 4, 2)
    outer.close_as(ResolutionCode.INVALID, by=person("mara"), at=NOW)
    [one] = radar().flaring
    assert (one.parent, one.loose) == (None, 2)


def test_restricted_tickets_are_counted_for_whoever_may_see_them_alone():
    made = [
        ticket("Credential stuffing", moment=ago(hours=n), by=person("mara"), type=TicketType.SECURITY_ALERT,
               details={"affected_service": "vault-api"}) for n in (1, 2, 3)
    ]  # fmt: skip
    made += [ticket("Credential stuffing", moment=ago(hours=4), details={"affected_service": "vault-api"})]
    place = Place(made[0].signature, None)
    for one in made[:3]:
        one.team_id = person("bo").team_id
    assert [one.day for one in radar("mara").flaring] == [4]
    assert [one.day for one in radar("bo").flaring] == [4]  # it is their team's
    assert radar("ben").flaring == []
    seen = load_trouble(place, person("ben"), NOW)
    assert (seen.day, seen.open, seen.loose, seen.last_seen, seen.newest) == (1, 1, 1, ago(hours=4), made[3].id)
    made[0].watch(person("ben"), by=person("mara"), at=NOW)
    db.session.commit()
    assert load_trouble(place, person("ben"), NOW).day == 2


def test_a_mended_ticket_that_the_viewer_may_not_see_makes_no_return():
    old = closed(ago(days=9))
    filed(ago(days=2))
    old.restricted, old.team_id, old.owner_id = True, person("bo").team_id, person("bo").id
    assert len(radar("mara").returning) == 1 and radar("ben").returning == []


def test_what_was_not_seen_for_months_has_a_page_all_the_same():
    made = closed(ago(days=90))
    db.session.commit()
    one = load_trouble(Place(made.signature, made.category_id), person("ann"), NOW)
    assert (one.tickets, one.title, one.last_seen) == (0, made.title, ago(days=90))
    assert load_trouble(Place("0" * 20, None), person("ann"), NOW) is None


def test_very_many_tickets_of_one_trouble_are_counted_but_not_all_looked_at(monkeypatch):
    monkeypatch.setattr("ticketing.queries.recurrence_rows.AT_MOST", 2)
    for hours in (1, 2, 3):
        filed(ago(hours=hours))
    [one] = radar().flaring
    assert (one.tickets, one.looked_at, one.is_cut, one.open_s) == (3, 2, True, 3 * 3600)


def test_an_address_names_a_trouble_or_nothing():
    place = Place("0123456789abcdef0123", 7)
    assert read_place(str(place)) == place
    assert read_place("0123456789abcdef0123-0") == Place("0123456789abcdef0123", None)
    for text in ("", "-", "0123456789abcdef0123", "0123456789abcdef0123-", "0123456789ABCDEF0123-1", "x" * 20 + "-1"):
        assert read_place(text) is None


def test_a_cancelled_clock_is_no_work_on_the_fix():
    made = closed(ago(days=3))
    trouble = load_trouble(Place(made.signature, made.category_id), person("mara"), NOW)
    every = update(SlaClock).where(SlaClock.kind == "resolution")
    db.session.execute(every.values(elapsed_before_s=600))
    [fix] = fixes_of(trouble, person("mara"))
    assert fix.worked_s == 600
    db.session.execute(every.values(state=ClockState.CANCELLED))
    [fix] = fixes_of(trouble, person("mara"))
    assert fix.worked_s is None
