"""The queue in a browser: filters, sorting, paging, and acts on many tickets."""

import re

import pytest
from playwright.sync_api import expect

from tests import factories
from ticketing.extensions import db
from ticketing.rules.taxonomy import Priority, Status


@pytest.fixture
def desk(app, people):
    """Three tickets in diagnostics (T-1 to T-3) and forty new ones."""
    with app.app_context():
        for number in range(3):
            factories.ticket_in(Status.DIAGNOSTICS, title=f"Stuck payout {number}", moment=factories.at(number))
        for number in range(40):
            factories.ticket(f"Fresh {number}", priority=Priority.HIGH, moment=factories.at(number))
        db.session.commit()


@pytest.fixture
def queue(live, page, people, desk):
    live.sign_in(page, people.ann)
    page.goto("/queue?sort=key")
    return page


def rows(page):
    return page.locator("#queue-rows tr")


def toasts(page):
    return page.get_by_role("region", name="Notifications")


def pick(page, *keys):
    for key in keys:
        page.locator(f'tr[data-ticket="{key}"] input[type="checkbox"]').check()


def test_a_ticked_filter_applies_at_once_and_is_in_the_address(queue):
    queue.get_by_role("button", name="Priority", exact=True).first.click()
    queue.get_by_label("Filter by priority").get_by_text("Normal").click()
    expect(rows(queue)).to_have_count(3)
    expect(queue).to_have_url(re.compile(r"/queue\?sort=key&priority=normal$"))
    expect(queue.locator("#filter-priority")).to_be_visible()  # to tick another
    queue.keyboard.press("Escape")
    queue.get_by_role("link", name="Remove filter: Priority Normal").click()
    expect(rows(queue)).to_have_count(30)
    queue.go_back()
    expect(rows(queue)).to_have_count(3)
    expect(queue.locator("html")).to_have_count(1)
    expect(queue.locator(".topbar")).to_be_visible()


def test_typing_narrows_the_list_and_keeps_the_field(queue):
    queue.keyboard.press("/")
    queue.keyboard.type("payout 2")
    expect(rows(queue)).to_have_count(1)
    expect(queue.locator("#filter-q")).to_be_focused()
    expect(queue.locator("#filter-q")).to_have_value("payout 2")


def test_people_are_found_by_typing_in_the_owner_filter(queue):
    queue.get_by_role("button", name="Owner", exact=True).first.click()
    menu = queue.get_by_label("Filter by owner")
    menu.get_by_role("textbox", name="Find a person").fill("bo bon")
    expect(menu.locator(".menu__item:visible")).to_have_count(1)
    menu.get_by_text("Bo Bondar").click()
    expect(queue.get_by_text("No ticket matches")).to_be_visible()
    expect(queue).to_have_url(re.compile(r"owner=bo"))


def test_headings_sort_and_say_so(queue):
    queue.get_by_role("link", name="Priority", exact=True).click()
    heading = queue.locator('th[aria-sort="ascending"]')
    expect(heading).to_contain_text("Priority")
    queue.get_by_role("link", name="Priority", exact=True).click()
    expect(queue.locator('th[aria-sort="descending"]')).to_contain_text("Priority")
    expect(rows(queue).first).to_contain_text("Stuck payout")


def test_thirty_more_join_the_list(queue):
    expect(rows(queue)).to_have_count(30)
    queue.get_by_role("link", name="Load 30 more").click()
    expect(rows(queue)).to_have_count(43)
    expect(queue.get_by_role("link", name="Load 30 more")).to_have_count(0)
    pick(queue, "T-43")
    expect(queue.locator("#bulkbar")).to_contain_text("1 selected")


def test_the_bar_shows_while_something_is_selected(queue):
    expect(queue.locator("#bulkbar")).to_be_hidden()
    pick(queue, "T-1", "T-2")
    expect(queue.locator("#bulkbar")).to_contain_text("2 selected")
    queue.get_by_role("button", name="Clear selection").click()
    expect(queue.locator("#bulkbar")).to_be_hidden()


def test_many_move_and_who_could_not_is_told(queue):
    pick(queue, "T-1", "T-2", "T-4")
    queue.locator("#bulkbar").get_by_role("button", name="Move").click()
    queue.get_by_label("Move the selected tickets").get_by_role("button", name="Correction").click()
    told = queue.get_by_role("dialog", name="2 of 3 tickets moved to Correction")
    expect(told).to_contain_text("T-4")
    expect(told).to_contain_text("Needs diagnostics first")
    expect(queue.locator("#row-1")).to_contain_text("Correction")
    told.get_by_role("button", name="Close").last.click()
    expect(queue.locator("#bulkbar")).to_contain_text("1 selected")  # what was refused


