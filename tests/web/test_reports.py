"""The pages of the reports: what they say, where their numbers lead, and whom they let in."""

import re
from datetime import timedelta
from html import unescape

import pytest
import time_machine

from tests import factories as make
from tests.support.reports import counted_desk
from tests.support.sql import statements
from ticketing.extensions import db
from ticketing.jobs.reports.refresh import refresh
from ticketing.models import Team, Ticket
from ticketing.rules.taxonomy import Status

NUMBER = re.compile(r'<a href="(/reports/tickets\?[^"]+)">([\d\u202f]+)</a>')
PLACES = (
    "/reports", "/reports/glossary", "/reports/tickets?figure=created", "/reports/weeks.csv",
    "/reports/tickets.csv?figure=closed",
)  # fmt: skip


@pytest.fixture
def counted(app, people):
    found = counted_desk(app)
    with time_machine.travel(found.at, tick=False):
        yield found


@pytest.fixture
def desk_of_one(app, people):
    """One ticket, closed within minutes, and counted."""
    with app.app_context():
        made = make.ticket_in(Status.CLOSED)
        db.session.commit()
        refresh(make.at(60), "UTC")
    with time_machine.travel(make.at(61), tick=False):
        yield made


def rows_of(text: str, panel: str) -> list[list[str]]:
    """The cells of a panel's table as texts."""
    table = re.search(rf'id="panel-{panel}".*?<tbody>(.*?)</tbody>', text, re.DOTALL)[1]
    lines = re.findall(r"<tr.*?</tr>", table, re.DOTALL)
    cells = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", line, re.DOTALL) for line in lines]
    return [[unescape(re.sub(r"<[^>]+>", "", cell)).strip() for cell in line] for line in cells]


def figure(text: str, name: str) -> str:
    """What stands under a key figure."""
    part = re.search(rf'kpi__label">{re.escape(name)}<.*?kpi__value">(.*?)</p>.*?kpi__delta"[^>]*>(.*?)</p>', text,
                     re.DOTALL)  # fmt: skip
    return " | ".join(unescape(re.sub(r"<[^>]+>", "", one)).strip() for one in part.groups())


def test_a_desk_that_was_never_counted_says_what_to_do(mara):
    answer = mara.get("/reports")
    assert answer.status_code == 200
    assert "Nothing has been counted yet" in answer.text
    assert "<code>flask report refresh</code>" in answer.text
    assert 'class="kpis"' not in answer.text


def test_an_empty_desk_that_was_counted_shows_empty_panels(app, people, client_for):
    with app.app_context():
        refresh(make.at(0), "UTC")
    with time_machine.travel(make.at(1), tick=False):
        text = client_for(people.mara).get("/reports").text
    assert "Counted at 09:00 (UTC)" in text
    assert "Nothing was created and nothing closed in this period." in text
    assert "No clock came due in this period." in text
    assert "Nothing is open." in text
    assert "<canvas" not in text
    assert figure(text, "Reaction kept") == "– | nothing to compare with"


def test_one_ticket_is_told_in_every_panel(desk_of_one, mara):
    text = mara.get("/reports?first=2026-05-04&last=2026-05-10").text
    assert figure(text, "Created") == "1 | +1, more 0 in the 7 days before"
    assert figure(text, "Open at the end") == "0 | no change 0 when the period began"
    assert "1 created, 1 closed: as many came as went. 0 were open at the end." in text
    assert "Reaction kept 100% of 1 promises, resolution 100% of 1." in text
    assert rows_of(text, "weeks") == [["W19", "4 May", "10 May", "1", "1", "0", "0"]]
    assert rows_of(text, "throughput")[0][:4] == ["Ann Haddad", "1", "1", "0"]


def test_the_page_says_when_it_was_counted_and_in_which_zone(counted, mara):
    text = mara.get(f"/reports?{counted.query}").text
    assert re.search(r"Counted at \d\d:\d\d \(Europe/Berlin\)", text)
    assert "These figures are old" not in text


def test_figures_that_are_old_say_so(counted, mara):
    with time_machine.travel(counted.at + timedelta(hours=2), tick=False):
        assert "These figures are old." in mara.get("/reports").text


def test_the_day_of_the_desk_ends_the_period_not_that_of_utc(app, people, client_for):
    app.config["TIME_ZONE"] = "Asia/Kathmandu"
    with app.app_context():
        refresh(make.at(0), "Asia/Kathmandu")
    with time_machine.travel(make.NOW.replace(hour=20), tick=False):  # the 5th has begun in Nepal
        text = client_for(people.mara).get("/reports").text
    assert 'name="last" value="2026-05-05"' in text
    assert 'name="first" value="2026-04-08"' in text


