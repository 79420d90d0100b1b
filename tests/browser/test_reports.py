"""The reports in a browser: charts are drawn in the page's colours, tables open on request, filters change the page."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from tests import factories
from ticketing.clock import now
from ticketing.extensions import db
from ticketing.jobs.reports.refresh import refresh
from ticketing.models import Team
from ticketing.rules.taxonomy import Priority, Status

# Which colours a canvas shows; it is copied, because reading back is not what a chart's canvas is made for.
COLOURS = """canvas => {
  const copy = Object.assign(document.createElement("canvas"), { width: canvas.width, height: canvas.height });
  const pen = copy.getContext("2d", { willReadFrequently: true });
  pen.drawImage(canvas, 0, 0);
  const data = pen.getImageData(0, 0, canvas.width, canvas.height).data, found = new Set();
  for (let at = 0; at < data.length; at += 4) if (data[at + 3] === 255) found.add(data.slice(at, at + 3).join());
  return [...found];
}"""
SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture
def desk(app, people):
    """A dozen tickets of the last three weeks, half of them closed, and counted."""
    with app.app_context():
        for number in range(12):
            moment = now() - timedelta(days=20 - number, hours=1)
            status = Status.CLOSED if number % 2 else Status.DIAGNOSTICS
            priority = Priority.HIGH if number % 3 else Priority.CRITICAL
            factories.ticket_in(status, title=f"Stuck payout {number}", moment=moment, priority=priority)
        db.session.commit()
        refresh(now(), "UTC")


@pytest.fixture
def reports(live, page, people, desk):
    live.sign_in(page, people.mara)
    page.goto("/reports")
    return page


def canvas(page, key):
    return page.locator(f"#panel-{key} canvas")


def test_every_chart_is_drawn(reports):
    charts = reports.locator("canvas")
    assert charts.count() >= 10
    for number in range(charts.count()):
        assert len(charts.nth(number).evaluate(COLOURS)) > 1, number


def test_tables_wait_behind_a_button_and_open(reports):
    numbers = reports.locator("#weeks-numbers")
    expect(numbers).not_to_have_attribute("open", re.compile(".*"))
    expect(numbers.locator("table")).to_be_hidden()
    numbers.get_by_text("Show the numbers").click()
    expect(numbers.get_by_role("row").nth(1)).to_be_visible()
    expect(reports.locator("#panel-priorities table")).to_be_visible()  # what is read as a table is open


def test_a_filter_applies_at_once_keeps_its_focus_and_is_in_the_address(reports):
    reports.locator("#weeks-numbers").get_by_text("Show the numbers").click()
    priority = reports.get_by_label("Priority", exact=True)
    priority.focus()
    priority.select_option("critical")
    expect(reports).to_have_url(re.compile(r"/reports\?preset=4w&priority=critical$"))
    expect(reports.locator(".reports__facts")).to_contain_text("Critical")
    expect(reports.locator(".kpi__value").first).to_have_text("4")
    expect(reports.locator("#weeks-numbers table")).to_be_visible()  # still open
    assert len(canvas(reports, "weeks").evaluate(COLOURS)) > 1
    expect(priority).to_be_focused()
    reports.get_by_role("link", name="Clear").click()
    expect(reports.locator(".kpi__value").first).to_have_text("12")
    reports.go_back()
    expect(reports.locator(".kpi__value").first).to_have_text("4")


def test_the_period_is_a_link_or_two_days(reports):
    reports.get_by_role("link", name="12 weeks").click()
    expect(reports).to_have_url(re.compile(r"preset=12w"))
    expect(reports.get_by_role("link", name="12 weeks")).to_have_attribute("aria-current", "true")
    first, last = ((now() - timedelta(days=days)).date().isoformat() for days in (16, 14))
    reports.get_by_label("From", exact=True).fill(first)
    reports.get_by_label("To", exact=True).fill(last)
    reports.get_by_role("button", name="Show", exact=True).click()
    expect(reports).to_have_url(re.compile(f"first={first}&last={last}"))
    expect(reports.locator(".kpi__value").first).to_have_text("3")
    expect(reports.locator('.segmented [aria-current="true"]')).to_have_count(0)


def test_a_period_that_ends_before_it_begins_is_refused_in_words(reports, troubles):
    troubles.allow("status of 422")
    reports.get_by_label("From", exact=True).fill("2026-05-09")
    reports.get_by_label("To", exact=True).fill("2026-05-04")
    reports.get_by_role("button", name="Show", exact=True).click()
    expect(reports.locator("#report-errors")).to_contain_text("The last day lies before the first.")
    expect(reports.get_by_label("To", exact=True)).to_have_value("2026-05-04")
    expect(reports.locator("#report")).to_be_visible()


def test_charts_take_the_colours_of_the_scheme(reports):
    light = set(canvas(reports, "weeks").evaluate(COLOURS))
    reports.get_by_role("button", name="Switch between light and dark").click()
    dark = set(canvas(reports, "weeks").evaluate(COLOURS))
    assert dark and light and dark != light


def test_paper_is_light_and_shows_every_table(live, desk, people, open_as):
    page = open_as(people.mara, "/reports", color_scheme="dark")
    on_screen = set(canvas(page, "weeks").evaluate(COLOURS))
    page.emulate_media(media="print", color_scheme="dark")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert set(canvas(page, "weeks").evaluate(COLOURS)) != on_screen
    tables = page.locator("#report table")
    assert tables.count() > 10
    for number in range(tables.count()):
        expect(tables.nth(number)).to_be_visible()
    expect(page.locator(".topbar")).to_be_hidden()
    expect(page.locator("#report-controls")).to_be_hidden()
    page.emulate_media(media="screen", color_scheme="dark")
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert set(canvas(page, "weeks").evaluate(COLOURS)) == on_screen
    expect(page.locator("#weeks-numbers table")).to_be_hidden()


def test_the_tables_as_files_are_a_menu_and_g_r_leads_here(reports):
    reports.get_by_role("button", name="CSV").click()
    with reports.expect_download() as file:
        reports.get_by_role("dialog", name="Tables as CSV").get_by_text("Created and closed by week").click()
    assert file.value.suggested_filename.startswith("weeks-")
    reports.keyboard.press("Escape")
    reports.clock.install(time=now())
    reports.clock.pause_at(now() + timedelta(hours=1))  # the second key counts for less than a second after the first
    reports.goto("/queue")
    reports.keyboard.press("g")
    reports.keyboard.press("r")
    expect(reports).to_have_url(re.compile("/reports$"))


def test_a_number_leads_to_its_tickets_and_back(reports):
    reports.locator(".kpi__value a").first.click()
    expect(reports.get_by_role("heading", name="Created")).to_be_visible()
    expect(reports.locator(".behind tbody tr")).to_have_count(12)
    reports.get_by_role("link", name="Back to the report").click()
    expect(reports).to_have_url(re.compile(r"/reports\?preset=4w$"))


def test_without_script_everything_is_there(live, desk, people, new_context):
    signed_in = new_context()
    page = signed_in.new_page()
    live.sign_in(page, people.mara)
    plain = new_context(java_script_enabled=False, storage_state=signed_in.storage_state()).new_page()
    plain.goto("/reports")
    expect(plain.locator("canvas").first).to_be_hidden()
    for table in plain.locator("#report table").all():
        expect(table).to_be_visible()
    plain.get_by_label("Priority", exact=True).select_option("critical")
    plain.get_by_role("button", name="Apply").click()
    expect(plain.locator(".kpi__value").first).to_have_text("4")
    plain.get_by_role("link", name="Year").click()
    expect(plain).to_have_url(re.compile("preset=1y&priority=critical"))


@pytest.mark.parametrize("width", [1440, 390, 320])
def test_long_names_and_an_empty_desk_stay_in_the_page(live, app, people, desk, new_context, axe, width):
    page = new_context(viewport={"width": width, "height": 900}).new_page()
    live.sign_in(page, people.mara)
    with app.app_context():
        db.session.get(Team, factories.team("technical_support").id).name = "Donaudampfschifffahrtsgesellschaft" * 2
        factories.person("ann").name = "Wolfeschlegelsteinhausenbergerdorff " * 3
        db.session.commit()
    for path in ("/reports", "/reports?first=2020-01-01&last=2020-01-31", "/reports/tickets?figure=stays"):
        page.goto(path)
        assert page.evaluate(SIDEWAYS) <= 0, path
        assert axe(page) == [], path
