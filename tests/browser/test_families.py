"""Parents, children and merged tickets in a browser: asked in the dialog, seen on the board, pleasant to look at."""

import os
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests import factories as make
from ticketing.clock import now
from ticketing.extensions import db
from ticketing.models.answers import Hold
from ticketing.rules.taxonomy import HoldReason, Priority, ResolutionCode, Status

PICTURES = os.environ.get("TICKETING_PICTURES")
LONG = "Withdrawals of players in Malta and Gibraltar stay pending because the provider answers with 502 Bad Gateway"


@pytest.fixture
def family(app, people):
    """A parent in solution check with two open children and a closed one, and a ticket that was merged into it."""
    with app.app_context():
        moment = now() - timedelta(minutes=50)
        parent = make.ticket_in(Status.SOLUTION_CHECK, title="Deposits by Northpay fail", moment=moment)
        fresh = make.ticket("Card is declined", priority=Priority.CRITICAL, moment=moment)
        held = make.ticket_in(Status.CORRECTION, title=LONG, moment=moment, priority=Priority.HIGH)
        held.hold(Hold(HoldReason.PROVIDER), by=make.person("ann"), at=moment + timedelta(minutes=8))
        closed = make.ticket_in(Status.CLOSED, title="Paid twice", moment=moment)
        parent.adopt([fresh, held, closed], by=make.person("mara"), at=moment + timedelta(minutes=9))
        twin = make.ticket_in(Status.DIAGNOSTICS, title="Northpay is down", by=make.person("sam"), moment=moment)
        twin.watch(make.person("bo"), by=make.person("bo"), at=moment + timedelta(minutes=9))
        twin.say("I cannot pay since noon", internal=False, by=make.person("sam"), at=moment + timedelta(minutes=9))
        twin.say("The same as with Northpay", internal=True, by=make.person("ann"), at=moment + timedelta(minutes=10))
        twin.close_as(ResolutionCode.DUPLICATE, by=make.person("ann"), at=moment + timedelta(minutes=11),
                      duplicate_of=parent)  # fmt: skip
        db.session.commit()
        return parent.key


def keep(page, name):
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)


def toast(page, text):
    return page.locator("#toasts .toast", has_text=text)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_the_page_of_a_parent_is_well(open_as, people, family, axe, scheme, width):
    page = open_as(people.mara, f"/tickets/{family}", color_scheme=scheme, viewport={"width": width, "height": 900})
    panel = page.locator("#ticket-family")
    expect(panel).to_contain_text("2 of 3 open")
    expect(panel.locator("li")).to_have_count(3)
    expect(page.locator(".comment__origin")).to_have_count(2)
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0
    keep(page, f"family-{scheme}-{width}")
    panel.get_by_role("link", name="T-3").click()
    expect(page.locator("#ticket-family")).to_contain_text("Parent incident")
    assert axe(page) == []
    keep(page, f"family-child-{scheme}-{width}")


def test_one_closing_takes_the_children_along_and_the_page_shows_it(open_as, people, family, read, axe):
    page = open_as(people.mara, f"/tickets/{family}")
    page.click("#move-next")
    dialog = page.locator("dialog[open]")
    dialog.get_by_label("How it ended").select_option("provider_fixed")
    dialog.get_by_label("Root cause", exact=True).select_option("provider")
    wish = dialog.get_by_role("checkbox", name="Also close its 2 open children")
    expect(wish).not_to_be_checked()
    wish.check()
    assert axe(page) == []
    keep(page, "family-closing")
    dialog.get_by_role("button", name="Close ticket").click()
    expect(toast(page, "2 children were closed with it.")).to_be_visible()
    expect(page.locator("#ticket-family")).to_contain_text("0 of 3 open")
    expect(page.locator("#activity")).to_contain_text("closed T-2 and T-3 with this")
    assert read("T-3", "status", "resolution_code") == (Status.CLOSED, ResolutionCode.PROVIDER_FIXED)


def test_a_drop_on_closed_takes_the_cards_of_the_children_along(open_as, people, family):
    page = open_as(people.mara, "/board")
    card = page.locator("#card-1")
    expect(card.locator(".card__extra")).to_contain_text("3")
    card.locator("h3 a").focus()
    page.keyboard.press("]")
    dialog = page.locator("dialog[open]")
    dialog.get_by_label("How it ended").select_option("fixed")
    dialog.get_by_label("Root cause", exact=True).select_option("software")
    dialog.get_by_role("checkbox", name="Also close its 2 open children").check()
    keep(page, "family-board")
    dialog.get_by_role("button", name="Close ticket").click()
    expect(toast(page, "2 children were closed with it.")).to_be_visible()
    for number in (2, 3):
        expect(
            page.locator(f'[data-status="new"] #card-{number}, [data-status="correction"] #card-{number}')
        ).to_have_count(0)
    page.reload()
    expect(page.locator("#card-2:visible")).to_have_count(0)


def test_an_update_reaches_children_and_merged_tickets_and_the_box_says_who_reads_it(open_as, people, family, read):
    page = open_as(people.ann, f"/tickets/{family}")
    composer = page.locator("#composer")
    expect(composer).to_contain_text("Their reporters can read it. Files stay here.")
    page.fill("#composer textarea", "It works again")
    composer.get_by_role("checkbox", name="Also write it on its 2 open children").check()
    composer.get_by_role("checkbox", name="Also write it on the ticket that was merged into this one").check()
    keep(page, "family-composer")
    composer.locator('button[type="submit"]').first.click()
    expect(toast(page, "Also written on 2 children. Also written on one merged ticket.")).to_be_visible()
    expect(page.locator("#activity")).to_contain_text("It works again")
    assert read("T-2", "comment_count") == 1 and read("T-5", "comment_count") == 3
    expect(composer.get_by_role("checkbox", name="Also write it on its")).not_to_be_checked()
    page.goto("/tickets/T-2")
    expect(page.locator(".comment__origin")).to_have_text("from T-1")


def test_several_rows_get_a_parent_from_the_queue(open_as, people, family, app, read):
    with app.app_context():
        made = [make.ticket(f"Another {number}").key for number in range(2)]
        db.session.commit()
    page = open_as(people.ann, "/queue")
    for key in made:
        page.locator(f'tr[data-ticket="{key}"] input[type="checkbox"]').check()
    page.get_by_role("button", name="Parent", exact=True).click()
    page.fill("#bulk-parent-key", family)
    keep(page, "family-bulk")
    page.keyboard.press("Enter")
    expect(toast(page, f"2 tickets made children of {family}")).to_be_visible()
    assert [read(key, "parent_id") for key in made] == [1, 1]


def test_what_cannot_be_merged_is_said_at_its_field(open_as, people, family):
    page = open_as(people.mara, "/tickets/T-2")
    page.goto("/tickets/T-2/closing")
    page.get_by_label("Duplicate of").fill("T-5")
    page.get_by_role("button", name="Close", exact=False).last.click()
    expect(page.locator("#duplicate_of-error")).to_have_text("T-5 was merged into T-1: name that one.")
    keep(page, "family-refused")
