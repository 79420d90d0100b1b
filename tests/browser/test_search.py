"""The search in a browser: as one types, from every page, on a phone, and without script."""

import re

import pytest
from playwright.sync_api import expect

from tests.factories import at, person, ticket, ticket_in
from ticketing.extensions import db
from ticketing.rules.taxonomy import Priority, Status

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True}


@pytest.fixture
def desk(app, people):
    """T-1 to T-40, of which three speak of the wallet, one is closed."""
    with app.app_context():
        made = ticket(
            "Balance drifts",
            priority=Priority.HIGH,
            description="After the release the wallet of some players "
            "shows yesterday's amount, and support cannot tell which of the two is right. " * 4,
        )
        made.say(
            "Two more cases with an empty wallet, both from the same brand", internal=True, by=person("ann"), at=at(1)
        )
        ticket_in(Status.DIAGNOSTICS, title="Wallet opens twice", owner=person("bo"))
        ticket_in(Status.CLOSED, title="Walletless accounts")
        for number in range(37):
            ticket(f"Payout {number} pending", moment=at(number))
        db.session.commit()


@pytest.fixture
def queue(live, page, people, desk):
    live.sign_in(page, people.ann)
    page.goto("/queue")
    return page


def rows(page):
    return page.locator("#queue-rows tr")


def marks(page):
    return page.locator("#queue-rows mark")


def test_the_list_follows_the_typing_and_marks_what_it_finds(queue, axe):
    queue.keyboard.press("/")
    queue.keyboard.type("wal", delay=40)
    expect(rows(queue)).to_have_count(2)
    expect(queue.locator("#filter-q")).to_be_focused()
    expect(queue).to_have_url(re.compile(r"/queue\?q=wal$"))
    expect(rows(queue).first).to_contain_text("Wallet opens twice")
    expect(marks(queue).first).to_have_text("Wallet")
    expect(rows(queue).nth(1).locator(".qfound")).to_contain_text("Description After the release the wallet")
    queue.keyboard.type("let twice", delay=40)
    expect(rows(queue)).to_have_count(1)
    expect(queue.locator("#filter-q")).to_have_value("wallet twice")
    assert axe(queue) == []
    queue.get_by_role("link", name="Key", exact=True).click()
    expect(queue).to_have_url(re.compile(r"q=wallet\+twice&sort=key"))
    queue.get_by_role("link", name="Best match").click()
    expect(queue).to_have_url(re.compile(r"/queue\?q=wallet\+twice$"))


def test_closed_tickets_are_one_step_away(queue):
    queue.locator("#filter-q").fill("wal")
    queue.get_by_role("link", name="Search closed tickets too").click()
    expect(rows(queue)).to_have_count(3)
    queue.get_by_role("link", name="Remove filter: Status Any").click()
    expect(rows(queue)).to_have_count(2)


def test_the_bar_searches_from_any_page(queue, axe):
    queue.goto("/tickets/T-5")
    queue.keyboard.press("/")
    search = queue.get_by_role("search", name="Search all tickets").get_by_role("searchbox")
    expect(search).to_be_focused()
    queue.keyboard.type("walletless")
    queue.keyboard.press("Enter")
    expect(queue).to_have_url(re.compile(r"/queue\?q=walletless&status=any$"))
    expect(rows(queue)).to_have_count(1)
    assert axe(queue) == []
    search.fill("t-7")
    search.press("Enter")
    expect(rows(queue).first).to_contain_text("T-7")


@pytest.mark.browser_context_args(**PHONE)
def test_a_phone_searches_in_a_sheet(queue, axe):
    queue.goto("/tickets/T-5")
    expect(queue.get_by_role("search", name="Search all tickets")).to_be_hidden()
    queue.get_by_role("button", name="Search all tickets").click()
    sheet = queue.get_by_role("dialog", name="Search all tickets")
    expect(sheet.get_by_role("searchbox")).to_be_focused()
    assert axe(queue) == []
    sheet.get_by_role("searchbox").fill("wallet")
    sheet.get_by_role("button", name="Search").click()
    expect(rows(queue)).to_have_count(3)
    assert queue.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert axe(queue) == []


def test_a_reporter_searches_their_own(live, page, people, desk, axe):
    live.sign_in(page, people.rita)
    page.goto("/tickets/T-5")
    page.get_by_role("search", name="Search my tickets").get_by_role("searchbox").fill("release")
    page.keyboard.press("Enter")
    expect(page.locator(".mine__list li")).to_have_count(1)
    page.wait_for_load_state()
    expect(page.locator(".mine__list mark")).to_have_text(["release"] * page.locator(".mine__list mark").count())
    assert axe(page) == []
    page.goto("/my?q=empty+wallet")
    expect(page.get_by_text("Nothing matches")).to_be_visible()


def test_the_search_needs_no_script(open_as, people, desk):
    page = open_as(people.ann, "/tickets/T-5", java_script_enabled=False)
    search = page.get_by_role("search", name="Search all tickets").get_by_role("searchbox")
    search.fill("wallet")
    search.press("Enter")
    expect(rows(page)).to_have_count(3)
    expect(marks(page).first).to_be_visible()
