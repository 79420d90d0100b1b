"""Settings: every version of the terms, what each changed, and open tickets that are to follow the present one."""

import json
import sys

from flask import abort, redirect, render_template, request, url_for

from ticketing.extensions import db
from ticketing.jobs.sla.recompute import Failures, Portion, recompute_open
from ticketing.queries import sla_terms as reads
from ticketing.rules.abilities import Permission
from ticketing.rules.numbers import whole
from ticketing.rules.sla_changes import changes_between
from ticketing.rules.working_hours import WEEKDAYS
from ticketing.web import access
from ticketing.web.respond import Toast, keep
from ticketing.web.settings_blueprint import blueprint
from ticketing.web.settings_sla_words import condition_text, sentence
from ticketing.web.template_helpers import gettext as _
from ticketing.web.template_helpers import moment

SHOWN = 200  # of the due times that would change
AT_ONCE = 300  # tickets that one request recalculates, while somebody waits


@blueprint.get("/versions")
@access.needs(Permission.MANAGE_BOARD)
def terms_versions():
    rows = reads.history(whole(request.args.get("before"), 1))
    categories = reads.category_names()
    documents = [json.loads(row.body) for row in rows]
    listed = []
    for place, row in enumerate(rows[: reads.PER_PAGE]):
        older = documents[place + 1] if place + 1 < len(rows) else None
        found = [] if older is None else changes_between(older, documents[place])
        listed.append({"row": row, "first": older is None, "changes": [sentence(one, categories) for one in found]})
    more = rows[reads.PER_PAGE - 1].id if len(rows) > reads.PER_PAGE else None
    return render_template("settings/terms_versions.html", listed=listed, more=more)


@blueprint.get("/versions/<id:id>")
@access.needs(Permission.MANAGE_BOARD)
def terms_version(id: int):
    """One version as it was, to be read."""
    row = reads.terms_numbered(id)
    if row is None:
        abort(404)
    document, categories = row.document, reads.category_names()
    listed = [(policy, condition_text(policy, categories)) for policy in document["policies"]]
    return render_template(
        "settings/terms_version.html", terms=row, by=reads.saved_by(id), listed=listed, weekdays=WEEKDAYS,
        calendars=document["calendars"], newest=reads.in_force().id, today=moment().date().isoformat(),
    )  # fmt: skip


@blueprint.route("/policies/recalculation", methods=["GET", "POST"])
@access.needs(Permission.MANAGE_BOARD)
def recalculation():
    """What recalculating open tickets would change, and the act itself, a portion of tickets at a time.

    Between two portions the form carries how far it got: the last ticket, and how many tickets, clocks and failures.
    """
    so_far = {name: whole(request.values.get(name)) or 0 for name in ("after", "done", "clocks", "failed")}
    if request.method == "GET":
        rest = Portion(sys.maxsize, so_far["after"])
        rows = recompute_open(moment(), dry_run=True, portion=rest)
        return render_template("settings/policy_recalculation.html", rows=rows[:SHOWN], total=len(rows), so_far=so_far,
                               tickets=rest.tickets, at_once=AT_ONCE, open=reads.open_tickets())  # fmt: skip
    db.session.commit()  # the entry in the log: each ticket that follows is a transaction of its own
    failures, portion = Failures(), Portion(AT_ONCE, so_far["after"])
    rows = recompute_open(moment(), failures=failures, portion=portion)
    so_far = {
        "after": portion.after, "done": so_far["done"] + portion.tickets, "clocks": so_far["clocks"] + len(rows),
        "failed": so_far["failed"] + len(failures.told),
    }  # fmt: skip
    keep(_told(so_far, failures))
    if portion.more:
        return redirect(url_for("settings.recalculation", **so_far), 303)
    return redirect(url_for("settings.policies"), 303)


def _told(so_far: dict, failures: Failures) -> Toast:
    """How many clocks were changed by now, and which tickets were not, first of all in this portion."""
    title = _("Clocks recalculated: %(n)d", n=so_far["clocks"])
    if not so_far["failed"]:
        return Toast(title, "", kind="success")
    keys = ", ".join(told.partition(":")[0] for told in failures.told[:5])
    text = _("Failed, and left as they were: %(n)d tickets", n=so_far["failed"]) + (f" ({keys})" if keys else "")
    return Toast(title, text, kind="error")
