"""The weekly report as a letter: its facts in, subject, text and HTML out."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from flask import current_app, render_template

from ticketing.jobs.outbox.wording import without_gaps, words
from ticketing.rules.report_change import difference, mood, percent

WEEKLY = "weekly"  # the `report` of its facts


def write_weekly(facts: dict) -> tuple[str, str, str]:
    """(subject, text, HTML) of what jobs.reports.weekly.weekly_facts found."""
    base, first, last = current_app.config["BASE_URL"], *(date.fromisoformat(facts[end]) for end in ("first", "last"))
    given = {
        "_": words, "name": current_app.config["NAME"], "first": first, "last": last, "figures": facts["figures"],
        "teams": facts["teams"], "bottleneck": facts["bottleneck"], "zone": facts["zone"],
        "difference": difference, "mood": mood, "percent": percent,
        "counted_at": datetime.fromisoformat(facts["counted_at"]).astimezone(ZoneInfo(facts["zone"])),
        "link": f"{base}/reports?first={first}&last={last}" if base else "",
    }  # fmt: skip
    subject = render_template("email/weekly_subject.txt", **given)
    text, html = render_template("email/weekly.txt", **given), render_template("email/weekly.html", **given)
    return " ".join(subject.split())[:250], without_gaps(text), html
