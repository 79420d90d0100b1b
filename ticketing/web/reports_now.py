"""The manager's view of now: who has too much, what waits for an owner, what breaches within the hour."""

from ticketing.rules.abilities import Permission
from ticketing.web import access, now_answers
from ticketing.web.reports_blueprint import blueprint

__all__ = ["blueprint"]


@blueprint.get("/now")
@access.needs(Permission.MANAGE_BOARD)
def now():
    return now_answers.page()
