"""What has to fit: words of a hold in the queue, the name of a status on a phone, wide tables, lists on paper."""

import base64
import re
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from tests import factories
from ticketing.clock import now
from ticketing.extensions import db
from ticketing.jobs.reports.refresh import refresh
from ticketing.models.answers import Hold
from ticketing.rules.taxonomy import HoldReason, Status, TicketType

LONG = "Refund webhook retried 64 times for one transaction"
# What overlaps or is cut off in the cells of the next clock, as texts; and the narrowest title.
CLASHES = """() => [...document.querySelectorAll('#queue-rows tr')].flatMap((row) => {
  const [hold, clock] = ['.onhold', '.sla'].map((one) => row.querySelector(one).getBoundingClientRect());
  const cell = row.querySelector('.q-res'), edge = cell.getBoundingClientRect();
  const found = [];
  if (hold.right > clock.left && hold.bottom > clock.top && clock.bottom > hold.top) found.push('one on the other');
  for (const one of cell.querySelectorAll('.onhold, .sla')) {
    if (one.scrollWidth > one.clientWidth + 1) found.push('cut: ' + one.textContent);
    if (one.getBoundingClientRect().right > Math.min(edge.right, innerWidth)) found.push('outside: ' + one.textContent);
  }
  if (row.querySelector('.qtitle').getBoundingClientRect().width < 120) found.push('no title');
  return found;
})"""
# How light most of a picture's column is, from 0 to 255, below the head of a table.
LIGHT = """async ([picture, x]) => {
  const image = new Image();
  image.src = 'data:image/png;base64,' + picture;
  await image.decode();
  const canvas = Object.assign(document.createElement('canvas'), { width: image.width, height: image.height });
  const pen = canvas.getContext('2d');
  pen.drawImage(image, 0, 0);
  const data = pen.getImageData(x < 0 ? image.width + x : x, 60, 1, image.height - 80).data, found = [];
  for (let at = 0; at < data.length; at += 4) found.push((data[at] + data[at + 1] + data[at + 2]) / 3);
  return found.sort((a, b) => a - b)[found.length >> 1];
}"""


@pytest.fixture
def held(app, people):
    """A ticket that waits for each of the reasons."""
    with app.app_context():
        for minutes, reason in enumerate(HoldReason):
            at = now() - timedelta(days=1, minutes=7 * minutes)
            made = factories.ticket_in(Status.DIAGNOSTICS, title=LONG, moment=at)
            made.hold(Hold(reason, text="The auditor"), by=factories.person("ann"), at=at + timedelta(minutes=20))
        db.session.commit()


@pytest.mark.parametrize("width", [1440, 1280, 1024, 768, 600, 390])
def test_why_a_ticket_waits_and_what_is_left_stand_side_by_side(open_as, people, held, width):
    page = open_as(people.ann, "/queue", viewport={"width": width, "height": 800})
    expect(page.locator("#queue-rows .onhold")).to_have_count(len(HoldReason))
    expect(page.locator("#queue-rows tr", has_text="Release window")).to_contain_text("paused, ")
    for clock in page.locator("#queue-rows .sla").all():
        clock.evaluate("e => { e.textContent = 'paused, 8 h 48 min over'; }")  # nothing is longer
    assert page.evaluate(CLASHES) == []


@pytest.mark.parametrize("width", [768, 390, 320])
def test_the_name_of_the_status_stays_under_its_step(app, open_as, people, width):
    with app.app_context():
        keys = [factories.ticket_in(status).key for status in Status]
        db.session.commit()
    page = open_as(people.ann, "/my", viewport={"width": width, "height": 800})
    for key in keys:
        page.goto(f"/tickets/{key}")
        step, name = page.locator(".step[aria-current]"), page.locator(".step[aria-current] .step__name")
        expect(step).to_have_count(1)
        assert name.evaluate("e => e.scrollWidth <= e.clientWidth"), key
        assert step.evaluate("e => e.scrollWidth <= e.clientWidth + 1"), key
        step = step.bounding_box()
        assert step["x"] + step["width"] <= width - 12, key


@pytest.fixture
def counted(app, people):
    """A dozen tickets of the last three weeks, counted."""
    with app.app_context():
        for number in range(12):
            at = now() - timedelta(days=20 - number, hours=1)
            factories.ticket_in(
                Status.CLOSED, title=f"Stuck payout {number}", moment=at, details={"provider": "Reelworks"}
            )
        db.session.commit()
        refresh(now(), "UTC")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_table_that_goes_on_shows_it_and_scrolls_by_key(open_as, new_context, people, counted, scheme):
    page = open_as(people.mara, "/reports", viewport={"width": 390, "height": 800}, color_scheme=scheme)
    eye = new_context().new_page()

    def edges():
        picture = base64.b64encode(scroller.screenshot()).decode()
        return [eye.evaluate(LIGHT, [picture, x]) for x in (2, -3)]

    page.locator("#compliance-numbers summary").click()
    scroller = page.locator("#compliance-numbers .scroller")
    assert scroller.evaluate("e => e.scrollWidth > e.clientWidth + 100")
    left, right = edges()
    assert left > right + 10, "nothing says that it goes on to the right"
    scroller.focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    page.wait_for_function("e => e.scrollLeft > 60", arg=scroller.element_handle())
    scroller.evaluate("e => e.scrollTo(e.scrollWidth, 0)")
    left, right = edges()
    assert right > left + 10, "nothing says that it goes on to the left"


