"""Filing a ticket in a real browser."""

import pytest
from playwright.sync_api import expect

from tests import factories as make
from ticketing.clock import now
from ticketing.extensions import db
from ticketing.models import Attachment, Ticket
from ticketing.rules.taxonomy import Priority, TicketType


def test_the_fields_follow_the_type_and_the_priority_the_category(open_as, people):
    page = open_as(people.ann, "/tickets/new")
    page.check("#type-payment_issue")
    page.fill("#transaction_id", "pnx-1")
    page.fill("#provider", "PayNetix")
    page.check("#type-integration_issue")
    expect(page.locator("#game_id")).to_be_visible()
    expect(page.locator("#provider")).to_have_value("PayNetix")
    page.select_option("#category", "infrastructure")
    expect(page.locator("#priority-high")).to_be_checked()
    expect(page.locator("#next-up")).to_contain_text("DevOps")
    page.check("#priority-low")
    page.select_option("#category", "user_system")
    expect(page.locator("#next-up")).to_contain_text("Backend")
    expect(page.locator("#priority-low")).to_be_checked()
    page.check("#type-payment_issue")
    expect(page.locator("#transaction_id")).to_have_value("pnx-1")


def test_a_ticket_is_filed_with_files(open_as, people, app):
    page = open_as(people.rita, "/tickets/new?type=payment_issue&provider=PayNetix")
    page.fill("#title", "Payouts stay pending")
    page.fill("#description", "38 players")
    page.set_input_files("#files", [{"name": "trustera.log", "mimeType": "text/plain", "buffer": b"pending"}])
    expect(page.locator(".uploads")).to_contain_text("trustera.log")
    page.click("text=Create ticket")
    expect(page.locator("h1")).to_contain_text("Payouts stay pending")
    expect(page.locator("#ticket-side")).to_contain_text("trustera.log")
    with app.app_context():
        made = db.session.query(Ticket).one()
        assert (made.type, made.priority) == (TicketType.PAYMENT_ISSUE, Priority.NORMAL)
        assert db.session.query(Attachment).one().name == "trustera.log"


def test_what_is_wrong_takes_the_focus_and_keeps_the_rest(open_as, people):
    page = open_as(people.ann, "/tickets/new?type=payment_issue")
    page.fill("#description", "Kept")
    page.fill("#amount", "much")
    page.click("text=Create ticket")
    expect(page.locator("#form-errors")).to_be_focused()
    expect(page.locator("#form-errors")).to_contain_text("2 fields need attention.")
    expect(page.locator("#description")).to_have_value("Kept")
    page.click("#form-errors a[href='#amount']")
    expect(page.locator("#amount")).to_be_focused()


def test_a_reporter_is_suggested(open_as, people):
    page = open_as(people.ann, "/tickets/new")
    page.locator("#reporter").press_sequentially("sal")
    expect(page.locator("#reporter-list option")).to_have_attribute("value", "rita")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_nothing_is_in_the_way_of_anybody(open_as, people, axe, scheme, width):
    settings = {"color_scheme": scheme, "viewport": {"width": width, "height": 900}}
    page = open_as(people.ann, "/tickets/new?type=payment_issue", **settings)
    assert axe(page) == []
    page.click("text=Create ticket")
    expect(page.locator("#form-errors")).to_be_visible()
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    mine = open_as(people.rita, "/my", **settings)
    assert axe(mine) == []


def test_ones_own_tickets_in_the_browser(open_as, people, app, axe):
    with app.app_context():
        key = make.ticket("Deposits time out", moment=now()).key
        db.session.commit()
    page = open_as(people.rita, "/my")
    assert axe(page) == []
    page.click(f".mine__list >> text={key}")
    expect(page.locator("h1")).to_contain_text("Deposits time out")