def test_every_number_leads_to_as_many_lines(counted, mara):
    text = mara.get(f"/reports?{counted.query}").text
    numbers = {(unescape(path), int(shown.replace("\u202f", ""))) for path, shown in NUMBER.findall(text)}
    assert len(numbers) > 80
    for path, shown in sorted(numbers):
        listed = mara.get(path)
        assert listed.status_code == 200, path
        found = len(re.findall(r'class="behind__title"', listed.text))
        told = re.search(r"([\d\u202f]+) in all", listed.text)
        assert found == min(shown, 50), path
        assert told is None or int(told[1]) == shown, path


def test_shares_and_times_lead_to_the_cycles_they_are_made_of(counted, mara):
    text = mara.get(f"/reports?{counted.query}").text
    linked = re.findall(r'<a href="(/reports/tickets\?figure=resolution&amp;[^"]+)">([^<]+)</a>', text)
    assert any(shown.endswith("%") for _, shown in linked)
    assert any(shown.endswith(" min") for _, shown in linked)
    listed = mara.get(unescape(linked[0][0])).text
    assert "Resolution: met and breached" in listed
    assert "Resolution: met<" in listed


def test_every_list_behind_a_number_has_a_name_and_opens(counted, mara):
    from ticketing.queries.report_behind import NAMES
    from ticketing.web.report_figures import figure_name
    from ticketing.web.report_tables import AGED

    for name in sorted(NAMES) + [f"{AGED}{code}" for code in ("1d", "3d", "7d", "28d", "older")]:
        answer = mara.get(f"/reports/tickets?figure={name}&{counted.query}")
        assert answer.status_code == 200, name
        assert f"<h1>{figure_name(name)}</h1>" in answer.text, name


def test_a_list_has_pages_and_ends(app, people, client_for):
    with app.app_context():
        for minute in range(55):
            make.ticket(f"Ticket {minute}", moment=make.at(minute))
        db.session.commit()
        refresh(make.at(90), "UTC")
    with time_machine.travel(make.at(91), tick=False):
        mara = client_for(people.mara)
        first, second = (mara.get(f"/reports/tickets?figure=created&page={page}").text for page in (1, 2))
        assert mara.get("/reports/tickets?figure=created&page=0").status_code == 422
    assert "1 to 50 of 55" in first and 'rel="next"' in first
    assert "51 to 55 of 55" in second and 'rel="next"' not in second
    assert len(re.findall("behind__title", first)) == 50


def test_filters_and_period_travel_with_every_link(counted, mara):
    text = mara.get(f"/reports?{counted.query}&team=technical_support&priority=normal").text
    assert "Technical Support, Normal" in text
    links = re.findall(r'href="(/reports/(?:tickets\?|[a-z]+\.csv\?)[^"]+)"', text)
    assert len(links) > 50
    for link in map(unescape, links):
        assert "team=" in link and "priority=" in link, link
    assert '<option value="technical_support" selected>' in text
    assert f'href="/reports?{counted.query.replace("&", "&amp;")}"' in text  # takes the filters off


@pytest.mark.parametrize(
    ("query", "words"),
    [("first=2026-05-09&last=2026-05-04", "The last day lies before the first."), ("preset=9w", "Period"),
     ("first=4.5.2026&last=2026-05-04", "Write a date such as 2026-05-04."), ("team=nobody", "Team"),
     ("first=2024-01-01&last=2026-05-04", "A report spans 400 days at most."), ("person=nobody-here", "Owner"),
     ("first=2026-05-09", "This is needed."), ("category=x", "Category"), ("type=x", "Type"),
     ("priority=x", "Priority")],
)  # fmt: skip
def test_what_cannot_be_asked_is_refused_by_name(mara, query, words):
    for path in ("/reports?", "/reports/weeks.csv?", "/reports/tickets?figure=created&"):
        answer = mara.get(path + query)
        assert answer.status_code == 422, path
        assert words in answer.text, path


def test_a_period_that_cannot_be_is_told_beside_what_was_typed(mara):
    for headers in ({}, {"HX-Request": "true"}):
        text = mara.get("/reports?first=2026-05-09&last=2026-05-04", headers=headers).text
        assert 'name="first" value="2026-05-09" required>' in text
        assert 'name="last" value="2026-05-04" required aria-invalid="true" aria-describedby="report-errors">' in text
        assert "the report of the last four weeks instead" in text and 'id="report"' in text


def test_an_unknown_figure_is_refused_by_name(mara):
    for query in ("", "?figure=", "?figure=lost", "?figure=aged_2d", "?figure=open_closed"):
        answer = mara.get(f"/reports/tickets{query}")
        assert answer.status_code == 422
        assert "Figure" in answer.text


def test_a_reporter_has_no_reports(people, client_for):
    for path in PLACES:
        assert client_for(people.rita).get(path).status_code == 403, path
    assert 'data-go="r"' not in client_for(people.rita).get("/my").text


