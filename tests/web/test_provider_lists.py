"""The numbers of a provider's page and the lists behind them: as long as the numbers say, and as a slow count finds."""

import csv
import io
import re
from datetime import UTC, datetime, timedelta
from html import unescape
from zoneinfo import ZoneInfo

import pytest
import time_machine

from tests import factories as make
from tests.support.parties import close, reopen, slowly
from ticketing.extensions import db
from ticketing.jobs.reports.refresh import refresh
from ticketing.queries.report_scope import Scope
from ticketing.rules.taxonomy import Priority, ResolutionCode, Status, TicketType

ZONE = "Europe/Berlin"
MONDAY = datetime(2026, 5, 4, 9, tzinfo=ZoneInfo(ZONE)).astimezone(UTC)
NOW = MONDAY + timedelta(days=11)
WEEK = Scope(MONDAY.date(), MONDAY.date() + timedelta(days=6))
HOUR = timedelta(hours=1)
PARTIES = [("provider", "paynetix"), ("provider", "reelworks"), ("payment_system", "cardline")]
S = Status
NUMBER = re.compile(r'<a href="(/reports/tickets\?[^"]+)">([\d\u202f]+)</a>')


def filed(step, hours, priority=Priority.NORMAL, kind=TicketType.PAYMENT_ISSUE, **details):
    at = MONDAY + HOUR * hours
    return make.ticket_in(step, moment=at, type=kind, priority=priority, details=details), at


@pytest.fixture
def desk(app, people):
    """Troubles of two providers and a payment system before, in and after a week: kept, late, back, and counted."""
    app.config["TIME_ZONE"] = ZONE
    with app.app_context():
        for hours in (-100, -30, 1, 5, 30, 54, 100, 180):
            one, at = filed(S.DIAGNOSTICS, hours, provider="PayNetix", payment_system="Cardline")
            close(one, at + HOUR * 2)
        back, at = filed(S.CORRECTION, -20, provider=" paynetix")
        for turn in range(3):
            close(back, at + HOUR * (24 * turn + 3))
            reopen(back, at + HOUR * (24 * turn + 9))
        filed(S.NEW, -60, Priority.CRITICAL, provider="Reelworks")  # late in every way
        filed(S.CLASSIFIED, 8, Priority.CRITICAL, provider="REELWORKS", payment_system="cardline")
        slow, at = filed(S.CORRECTION, 2, Priority.CRITICAL, kind=TicketType.INCIDENT, provider="Reelworks")
        close(slow, at + HOUR * 40)
        useless, at = filed(S.NEW, 50, provider="Reelworks", payment_system="Cardline")
        close(useless, at + HOUR, ResolutionCode.INVALID)
        filed(S.DIAGNOSTICS, 60)  # of nobody
        db.session.commit()
        refresh(NOW, ZONE)
    with time_machine.travel(NOW, tick=False):
        yield app


def of(party, figure):
    return f"/reports/tickets?figure={figure}&{WEEK.of_party(*party).query()}"


def listed(client, href):
    """The keys of a list, and how many its head says there are."""
    text = client.get(href).text
    told = re.search(r"· (\d+) in all", text)
    return re.findall(r'<span class="key">(T-\d+)</span>', text), int(told[1]) if told else None


