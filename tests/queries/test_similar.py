"""What is like a ticket: to whom it is shown, in which order, and what never is."""

from datetime import timedelta

import pytest

from tests import factories as make
from tests.support.sql import statements
from ticketing.extensions import db
from ticketing.models.link import link
from ticketing.queries.similar import profile_of, similar_to
from ticketing.rules.similarity import Ground, profile
from ticketing.rules.taxonomy import LinkKind, ResolutionCode, Status, TicketType

NOW = make.at(60 * 24)
TROUBLE = "Trustera payouts stay pending for German IBANs"
IN_OTHER_WORDS = "Withdrawals with a German IBAN hang at Trustera"


@pytest.fixture
def desk(app, people):
    with app.app_context():
        yield people


def find(asked, handle="ann", limit=5, itself=0):
    asked = profile(asked) if isinstance(asked, str) else asked
    return similar_to(asked, make.person(handle), NOW, limit, itself)


def keys(found):
    return [one.key for one in found]


def closed(title=TROUBLE, code=ResolutionCode.FIXED, **facts):
    made = make.ticket_in(Status.SOLUTION_CHECK, title=title, **facts)
    made.move_to(Status.CLOSED, by=make.person("mara"), at=make.at(30), answers=make.Answers(
        resolution_code=code, root_cause=make.RootCause.PROVIDER))  # fmt: skip
    return made


def test_it_tells_how_it_was_fixed_by_whom_and_how_long_it_took(desk):
    made = closed(description="Since 09:40")
    one = find(IN_OTHER_WORDS)[0]
    row = one.row
    assert (one.key, row.status, row.resolution_code) == (made.key, Status.CLOSED, ResolutionCode.FIXED)
    assert (row.root_cause, row.solution, row.solver_name) == ("provider", "Restarted the worker", "Ann Haddad")
    assert row.closed_at == make.at(30)
    assert row.worked_s is not None and one.took_s == row.worked_s


def test_without_a_clock_it_took_from_filing_to_closing(desk):
    made = closed()
    db.session.flush()
    db.session.connection().exec_driver_sql("DELETE FROM sla_segment")
    db.session.connection().exec_driver_sql("DELETE FROM sla_level")
    db.session.connection().exec_driver_sql("DELETE FROM sla_clock")
    one = find(IN_OTHER_WORDS)[0]
    assert (one.key, one.row.worked_s, one.took_s) == (made.key, None, 30 * 60)


def test_an_open_ticket_has_taken_no_time_yet(desk):
    make.ticket(TROUBLE)
    assert find(IN_OTHER_WORDS)[0].took_s is None


def test_it_says_why(desk):
    make.ticket("Deposits are declined", type=TicketType.PAYMENT_ISSUE, category=make.category("payment_processing"),
                details={"error_code": "E-2201", "payment_system": "PayNetix"})  # fmt: skip
    asked = profile("PayNetix cards refused with e-2201", category=make.category("payment_processing").id)
    why = dict(find(asked)[0].why)
    assert why["error_code"] == "E-2201" and why["payment_system"] == "PayNetix"
    assert Ground.CATEGORY in why and "declined" in why[Ground.WORDS]


def test_nearly_the_same_title_comes_first_and_says_so(desk):
    make.ticket("Trustera payouts pending for one German player", details={"error_code": "TR-118"})
    same = make.ticket("German IBANs: Trustera payouts pending")
    found = find(TROUBLE)
    assert found[0].key == same.key and found[0].why[0].ground == Ground.SAME_TITLE


def test_a_solved_one_comes_before_an_open_one_and_an_invalid_one_last(desk):
    invalid = make.ticket(TROUBLE)
    invalid.close_as(ResolutionCode.INVALID, by=make.person("mara"), at=make.at(5))
    still_open = make.ticket(TROUBLE)
    solved = closed()
    assert keys(find(TROUBLE)) == [solved.key, still_open.key, invalid.key]


def test_of_two_alike_the_later_one_comes_first(desk):
    old = make.ticket(TROUBLE, moment=make.at() - timedelta(days=300))
    new = make.ticket(TROUBLE, moment=make.at())
    assert keys(find(TROUBLE)) == [new.key, old.key]


def test_common_words_alone_find_nothing(desk):
    for title in ("Player deposit error", "Error on deposit of a player", "Deposit: player gets an error"):
        make.ticket(title)
    assert find("error player deposit") == []
    assert find("The player has a problem with a deposit, please help") == []


@pytest.mark.parametrize("title", ["", "   ", "the of and", "?!", "10:45", "- -", "T-1", "a"])
def test_what_says_nothing_finds_nothing(desk, title):
    make.ticket(TROUBLE)
    assert find(title) == []


@pytest.mark.parametrize(
    "title",
    [
        'Trustera" OR "1', "Trustera' | 'x", "trustera AND NOT (", "NEAR(trustera payouts)", "title:trustera*",
        "^trustera", "trustera:* & !", "\\trustera\\", "{title} : trustera", "trustera \U0001f4a5 ünïcode \ufdfa",
        "\uff34\uff52\uff55\uff53\uff54\uff45\uff52\uff41", "%s %(x)s :word", "trustera " * 3000, "x" * 20_000,
        "e-" * 9000, "trustera\ud800", "1-2-3-4-5-6-7-8-a",
    ],
)  # fmt: skip
def test_odd_signs_are_taken_literally(desk, title):
    made = make.ticket("Trustera payouts pending")
    assert set(keys(find(title))) <= {made.key}
    assert set(keys(find(profile("Trustera payouts", title, {"provider": title[:120]})))) <= {made.key}


