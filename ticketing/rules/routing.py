"""Where a ticket goes when nobody says where: the defaults that administrators may edit later."""

from ticketing.rules.taxonomy import Priority

TEAMS = {
    "technical_support": "Technical Support",
    "devops": "DevOps",
    "backend": "Backend",
    "integration": "Integration",
}
DEFAULT_TEAM = "technical_support"

# key: (name, default team, default priority)
CATEGORIES = {
    "infrastructure": ("Infrastructure", "devops", Priority.HIGH),
    "api_integration": ("API Integration", "integration", Priority.NORMAL),
    "payment_processing": ("Payment Processing", "integration", Priority.HIGH),
    "provider_integration": ("Provider Integration", "integration", Priority.NORMAL),
    "security_events": ("Security Events", "devops", Priority.HIGH),
    "user_system": ("User System", "backend", Priority.NORMAL),
}


def team_for(category_team: int | None, default_team: int) -> int:
    """The team of a ticket that nobody owns: its category's, else the default one."""
    return category_team if category_team is not None else default_team


def priority_for(category_priority: Priority | None) -> Priority:
    """A ticket always has a priority: its category's default, else Normal."""
    return category_priority or Priority.NORMAL
