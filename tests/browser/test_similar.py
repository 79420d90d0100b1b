"""Similar tickets in a real browser: they come after the page, while one writes, and one click does the rest."""

import pytest
from playwright.sync_api import expect

from tests import factories as make
from ticketing.clock import now
from ticketing.extensions import db
from ticketing.models import Ticket
from ticketing.models.answers import Answers
from ticketing.rules.taxonomy import LinkKind, ResolutionCode, RootCause, Status

TROUBLE = "Trustera payouts stay pending for German IBANs"
SOLUTION = (
    "Trustera had changed the format of IBANs. We send them without blanks now; 38 payouts were sent again by hand."
)


@pytest.fixture
def desk(app, people):
    """(one that was solved, one that is open, one of ann's that is in diagnostics), as keys."""
    with app.app_context():
        at = now().replace(hour=0) if now().hour else now()
        solved = make.ticket_in(Status.CORRECTION, title=TROUBLE, moment=make.at(), details={"provider": "Trustera"})
        solved.move_to(Status.SOLUTION_CHECK, by=make.person("ann"), at=make.at(90), answers=Answers(solution=SOLUTION))
        answers = Answers(resolution_code=ResolutionCode.PROVIDER_FIXED, root_cause=RootCause.PROVIDER)
        solved.move_to(Status.CLOSED, by=make.person("mara"), at=make.at(95), answers=answers)
        still_open = make.ticket("German IBANs are refused by Trustera", moment=at)
        mine = make.ticket_in(Status.DIAGNOSTICS, title="Withdrawals with a German IBAN hang at Trustera", moment=at)
        make.ticket("Lobby tiles are blurred", moment=at)
        db.session.commit()
        return solved.key, still_open.key, mine.key


def number(key):
    return int(key[2:])


def test_they_come_after_the_page_and_one_click_links(open_as, people, links, desk):
    solved, still_open, mine = desk
    page = open_as(people.ann, f"/tickets/{mine}")
    panel = page.locator("#similar")
    expect(panel).to_contain_text("without blanks now")
    expect(panel).to_contain_text("Fixed by the provider")
    expect(panel).to_contain_text("Ann Haddad, in")
    expect(panel).not_to_contain_text("blurred")
    row = panel.locator("li", has_text=still_open).first
    row.get_by_role("button", name="Link").click()
    expect(row).to_contain_text("Linked with this ticket")
    expect(page.locator("#ticket-side")).to_contain_text(still_open)
    assert links() == [(LinkKind.RELATED, number(mine), number(still_open))]
    row = panel.locator("li", has_text=solved).first
    row.get_by_role("button", name="It is a recurrence").click()
    expect(row).to_contain_text("Linked with this ticket")
    assert links()[-1] == (LinkKind.RECURRENCE_OF, number(mine), number(solved))


def test_a_duplicate_is_closed_by_the_dialog_with_the_key_filled_in(open_as, people, app, links, desk):
    _solved, still_open, mine = desk
    page = open_as(people.ann, f"/tickets/{mine}")
    page.locator("#similar li", has_text=still_open).first.get_by_role("link", name="It is a duplicate").click()
    dialog = page.locator("#ticket-dialog")
    expect(dialog.locator("#duplicate_of")).to_have_value(still_open)
    dialog.get_by_role("button", name="Close ticket").click()
    expect(page.locator('.step[aria-current="step"]')).to_contain_text("Closed")
    with app.app_context():
        made = db.session.get(Ticket, number(mine))
        assert (made.status, made.resolution_code) == (Status.CLOSED, ResolutionCode.DUPLICATE)
    assert (LinkKind.DUPLICATE_OF, number(mine), number(still_open)) in links()


def test_they_show_while_one_writes_and_are_linked_when_it_is_filed(open_as, people, links, desk):
    solved, still_open, _mine = desk
    page = open_as(people.ann, "/tickets/new")
    panel = page.locator("#similar")
    expect(panel).to_be_hidden()
    page.locator("#title").press_sequentially("error player deposit")
    expect(panel).to_contain_text("Nothing like it was found")
    page.fill("#description", "Since noon the payouts to German IBANs hang at Trustera")
    expect(panel).to_contain_text(TROUBLE)
    row = panel.locator("li", has_text=still_open).first
    row.get_by_label("Link it when filed").check()
    page.locator("#title").press_sequentially(" again")
    page.fill("#description", "")
    expect(panel.get_by_role("list", name="Will be linked")).to_contain_text(still_open)
    expect(panel.get_by_label("Link it when filed")).to_be_checked()
    page.click("text=Create ticket")
    expect(page.locator("#ticket-side")).to_contain_text(still_open)
    assert [kind for kind, _source, target in links() if target == number(still_open)] == [LinkKind.RELATED]
    assert solved


def test_it_came_back_needs_one_click(open_as, people, links, desk):
    solved, _open, _mine = desk
    page = open_as(people.ann, "/tickets/new")
    page.fill("#title", "Trustera payouts pending for German IBANs")
    page.fill("#description", "Typed and kept")
    page.locator("#similar li", has_text=solved).first.get_by_role("button", name="It came back").click()
    expect(page.locator("#recurrence")).to_contain_text(f"Recurrence of {solved}")
    expect(page.locator("#provider")).to_have_value("Trustera")
    expect(page.locator("#description")).to_have_value("Typed and kept")
    page.click("text=Create ticket")
    expect(page.locator("h1")).to_contain_text("Trustera payouts pending")
    assert links()[-1][0] == LinkKind.RECURRENCE_OF


def test_one_is_opened_instead(open_as, people, desk):
    _solved, still_open, _mine = desk
    page = open_as(people.ann, "/tickets/new")
    page.fill("#title", TROUBLE)
    page.locator("#similar li", has_text=still_open).first.get_by_role("link", name="Open it instead").click()
    expect(page.locator("h1")).to_contain_text("German IBANs are refused")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_nothing_is_in_the_way_of_anybody(open_as, people, axe, desk, scheme, width, tmp_path):
    settings = {"color_scheme": scheme, "viewport": {"width": width, "height": 900}}
    page = open_as(people.ann, f"/tickets/{desk[2]}", **settings)
    expect(page.locator("#similar")).to_contain_text("without blanks now")
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.goto("/tickets/new")
    page.fill("#title", TROUBLE)
    expect(page.locator("#similar")).to_contain_text("without blanks now")
    hint = page.get_by_role("link", name="3 similar tickets")  # where the list stands far below
    expect(hint).to_be_visible() if width == 390 else expect(hint).to_be_hidden()
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.goto(f"/tickets/{desk[2]}/similar")
    assert axe(page) == []