def test_itself_is_not_like_itself(desk):
    one, other = make.ticket(TROUBLE), make.ticket(TROUBLE)
    assert keys(find(profile_of(one), itself=one.id)) == [other.key]


@pytest.mark.parametrize(
    ("handle", "sees"), [("ann", False), ("bo", True), ("mara", True), ("rita", True), ("sam", False)]
)
def test_a_restricted_ticket_is_like_nothing_for_others(desk, handle, sees):
    make.ticket(
        "API token of Oddstone leaked on staging", type=TicketType.SECURITY_ALERT, team_id=make.team("devops").id
    )
    assert bool(find("Oddstone token leaked on staging", handle)) is sees


def test_many_restricted_tickets_do_not_hide_what_may_be_seen(desk):
    for _ in range(60):
        make.ticket("Oddstone token leaked", type=TicketType.SECURITY_ALERT, team_id=make.team("devops").id)
    seen = make.ticket("Oddstone token leaked", moment=make.at(-60))
    for _ in range(60):
        make.ticket("Oddstone token leaked", type=TicketType.SECURITY_ALERT, team_id=make.team("devops").id)
    assert keys(find("Oddstone token leaked")) == [seen.key]


def test_a_reporter_meets_their_own_tickets_alone(desk):
    own = make.ticket(TROUBLE)
    make.ticket(TROUBLE, by=make.person("sam"))
    assert keys(find(IN_OTHER_WORDS, "rita")) == [own.key]
    assert find("error player deposit", "rita") == []


def test_notes_and_solutions_find_nothing(desk):
    made = closed("Lobby tiles are blurred")
    made.say("The Kestrel jackpot meter was it", internal=True, by=make.person("ann"), at=make.at(40))
    assert find("Kestrel jackpot meter", "rita") == [] and find("Restarted worker", "rita") == []


def test_a_merged_ticket_stands_for_the_one_that_survives(desk):
    survivor = make.ticket("Bank transfers are late", moment=make.at(-60))
    merged = make.ticket(TROUBLE)
    merged.close_as(ResolutionCode.DUPLICATE, by=make.person("mara"), at=make.at(5), duplicate_of=survivor)
    found = find(IN_OTHER_WORDS)
    assert keys(found) == [survivor.key] and found[0].merged == [merged.id]


def test_a_merge_after_a_merge_leads_to_the_last(desk):
    last, middle, first = make.ticket("Bank is late"), make.ticket("Transfers wait"), make.ticket(TROUBLE)
    first.close_as(ResolutionCode.DUPLICATE, by=make.person("mara"), at=make.at(5), duplicate_of=middle)
    middle.close_as(ResolutionCode.DUPLICATE, by=make.person("mara"), at=make.at(6), duplicate_of=last)
    assert keys(find(IN_OTHER_WORDS)) == [last.key]


def test_what_was_merged_into_a_ticket_is_not_shown_on_it(desk):
    survivor, merged = make.ticket(TROUBLE), make.ticket(TROUBLE)
    merged.close_as(ResolutionCode.DUPLICATE, by=make.person("mara"), at=make.at(5), duplicate_of=survivor)
    assert find(profile_of(survivor), itself=survivor.id) == []


def test_a_survivor_that_may_not_be_seen_stays_unseen(desk):
    secret = make.ticket("Oddstone leak", type=TicketType.SECURITY_ALERT, team_id=make.team("devops").id)
    merged = make.ticket(TROUBLE)
    merged.close_as(ResolutionCode.DUPLICATE, by=make.person("mara"), at=make.at(5), duplicate_of=secret)
    found = find(IN_OTHER_WORDS)
    assert keys(found) == [merged.key] and found[0].merged == []
    assert keys(find(IN_OTHER_WORDS, "mara")) == [secret.key]


def test_a_linked_one_is_marked(desk):
    one, other = make.ticket(TROUBLE), make.ticket(TROUBLE)
    link(one, other, LinkKind.RELATED, by=make.person("ann"), at=NOW)
    assert find(profile_of(one), itself=one.id)[0].row.linked == LinkKind.RELATED
    assert find(profile_of(other), itself=other.id)[0].row.linked == LinkKind.RELATED
    assert find(TROUBLE)[0].row.linked is None


def test_it_shows_no_more_than_was_asked_for(desk):
    for _ in range(9):
        make.ticket(TROUBLE)
    assert len(find(TROUBLE, limit=4)) == 4


def test_it_takes_four_statements(desk, app):
    for _ in range(3):
        closed()
    find(TROUBLE)
    ann = make.person("ann")
    with statements(app) as seen:
        similar_to(profile(TROUBLE), ann, NOW, 5)
    assert len(seen) == 4, "\n".join(seen)
