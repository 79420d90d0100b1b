"""The radar in a browser: readable in any light and width, and a parent by one click, also for who presses twice."""

import os
import re
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests import factories as make
from ticketing.clock import now
from ticketing.extensions import db
from ticketing.models.answers import Answers
from ticketing.rules.taxonomy import ResolutionCode, RootCause, Status, TicketType

PICTURES = os.environ.get("TICKETING_PICTURES")
SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
LONG = "Settlement of bets in the live lobby stays pending and support hears of it from players, while " + "w" * 60


@pytest.fixture
def desk(app, people):
    """A flare of four, one of them with the longest words, and a trouble that was mended and came back."""
    with app.app_context():
        at = now()
        for n in range(4):
            make.ticket_in(
                Status.CLASSIFIED, moment=at - timedelta(hours=1 + n), category_key="provider_integration",
                title=f"Launch {n} fails", details={"provider": "Reelworks", "error_code": "HTTP 502"},
            )  # fmt: skip
        for days in (12, 5):
            mended = make.ticket_in(Status.SOLUTION_CHECK, moment=at - timedelta(days=days), title=LONG)
            mended.move_to(
                Status.CLOSED,
                by=people.mara,
                at=at - timedelta(days=days - 1),
                answers=Answers(resolution_code=ResolutionCode.FIXED, root_cause=RootCause.SOFTWARE),
            )
        for n in range(3):
            made = make.ticket(LONG, moment=at - timedelta(hours=2 + n))
        for n in range(3):
            make.ticket("Credential stuffing", moment=at - timedelta(hours=n), type=TicketType.SECURITY_ALERT,
                        details={"affected_service": "vault-" + "x" * 100})  # fmt: skip
        db.session.commit()
        return f"/reports/recurring/{made.signature}-0"


@pytest.mark.parametrize(("scheme", "width"), [("light", 1440), ("dark", 1440), ("light", 390), ("dark", 390)])
def test_the_radar_is_well_in_any_light_and_width(desk, people, open_as, axe, scheme, width):
    page = open_as(people.mara, "/reports/recurring", viewport={"width": width, "height": 900}, color_scheme=scheme)
    for name, path in {"radar": "/reports/recurring", "radar-trouble": desk}.items():
        page.goto(path)
        page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
        if PICTURES:
            page.screenshot(path=Path(PICTURES) / f"{name}-{scheme}-{width}.png", full_page=True)
        assert axe(page) == []
        assert page.evaluate(SIDEWAYS) <= 0
    page.goto("/reports/recurring")
    expect(page.get_by_role("link", name="Reelworks: error 502")).to_be_visible()


def test_one_click_makes_the_parent_and_the_page_then_leads_to_it(desk, people, open_as):
    page = open_as(people.ann, "/reports/recurring")
    row = page.get_by_role("row").filter(has_text="Reelworks: error 502")
    row.get_by_role("button", name=re.compile("Make parent")).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Reelworks: error 502")
    expect(page.locator("#toasts")).to_contain_text("It is the parent of 4 open tickets.")
    key = page.url.rpartition("/")[2]
    page.goto("/reports/recurring")
    expect(row.get_by_role("link", name=key)).to_be_visible()
    expect(row.get_by_role("button")).to_have_count(0)


def test_who_presses_on_a_page_of_an_hour_ago_is_offered_the_parent(desk, people, open_as):
    late = open_as(people.mara, "/reports/recurring")
    early = open_as(people.ann, "/reports/recurring")
    for page, told in ((early, "It is the parent of"), (late, "There is a parent already")):
        row = page.get_by_role("row").filter(has_text="Reelworks: error 502")
        row.get_by_role("button", name=re.compile("Make parent")).click()
        expect(page.locator("#toasts")).to_contain_text(told)
    late.locator("#toasts").get_by_role("link", name=re.compile("Open T-")).click()
    expect(late.get_by_role("heading", level=1)).to_contain_text("Reelworks: error 502")


@pytest.mark.parametrize("script", [True, False])
def test_the_radar_works_by_keyboard_and_without_script(desk, people, open_as, script):
    page = open_as(people.ann, "/reports/recurring", java_script_enabled=script)
    link = page.get_by_role("link", name="Reelworks: error 502")
    link.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Why these are one")).to_be_visible()
    button = page.get_by_role("button", name=re.compile("Make parent"))
    button.focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/tickets/T-"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("Reelworks: error 502")
