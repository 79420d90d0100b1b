"""The board in a real browser: drag by mouse, by finger and by menu; refusals, dialogs, conflicts."""

import re

import pytest
from playwright.sync_api import expect

from tests.factories import ticket, ticket_in
from ticketing.extensions import db
from ticketing.models import Ticket
from ticketing.rules.taxonomy import Status

S = Status


@pytest.fixture
def desk(live, people):
    """One ticket in each open status, ann's; a second in diagnostics."""
    with live.app.app_context():
        made = {status: ticket_in(status, title=f"Stands in {status}").key for status in S}
        made["second"] = ticket_in(S.DIAGNOSTICS, title="Second in diagnostics").key
        made["new too"] = ticket("Another new one").key
        db.session.commit()
        return made


def truth(live, key):
    with live.app.app_context():
        return db.session.get(Ticket, int(key[2:])).status


def card(page, key):
    return page.locator(f"#card-{key[2:]}")


def middle(box):
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def drag(page, key, to, drop=True):
    x, y = middle(card(page, key).bounding_box())
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 12, y + 4, steps=3)
    column = page.locator(f"#column-{to}").bounding_box()
    page.mouse.move(column["x"] + column["width"] / 2, column["y"] + 120, steps=8)
    if drop:
        page.mouse.up()


@pytest.fixture
def board(live, page, people, desk):
    live.sign_in(page, people.ann)
    page.goto("/board")
    return page


def test_a_card_is_dragged_by_mouse(board, live, desk):
    drag(board, desk[S.DIAGNOSTICS], "correction")
    expect(board.locator("#cards-correction").locator(card(board, desk[S.DIAGNOSTICS]))).to_be_visible()
    expect(board.locator(".toast__title")).to_have_text(f"{desk[S.DIAGNOSTICS]} moved to Correction")
    expect(board.locator("#head-correction .column__count")).to_contain_text("2")
    expect(board.locator("#head-diagnostics .column__count")).to_contain_text("1")
    assert truth(live, desk[S.DIAGNOSTICS]) is S.CORRECTION


def test_the_first_click_after_a_drag_over_empty_columns_counts(board, desk):
    board.goto("/board?q=Stands+in+diagnostics")
    drag(board, desk[S.DIAGNOSTICS], "solution_check")
    board.locator("dialog:modal .btn--quiet").click()
    expect(board.locator("dialog:modal")).to_have_count(0)


def test_while_dragging_the_columns_say_what_they_take(board, desk):
    drag(board, desk[S.DIAGNOSTICS], "correction", drop=False)
    expect(board.locator("#column-correction")).to_have_attribute("data-drop", "legal")
    expect(board.locator("#column-correction .column__drop")).to_have_text("Move to Correction")
    expect(board.locator("#column-assigned .column__drop")).to_have_text("Send back to Assigned")
    expect(board.locator("#column-new")).to_have_attribute("data-drop", "illegal")
    board.mouse.up()


def test_an_illegal_drop_returns_the_card_and_names_the_rule(board, live, desk):
    drag(board, desk[S.DIAGNOSTICS], "new")
    expect(board.locator(".toast__text")).to_have_text("New: goes back one step at a time.")
    expect(board.locator("#cards-diagnostics").locator(card(board, desk[S.DIAGNOSTICS]))).to_be_visible()
    expect(card(board, desk[S.DIAGNOSTICS]).locator("h3 a")).to_be_focused()
    assert truth(live, desk[S.DIAGNOSTICS]) is S.DIAGNOSTICS


def test_escape_lets_go_of_a_held_card(board, live, desk):
    drag(board, desk[S.DIAGNOSTICS], "correction", drop=False)
    board.keyboard.press("Escape")
    board.mouse.up()
    expect(board.locator("#board[data-dragging]")).to_have_count(0)
    board.wait_for_timeout(200)
    assert truth(live, desk[S.DIAGNOSTICS]) is S.DIAGNOSTICS


def test_a_drop_that_needs_fields_is_saved(board, live, desk):
    key = desk[S.CORRECTION]
    drag(board, key, "solution_check")
    expect(board.get_by_role("dialog", name=f"{key} to Solution check")).to_be_visible()
    expect(board.locator("#cards-solution_check").locator(card(board, key))).to_have_attribute("data-pending", "")
    expect(board.get_by_label("What was done")).to_be_focused()
    board.get_by_label("What was done").fill("Raised the timeout of the gateway")
    board.get_by_role("button", name="Move to Solution check").click()
    expect(board.get_by_role("dialog")).to_have_count(0)
    expect(board.locator("#cards-solution_check").locator(card(board, key))).not_to_have_attribute("data-pending", "")
    assert truth(live, key) is S.SOLUTION_CHECK


def test_a_drop_that_needs_fields_is_given_up(board, live, desk):
    key = desk[S.CORRECTION]
    drag(board, key, "solution_check")
    expect(board.get_by_role("dialog")).to_be_visible()
    board.keyboard.press("Escape")
    expect(board.locator("#cards-correction").locator(card(board, key))).to_be_visible()
    expect(card(board, key)).not_to_have_attribute("data-pending", "")
    assert truth(live, key) is S.CORRECTION


