"""The box under a ticket in a real browser: drafts, notes, mentions, files."""

from playwright.sync_api import expect

from tests.support.files import PIXEL
from ticketing.extensions import db
from ticketing.models import Attachment


def paste_a_picture(page):
    page.evaluate(
        """(bytes) => {
          const transfer = new DataTransfer();
          transfer.items.add(new File([new Uint8Array(bytes)], "image.png", { type: "image/png" }));
          document.getElementById("composer-text").dispatchEvent(
            new ClipboardEvent("paste", { clipboardData: transfer, bubbles: true, cancelable: true }));
        }""",
        list(PIXEL),
    )


def test_a_reply_is_sent_by_ctrl_enter_and_its_draft_forgotten(open_as, people, key):
    page = open_as(people.ann, f"/tickets/{key}")
    page.fill("#composer-text", "It works **again**")
    page.reload()
    expect(page.locator("#composer-text")).to_have_value("It works **again**")
    page.focus("#composer-text")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#timeline")).to_contain_text("It works again")
    expect(page.locator("#composer-text")).to_have_value("")
    expect(page.locator("#composer-text")).to_be_focused()
    page.reload()
    expect(page.locator("#composer-text")).to_have_value("")


def test_a_note_changes_ground_and_words(open_as, people, key):
    page = open_as(people.ann, f"/tickets/{key}")
    page.keyboard.press("n")
    expect(page.locator("#composer")).to_contain_text("Only staff can read this")
    expect(page.get_by_role("button", name="Add note")).to_be_visible()
    page.keyboard.type("Between us")
    page.keyboard.press("Control+Enter")
    expect(page.locator('.comment[data-kind="note"]').last).to_contain_text("Between us")


def test_an_empty_reply_is_told_at_the_box(open_as, people, key):
    page = open_as(people.ann, f"/tickets/{key}")
    page.click("#composer button[type=submit]")
    expect(page.locator("#composer-error")).to_contain_text("Write something")


def test_somebody_is_mentioned_by_typing(open_as, people, key, app):
    page = open_as(people.ann, f"/tickets/{key}")
    page.focus("#composer-text")
    page.keyboard.type("Ask @be")
    expect(page.locator("#mentions [role=option]")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page.locator("#composer-text")).to_have_value("Ask @ben ")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".watchers")).to_contain_text("Ben Weber")


def test_files_come_by_choice_and_paste(open_as, people, key, app):
    page = open_as(people.ann, f"/tickets/{key}")
    page.set_input_files("#composer-files", [{"name": "gw.log", "mimeType": "text/plain", "buffer": b"10:31 timeout"}])
    expect(page.locator("#composer [data-files]")).to_contain_text("gw.log")
    paste_a_picture(page)
    expect(page.locator("#composer [data-files] li")).to_have_count(2)
    page.fill("#composer-text", "Two files")
    page.click("#composer button[type=submit]")
    picture = page.locator("#timeline .attachments__picture img")
    expect(picture).to_be_visible()
    expect(picture).to_have_js_property("naturalWidth", 1)
    with app.app_context():
        assert {row.name for row in db.session.query(Attachment)} == {"gw.log", picture.get_attribute("alt")}


def test_files_chosen_later_join_those_that_wait(open_as, people, key):
    page = open_as(people.ann, f"/tickets/{key}")
    waiting = page.locator("#composer [data-files] li")
    paste_a_picture(page)
    expect(waiting).to_have_count(1)
    for name in ("gw.log", "app.log"):
        page.set_input_files("#composer-files", [{"name": name, "mimeType": "text/plain", "buffer": b"10:31"}])
    expect(waiting).to_have_count(3)
    page.get_by_role("button", name="Remove gw.log").click()
    expect(waiting).to_have_count(2)
    names = page.evaluate("[...document.getElementById('composer-files').files].map((file) => file.name)")
    assert names[0].startswith("pasted-")
    assert names[1:] == ["app.log"]


def test_a_file_too_large_is_told_before_it_is_sent(open_as, people, key, live):
    live.app.config["MAX_UPLOAD"] = 1000
    page = open_as(people.ann, f"/tickets/{key}")
    page.set_input_files("#composer-files", [{"name": "big.bin", "mimeType": "x/y", "buffer": b"x" * 1001}])
    expect(page.locator("#composer-error")).to_contain_text("big.bin is larger than 1 kB")
    expect(page.locator("#composer [data-files] li")).to_have_count(0)
