"""The published view: a screen on the wall, by an address that holds a secret. It only reads."""

from zoneinfo import ZoneInfo

from flask import current_app, make_response, render_template, request
from sqlalchemy import select

from ticketing.clock import now
from ticketing.extensions import db
from ticketing.models.embed import EmbedKey
from ticketing.models.sign_in import hash_of
from ticketing.queries.wall import load_wall
from ticketing.web import access
from ticketing.web.embed_blueprint import blueprint
from ticketing.web.frame import let_frame
from ticketing.web.labels import DAYS, MONTHS
from ticketing.web.sla_chip import work_time
from ticketing.web.template_helpers import gettext as _

EVERY_S = 15
STALE_S = 60  # older than this, the page says so


@blueprint.get("/wall/<secret>")
@access.public
def wall(secret: str):
    """Dark unless ?theme=light. The address is told to no other site, and a wrong one is not there."""
    key = db.session.scalar(
        select(EmbedKey).where(EmbedKey.wall_hash == hash_of(secret), EmbedKey.revoked_at.is_(None))
    )
    if key is None:
        answer = make_response(render_template("embed/no_wall.html"), 404)
    else:
        let_frame(key.origins)
        answer = make_response(_page())
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


def _page() -> str:
    at, zone = now(), ZoneInfo(current_app.config["TIME_ZONE"])
    here = at.astimezone(zone)
    day = f"{_(DAYS[here.weekday()])} {here.day} {_(MONTHS[here.month - 1])}"
    return render_template(
        "embed/wall.html", wall=load_wall(at, zone), at=at, here=here, day=day, left=_left,
        theme="light" if request.args.get("theme") == "light" else "dark", every=EVERY_S, stale=STALE_S,
    )  # fmt: skip


def _left(face) -> str:
    return work_time(abs(face.left_s))
