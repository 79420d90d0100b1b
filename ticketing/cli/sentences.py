"""What the command line says to a refusal: the codes of the rules as sentences, and the way out."""

import click

from ticketing.rules.people import NAME_MAX, PASSWORD_MAX, PASSWORD_MIN
from ticketing.rules.refusals import Invalid, Refusal
from ticketing.rules.routing import TEAMS

SENTENCES = {
    ("email", "not_an_email"): "is not an e-mail address; it should look like ann@desk.example",
    ("email", "taken"): "is the address of an account that exists",
    ("name", "required"): "must not be empty",
    ("name", "too_long"): f"may have at most {NAME_MAX} characters",
    ("team", "unknown_value"): f"is not a team; allowed are {', '.join(TEAMS)} and the teams made since",
    ("team", "not_for_reporters"): "is for staff; a reporter belongs to no team",
    ("password", "too_short"): f"must have at least {PASSWORD_MIN} characters",
    ("password", "too_long"): f"may have at most {PASSWORD_MAX} characters",
}


class Refused(click.ClickException):
    """Ends the command with code 2: something given was wrong, and the message names it."""

    exit_code = 2


def refused(refusal: Refusal) -> Refused:
    if not isinstance(refusal, Invalid):
        return Refused(refusal.code.replace("_", " "))
    lines = [f"--{field}: {SENTENCES.get((field, code), code)}." for field, code in refusal.errors.items()]
    return Refused("\n".join(lines))
