"""Words longer than any line: they are cut or broken where they stand, and no page scrolls sideways."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from tests import factories as make
from ticketing.clock import now
from ticketing.extensions import db
from ticketing.models import Attachment, Notification
from ticketing.models.link import link
from ticketing.rules.taxonomy import LinkKind, Status

WORD = "w" * 120
NAME = "Wolfeschlegelsteinhausenbergerdorff" * 2
WIDTHS = [1440, 390]

# What reaches past the right edge of its panel, of its menu, or of the window.
SPILLS = """() => [...document.querySelectorAll(
    ".panel, .comment__box, .event, .composer, .menu:popover-open, dialog[open], .toast")]
  .filter((box) => box.offsetWidth)
  .filter((box) => box.scrollWidth > box.clientWidth + 1 || box.getBoundingClientRect().right > innerWidth + 1)
  .map((box) => `${box.className}#${box.id}: ${box.scrollWidth} in ${box.clientWidth}`)
  .concat(document.documentElement.scrollWidth > innerWidth ? ["the page"] : [])"""


def spills(page):
    return page.evaluate(SPILLS)


@pytest.fixture
def key(app, people):
    """A ticket where everything that people write is one long word."""
    with app.app_context():
        moment = now() - timedelta(hours=1)
        ann, rita = make.person("ann"), make.person("rita")
        make.person("wolf", name=NAME)
        other = make.ticket(WORD, moment=moment)
        made = make.ticket_in(Status.DIAGNOSTICS, moment=moment, title=WORD, description=WORD,
                              details={"affected_service": WORD})  # fmt: skip
        for who in (ann, rita):
            who.name = NAME
        for internal in (False, True):
            row = Attachment(name=f"{WORD}.bin", size=5, media_type="application/octet-stream",
                             stored_as=f"{internal:d}" * 32, internal=internal)  # fmt: skip
            said = made.say(WORD, internal=internal, by=ann, at=now())
            row.comment_id = said.id
            made.attach(row, by=ann, at=now())
        made.watch(ann, by=ann, at=now())
        link(made, other, LinkKind.BLOCKS, by=ann, at=now())
        db.session.commit()
        return made.key


@pytest.fixture
def open_at(live, people, page):
    def go(width, path, user=people.mara):
        page.set_viewport_size({"width": width, "height": 844})
        live.sign_in(page, user)
        page.goto(path)
        return page

    return go


@pytest.mark.parametrize("width", WIDTHS)
def test_a_ticket_keeps_long_words_in_their_cards(open_at, key, width):
    page = open_at(width, f"/tickets/{key}")
    assert spills(page) == []
    page.set_input_files("#composer-files", [{"name": f"{WORD}.log", "mimeType": "text/plain", "buffer": b"1"}])
    expect(page.locator("#composer .upload")).to_be_visible()
    assert spills(page) == []


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize(
    "opener", ["#prop-owner", "#move-other", "#more-actions", "#hold", "#add-link", "#prop-affected_service"]
)
def test_menus_and_dialogs_keep_them_too(open_at, key, width, opener):
    page = open_at(width, f"/tickets/{key}")
    page.click(opener)
    expect(page.locator("#ticket-menu:popover-open form, dialog:modal form").first).to_be_visible()
    assert spills(page) == []


@pytest.mark.parametrize("width", WIDTHS)
def test_the_bells_menu_keeps_the_time_beside_a_long_title(app, open_at, key, width):
    with app.app_context():
        payload = {"ticket": 1, "clock": "resolution", "cycle": 1, "level": "breach", "cause": None, "target_s": 14400,
                   "level_due_at": "2026-05-04T13:00:00Z", "due_at": "2026-05-04T13:00:00Z",
                   "detected_at": "2026-05-04T13:15:00Z", "ground": "team"}  # fmt: skip
        db.session.add(Notification(user_id=make.person("mara").id, ticket_id=1, dedupe_key="sla:1:1:breach",
                                    payload=payload, made_at=now()))  # fmt: skip
        db.session.commit()
    page = open_at(width, "/board")
    page.click(".bell")
    hint = page.locator("#inbox .inbox__hint").first
    expect(hint).to_be_visible()
    assert spills(page) == []
    menu, time = page.locator("#inbox").bounding_box(), hint.locator("span").last.bounding_box()
    assert time["x"] + time["width"] <= menu["x"] + menu["width"]


def test_in_the_assign_sheet_of_a_phone_name_and_team_stand_apart(open_at, key):
    page = open_at(390, "/board?status=diagnostics")
    page.locator(f"#card-{key[2:]} .card__assignee").click()
    item = page.locator("#assign-menu .menu__item", has_text=NAME).first
    expect(item).to_be_visible()
    name, aside = (item.locator(f".menu__{part}").bounding_box() for part in ("name", "aside"))
    assert name["x"] + name["width"] <= aside["x"]
    assert spills(page) == []


@pytest.mark.parametrize("width", WIDTHS)
def test_what_a_move_asks_for_stands_within_its_dialog(open_at, key, people, width):
    page = open_at(width, f"/tickets/{key}", people.ann)
    page.click("#move-other")
    page.click("#ticket-menu >> text=Solution check")
    body = page.locator("dialog:modal .dialog__body")
    expect(body).to_be_visible()
    assert body.evaluate("(box) => box.scrollWidth - box.clientWidth") == 0


@pytest.mark.parametrize("path", ["edit", "actions", "hold", "links"])
def test_the_same_forms_as_pages_are_one_column_of_the_window(open_at, key, path):
    page = open_at(390, f"/tickets/{key}/{path}")
    assert spills(page) == []
    widths = page.eval_on_selector_all("main form.form", "(forms) => forms.map((form) => form.offsetWidth)")
    assert all(width > 320 for width in widths)


@pytest.mark.parametrize("path", ["/board", "/queue", "/my"])
@pytest.mark.parametrize("width", WIDTHS)
def test_lists_keep_them_too(open_at, key, width, path):
    assert spills(open_at(width, path)) == []
