"""What similarity is worth, as a number: of the first three tickets it shows, how many are about the same trouble."""

from collections import Counter

import pytest

from tests import factories as make
from tests.support.alike import LATER, TICKETS
from ticketing.extensions import db
from ticketing.models import Ticket
from ticketing.queries.similar import profile_of, similar_to

SHOWN = 3
FLOOR, NAIVE_CEILING = 0.86, 0.7


@pytest.fixture(params=[TICKETS, LATER], ids=["tried", "later"])
def desk(request, app, people):
    """All of them, filed an hour after one another; {id: group}."""
    with app.app_context():
        groups = {}
        for hour, (group, kind, category, title, description, details) in enumerate(request.param):
            made = make.ticket(
                title, moment=make.at(60 * hour), type=kind, category=make.category(category), description=description,
                details=details,
            )  # fmt: skip
            groups[made.id] = group
        db.session.commit()
        yield groups


def precision(groups, find) -> float:
    """Of the places that could hold a neighbour, the share that does; `find(ticket)` gives ids, the best first."""
    sizes, hits, places = Counter(groups.values()), 0, 0
    for number, group in groups.items():
        if group:
            shown = find(db.session.get(Ticket, number))[:SHOWN]
            hits += sum(groups[other] == group for other in shown)
            places += max(len(shown), min(SHOWN, sizes[group] - 1))
    return hits / places


def ours(groups):
    viewer, now = make.person("mara"), make.at(60 * 50)
    return lambda ticket: [
        one.row.id for one in similar_to(profile_of(ticket), viewer, now, SHOWN, ticket.id)
    ]  # fmt: skip


def by_counting_words(groups):
    """What a plain count of shared words shows, its stop words left out."""
    plain = {"the", "a", "an", "of", "and", "to", "is", "in", "on", "for", "at", "no", "not", "are", "with", "after"}

    def words(ticket):
        text = f"{ticket.title} {ticket.description} {' '.join(ticket.details.values())}".lower()
        return {word.strip(".,:?“”%") for word in text.split()} - plain - {""}

    everything = {number: words(db.session.get(Ticket, number)) for number in groups}

    def find(ticket):
        shared = {other: len(everything[ticket.id] & said) for other, said in everything.items() if other != ticket.id}
        return sorted((other for other in shared if shared[other]), key=lambda other: (-shared[other], -other))

    return find


def test_of_the_first_three_nearly_all_are_about_the_same(desk):
    assert precision(desk, ours(desk)) >= FLOOR


def test_counting_words_does_not_reach_that(desk):
    assert precision(desk, by_counting_words(desk)) < NAIVE_CEILING


def test_nearly_each_trouble_meets_one_of_its_own_first(desk):
    find = ours(desk)
    shown = {number: find(db.session.get(Ticket, number)) for number, group in desk.items() if group}
    missed = [number for number, others in shown.items() if not others]
    wrong = [number for number, others in shown.items() if others and desk[others[0]] != desk[number]]
    assert len(missed) <= 1 and wrong == [], (missed, wrong)


def test_what_stands_alone_is_like_nothing(desk):
    find = ours(desk)
    shown = {number: find(db.session.get(Ticket, number)) for number, group in desk.items() if not group}
    noisy = [db.session.get(Ticket, number).title for number, others in shown.items() if others]
    assert len(noisy) <= 1, noisy
