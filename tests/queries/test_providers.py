"""Scorecards of providers and payment systems, each figure against a slow count from the events, over a change of the
clocks in the desk's zone.
"""

import random
import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests import factories as make
from tests.support.parties import close, reopen, slowly
from tests.support.sql import statements
from ticketing.extensions import db
from ticketing.jobs.reports.refresh import refresh
from ticketing.models.answers import Hold
from ticketing.models.event import EventKind
from ticketing.queries import provider_times
from ticketing.queries.providers import load_scorecard, load_scorecards, load_tickets, span_of
from ticketing.queries.report_scope import Scope
from ticketing.rules.sla import ClockKind
from ticketing.rules.taxonomy import HoldReason, Priority, ResolutionCode, Status, TicketType

ZONE = "Europe/Berlin"
FIRST, LAST = date(2026, 3, 23), date(2026, 3, 29)  # its last day has 23 hours
S = Status
MINUTE = timedelta(minutes=1)
NAMES = ("PayNetix", " paynetix", "Reelworks", "REELWORKS", "Kestrel  Live")
OPEN_STEPS = (S.NEW, S.ASSIGNED, S.DIAGNOSTICS, S.DIAGNOSTICS, S.CORRECTION, S.SOLUTION_CHECK, S.SOLUTION_CHECK)


def local(*moment):
    return datetime(*moment, tzinfo=ZoneInfo(ZONE)).astimezone(UTC)


NOW = local(2026, 3, 29, 18)


def scope(first=FIRST, last=LAST):
    return Scope(first, last)


def trouble(moment, step=S.DIAGNOSTICS, kind=TicketType.INCIDENT, priority=Priority.NORMAL, **details):
    return make.ticket_in(step, moment=moment, type=kind, priority=priority, details=details)


def live_one(rng, start):
    """One ticket's life of some days, all of it on whole minutes."""
    named = {"provider": rng.choice(NAMES)}
    kind = rng.choice((TicketType.INCIDENT, TicketType.PAYMENT_ISSUE, TicketType.INTEGRATION_ISSUE))
    if kind is TicketType.PAYMENT_ISSUE:
        named |= rng.choice(({}, {"payment_system": "Cardline"}, {"payment_system": "PayNetix"}))
    step = rng.choice(OPEN_STEPS)
    at = start + MINUTE * rng.randrange(0, 15 * 1440)
    made = trouble(at, step, kind, rng.choice(list(Priority)), **named)
    at += MINUTE * 10

    def later():
        return at + MINUTE * rng.randrange(1, 900)

    if made.status in (S.DIAGNOSTICS, S.CORRECTION, S.ASSIGNED) and rng.random() < 0.6:
        at = later()
        made.hold(Hold(rng.choice((HoldReason.PROVIDER, HoldReason.VENDOR))), by=make.person("mara"), at=at)
        if rng.random() < 0.3:
            at = later()
            made.hold(Hold(HoldReason.PROVIDER), by=make.person("mara"), at=at)
        if rng.random() < 0.8:
            at = later()
            made.resume(by=make.person("mara"), at=at)
    if made.status in (S.DIAGNOSTICS, S.CORRECTION, S.SOLUTION_CHECK):
        for turn in range(rng.choice((0, *[1, 2] * 5, 3))):
            if turn:
                at = later()
                reopen(made, at)
            at = later()
            close(made, at)
    elif rng.random() < 0.9:
        at = later()
        close(made, at, rng.choice((ResolutionCode.INVALID, ResolutionCode.DUPLICATE)))
    return at


@pytest.fixture
def desk(app, people):
    """Thirty lives around the period, counted."""
    rng = random.Random(11)
    with app.app_context():
        for _ in range(30):
            live_one(rng, local(2026, 3, 13))
        db.session.commit()
        refresh(NOW, ZONE)
    return app


def _slowly(party, asked):
    return slowly(*party, asked.first, asked.last, NOW, ZONE)


def figures(card):
    clock = card.clocks[ClockKind.RESOLUTION]
    return {
        "tickets": card.tickets, "incidents": card.incidents, "reopened": card.reopened, "waits": card.waits,
        "waited_s": card.waited_s, "met": clock.met, "breached": clock.breached, "open_s": card.open_s,
        "outage_s": card.outage_s,
    }  # fmt: skip


PARTIES = [("provider", "paynetix"), ("provider", "reelworks"), ("provider", "kestrel live"),
           ("payment_system", "cardline"), ("payment_system", "paynetix")]  # fmt: skip


