"""Filters as an address: what is read from one, and written to one."""

import pytest
from werkzeug.datastructures import MultiDict

from ticketing.queries.filters import Filters
from ticketing.rules.refusals import Invalid

pytestmark = pytest.mark.sqlite_only


def read(*pairs):
    return Filters.read(MultiDict(pairs))


def test_what_is_read_is_written_again():
    filters = read(
        ("priority", "high"), ("view", "mine"), ("priority", "critical"), ("q", " wallet  "), ("sort", "key")
    )
    assert filters.query() == "view=mine&q=wallet&priority=high&priority=critical"
    assert bool(filters)
    assert not read(("sort", "key"), ("q", "  "))


def test_one_value_filters_keep_the_last():
    assert read(("created", "7"), ("created", "30")).created == ("30",)


def test_a_query_changes_one_filter_and_keeps_the_others():
    filters = read(("priority", "high"), ("team", "devops"))
    assert filters.query(priority=None) == "team=devops"
    assert filters.query(due="breached") == "priority=high&team=devops&due=breached"
    assert filters.query(priority=["low", "high"]) == "priority=low&priority=high&team=devops"


def test_chips_name_each_value_and_the_address_without_it():
    chips = list(read(("view", "mine"), ("priority", "high"), ("priority", "low")).chips())
    assert chips == [
        ("priority", "high", "view=mine&priority=low"),
        ("priority", "low", "view=mine&priority=high"),
    ]


@pytest.mark.parametrize(
    ("pairs", "errors"),
    [
        ([("status", "limbo")], {"status": "unknown_value"}),
        ([("priority", "high"), ("priority", "5")], {"priority": "unknown_value"}),
        ([("created", "0")], {"created": "unknown_value"}),
        ([("created", "-1")], {"created": "unknown_value"}),
        ([("updated", "week")], {"updated": "unknown_value"}),
        ([("q", "x" * 201)], {"q": "too_long"}),
        ([("owner", f"p{n}") for n in range(51)], {"owner": "too_long"}),
        ([("due", "soon"), ("view", "all")], {"due": "unknown_value", "view": "unknown_value"}),
    ],
)
def test_what_is_no_filter_is_refused_by_name(pairs, errors):
    with pytest.raises(Invalid) as refused:
        read(*pairs)
    assert refused.value.errors == errors
