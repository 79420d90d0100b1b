"""Is the desk alive? For monitors: no sign-in, no facts about the content."""

from flask import Blueprint
from sqlalchemy import text

from ticketing.extensions import db
from ticketing.web.access import public

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
@public
def healthz():
    db.session.execute(text("SELECT 1"))
    return {"status": "ok"}