@pytest.mark.parametrize(
    ("first", "last"),
    [(FIRST, LAST), (LAST, LAST), (date(2026, 3, 27), date(2026, 3, 30)), (date(2026, 3, 10), date(2026, 4, 20))],
)
def test_each_figure_is_what_a_slow_count_finds(desk, first, last):
    with desk.app_context():
        mara, asked = make.person("mara"), Scope(first, last)
        before = asked.previous
        found = {(one.now.sort, one.now.key): one for one in load_scorecards(asked, mara, ZONE, NOW)}
        assert set(found) <= set(PARTIES)
        for party in PARTIES:
            now, then = _slowly(party, asked), _slowly(party, before)
            one = load_scorecard(*party, asked, mara, ZONE, NOW)
            assert figures(one.now) == now, party
            assert figures(one.before) == then, party
            assert one.now.tickets == sum(one.now.by_type.values())
            if party in found:
                assert figures(found[party].now) == now, party
                assert figures(found[party].before) == then, party
            else:
                assert not any(now.values())
                assert not any(then.values())


@pytest.mark.parametrize(("long", "most"), [(0, 2000), (3600, 2000), (8 * 3600, 2000), (8 * 3600, 1), (10**9, 2000)])
@pytest.mark.parametrize("near", [0, 24 * 3600])
def test_what_counts_as_long_changes_no_figure(desk, monkeypatch, long, most, near):
    """Nor does how many gaps are asked for at once, and which are taken as one."""
    with desk.app_context():
        mara = make.person("mara")
        expected = load_scorecards(scope(), mara, ZONE, NOW)
        monkeypatch.setattr(provider_times, "LONG_S", long)
        monkeypatch.setattr(provider_times, "_MOST_GAPS", most)
        monkeypatch.setattr(provider_times, "_NEAR_S", near)
        found = load_scorecards(scope(), mara, ZONE, NOW)
        for one, other in zip(found, expected, strict=True):
            assert figures(one.now) == figures(other.now)
            assert figures(one.before) == figures(other.before)
            assert one.now.stretches == other.now.stretches


def test_a_reopened_trouble_and_its_like_are_told_apart(app, people):
    """Both were filed and closed at the same moments; one was closed for an hour in between."""
    with app.app_context():
        start = local(2026, 3, 24, 8)
        for again in (True, False):
            one = trouble(start, provider="Reelworks")
            if again:
                close(one, start + timedelta(hours=1))
                reopen(one, start + timedelta(hours=2))
            close(one, start + timedelta(hours=3))
        card = load_scorecard("provider", "reelworks", scope(), people.mara, ZONE, NOW).now
        assert (card.incidents, card.open_s) == (2, 3 * 3600)


def test_no_statement_leans_on_how_texts_are_ordered(desk):
    """A server with the collation of a language puts marks elsewhere than their bytes are."""
    with desk.app_context(), statements(desk) as seen:
        load_scorecards(scope(), make.person("mara"), ZONE, NOW)
        load_scorecard("provider", "paynetix", scope(), make.person("mara"), ZONE, NOW)
    for one in seen:
        assert not re.search(r"(\.key|\.provider|\.payment_system|\.type)\"? *(<|>|BETWEEN|LIKE)", str(one)), one


def test_the_lives_hold_something_of_everything(desk):
    with desk.app_context():
        found = [_slowly(party, scope()) for party in PARTIES]
        assert all(sum(one[name] for one in found) for name in found[0])
        assert any(one["outage_s"] < one["open_s"] for one in found)


def test_the_day_on_which_the_clocks_change_has_an_hour_less():
    assert [span_of(Scope(day, day), ZONE) for day in (FIRST, LAST)] == [
        (int(local(2026, 3, 23).timestamp()), int(local(2026, 3, 24).timestamp())),
        (int(local(2026, 3, 29).timestamp()), int(local(2026, 3, 29).timestamp()) + 23 * 3600),
    ]


def test_an_outage_through_the_night_of_the_change_lasts_as_long_as_it_did(app, people):
    with app.app_context():
        one = trouble(local(2026, 3, 28, 23), provider="Reelworks")
        close(one, local(2026, 3, 29, 5))
        card = load_scorecard("provider", "reelworks", scope(), people.mara, ZONE, NOW).now
        assert card.open_s == 5 * 3600
        assert card.outage == (local(2026, 3, 28, 23), local(2026, 3, 29, 5))
        sunday = load_scorecard("provider", "reelworks", Scope(LAST, LAST), people.mara, ZONE, NOW)
        assert (sunday.now.open_s, sunday.before.open_s) == (4 * 3600, 3600)


def test_overlapping_incidents_count_once(app, people):
    with app.app_context():
        for start, hours in ((8, 4), (9, 1), (11, 3), (20, 1)):
            close(trouble(local(2026, 3, 24, start), provider="Reelworks"), local(2026, 3, 24, start + hours))
        card = load_scorecard("provider", "reelworks", scope(), people.mara, ZONE, NOW).now
        assert (card.incidents, card.open_s, card.outage_s) == (4, 7 * 3600, 6 * 3600)


