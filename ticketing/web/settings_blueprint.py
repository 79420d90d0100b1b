"""The blueprint of the settings, and what its modules share."""

from flask import Blueprint
from sqlalchemy import select

from ticketing.extensions import db
from ticketing.models.team import Team

blueprint = Blueprint("settings", __name__, url_prefix="/settings")


def team_choices() -> dict[str, str]:
    return dict(db.session.execute(select(Team.key, Team.name).order_by(Team.id)).all())
