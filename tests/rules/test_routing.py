"""Where a ticket goes when nobody says where."""

import pytest

from ticketing.rules import routing
from ticketing.rules.taxonomy import TEAM_OF_ROLE, Priority, Role


@pytest.mark.parametrize(
    ("category", "team"),
    [
        ("infrastructure", "devops"),
        ("security_events", "devops"),
        ("api_integration", "integration"),
        ("provider_integration", "integration"),
        ("payment_processing", "integration"),
        ("user_system", "backend"),
    ],
)
def test_a_category_routes_to_its_team(category, team):
    assert routing.CATEGORIES[category][1] == team


def test_six_categories_and_four_teams_and_what_none_routes_is_technical_support():
    assert len(routing.CATEGORIES) == 6
    assert set(routing.TEAMS.values()) == {"Technical Support", "DevOps", "Backend", "Integration"}
    assert routing.TEAMS[routing.DEFAULT_TEAM] == "Technical Support"


def test_every_category_names_a_known_team_and_priority():
    for key, (name, team, priority) in routing.CATEGORIES.items():
        assert name and team in routing.TEAMS and priority in Priority, key


def test_each_kind_of_engineer_has_a_team_and_the_others_have_none():
    assert TEAM_OF_ROLE == {
        Role.SUPPORT_ENGINEER: "technical_support",
        Role.DEVOPS_ENGINEER: "devops",
        Role.BACKEND_DEVELOPER: "backend",
        Role.INTEGRATION_ENGINEER: "integration",
    }
    assert set(TEAM_OF_ROLE.values()) == set(routing.TEAMS)


def test_the_team_of_the_category_goes_before_the_default_one():
    assert routing.team_for(3, 7) == 3
    assert routing.team_for(None, 7) == 7


def test_a_ticket_always_has_a_priority():
    assert routing.priority_for(None) is Priority.NORMAL
    for priority in Priority:
        assert routing.priority_for(priority) is priority
