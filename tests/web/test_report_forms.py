"""The one form of the reports: what is chosen of the period and what is chosen of the filters go together, also without
script. And the words of a change, which fit the two numbers they stand beside.
"""

import re
from array import array
from datetime import date
from html import unescape
from types import SimpleNamespace
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from ticketing.queries.providers import Card, Scorecard
from ticketing.queries.report_scope import Scope
from ticketing.rules.compliance import Compliance
from ticketing.rules.sla import ClockKind
from ticketing.rules.spread import Spread
from ticketing.web.provider_tables import figures
from ticketing.web.report_key_figures import key_figures

pytestmark = pytest.mark.usefixtures("that_morning")  # of 4 May 2026


def fields(text):
    """What a browser would send of the form: its own fields, and those elsewhere that name it."""
    form = re.search(r'<form[^>]*id="report-filters".*?</form>', text, re.DOTALL)[0]
    outside = re.findall(r'<input[^>]*form="report-filters"[^>]*>', text)
    sent = {}
    for field in [*outside, *re.findall(r"<input[^>]*>", form)]:
        sent[re.search(r' name="([^"]+)"', field)[1]] = unescape(re.search(r' value="([^"]*)"', field)[1])
    for name, options in re.findall(r'<select[^>]* name="([a-z]+)".*?>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', options)
        sent[name] = chosen[1] if chosen else ""
    return sent


def send(client, sent):
    """What the address says at which one ends, and the page."""
    answer = client.get(f"/reports?{urlencode(sent)}", follow_redirects=True)
    return dict(parse_qsl(urlsplit(answer.request.url).query)), answer.text


def test_nothing_stands_in_two_forms(mara):
    text = mara.get("/reports").text
    assert text.count('action="/reports"') == 1 and text.count('name="first"') == 1 and text.count('name="team"') == 1
    assert text.count('form="report-filters"') == 3  # both days and their button


JANUARY = {"first": "2026-01-01", "last": "2026-01-31"}


@pytest.mark.parametrize(
    ("shown", "chosen", "asked"),
    [
        ({}, {}, {"preset": "4w"}),
        ({"preset": "12w"}, {"team": "devops"}, {"preset": "12w", "team": "devops"}),
        ({"preset": "12w"}, JANUARY | {"team": "devops"}, JANUARY | {"team": "devops"}),
        ({"team": "devops"}, JANUARY, JANUARY | {"team": "devops"}),
        ({"team": "devops", "type": "incident"}, {"team": ""}, {"preset": "4w", "type": "incident"}),
        (JANUARY, {"priority": "high", "person": "none"}, JANUARY | {"priority": "high", "person": "none"}),
    ],
)
def test_one_choice_does_not_lose_the_other(mara, shown, chosen, asked):
    before = fields(mara.get(f"/reports?{urlencode(shown)}").text)
    address, page = send(mara, before | chosen)
    assert address == asked
    assert {name: fields(page)[name] for name in asked} == asked


def test_a_named_period_goes_on_though_the_form_sends_its_days(mara):
    sent = "preset=4w&first=2026-04-07&last=2026-05-04&team=devops"
    answer = mara.get(f"/reports?{sent}")
    assert (answer.status_code, answer.location) == (302, "/reports?preset=4w&team=devops")
    fragment = mara.get(f"/reports?{sent}", headers={"HX-Request": "true"})
    assert fragment.status_code == 200 and fields(fragment.text)["preset"] == "4w"
    behind = mara.get(f"/reports/tickets?figure=created&{sent}")
    assert behind.status_code == 200 and "preset=4w&amp;team=devops" in behind.text


@pytest.mark.parametrize(
    ("asked", "kept"),
    [
        ({"first": "2026-05-09", "last": "2026-05-04", "team": "devops"},
         {"first": "2026-05-09", "last": "2026-05-04", "team": "devops"}),
        ({"last": "2026-05-04", "type": "incident"}, {"first": "", "last": "2026-05-04", "type": "incident"}),
        ({"preset": "9w", "priority": "high"}, {"preset": "4w", "priority": "high"}),
        ({"preset": "12w", "team": "nobody", "priority": "high"}, {"preset": "12w", "team": "", "priority": "high"}),
        (JANUARY | {"team": "nobody"}, JANUARY | {"team": ""}),
    ],
)  # fmt: skip
def test_what_is_refused_takes_nothing_else_with_it(mara, asked, kept):
    answer = mara.get(f"/reports?{urlencode(asked)}")
    assert answer.status_code == 422
    sent = fields(answer.text)
    assert {name: sent[name] for name in kept} == kept
    assert ("preset" in sent) == ("preset" in kept)


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("first=2026-05-09&last=2026-05-04", "This is the report of the last four weeks instead."),
        ("preset=9w&team=nobody", "This is the report of the last four weeks instead."),
        ("preset=12w&team=nobody", "This is the report without it."),
        ("team=nobody", "This is the report without it."),
    ],
)
def test_what_is_shown_instead_is_told(mara, asked, words):
    assert words in mara.get(f"/reports?{asked}").text


@pytest.mark.parametrize(("who", "place"), [("ann", "/queue"), ("mara", "/queue"), ("rita", "/my")])
def test_whoever_looks_for_all_tickets_is_led_to_them(people, client_for, who, place):
    answer = client_for(getattr(people, who)).get("/tickets")
    assert (answer.status_code, answer.location) == (302, place)


# Words of a change


@pytest.mark.parametrize(
    ("now", "then", "value", "change"),
    [(30, 0, "<1 min", "<1 min more"), (0, 30, "0 min", "<1 min less"), (30, 45, "<1 min", "no change"),
     (0, 0, "0 min", "no change"), (150, 30, "2 min", "2 min more"), (119, 61, "1 min", "no change")],
)  # fmt: skip
def test_a_providers_times_and_the_words_of_their_change_agree(app, now, then, value, change):
    cards = [Card("provider", "paynetix", waited_s=seconds) for seconds in (now, then)]
    with app.test_request_context():
        waited = figures(Scorecard("PayNetix", *cards), Scope(date(2026, 5, 1), date(2026, 5, 4)))[-1]
        assert (waited.value, waited.change) == (value, change)
        assert (waited.value == waited.was) == (waited.change == "no change")


@pytest.mark.parametrize(
    ("now", "then", "told"),
    [(30, 0, ("<1 min", "", "worse")), (0, 30, ("0 min", "", "better")), (30, 45, ("<1 min", "", "no change")),
     (150, 30, ("2 min", "+2 min", "worse"))],
)  # fmt: skip
def test_a_key_figures_times_and_the_words_of_their_change_agree(app, now, then, told):
    def head(seconds):
        cycles = Compliance(met=1, times=Spread(1, [array("q", [seconds])]))
        return SimpleNamespace(created=1, closed=1, reopened=0, open_at_end=0, reopen_share=0,
                               clocks={ClockKind.REACTION: cycles, ClockKind.RESOLUTION: cycles})  # fmt: skip

    scope = Scope(date(2026, 4, 7), date(2026, 5, 4), preset="4w")
    report = SimpleNamespace(headline=head(now), previous=head(then), weeks=[], scope=scope)
    with app.test_request_context():
        median = key_figures(report)[-1]
    assert (median.value, median.change, median.verdict) == told