def test_staff_find_the_reports_in_the_bar_the_tabs_and_the_list_of_keys(people, client_for):
    text = client_for(people.ann).get("/queue").text
    assert re.search(r'<a href="/reports" data-go="r">Reports</a>', text)
    assert len(re.findall(r'href="/reports"', text)) == 2
    assert '<dt>Reports</dt><dd><span class="kbd-row"><kbd class="kbd">G</kbd><kbd class="kbd">R</kbd>' in text


def test_a_restricted_ticket_is_counted_and_listed_for_managers_alone(app, people, client_for):
    with app.app_context():
        make.ticket_in(Status.DIAGNOSTICS, title="Open to all")
        secret = make.ticket_in(Status.DIAGNOSTICS, title="Leaked keys")
        db.session.get(Ticket, secret.id).restricted = True
        db.session.commit()
        refresh(make.at(60), "UTC")
    with time_machine.travel(make.at(61), tick=False):
        shown = {who: [client_for(getattr(people, who)).get(path).text for path in (
            "/reports", "/reports/tickets?figure=created", "/reports/tickets.csv?figure=created",
            "/reports/tickets?figure=aged_1d")] for who in ("mara", "ben")}  # fmt: skip
    assert [figure(shown[who][0], "Created").split(" ")[0] for who in ("mara", "ben")] == ["2", "1"]
    assert all("Leaked keys" in text for text in shown["mara"][1:])
    assert not any("Leaked keys" in text for text in shown["ben"])
    assert "without restricted tickets" in shown["ben"][0]
    assert "without restricted tickets" not in shown["mara"][0]


def test_htmx_gets_the_report_and_the_controls_alone(counted, mara):
    answer = mara.get(f"/reports?{counted.query}", headers={"HX-Request": "true"}).text
    assert answer.lstrip().startswith('<div id="report">')
    assert '<hx-partial hx-target="#report-controls"' in answer
    assert "<html" not in answer


def test_the_charts_library_comes_with_the_reports_alone(counted, mara):
    assert "vendor/Chart.min.js" in mara.get("/reports").text
    for path in ("/board", "/queue", "/reports/glossary", "/reports/tickets?figure=created"):
        assert "Chart.min.js" not in mara.get(path).text, path


def test_without_script_every_table_is_open(counted, mara):
    text = mara.get(f"/reports?{counted.query}").text
    closed = [tag for tag in re.findall(r"<details[^>]*>", text) if " open" not in tag]
    assert closed == []
    assert len(re.findall(r"<table class=\"table\">", text)) == 13


def test_each_chart_has_a_title_a_sentence_and_its_numbers(counted, mara):
    text = mara.get(f"/reports?{counted.query}").text
    panels = re.findall(r'<figure class="panel chart.*?</figure>', text, re.DOTALL)
    assert len(panels) == 13
    for panel in panels:
        assert re.search(r'<h2 id="[a-z]+-title">[^<]+</h2>', panel)
        assert re.search(r'<p id="[a-z]+-says">[^<]{10,}</p>', panel)
        assert "<canvas" in panel and 'type="application/json" data-chart' in panel
        assert re.search(r'href="/reports/[a-z]+\.csv\?', panel)
        assert re.search(r'href="/reports/glossary#[a-z_0-9]+"', panel)


def test_long_names_stay_whole_in_the_table(app, people, client_for):
    name = "Team of everything that has to do with payments, payouts and their reconciliation"[:80]
    with app.app_context():
        make.ticket_in(Status.CLOSED)
        db.session.get(Team, make.team("technical_support").id).name = name
        db.session.commit()
        refresh(make.at(60), "UTC")
    with time_machine.travel(make.at(61), tick=False):
        text = client_for(people.mara).get("/reports").text
    assert rows_of(text, "teams")[0][0] == name
    assert '"labels": ["Team of everything that' in text and f'"names": ["{name}"]' in text


def test_a_name_cannot_end_the_data_of_a_chart(app, people, client_for):
    with app.app_context():
        make.ticket_in(Status.CLOSED)
        db.session.get(Team, make.team("technical_support").id).name = "</script><b>x"
        db.session.commit()
        refresh(make.at(60), "UTC")
    with time_machine.travel(make.at(61), tick=False):
        text = client_for(people.mara).get("/reports").text
    assert "Compliance by team" in text
    assert "</script><b>" not in text


@pytest.mark.parametrize(
    ("path", "count"),
    [("/reports?", 13), ("/reports?team=technical_support&category=user_system&person=ann&priority=normal&", 19),
     ("/reports/tickets?figure=created&", 7), ("/reports/tickets?figure=aged_1d&", 5), ("/reports/glossary?", 2),
     ("/reports/weeks.csv?", 8), ("/reports/teams.csv?", 9), ("/reports/tickets.csv?figure=closed&", 5)],
)  # fmt: skip
def test_how_many_statements_a_page_takes(app, counted, mara, path, count):
    mara.get(path + counted.query)
    with statements(app) as seen:
        assert mara.get(path + counted.query).status_code == 200
    assert len(seen) == count, "\n".join(seen)