def test_many_children_show_that_there_are_more(app, open_as, new_context, people):
    with app.app_context():
        parent = factories.ticket_in(Status.DIAGNOSTICS)
        children = [factories.ticket_in(Status.DIAGNOSTICS, title=f"{LONG} {number}") for number in range(9)]
        parent.adopt(children, by=factories.person("mara"), at=factories.at(30))
        db.session.commit()
        key = parent.key
    page = open_as(people.mara, f"/tickets/{key}")
    box = page.locator("#ticket-family .family")
    assert box.evaluate("e => e.scrollHeight > e.clientHeight + 50")
    assert "local" in box.evaluate("e => getComputedStyle(e).backgroundAttachment")
    page.emulate_media(media="print")
    assert box.evaluate("e => e.scrollHeight == e.clientHeight")  # paper does not scroll


def test_words_of_a_drawing_keep_their_size_on_a_phone(app, open_as, people):
    with app.app_context():
        for number in range(4):
            made = factories.ticket(
                "Reelworks API answers 502", type=TicketType.INTEGRATION_ISSUE, moment=now() - timedelta(hours=number),
                details={"provider": "Reelworks", "error_code": "502"},
            )  # fmt: skip
        db.session.commit()
        place = f"{made.signature}-0"
    page = open_as(people.mara, f"/reports/recurring/{place}", viewport={"width": 390, "height": 800})
    plot = page.get_by_role("img", name="Against its baseline")
    expect(plot).to_contain_text("28 days ago")
    for word in plot.locator("span").all():
        assert word.evaluate("e => parseFloat(getComputedStyle(e).fontSize)") >= 11
    box, drawn = plot.bounding_box(), plot.locator("svg").bounding_box()
    assert drawn["x"] > box["x"] and drawn["x"] + drawn["width"] <= box["x"] + box["width"] + 0.5


@pytest.mark.parametrize(
    "path", ["/reports/tickets?figure=created", "/reports/providers", "/reports/providers/provider/reelworks"]
)
def test_a_list_on_paper_begins_under_its_heading_and_has_no_buttons(open_as, people, counted, path):
    page = open_as(people.mara, path, viewport={"width": 680, "height": 900})
    page.emulate_media(media="print")
    table = page.locator("table").last
    for panel in page.locator(".panel:has(tbody tr:nth-child(3))").all():
        assert panel.evaluate("e => getComputedStyle(e).breakInside") == "auto"
    expect(page.locator(".btn:visible")).to_have_count(0)
    expect(page.locator(".topbar")).to_be_hidden()
    head, first = page.locator("h1").bounding_box(), table.locator("thead th").first.bounding_box()
    assert head["x"] == pytest.approx(first["x"], abs=1)
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_without_script_period_and_filter_go_together(live, counted, people, new_context):
    signed_in = new_context()
    live.sign_in(signed_in.new_page(), people.mara)
    plain = new_context(java_script_enabled=False, storage_state=signed_in.storage_state()).new_page()
    plain.goto("/reports?preset=12w")
    plain.get_by_label("Priority", exact=True).select_option("normal")
    first, last = ((now() - timedelta(days=days)).date().isoformat() for days in (16, 14))
    plain.get_by_label("From", exact=True).fill(first)
    plain.get_by_label("To", exact=True).fill(last)
    plain.get_by_role("button", name="Show", exact=True).click()
    expect(plain).to_have_url(re.compile(f"first={first}&last={last}&priority=normal$"))
    expect(plain.locator(".kpi__value").first).to_have_text("3")
    plain.get_by_label("Team", exact=True).select_option("technical_support")
    plain.get_by_role("button", name="Apply").click()
    expect(plain.locator(".kpi__value").first).to_have_text("3")
    expect(plain.get_by_label("From", exact=True)).to_have_value(first)


def test_days_that_were_typed_go_with_the_next_filter(open_as, people, counted):
    page = open_as(people.mara, "/reports?preset=12w")
    first = (now() - timedelta(days=16)).date().isoformat()
    page.get_by_label("From", exact=True).fill(first)
    page.get_by_label("Priority", exact=True).select_option("normal")
    expect(page).to_have_url(re.compile(f"first={first}.*priority=normal$"))
    expect(page.locator('.segmented [aria-current="true"]')).to_have_count(0)
    expect(page.get_by_label("From", exact=True)).to_have_value(first)
    assert "preset" not in page.url


# Chips whose amount is cut off or hidden, or that reach out of their card.
POOR_CHIPS = """() => [...document.querySelectorAll('.card .sla')].filter((chip) => {
  const amount = chip.querySelector('b') ?? chip, box = amount.getBoundingClientRect();
  const card = chip.closest('.card').getBoundingClientRect(), edge = chip.getBoundingClientRect();
  return box.right > edge.right + 1 || box.bottom > edge.bottom + 1 || edge.right > card.right
    || (amount !== chip && amount.scrollWidth > amount.clientWidth + 1);
}).map((chip) => chip.textContent)"""


@pytest.mark.parametrize("width", [1920, 1440, 1280, 1024, 800, 390])
def test_a_card_always_says_how_much_is_left_or_over(app, open_as, people, width):
    with app.app_context():
        for minutes in (5, 250, 330, 1500, 4000):
            for status in (Status.ASSIGNED, Status.DIAGNOSTICS, Status.SOLUTION_CHECK):
                factories.ticket_in(status, moment=now() - timedelta(minutes=minutes))
        db.session.commit()
    page = open_as(people.mara, "/board", viewport={"width": width, "height": 900})
    expect(page.locator(".card .sla[data-sla=breached]").first).to_be_attached()
    assert page.locator(".card .sla").count() == 15
    assert page.evaluate(POOR_CHIPS) == []