def test_what_was_closed_in_between_was_not_open(app, people):
    with app.app_context():
        one = trouble(local(2026, 3, 24, 8), provider="Reelworks")
        close(one, local(2026, 3, 24, 9))
        reopen(one, local(2026, 3, 24, 12))
        close(one, local(2026, 3, 24, 14))
        card = load_scorecard("provider", "reelworks", scope(), people.mara, ZONE, NOW).now
        assert (card.incidents, card.open_s, card.open_at_end) == (1, 3 * 3600, 0)


def test_what_was_reopened_from_its_check_elsewhere_was_open_once(app, people):
    with app.app_context():
        one = trouble(local(2026, 3, 24, 8), S.SOLUTION_CHECK, provider="Reelworks")
        back = {"from": "solution_check", "to": "diagnostics", "why": "Again"}
        one.record(EventKind.REOPENED, people.mara, local(2026, 3, 24, 10), **back)
        close(one, local(2026, 3, 24, 12))
        card = load_scorecard("provider", "reelworks", scope(), people.mara, ZONE, NOW).now
        assert (card.incidents, card.open_s, card.outage_s) == (1, 4 * 3600, 4 * 3600)


def test_what_is_open_lasts_until_now_and_not_longer(app, people):
    with app.app_context():
        trouble(NOW - timedelta(hours=2), provider="Reelworks")
        card = load_scorecard("provider", "reelworks", Scope(FIRST, date(2026, 4, 5)), people.mara, ZONE, NOW).now
        assert (card.open_s, card.open_at_end) == (2 * 3600, 1)


@pytest.mark.parametrize("code", [ResolutionCode.INVALID, ResolutionCode.DUPLICATE])
def test_what_was_none_after_all_is_no_incident(app, people, code):
    with app.app_context():
        trouble(local(2026, 3, 1))
        one = trouble(local(2026, 3, 24, 8), provider="Reelworks")
        close(one, local(2026, 3, 24, 12), code)
        card = load_scorecard("provider", "reelworks", scope(), people.mara, ZONE, NOW).now
        assert (card.tickets, card.incidents, card.open_s) == (1, 0, 0)


def test_spelling_and_spaces_make_no_two_of_one_and_the_newest_is_shown(app, people):
    with app.app_context():
        for hour, name in ((8, "PAYNETIX"), (9, "  pay  netix "), (10, "PayNetix"), (11, "Pay Netix")):
            trouble(local(2026, 3, 24, hour), provider=name)
        found = load_scorecards(scope(), people.mara, ZONE, NOW)
        assert [(one.name, one.now.tickets) for one in found] == [("PayNetix", 2), ("Pay Netix", 2)]


def test_restricted_tickets_count_for_managers_alone(app, people):
    with app.app_context():
        one = trouble(local(2026, 3, 24, 8), provider="Reelworks")
        one.restricted = True
        db.session.commit()
        refresh(NOW, ZONE)
        assert load_scorecard("provider", "reelworks", scope(), people.mara, ZONE, NOW).now.incidents == 1
        for viewer in (people.ann, people.bo):  # the one who owns it too: the sheets cannot tell
            assert load_scorecard("provider", "reelworks", scope(), viewer, ZONE, NOW) is None
            assert load_scorecards(scope(), viewer, ZONE, NOW) == []
            assert load_tickets("provider", "reelworks", scope(), viewer, ZONE, 10) == ([], 0)


def test_the_list_is_what_was_filed_or_open(app, people):
    with app.app_context():
        old = trouble(local(2026, 3, 1), provider="Reelworks")
        gone = trouble(local(2026, 3, 2), provider="Reelworks")
        close(gone, local(2026, 3, 3))
        new = (
            trouble(local(2026, 3, 24), priority_=None) if False else trouble(local(2026, 3, 24), provider="Reelworks")
        )
        rows, total = load_tickets("provider", "reelworks", scope(), people.mara, ZONE, 1)
        assert ([row.id for row in rows], total) == ([new.id], 2)
        rows, total = load_tickets("provider", "reelworks", scope(), people.mara, ZONE, 10)
        assert ([row.id for row in rows], total) == ([new.id, old.id], 2)


def test_nobody_is_named(app, people):
    with app.app_context():
        make.ticket(priority=Priority.LOW, moment=local(2026, 3, 24))
        assert load_scorecards(scope(), people.mara, ZONE, NOW) == []
        assert load_scorecard("provider", "reelworks", scope(), people.mara, ZONE, NOW) is None


def test_the_statements_are_as_many_whatever_there_is(desk, people):
    def asked():
        with desk.app_context(), statements(desk) as seen:
            load_scorecards(scope(), make.person("mara"), ZONE, NOW)
            return len(seen)

    first = asked()
    with desk.app_context():
        for number in range(12):
            trouble(local(2026, 3, 25, 1, number), provider=f"Provider {number}")
        db.session.commit()
    assert asked() == first <= 13