def test_a_card_is_moved_by_its_menu(board, live, desk):
    key = desk[S.DIAGNOSTICS]
    card(board, key).hover()
    card(board, key).locator(".card__menu").click()
    board.locator("#card-menu").get_by_role("button", name="Correction").click()
    expect(board.locator("#cards-correction").locator(card(board, key))).to_be_visible()
    assert truth(live, key) is S.CORRECTION


def test_somebody_was_faster(board, live, desk, people, new_context):
    key = desk[S.DIAGNOSTICS]
    other = new_context().new_page()
    live.sign_in(other, people.mara)
    other.goto("/board")
    drag(other, key, "correction")
    expect(other.locator(".toast__title")).to_contain_text("moved to Correction")
    drag(board, key, "assigned")
    toast = board.locator('.toast[data-kind="conflict"]')
    expect(toast).to_contain_text("Moved to Correction by Mara Lindqvist")
    expect(board.locator("#cards-correction").locator(card(board, key))).to_have_attribute("data-conflict", "")
    assert truth(live, key) is S.CORRECTION


def test_an_owner_is_assigned_inline(board, live, desk):
    card(board, desk[S.ASSIGNED]).locator(".card__assignee").click()
    menu = board.locator("#assign-menu")
    expect(menu.get_by_role("button", name="Assign to me")).to_be_visible()
    menu.get_by_label("Assign to").fill("bo bon")
    board.keyboard.press("Enter")
    expect(card(board, desk[S.ASSIGNED]).locator(".card__assignee")).to_have_attribute(
        "aria-label", re.compile("Bo Bondar"))  # fmt: skip


def test_a_lost_answer_puts_the_card_back_and_offers_a_retry(board, desk, live, troubles):
    troubles.allow("ERR_FAILED")
    troubles.allow("Failed to fetch")
    board.route("**/board/moves", lambda route: route.abort())
    drag(board, desk[S.DIAGNOSTICS], "correction")
    expect(board.get_by_role("button", name="Retry")).to_be_visible()
    expect(board.locator("#cards-diagnostics").locator(card(board, desk[S.DIAGNOSTICS]))).to_be_visible()
    board.unroute("**/board/moves")
    board.get_by_role("button", name="Retry").click()
    expect(board.locator("#cards-correction").locator(card(board, desk[S.DIAGNOSTICS]))).to_be_visible()


def test_the_back_button_brings_the_board_back(board, desk):
    board.get_by_role("link", name="Mine", exact=False).first.click()
    expect(board).to_have_url(re.compile("view=mine"))
    card(board, desk[S.DIAGNOSTICS]).locator("h3 a").click()
    expect(board).to_have_url(re.compile("/tickets/"))
    board.go_back()
    expect(board.locator("#board .column")).to_have_count(7)
    board.go_back()
    expect(board).not_to_have_url(re.compile("view=mine"))
    expect(board.locator("#board .column")).to_have_count(7)
    expect(board.locator(".topbar")).to_have_count(1)


def test_a_folded_column_still_takes_a_drop(board, live, desk):
    board.get_by_role("button", name="Collapse Correction").click()
    expect(board.locator("#column-correction.column--collapsed")).to_be_visible()
    drag(board, desk[S.DIAGNOSTICS], "correction")
    expect(board.locator("#head-correction .column__count")).to_contain_text("2")
    assert truth(live, desk[S.DIAGNOSTICS]) is S.CORRECTION


def test_keys_move_and_walk(board, live, desk):
    key = desk[S.DIAGNOSTICS]
    card(board, key).locator("h3 a").focus()
    board.keyboard.press("]")
    expect(board.locator("#cards-correction").locator(card(board, key))).to_be_visible()
    expect(card(board, key).locator("h3 a")).to_be_focused()
    board.keyboard.press("ArrowRight")
    expect(card(board, desk[S.SOLUTION_CHECK]).locator("h3 a")).to_be_focused()


@pytest.mark.browser_context_args(has_touch=True, viewport={"width": 1180, "height": 820})
def test_a_card_is_dragged_by_finger(board, live, desk):
    key = desk[S.DIAGNOSTICS]
    x, y = middle(card(board, key).bounding_box())
    column = board.locator("#column-correction").bounding_box()
    to_x, to_y = column["x"] + column["width"] / 2, column["y"] + 120
    touch = board.context.new_cdp_session(board)

    def send(kind, *points):
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": px, "y": py} for px, py in points]})

    send("touchStart", (x, y))
    board.wait_for_function("id => document.getElementById(id).matches('.sortable-chosen')", arg=f"card-{key[2:]}")
    for step in range(1, 9):
        send("touchMove", (x + (to_x - x) * step / 8, y + (to_y - y) * step / 8))
        board.wait_for_timeout(20)
    send("touchEnd")
    expect(board.locator("#cards-correction").locator(card(board, key))).to_be_visible()
    expect(card(board, key)).not_to_have_attribute("aria-busy", "true")
    assert truth(live, key) is S.CORRECTION


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_the_board_is_accessible(board, axe, scheme, width):
    board.emulate_media(color_scheme=scheme)
    board.set_viewport_size({"width": width, "height": 900})
    board.reload()
    assert axe(board) == []
