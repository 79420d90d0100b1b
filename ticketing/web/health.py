"""Is the desk alive, and what keeps its clocks? For monitors: no sign-in, no facts about the content."""

from flask import Blueprint

from ticketing.clock import now
from ticketing.queries.around import SLA_CHECK, pulse
from ticketing.web.access import public
from ticketing.web.template_helpers import iso

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
@public
def healthz():
    """200 while all is well; 503 with the check that is not, and since when."""
    found = pulse(now())
    if not found.dead:
        return {"status": "ok"}
    return {"status": "bad", "checks": [{"name": SLA_CHECK, "since": iso(found.since)}]}, 503
