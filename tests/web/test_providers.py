"""The pages of providers and payment systems over HTTP."""

import csv
import io
import re
from html import unescape

import pytest

from tests import factories as make
from tests.support.sql import statements
from ticketing.extensions import db
from ticketing.rules.taxonomy import Status, TicketType
from ticketing.web import report_page, reports_providers

S = Status


def save(app, *names, status=S.DIAGNOSTICS, kind=TicketType.INCIDENT, field="provider", **facts):
    with app.app_context():
        keys = [make.ticket_in(status, type=kind, details={field: name}, **facts).key for name in names]
        db.session.commit()
        return keys


@pytest.fixture
def named(app, people, that_morning):
    """PayNetix is named twice, Reelworks once, Cardline is a payment system."""
    save(app, "PayNetix", "PayNetix", "Reelworks", title="Deposits time out")
    save(app, "Cardline", kind=TicketType.PAYMENT_ISSUE, field="payment_system", title="Cards are refused")


def rows(answer):
    return list(csv.reader(io.StringIO(answer.get_data(as_text=True).removeprefix("\ufeff"))))


def test_each_is_there_under_its_kind(named, mara):
    page = mara.get("/reports/providers").text
    provider, system = page.index(">Providers <"), page.index(">Payment systems <")
    assert provider < page.index(">PayNetix<") < system < page.index(">Cardline<")
    assert page.index(">Reelworks<") < system


def test_a_name_leads_to_its_sheet(named, mara):
    href = re.search(r'href="([^"]+)">PayNetix<', mara.get("/reports/providers?preset=12w").text)[1]
    assert href == "/reports/providers/provider/paynetix?preset=12w"
    sheet = mara.get(href).text
    assert "<h1>PayNetix</h1>" in sheet
    assert sheet.count("Deposits time out") == 2
    assert "data-print" in sheet
    assert "has not been counted" not in sheet


def test_letters_and_spaces_of_the_address_do_not_matter(named, mara):
    assert mara.get("/reports/providers/provider/%20PAYNETIX").status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "provider/nobody",
        "payment_system/paynetix",
        "vendor/paynetix",
        "provider/-",
        "provider/%20",
        "provider/-?called=",
        "provider/%00",
        "provider/paynetix%00",
    ],
)
def test_who_is_named_nowhere_is_not_found(named, mara, path):
    assert mara.get(f"/reports/providers/{path}").status_code == 404


@pytest.mark.parametrize(
    "name",
    ["a/b", "/a", "//", "..", "../x", "a//b", "a?b", "a#b", "50%", "-", "<b>&\"'", "žluťoučký kůň", "=1+1", "a;b", "."],
)
def test_an_odd_name_has_its_sheet_and_its_file(app, people, that_morning, mara, name):
    save(app, name)
    page = mara.get("/reports/providers").text
    href = re.search(r'<th scope="row"><a href="(/reports/providers/[^"]+)"', page)[1]
    sheet = mara.get(unescape(href))
    assert sheet.status_code == 200, href
    file = re.search(r'href="(/reports/provider\.csv[^"]+)"', sheet.text)[1]
    assert len(rows(mara.get(unescape(file)))) == 2
    assert "<b>&" not in sheet.text


def test_the_period_is_checked_and_kept(named, mara):
    page = mara.get("/reports/providers?first=2026-05-01&last=2026-05-04").text
    assert 'value="2026-05-01"' in page
    assert mara.get("/reports/providers?first=2026-05-04&last=2026-05-01").status_code == 422
    assert mara.get("/reports/providers?first=soon&last=2026-05-01").status_code == 422
    assert mara.get("/reports/providers/provider/paynetix?preset=3w").status_code == 422
    earlier = mara.get("/reports/providers/provider/paynetix?first=2026-01-01&last=2026-01-31").text
    assert "None in this period." in earlier


def test_the_file_has_every_figure_with_the_one_before_and_no_formula(app, people, that_morning, mara):
    save(app, "=HYPERLINK(1)", "@sum")
    head, *found = rows(mara.get("/reports/providers.csv"))
    assert len(head) == len(found[0]) == 2 + 2 * 8 + 1
    assert [row[0] for row in found] == ["'=HYPERLINK(1)", "'@sum"]
    assert head[2:6] == ["Tickets", "Tickets, the period before", "Incidents", "Incidents, the period before"]
    assert found[0][2:6] == ["1", "0", "1", "0"]
    assert head[6] == "Open time (seconds)"


def test_the_file_of_one_lists_its_tickets(named, mara):
    answer = mara.get("/reports/provider.csv?kind=provider&called=PayNetix&preset=4w")
    head, *found = rows(answer)
    assert "paynetix" in answer.headers["Content-Disposition"]
    assert [row[head.index("Title")] for row in found] == ["Deposits time out"] * 2
    assert mara.get("/reports/provider.csv?kind=provider&called=nobody").status_code == 404


def test_what_the_file_leaves_out_is_said_on_the_page_and_in_its_name(named, mara, monkeypatch):
    page, file = "/reports/providers/provider/paynetix", "/reports/provider.csv?kind=provider&called=PayNetix"
    assert "CSV of the first" not in mara.get(page).text
    assert "first" not in mara.get(file).headers["Content-Disposition"]
    monkeypatch.setattr(reports_providers, "SHOWN", 1)
    assert "The first 1 are here; the file has more." in mara.get(page).text
    monkeypatch.setattr(report_page, "MOST_IN_FILE", 1)
    assert "CSV of the first 1<" in mara.get(page).text
    answer = mara.get(file)
    assert len(rows(answer)) == 2
    assert "paynetix-first-1" in answer.headers["Content-Disposition"]


@pytest.mark.both_databases
def test_a_name_that_no_text_can_hold_is_not_found_on_postgresql_either(people, that_morning, mara):
    assert mara.get("/reports/providers/provider/%00").status_code == 404


def test_staff_have_it_and_reporters_do_not(named, people, client_for):
    for path in ("/reports/providers", "/reports/providers/provider/paynetix", "/reports/providers.csv"):
        assert client_for(people.ann).get(path).status_code == 200
        assert client_for(people.rita).get(path).status_code == 403


def test_restricted_tickets_show_nothing_to_who_may_not_see_them(app, people, that_morning, client_for):
    save(app, "Hidden Ltd")
    with app.app_context():
        db.session.get(make.Ticket, 1).restricted = True
        db.session.commit()
    bo, mara = client_for(people.bo), client_for(people.mara)
    assert "Hidden Ltd" in mara.get("/reports/providers").text
    for path in ("/reports/providers", "/reports/providers.csv"):
        assert "idden Ltd" not in bo.get(path).get_data(as_text=True)
    assert bo.get("/reports/providers/provider/hidden%20ltd").status_code == 404
    assert bo.get("/reports/provider.csv?kind=provider&called=hidden+ltd").status_code == 404


def test_an_empty_desk_says_what_would_be_here(people, that_morning, mara):
    assert "No ticket names a provider or a payment system" in mara.get("/reports/providers").text


def test_the_pages_ask_a_fixed_number_of_times(app, named, people, client_for):
    def asked(path):
        client = client_for(people.mara)
        with statements(app) as seen:
            assert client.get(path).status_code == 200
        return len(seen)

    paths = ("/reports/providers", "/reports/providers/provider/paynetix")
    first = [asked(path) for path in paths]
    save(app, *(f"Provider {number}" for number in range(9)), "PayNetix", "PayNetix", status=S.CLOSED)
    assert [asked(path) for path in paths] == first
    assert first[0] <= 16
    assert first[1] <= 14
