"""Where the focus goes: keys on cards, moves on the ticket page, the title; and what is left without script."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from tests import factories as make
from tests.browser.test_board import card, drag
from ticketing.clock import now
from ticketing.extensions import db
from ticketing.models import Ticket
from ticketing.models.answers import Hold
from ticketing.rules.taxonomy import HoldReason, Status


@pytest.fixture
def key(app, people):
    """A ticket in Diagnostics that ann works on."""
    with app.app_context():
        made = make.ticket_in(Status.DIAGNOSTICS, moment=now() - timedelta(hours=1))
        db.session.commit()
        return made.key


@pytest.fixture
def ann_at(live, people, page):
    def go(path):
        live.sign_in(page, people.ann)
        page.goto(path)
        return page

    return go


def title(page, key):
    return card(page, key).locator("h3 a")


def test_h_resumes_a_card_that_is_held(ann_at, app, key, read):
    with app.app_context():
        made = db.session.get(Ticket, int(key[2:]))
        made.hold(Hold(HoldReason.VENDOR), by=make.person("ann"), at=now())
        db.session.commit()
    board = ann_at("/board")
    title(board, key).focus()
    board.keyboard.press("h")
    expect(board.locator("#cards-diagnostics").locator(card(board, key))).to_be_visible()
    assert read(key, "hold_reason") is None
    expect(title(board, key)).to_be_focused()
    board.keyboard.press("h")
    expect(board.get_by_role("dialog", name=f"Hold {key}")).to_be_visible()


def test_c_on_a_card_leads_into_the_message_box(ann_at, key):
    board = ann_at("/board")
    title(board, key).focus()
    board.keyboard.press("c")
    expect(board).to_have_url(f"/tickets/{key}#composer")
    expect(board.locator("#composer-text")).to_be_focused()


def test_escape_while_dragging_returns_to_the_card(ann_at, key):
    board = ann_at("/board")
    drag(board, key, "correction", drop=False)
    board.keyboard.press("Escape")
    expect(title(board, key)).to_be_focused()
    board.mouse.up()
    expect(title(board, key)).to_be_focused()


def test_an_illegal_drop_is_told_at_once(ann_at, key):
    board = ann_at("/board")
    drag(board, key, "new")
    expect(board.locator("#announcer-now")).to_have_text(
        f"{key} stays in Diagnostics. New: goes back one step at a time."
    )
    expect(board.locator("#announcer")).to_be_empty()


def test_a_move_is_read_out_with_what_the_column_holds(ann_at, key):
    board = ann_at("/board")
    title(board, key).focus()
    board.keyboard.press("]")
    expect(board.locator("#announcer")).to_have_text(f"{key} moved from Diagnostics to Correction, 1 ticket")


def test_escape_puts_the_title_back(ann_at, key):
    page = ann_at(f"/tickets/{key}")
    page.click("#edit-title")
    page.fill("#title", "Never mind")
    page.keyboard.press("Escape")
    expect(page.locator("h1")).to_contain_text("Deposits time out")
    expect(page.locator("#edit-title")).to_be_focused()
    page.keyboard.press("Enter")
    page.fill("#title", "Payouts time out")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text("Payouts time out")
    expect(page.locator("#edit-title")).to_be_focused()


def test_a_move_keeps_the_page_and_the_focus(ann_at, key, read):
    page = ann_at(f"/tickets/{key}")
    page.evaluate("window.same = true")
    page.locator("#move-next").press("Enter")
    expect(page.locator('.step[aria-current="step"]')).to_contain_text("Correction")
    expect(page.locator("#move-next")).to_be_focused()
    page.keyboard.press("Enter")  # what was done is asked for
    page.fill('dialog [name="solution"]', "Restarted the worker")
    page.click('dialog button[type="submit"]')
    expect(page.locator('.step[aria-current="step"]')).to_contain_text("Solution check")
    expect(page.locator("dialog:modal")).to_have_count(0)
    expect(page.locator("#move-next, #move-other").first).to_be_focused()
    assert page.evaluate("window.same")
    assert read(key, "status") is Status.SOLUTION_CHECK


def test_who_was_faster_ends_the_dialog_and_the_move_is_offered_again(ann_at, app, key, read):
    with app.app_context():
        made = db.session.get(Ticket, int(key[2:]))
        made.move_to(Status.CORRECTION, by=make.person("ann"), at=now())
        db.session.commit()
    page = ann_at(f"/tickets/{key}")
    page.click("#move-next")
    page.fill('dialog [name="solution"]', "Restarted the worker")
    with app.app_context():
        db.session.get(Ticket, int(key[2:])).edit(by=make.person("mara"), at=now(), priority="high")
        db.session.commit()
    page.click('dialog button[type="submit"]')
    toast = page.locator('#toasts .toast[data-kind="conflict"]')
    expect(toast).to_contain_text(f"{key} was changed meanwhile")
    expect(page.locator("dialog:modal")).to_have_count(0)
    expect(page.locator("#move-next")).to_be_focused()
    toast.get_by_role("button", name="Move to Solution check anyway").click()
    expect(page.locator('.step[aria-current="step"]')).to_contain_text("Solution check")
    assert read(key, "solution") == "Restarted the worker"


def test_a_note_says_who_reads_it(ann_at, key):
    page = ann_at(f"/tickets/{key}")
    text = page.locator("#composer-text")
    expect(text).to_have_attribute("placeholder", "Write to Rita Salmi")
    page.keyboard.press("n")
    expect(text).to_have_attribute("placeholder", "Write a note that only staff can read")
    page.click("#composer >> text=Public reply")
    expect(text).to_have_attribute("placeholder", "Write to Rita Salmi")


def test_what_needs_script_is_hidden_without_it(live, people, key, new_context):
    page = new_context(java_script_enabled=False).new_page()
    live.sign_in(page, people.ann)
    page.goto("/queue")
    expect(page.locator("#bulkbar")).to_be_visible()
    expect(page.locator(".bulkbar__count")).to_be_hidden()
    page.goto(f"/tickets/{key}/actions")
    expect(page.get_by_role("button", name="Correction")).to_be_visible()
    expect(page.locator("[data-copy]")).to_be_hidden()
    expect(page.locator(".formpage__menu .kbd:visible")).to_have_count(0)