def test_a_move_that_needs_words_asks_once(queue):
    pick(queue, "T-1", "T-2")
    queue.locator("#bulkbar").get_by_role("button", name="Move").click()
    queue.get_by_label("Move the selected tickets").get_by_role("button", name="Solution check").click()
    asked = queue.get_by_role("dialog", name="Move to Solution check")
    expect(asked.get_by_label("What was done")).to_be_focused()
    asked.get_by_role("button", name="Move 2 tickets").click()
    expect(asked.get_by_text("This is needed.")).to_be_visible()
    asked.get_by_label("What was done").fill("Restarted the worker")
    asked.get_by_role("button", name="Move 2 tickets").click()
    expect(toasts(queue)).to_contain_text("2 tickets moved to Solution check")
    expect(asked).to_have_count(0)
    expect(queue.locator("#row-2")).to_contain_text("Solution check")


def test_the_keyboard_walks_selects_and_assigns(queue):
    queue.locator("#row-1 th a").focus()
    queue.keyboard.press("ArrowDown")
    expect(queue.locator("#row-2 th a")).to_be_focused()
    queue.keyboard.press("x")
    expect(queue.locator("#bulkbar")).to_contain_text("1 selected")
    queue.keyboard.press("a")
    menu = queue.get_by_label("Assign the selected tickets")
    expect(menu.get_by_text("Bo Bondar")).to_be_visible()
    expect(menu.locator("[data-menu-filter]")).to_be_focused()
    queue.keyboard.type("bo bon")
    queue.keyboard.press("Enter")
    expect(toasts(queue)).to_contain_text("1 ticket assigned to Bo Bondar")
    expect(queue.locator("#row-2")).to_contain_text("Bo Bondar")


def test_many_are_linked_by_typing_a_key(queue):
    pick(queue, "T-1", "T-2")
    queue.locator("#bulkbar").get_by_role("button", name="Link").click()
    queue.get_by_label("Other ticket").fill("T-3")
    queue.keyboard.press("Enter")
    expect(toasts(queue)).to_contain_text("2 tickets linked to T-3")


def test_the_selection_is_downloaded(queue):
    pick(queue, "T-1", "T-3")
    with queue.expect_download() as download:
        queue.locator("#bulkbar").get_by_role("button", name="CSV").click()
    text = download.value.path().read_text("utf-8-sig")
    assert [line.split(",")[0] for line in text.splitlines()] == ["key", "T-1", "T-3"]


def test_a_view_is_saved_used_and_removed(queue):
    queue.goto("/queue?priority=high")
    queue.get_by_role("button", name="Save or remove a view").click()
    queue.get_by_label("Save these filters as").fill("Urgent")
    queue.get_by_role("button", name="Save view").click()
    tab = queue.get_by_role("navigation", name="Saved views").get_by_role("link", name="Urgent")
    expect(tab).to_have_attribute("aria-current", "page")
    queue.get_by_role("button", name="Save or remove a view").click()
    queue.get_by_label("Save these filters as").fill("urgent")
    queue.get_by_role("button", name="Save view").click()
    expect(queue.get_by_text("This is taken already.")).to_be_visible()
    queue.get_by_role("button", name="Remove the view Urgent").click()
    expect(tab).to_have_count(0)


@pytest.mark.browser_context_args(java_script_enabled=False)
def test_without_script_filters_and_moves_work(queue):
    queue.get_by_role("button", name="Priority", exact=True).first.click()
    queue.get_by_label("Filter by priority").get_by_text("Normal").click()
    queue.keyboard.press("Escape")
    queue.get_by_role("button", name="Apply").click()
    expect(rows(queue)).to_have_count(3)
    pick(queue, "T-1", "T-2")
    queue.locator("#bulkbar").get_by_role("button", name="Move").click()
    queue.get_by_label("Move the selected tickets").get_by_role("button", name="Correction").click()
    expect(toasts(queue)).to_contain_text("2 tickets moved to Correction")
    expect(rows(queue)).to_have_count(3)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("path", ["/queue", "/queue?priority=high&owner=ann&q=e&created=30", "/queue?q=nothing"])
def test_the_queue_is_accessible_at_every_size(queue, axe, scheme, width, path):
    queue.emulate_media(color_scheme=scheme)
    queue.set_viewport_size({"width": width, "height": 844})
    queue.goto(path)
    if path == "/queue":
        pick(queue, "T-4")
    assert axe(queue) == []
    assert queue.evaluate("document.documentElement.scrollWidth") <= width


def test_the_opened_parts_are_accessible(queue, axe):
    pick(queue, "T-1", "T-4")
    queue.locator("#bulkbar").get_by_role("button", name="Assign").click()
    expect(queue.get_by_label("Assign the selected tickets").get_by_text("Bo Bondar")).to_be_visible()
    assert axe(queue) == []
    queue.keyboard.press("Escape")
    queue.get_by_role("button", name="Save or remove a view").click()
    assert axe(queue) == []
    queue.keyboard.press("Escape")
    queue.locator("#bulkbar").get_by_role("button", name="Move").click()
    queue.get_by_label("Move the selected tickets").get_by_role("button", name="Classified").click()
    expect(queue.get_by_role("dialog", name="Move to Classified")).to_be_visible()
    assert axe(queue) == []
