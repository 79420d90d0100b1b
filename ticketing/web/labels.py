"""The words for every code that rules and models hand out. They return codes, never sentences; these are the words."""


def N_(text: str) -> str:
    """Mark a text for translation where it is declared; it is translated when the app starts."""
    return text


# The words for every code the rules and models hand out: {kind: {code: text}}.
LABELS = {
    "status": {
        "new": N_("New"), "classified": N_("Classified"), "assigned": N_("Assigned"),
        "diagnostics": N_("Diagnostics"), "correction": N_("Correction"),
        "solution_check": N_("Solution check"), "closed": N_("Closed"),
    },
    "priority": {"critical": N_("Critical"), "high": N_("High"), "normal": N_("Normal"), "low": N_("Low")},
    "type": {
        "incident": N_("Incident"), "service_request": N_("Service Request"),
        "integration_issue": N_("Integration Issue"), "payment_issue": N_("Payment Issue"),
        "security_alert": N_("Security Alert"), "infrastructure_issue": N_("Infrastructure Issue"),
    },
    "category": {
        "infrastructure": N_("Infrastructure"), "api_integration": N_("API Integration"),
        "payment_processing": N_("Payment Processing"), "provider_integration": N_("Provider Integration"),
        "security_events": N_("Security Events"), "user_system": N_("User System"),
    },
    "role": {
        "support_engineer": N_("Support engineer"), "devops_engineer": N_("DevOps engineer"),
        "backend_developer": N_("Backend developer"), "integration_engineer": N_("Integration engineer"),
        "support_manager": N_("Support manager"), "administrator": N_("Administrator"), "reporter": N_("Reporter"),
    },
    "team": {
        "technical_support": N_("Technical Support"), "devops": N_("DevOps"),
        "backend": N_("Backend"), "integration": N_("Integration"),
    },
    "hold_reason": {
        "reporter": N_("Reporter"), "provider": N_("Provider"), "vendor": N_("Vendor"),
        "release_window": N_("Release window"), "other": N_("Other"),
    },
    "resolution_code": {
        "fixed": N_("Fixed"), "workaround": N_("Workaround"), "provider_fixed": N_("Fixed by the provider"),
        "not_reproducible": N_("Not reproducible"), "declined": N_("Declined"), "duplicate": N_("Duplicate"),
        "invalid": N_("Invalid"), "auto_resolved": N_("Resolved by itself"),
    },
    "root_cause": {
        "software": N_("Software"), "configuration": N_("Configuration"), "infrastructure": N_("Infrastructure"),
        "provider": N_("Provider"), "payment_system": N_("Payment system"), "security": N_("Security"),
        "user": N_("User"), "unknown": N_("Unknown"),
    },
    "link_kind": {
        "duplicate_of": N_("Duplicate of"), "blocks": N_("Blocks"), "related": N_("Related to"),
        "recurrence_of": N_("Recurrence of"), "parent": N_("Parent of"),
    },
    "link_kind_back": {
        "duplicate_of": N_("Duplicated by"), "blocks": N_("Blocked by"), "related": N_("Related to"),
        "recurrence_of": N_("Came back as"), "parent": N_("Child of"),
    },
    "detail": {
        "provider": N_("Provider"), "payment_system": N_("Payment system"), "game_id": N_("Game ID"),
        "brand": N_("Brand"), "player_id": N_("Player ID"), "transaction_id": N_("Transaction ID"),
        "amount": N_("Amount"), "currency": N_("Currency"), "affected_service": N_("Affected service"),
        "environment": N_("Environment"), "endpoint": N_("Endpoint"), "error_code": N_("Error code"),
        "source_address": N_("Source address"),
    },
    "environment": {"production": N_("Production"), "staging": N_("Staging"), "test": N_("Test")},
    "clock": {"reaction": N_("React"), "resolution": N_("Resolve")},
    "clock_name": {"reaction": N_("Reaction"), "resolution": N_("Resolution")},
    "clock_cause": {  # why it breached, stopped or counts nowhere
        "priority_change": N_("The change of priority left it no time"),
        "type_change": N_("The change of type left it no time"),
        "category_change": N_("The change of category left it no time"),
        "policy_change": N_("A change of the policies left it no time"),
        "calendar_change": N_("A change of the calendar left it no time"),
        "no_target": N_("The policy promises nothing here"),
        "duplicate": N_("Closed as a duplicate, left out of compliance"),
        "invalid": N_("Closed as invalid, left out of compliance"),
        "closed": N_("Closed before anybody reacted, left out of compliance"),
        "self": N_("Whoever opened it reacted to it: 0 min, left out of compliance"),
    },
    "clock_end": {  # what ended a stretch that counted
        "running": N_("still running"), "hold": N_("put on hold"), "solution_check": N_("went to solution check"),
        "reacted": N_("reacted"), "closed": N_("closed"), "priority_change": N_("the priority changed"),
        "type_change": N_("the type changed"), "category_change": N_("the category changed"),
        "policy_change": N_("the policies changed"), "calendar_change": N_("the calendar changed"),
        "self": N_("own reaction, not counted"), "duplicate": N_("closed as a duplicate"),
        "invalid": N_("closed as invalid"), "no_target": N_("the target was taken away"),
    },
    "clock_pause": {  # why it stood still
        "hold": N_("On hold"), "solution_check": N_("In solution check"), "no_target": N_("No target"),
    },
    "level": {
        "warn": N_("at risk"), "breach": N_("breached"), "escalate": N_("escalated"), "repeat-1": N_("reminder 1"),
        "repeat-2": N_("reminder 2"), "repeat-3": N_("reminder 3"), "repeat-4": N_("reminder 4"),
        "repeat-5": N_("reminder 5"),
    },
    "sla_state": {
        "ok": N_("on track"), "risk": N_("at risk"), "breached": N_("breached"),
        "paused": N_("paused"), "met": N_("met"), "missed": N_("missed"), "cancelled": N_("cancelled"),
    },
    "refusal": {
        "taken": N_("Somebody saved the same just now. Load the page again."),
        "current": N_("It is there now"), "needs_solution_check": N_("Needs a solution check first"),
        "needs_diagnostics": N_("Needs diagnostics first"), "needs_owner": N_("Needs an owner first"),
        "one_step_back": N_("Goes back one step at a time"),
        "reopens_to_diagnostics": N_("Reopening leads to Diagnostics"),
        "staff_only": N_("For staff only"), "manager_only": N_("For managers only"),
        "workers_only": N_("For its owner, its team or a manager"),
        "reporter_or_staff": N_("For its reporter or staff"),
        "four_eyes": N_("Somebody other than who solved it must confirm"),
        "not_yours": N_("Your role does not include it"), "stale": N_("Somebody changed it meanwhile"),
        "closed": N_("It is closed"), "not_holdable": N_("Can be held from Assigned to Correction"),
        "owner_is_replaced_not_removed": N_("From Diagnostics on an owner is replaced, not removed"),
        "reopen_window_over": N_("The time to reopen it is over; file a recurrence instead"),
        "has_parent": N_("It has a parent already"),
        "linked_other_way": N_("They are linked so the other way round"),
        "parent_is_one_level": N_("A parent cannot have a parent"),
        "form_expired": N_("The page had been open for too long. Load it again and repeat the last step."),
        "invalid": N_("A value is missing or not known"),
        "pins_full": N_("Three tickets of this column are pinned already: unpin one first"),
        "reaction_runs": N_("Take it first: the reaction clock is still running"),
        "manager_gives_time": N_("Only a manager may give a breached clock more time"),
    },
    "terms_error": {  # what is wrong with policies and calendars, where the words of field_error do not say it
        "not_minutes": N_("Write minutes or hours, such as 15 min, 4 h or 1 h 30 min; never days."),
        "zero_target": N_("Give it at least a minute, or leave it empty for no target."),
        "too_long_target": N_("Longer than a year is no target."),
        "reaction_after_resolution": N_("The reaction may not take longer than the resolution."),
        "not_a_share": N_("Write a whole number from 1 to 99."),
        "no_condition": N_("Choose at least one type or category."),
        "last_has_no_condition": N_("The last policy takes every ticket that is left."),
        "same_condition": N_("Another policy has the same condition, so that one of them would never be used."),
        "taken": N_("Another one is called so already."),
        "no_zone": N_("Choose a time zone from the list, such as Europe/Malta."),
        "never_open": N_("This calendar does not open in the next five years, so that nothing would ever be due."),
        "never_reached": N_("In these hours this target is not reached within five years, its escalation included."),
        "unwritable_characters": N_("This holds a character that cannot be kept."),
        "not_intervals": N_("Write times such as 09:00–13:00, 14:00–18:00, or nothing when it is closed."),
        "not_a_time": N_("Write times of day from 00:00 to 24:00."),
        "from_after_to": N_("An interval ends before it begins. One that goes over midnight is written as two days."),
        "empty_interval": N_("An interval ends when it begins."),
        "too_many": N_("These are too many."), "not_a_date": N_("Write a date such as 2026-12-24."),
        "same_day": N_("This date is in the list already."),
        "no_such_name": N_("Nothing in policies and calendars is called so."),
        "built_in": N_("Always is built in and cannot be changed."),
    },
    "weekday": {
        "mon": N_("Monday"), "tue": N_("Tuesday"), "wed": N_("Wednesday"), "thu": N_("Thursday"),
        "fri": N_("Friday"), "sat": N_("Saturday"), "sun": N_("Sunday"),
    },
    "field": {  # of forms and addresses, where their name is not the word for them
        "q": N_("Search"), "to": N_("Status"), "from": N_("Status before"), "due": N_("Due"), "version": N_("Version"),
        "resolution_code": N_("How it ended"), "duplicate_of": N_("Duplicate of"), "body": N_("Text"),
        "solution": N_("What was done"), "created": N_("Created"), "updated": N_("Updated"),
        "other": N_("Other ticket"),
    },
    "field_error": {
        "manager_gives_time": N_("Only a manager may give a breached clock more time"),
        "required": N_("This is needed."), "unreadable": N_("This holds a character that cannot be kept."),
        "too_long": N_("This is too long."),
        "unknown_value": N_("This value is not known."), "unknown_field": N_("This type of ticket has no such field."),
        "not_an_amount": N_("Write an amount such as 120.50."), "not_a_currency": N_("Write a currency such as EUR."),
        "not_an_address": N_("Write an IP address or network."), "itself": N_("A ticket cannot be linked to itself."),
        "not_in_team": N_("The owner must be in the team."), "in_the_past": N_("This has passed already."),
        "not_an_engineer": N_("This person does not work on tickets."), "not_staff": N_("This person is not staff."),
        "too_many_files": N_("These are too many files at once."), "file_too_large": N_("This file is too large."),
        "no_such_ticket": N_("There is no such ticket."), "not_a_time": N_("This is not a date and time."),
        "nobody_called_so": N_("Nobody is called so: write a name, a handle or an e-mail address."),
    },
}  # fmt: skip
DAYS = [N_("Mon"), N_("Tue"), N_("Wed"), N_("Thu"), N_("Fri"), N_("Sat"), N_("Sun")]
MONTHS = [
    N_("Jan"), N_("Feb"), N_("Mar"), N_("Apr"), N_("May"), N_("Jun"),
    N_("Jul"), N_("Aug"), N_("Sep"), N_("Oct"), N_("Nov"), N_("Dec"),
]  # fmt: skip