def in_file(client, href):
    answer = client.get(href.replace("/reports/tickets?", "/reports/tickets.csv?"))
    assert answer.status_code == 200
    return [row["Key"] for row in csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff")))]


@pytest.mark.both_databases
@pytest.mark.parametrize("party", PARTIES, ids=lambda party: party[1])
def test_a_list_is_as_long_as_the_number_that_leads_to_it(desk, mara, party):
    page = mara.get(f"/reports/providers/{'/'.join(party)}?{WEEK.query()}").text
    numbers = [(unescape(href), int(shown)) for href, shown in NUMBER.findall(page)]
    assert len(numbers) == 2 + 2 * 3, numbers  # filed, reopened; of each clock met, breached and cancelled
    assert any(shown for _, shown in numbers)
    for href, shown in numbers:
        keys, told = listed(mara, href)
        assert len(keys) == (told or 0) == shown, href
        assert in_file(mara, href) == keys, href


@pytest.mark.both_databases
@pytest.mark.parametrize("party", PARTIES, ids=lambda party: party[1])
def test_a_list_is_as_long_as_a_slow_count_says(desk, mara, party):
    with desk.app_context():
        counted = slowly(*party, WEEK.first, WEEK.last, NOW, ZONE)
    assert counted["tickets"] and counted["met"] + counted["breached"]
    lengths = {
        "created": counted["tickets"], "reopened": counted["reopened"], "resolution_met": counted["met"],
        "resolution_breached": counted["breached"], "resolution": counted["met"] + counted["breached"],
    }  # fmt: skip
    assert {figure: len(listed(mara, of(party, figure))[0]) for figure in lengths} == lengths


def test_each_figure_of_the_desk_is_in_one_of_the_lists(desk, mara):
    """Else the tests above would compare nothing with nothing."""
    found = {figure: sum(len(listed(mara, of(party, figure))[0]) for party in PARTIES)
             for figure in ("created", "reopened", "resolution_met", "resolution_breached", "reaction_met",
                            "reaction_breached", "resolution_cancelled")}  # fmt: skip
    assert all(found.values()), found


def test_the_overview_leads_to_the_same_lists(desk, mara):
    page = mara.get(f"/reports/providers?{WEEK.query()}").text
    numbers = [(unescape(href), int(shown)) for href, shown in NUMBER.findall(page)]
    assert len(numbers) == 2 * len(PARTIES)
    for href, shown in numbers:
        assert len(listed(mara, href)[0]) == shown, href
    shares = re.findall(r'<a href="(/reports/tickets\?[^"]+)">(?:[\d.]+%|–)</a>', page)
    assert [unescape(href) for href in shares if "party=provider%3Apaynetix" in href] == [
        of(PARTIES[0], "reaction"), of(PARTIES[0], "resolution")
    ]  # fmt: skip


def test_a_list_says_whose_it_is_and_leads_back_there(desk, mara):
    page = mara.get(of(("provider", "PayNetix"), "created")).text
    assert "Provider paynetix" in page
    back = f"/reports/providers/provider/paynetix?{WEEK.query()}"
    assert f'href="{back.replace("&", "&amp;")}"' in page
    assert "figure=stays" not in page and "figure=open&amp;" not in page  # of one, times in statuses are not counted


@pytest.mark.both_databases
@pytest.mark.parametrize(
    ("figure", "told"),
    [
        ("reopened", " · 2 in all in one ticket · "),
        ("closed", " · 7 in all in 6 tickets · "),
        ("created", " · 5 in all · "),
    ],
)
def test_facts_are_told_from_the_tickets_they_are_of(desk, mara, figure, told):
    page = mara.get(of(PARTIES[0], figure)).text
    assert told in re.search(r"<h1>.*?</h1>\s*<p>(.*?)</p>", page)[1]


@pytest.mark.both_databases
def test_a_restricted_ticket_of_a_list_has_a_lock(desk, mara, people, client_for):
    with desk.app_context():
        one = db.session.get(make.Ticket, 3)
        one.restricted = True
        db.session.commit()
        refresh(NOW, ZONE)
    rows = re.findall(r"<tr>.*?</tr>", mara.get(of(PARTIES[0], "created")).text, re.DOTALL)
    locked = [re.search(r"T-\d+", row)[0] for row in rows if 'aria-label="Restricted"' in row]
    assert locked == ["T-3"] and len(rows) > 2
    others = client_for(people.bo).get(of(PARTIES[0], "created")).text
    assert "T-3<" not in others and "Restricted" not in others and "without restricted tickets" in others


@pytest.mark.parametrize(
    "party",
    ["provider", "paynetix", "vendor:paynetix", "provider:", "provider:%20", "provider:%00", "provider:pay%00netix",
     ":paynetix", ":", "affected_service:wallet", "Provider:paynetix"],
)  # fmt: skip
@pytest.mark.parametrize("path", ["/reports/tickets", "/reports/tickets.csv"])
def test_a_party_that_cannot_be_is_refused_by_name(mara, path, party):
    answer = mara.get(f"{path}?figure=created&{WEEK.query()}&party={party}")
    assert answer.status_code == 422
    assert "Provider or payment system" in answer.text and "not known" in answer.text


@pytest.mark.parametrize("figure", ["stays", "open", "hold_provider", "aged_1d", "lost"])
def test_a_figure_that_is_not_counted_of_one_is_refused_by_name(mara, figure):
    answer = mara.get(of(PARTIES[0], figure))
    assert answer.status_code == 422
    assert "Figure" in answer.text


def test_an_empty_party_is_none(desk, mara):
    everything = f"/reports/tickets?figure=created&{WEEK.query()}"
    assert listed(mara, f"{everything}&party=") == listed(mara, everything)
