"""The ticket page in a real browser: menus, dialogs, conflicts, and nothing to complain of."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from tests import factories as make
from ticketing.clock import now
from ticketing.extensions import db
from ticketing.rules.taxonomy import HoldReason, Priority, Status


def toast(page, text):
    return page.locator("#toasts .toast", has_text=text)


def test_a_property_is_changed_in_its_menu(open_as, people, key, read):
    page = open_as(people.ann, f"/tickets/{key}")
    page.click("#prop-priority")
    page.click("#ticket-menu >> text=Critical")
    expect(toast(page, "Saved")).to_be_visible()
    expect(page.locator("#prop-priority")).to_contain_text("Critical")
    expect(page.locator("#ticket-menu")).to_be_hidden()
    expect(page.locator("#prop-priority")).to_be_focused()
    assert read(key, "priority") is Priority.CRITICAL
    page.click("#prop-priority")
    page.click("#ticket-menu >> text=Low")
    expect(page.locator("#prop-priority")).to_contain_text("Low")  # the page knows the new version


def test_the_menu_opens_and_closes_by_its_button_and_by_keys(open_as, people, key):
    page = open_as(people.ann, f"/tickets/{key}")
    menu, button = page.locator("#ticket-menu"), page.locator("#move-other")
    button.click()
    expect(menu.get_by_role("button", name="Solution check", exact=True)).to_be_visible()
    expect(button).to_have_attribute("aria-expanded", "true")
    button.click()
    expect(menu).to_be_hidden()
    page.keyboard.press("m")
    expect(menu.locator("button", has_text="Correction")).to_be_focused()
    page.keyboard.press("Escape")
    expect(button).to_be_focused()


def test_a_detail_that_is_wrong_is_told_in_the_menu(open_as, people, app):
    with app.app_context():
        key = make.ticket_in(Status.DIAGNOSTICS, type="payment_issue", details={"amount": "5", "currency": "EUR"}).key
        db.session.commit()
    page = open_as(people.ann, f"/tickets/{key}")
    page.click("#prop-amount")
    page.fill("#menu-amount", "much")
    page.keyboard.press("Enter")
    expect(page.locator("#menu-amount-error")).to_have_text("Write an amount such as 120.50.")
    page.fill("#menu-amount", "12.50")
    page.keyboard.press("Enter")
    expect(page.locator("#prop-amount")).to_contain_text("12.50")
    expect(page.locator("#ticket-menu")).to_be_hidden()


def test_the_primary_action_moves_the_ticket(open_as, people, key, read):
    page = open_as(people.ann, f"/tickets/{key}")
    page.click("#move-next")
    expect(page.locator('.step[aria-current="step"]')).to_contain_text("Correction")
    assert read(key, "status") is Status.CORRECTION
    page.click("#move-next")  # what was done is asked for
    page.fill('dialog [name="solution"]', "Restarted the worker")
    page.click('dialog button[type="submit"]')
    expect(page.locator('.step[aria-current="step"]')).to_contain_text("Solution check")
    expect(page.locator("#timeline")).to_contain_text("Restarted the worker")


def test_a_ticket_is_taken_by_its_key(open_as, people, key, read):
    page = open_as(people.mara, f"/tickets/{key}")
    page.keyboard.press("t")
    expect(page.locator("#prop-owner")).to_contain_text("Mara Lindqvist")
    assert read(key, "owner_id") == people.mara.id


def test_hold_by_its_dialog_and_resume(open_as, people, key, read):
    page = open_as(people.ann, f"/tickets/{key}")
    page.keyboard.press("h")
    page.click("dialog >> text=Other")
    page.click('dialog button[type="submit"]')
    expect(page.locator("dialog #text-error")).to_have_text("This is needed.")
    expect(page.locator("dialog #text")).to_be_focused()
    page.fill("dialog #text", "A change freeze")
    page.click('dialog button[type="submit"]')
    expect(page.locator(".ticket__key")).to_contain_text("On hold")
    expect(page.locator("dialog")).to_have_count(1)  # the list of shortcuts alone
    assert read(key, "hold_reason") is HoldReason.OTHER
    page.click("#hold")
    expect(toast(page, "resumed")).to_be_visible()
    assert read(key, "hold_reason") is None


def test_the_title_is_edited_in_its_place(open_as, people, key, read):
    page = open_as(people.ann, f"/tickets/{key}")
    page.click("#edit-title")
    expect(page.locator("#title")).to_be_focused()
    page.click("#ticket-title >> text=Cancel")
    expect(page.locator("h1")).to_contain_text("Deposits time out")
    page.click("#edit-title")
    page.fill("#title", "Payouts time out")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text("Payouts time out")
    assert read(key, "title") == "Payouts time out"


def test_who_was_faster_is_told_and_the_page_shows_it(open_as, people, key, read):
    ann, mara = open_as(people.ann, f"/tickets/{key}"), open_as(people.mara, f"/tickets/{key}")
    ann.fill("#composer-text", "Half a thought")
    mara.click("#prop-priority")
    mara.click("#ticket-menu >> text=Critical")
    expect(toast(mara, "Saved")).to_be_visible()
    ann.click("#prop-priority")
    ann.click("#ticket-menu >> text=Low")
    expect(toast(ann, "Mara Lindqvist set the priority from Normal to Critical")).to_be_visible()
    expect(ann.locator("#prop-priority")).to_contain_text("Critical")
    expect(ann.locator("#composer-text")).to_have_value("Half a thought")
    assert read(key, "priority") is Priority.CRITICAL


def test_what_was_typed_in_a_dialog_survives_a_conflict(open_as, people, key, read):
    ann, mara = open_as(people.ann, f"/tickets/{key}"), open_as(people.mara, f"/tickets/{key}")
    ann.click("#hold")
    ann.fill("dialog #text", "Waiting for Bo")
    mara.click("#prop-priority")
    mara.click("#ticket-menu >> text=Critical")
    expect(toast(mara, "Saved")).to_be_visible()
    ann.click('dialog button[type="submit"]')
    expect(ann.locator("dialog .notice")).to_contain_text("Mara Lindqvist set the priority")
    expect(ann.locator("dialog #text")).to_have_value("Waiting for Bo")
    ann.click('dialog button[type="submit"]')
    expect(ann.locator(".ticket__key")).to_contain_text("On hold")
    assert read(key, "hold_text") == "Waiting for Bo"


def test_links_and_watchers(open_as, people, key, app):
    with app.app_context():
        other = make.ticket("Wallet drifts").key
        db.session.commit()
    page = open_as(people.ann, f"/tickets/{key}")
    page.click("#add-link")
    page.select_option("dialog #kind", "blocks")
    page.fill("dialog #other", other)
    page.click('dialog button[type="submit"]')
    expect(page.locator(".links")).to_contain_text("Wallet drifts")
    page.click(f'[aria-label="Take the link to {other} off"]')
    expect(page.locator(".links")).to_have_count(0)
    page.click("#watch")
    expect(page.locator("#watch")).to_have_text("Watching")
    expect(page.locator(".watchers")).to_contain_text("Ann Haddad")


def test_closing_as_a_duplicate(open_as, people, key, app, read):
    with app.app_context():
        other = make.ticket("The first of them").key
        db.session.commit()
    page = open_as(people.ann, f"/tickets/{key}")
    page.click("#more-actions")
    page.click("#ticket-menu >> text=Close as…")
    page.fill("dialog #duplicate_of", other)
    page.click('dialog button[type="submit"]')
    expect(page.locator('.step[aria-current="step"]')).to_contain_text("Closed")
    expect(page.locator(".links")).to_contain_text("The first of them")


def test_another_filter_of_the_activity_and_back(open_as, people, key):
    page = open_as(people.ann, f"/tickets/{key}")
    page.click("#activity-notes")
    expect(page).to_have_url(re.compile("activity=notes$"))
    expect(page.locator('.comment[data-kind="reply"]')).to_have_count(0)
    page.go_back()
    expect(page.locator('.comment[data-kind="reply"]')).to_have_count(1)
    expect(page.locator("#composer")).to_be_visible()


def test_a_reporter_answers_and_confirms(open_as, people, app, read):
    with app.app_context():
        key = make.ticket_in(Status.SOLUTION_CHECK, moment=now() - timedelta(hours=1)).key
        db.session.commit()
    page = open_as(people.rita, f"/tickets/{key}")
    page.fill("#composer-text", "Thank you")
    page.click("#composer button[type=submit]")
    expect(page.locator("#timeline")).to_contain_text("Thank you")
    page.click("#move-next")
    expect(page.locator('.step[aria-current="step"]')).to_contain_text("Closed")
    assert read(key, "status") is Status.CLOSED


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_nothing_is_in_the_way_of_anybody(open_as, people, key, axe, scheme, width):
    page = open_as(people.ann, f"/tickets/{key}", color_scheme=scheme, viewport={"width": width, "height": 900})
    assert axe(page) == []
    page.click("#prop-owner")
    expect(page.locator("#ticket-menu [data-menu-filter]")).to_be_focused()
    assert axe(page) == []
    page.keyboard.press("Escape")
    page.click("#hold")
    expect(page.locator("dialog:modal")).to_be_visible()
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("path", ["actions", "edit", "hold", "closing", "links"])
def test_the_pages_without_script_are_in_nobodys_way_either(open_as, people, key, axe, path):
    page = open_as(people.ann, f"/tickets/{key}/{path}")
    assert axe(page) == []


def test_everything_works_without_script(open_as, people, key, read):
    ticket = re.compile(f"/tickets/{key}(#.*)?$")
    page = open_as(people.ann, f"/tickets/{key}", java_script_enabled=False)
    page.click("#prop-priority")
    page.select_option("#priority", "low")
    page.click("form.form >> text=Save")
    expect(page).to_have_url(ticket)
    assert read(key, "priority") is Priority.LOW
    page.fill("#composer-text", "Plain")
    page.click("#composer button[type=submit]")
    expect(page.locator("#timeline")).to_contain_text("Plain")
    page.click("#hold")
    page.fill("#text", "Waiting")
    page.click("button:has-text('Hold')")
    expect(page).to_have_url(ticket)
    assert read(key, "hold_text") == "Waiting"
    page.click("#hold")
    page.click("#move-other")
    page.click("button:has-text('Correction')")
    expect(page).to_have_url(ticket)
    assert read(key, "status") is Status.CORRECTION
