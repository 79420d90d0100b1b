"""flask sla on the command line: proves, recomputes, carries policies and simulates."""

import json

import pytest
from sqlalchemy import delete, func, select, update

from tests.factories import at, category, person, ticket
from tests.support.terms import berlin, document, set_target, use
from ticketing.extensions import db
from ticketing.jobs.sla import check
from ticketing.models import AuditEntry, Event, JobRun, SlaClock, SlaSegment, SlaTerms
from ticketing.models.answers import Hold
from ticketing.models.audit import AuditKind
from ticketing.rules.taxonomy import HoldReason, Priority

NOW = "2026-05-04T09:20Z"


@pytest.fixture
def critical(app):
    """T-1, critical: 15 min and 4 h from 09:00 UTC; taken at 09:10."""
    with app.app_context():
        made = ticket(priority=Priority.CRITICAL, category=category("user_system"))
        made.take(by=person("ann"), at=at(10))
        person("mara")
        db.session.commit()


@pytest.fixture
def exported(flask, tmp_path):
    """The policies in force as a file, and what it says."""
    path = tmp_path / "policies.json"
    flask("sla", "policies", "export", path)
    return path, json.loads(path.read_text())


def write(path, document) -> None:
    path.write_text(json.dumps(document))


def test_verify_finds_nothing_and_then_what_was_changed(app, flask, critical):
    assert flask("sla", "verify").output == "1 tickets with 2 clocks replayed, 0 differences.\n"
    with app.app_context():
        db.session.execute(update(SlaClock.__table__).where(SlaClock.id == 2).values(due_at=at(1), policy="security"))
        db.session.commit()
    said = flask("sla", "verify", "t-1", code=1).output.splitlines()
    assert said == [
        "T-1 resolution 1 policy: expected everything_else, found security",
        "T-1 resolution 1 due_at: expected 2026-05-04T13:00:00Z, found 2026-05-04T09:01:00Z",
        "1 tickets with 2 clocks replayed, 2 differences.",
    ]


@pytest.mark.parametrize(("given", "says"), [("T-7", "There is no ticket T-7"), ("x", "no key of a ticket")])
def test_verify_names_a_ticket_that_is_none(flask, critical, given, says):
    assert says in flask("sla", "verify", given, code=2).output


def test_recompute_lists_then_changes_then_finds_nothing(app, flask, critical):
    with app.app_context():
        set_target("critical", 15, 120, "always")
        db.session.commit()
    line = "T-1 resolution: 4 h of everything_else, due 2026-05-04T13:00:00Z -> " \
           "2 h of everything_else, due 2026-05-04T11:00:00Z\n"  # fmt: skip
    dry = flask("sla", "recompute", "--open", "--dry-run", "--now", NOW).output
    assert dry == line + "Would change 1 clocks of 1 tickets.\n"
    assert flask("sla", "recompute", "--open", "--now", NOW).output == line + "Changed 1 clocks of 1 tickets.\n"
    assert flask("sla", "recompute", "--open", "--now", NOW).output == "Changed 0 clocks of 0 tickets.\n"
    assert "0 differences" in flask("sla", "verify").output


@pytest.mark.parametrize(
    ("given", "says"),
    [(["--dry-run"], "Say --open"), (["--open", "--policy", "none"], "there is no policy none; there are security"),
     (["--open", "--now", "soon"], "not a day or an instant"),
     (["--open", "--now", "1900-01-01"], "from 1970 to 2200")],
)  # fmt: skip
def test_recompute_says_what_it_needs(flask, critical, given, says):
    assert says in flask("sla", "recompute", *given, code=2).output


def test_what_is_exported_is_fine_and_changes_nothing(flask, exported):
    path, document = exported
    assert list(document) == ["policies", "calendars"]
    assert "version" not in path.read_text()
    assert flask("sla", "policies", "export").output == path.read_text()
    assert "2 policies and 2 calendars" in flask("sla", "policies", "check", path).output
    assert "nothing changed" in flask("sla", "policies", "import", path).output


def test_an_import_is_the_next_version_and_comes_out_as_it_went_in(app, flask, exported):
    path, document = exported
    document["policies"][-1]["targets"]["normal"]["reaction_min"] = 30
    document["calendars"]["office"]["exceptions"]["2026-12-25"] = {"name": "Christmas", "open": []}
    write(path, document)
    with app.app_context():
        person("mara")
        db.session.commit()
    args = ("sla", "policies", "import", path, "--note", "As agreed", "--by", "mara@desk.example")
    assert flask(*args).output == "Version 2 is in force.\n"
    assert json.loads(flask("sla", "policies", "export").output) == document
    with app.app_context():
        row = db.session.scalars(select(SlaTerms).order_by(SlaTerms.id.desc())).first()
        assert (row.note, row.made_by_id) == ("As agreed", person("mara").id)
        entry = db.session.scalars(select(AuditEntry).where(AuditEntry.kind == AuditKind.SETTING)).one()
        assert (entry.actor_id, entry.facts) == (person("mara").id, {"setting": "policies", "act": "imported"})


def test_an_import_that_is_refused_or_changes_nothing_is_not_in_the_log(app, flask, exported):
    path, document = exported
    flask("sla", "policies", "import", path)
    document["policies"][0]["name"] = "Alerts"
    write(path, document)
    flask("sla", "policies", "import", path, "--note", "a\x01b", code=2)
    with app.app_context():
        assert db.session.scalars(select(AuditEntry).where(AuditEntry.kind == AuditKind.SETTING)).all() == []


def wrong(document) -> dict:
    document["policies"][0]["targets"]["high"]["reaction_min"] = 0
    document["policies"][1]["targets"]["low"]["calendar"] = "nights"
    document["calendars"]["office"]["weekly"]["mon"] = [["13:00", "09:00"]]
    return document


SAID = [
    "policies.0.targets.high.reaction_min (Security): should be at least 1 minute, or null for no target.",
    "policies.1.targets.low.calendar (Everything else): is not known here.",
    "calendars.office.weekly.mon (Office hours): holds an interval that ends before it begins",
]


@pytest.mark.parametrize(
    ("command", "code"), [(("policies", "check"), 1), (("policies", "import"), 2), (("simulate", "--policy"), 2)]
)
def test_what_is_wrong_is_said_by_path_in_sentences(app, flask, exported, command, code):
    path, document = exported
    write(path, wrong(document))
    said = flask("sla", *command, path, code=code).output
    for sentence in SAID:
        assert sentence in said
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(SlaTerms)) == 1


@pytest.mark.parametrize(
    ("text", "says"),
    [(b"{", "line 1: this is not JSON"), (b"\xff", "is not text in UTF-8"), (b"[" * 50_000, "this is not JSON"),
     (b"[]", "policies: is missing"), (b'"x"', "policies: is missing"), (b'{"policies": {}}', "policies: is missing"),
     (b'{"policies": [[], 3], "calendars": {"a": 1}}', "policies.0: is not what it should be")],
)  # fmt: skip
@pytest.mark.parametrize("command", ["check", "import"])
def test_a_file_that_is_no_policies_is_refused(flask, tmp_path, text, says, command):
    path = tmp_path / "p.json"
    path.write_bytes(text)
    result = flask("sla", "policies", command, path, code=1 if command == "check" and says.startswith("polic") else 2)
    assert says in result.output


def test_a_misspelled_name_is_refused_as_it_would_be_no_target(flask, exported):
    path, document = exported
    row = document["policies"][0]["targets"]["high"]
    row["reaction"] = row.pop("reaction_min")
    write(path, document)
    said = flask("sla", "policies", "check", path, code=1).output
    assert said.startswith("policies.0.targets.high.reaction (Security): is no name")


def test_an_import_needs_a_manager_and_a_short_note(app, flask, exported, critical):
    path, document = exported
    document["policies"][0]["name"] = "Alerts"
    write(path, document)
    assert "no manager" in flask("sla", "policies", "import", path, "--by", "ann@desk.example", code=2).output
    assert "at most 200" in flask("sla", "policies", "import", path, "--note", "x" * 201, code=2).output


def test_simulate_compares_and_writes_nothing(app, flask, exported, critical):
    path, document = exported
    document["policies"][-1]["targets"]["critical"]["reaction_min"] = 8
    write(path, document)
    said = flask("sla", "simulate", "--policy", path, "--now", NOW).output
    assert said.startswith("1 tickets replayed in ")
    row = next(line for line in said.splitlines() if line.startswith("All"))
    assert row.split() == ["All", "100.0%", "0.0%", "-100.0%", "-", "-"]
    assert "1 cycle would have breached:\n  T-1 reaction 1 (critical), due 2026-05-04T09:08:00Z, 2 min late" in said
    assert "0 cycles would not have breached." in said
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(JobRun)) == 0
        assert db.session.scalar(select(func.count()).select_from(SlaTerms)) == 1
        assert "sla_level" not in set(db.session.scalars(select(Event.kind)))


def test_simulate_as_json(flask, exported, critical):
    path, document = exported
    document["policies"][-1]["targets"]["critical"]["reaction_min"] = 8
    write(path, document)
    facts = json.loads(
        flask("sla", "simulate", "--policy", path, "--now", NOW, "--since", "2026-05-01", "--json").output
    )
    assert facts["total"]["reaction"]["before"] == {
        "met": 1, "breached": 0, "compliance": 1.0, "cancelled": 0, "self": 0, "superseded": 0, "median_s": 600,
        "p90_s": 600, "mean_s": 600,
    }  # fmt: skip
    assert facts["priorities"]["critical"]["reaction"]["after"]["compliance"] == 0.0
    assert facts["teams"]["Technical Support"]["reaction"]["after"]["breached"] == 1
    assert facts["would_breach"] == [{
        "ticket": "T-1", "clock": "reaction", "cycle": 1, "priority": "critical", "team": "Technical Support",
        "before": "met", "after": "breached", "due_at": "2026-05-04T09:08:00Z", "late_s": 120,
    }]  # fmt: skip


def test_simulate_since_later_counts_nothing(flask, exported, critical):
    said = flask("sla", "simulate", "--policy", exported[0], "--now", NOW, "--since", "2026-05-04T09:15Z").output
    assert "All" in said
    assert "0 cycles would have breached." in said


def test_explain_tells_what_counted_and_what_did_not(app, flask):
    """E4: 8 h of office time from Monday 09:00, on hold from Monday 15:00 to Wednesday 10:00."""
    with app.app_context():
        set_target("normal", 240, 480)
        made = ticket("Deposits time out", category=category("user_system"), moment=berlin("2026-05-04 09:00"))
        made.take(by=person("ann"), at=berlin("2026-05-04 09:30"))
        made.hold(Hold(HoldReason.PROVIDER), by=person("ann"), at=berlin("2026-05-04 15:00"))
        made.resume(by=person("ann"), at=berlin("2026-05-06 10:00"))
        db.session.commit()
    said = flask("sla", "explain", "T-1", "--now", "2026-05-06T10:30Z").output
    lines = [" ".join(line.split()) for line in said.splitlines()]
    assert lines[:2] == ["T-1 Deposits time out", "Normal, assigned"]
    assert "Reaction: met, ended Mon 2026-05-04 09:30 CEST (07:30Z)" in lines
    assert "30 min of 4 h counted." in lines
    assert "Resolution: running, due Wed 2026-05-06 13:00 CEST (11:00Z)" in lines
    assert "7 h 30 min of 8 h counted, 30 min left." in lines
    assert "Policy Everything else (version 2), at risk from 75%, calendar Office hours (Europe/Berlin)." in lines
    first, second, third = lines[-4:-1]
    assert first.endswith("Mon 2026-05-04 15:00 CEST (13:00Z) 5 h Office hours, until the hold")
    assert second.endswith("to Wed 2026-05-06 10:00 CEST (08:00Z) stood still on hold")
    assert third == "Wed 2026-05-06 10:00 CEST (08:00Z) to now 2 h 30 min Office hours, still running"
    assert lines[-1] == "at risk Wed 2026-05-06 11:00 CEST (09:00Z), not noticed yet"


def test_explain_tells_of_a_breach(app, flask):
    with app.app_context():
        made = ticket(priority=Priority.CRITICAL, category=category("user_system"))
        db.session.commit()
        check.settle_all(at(45))
        made.take(by=person("ann"), at=at(50))
        db.session.commit()
    said = flask("sla", "explain", "T-1", "--now", "2026-05-04T10:00Z").output
    assert "Reaction: ended late, ended Mon 2026-05-04 09:50 UTC" in said
    assert "Breached Mon 2026-05-04 09:15 UTC, noticed 30 min later; 35 min over." in said
    assert "Always, until the reaction" in said
    assert "escalated" in said


def test_explain_says_when_there_are_no_clocks_and_no_ticket(app, flask, critical):
    with app.app_context():
        for model in (SlaSegment, SlaClock):
            db.session.execute(delete(model.__table__))
        db.session.commit()
    assert "It has no clocks" in flask("sla", "explain", "T-1").output
    assert "There is no ticket T-2" in flask("sla", "explain", "T-2", code=2).output


def test_tickets_carried_to_another_desk_have_no_clocks_there(flask, other_flask, critical, tmp_path):
    path = tmp_path / "tickets.json"
    flask("tickets", "export", "--format", "json", "-o", path)
    assert '"terms"' not in path.read_text()
    other_flask("tickets", "import", path, "--format", "json")
    assert other_flask("sla", "verify").output == "1 tickets with 0 clocks replayed, 0 differences.\n"
    assert other_flask("sla", "recompute", "--open").output == "Changed 0 clocks of 0 tickets.\n"
    assert "It has no clocks" in other_flask("sla", "explain", "T-1").output


def test_commands_of_a_group_within_a_group_tell_troubles_too(flask, tmp_path):
    result = flask("sla", "policies", "export", tmp_path / "nowhere" / "p.json", code=2)
    assert "No such file or directory" in result.output
    assert "Traceback" not in result.output


def test_recompute_takes_the_key_of_a_removed_policy_under_which_clocks_still_run(app, flask, critical):
    with app.app_context():
        changed = document()
        changed["policies"][-1]["key"] = "rest"
        use(changed)
        db.session.commit()
    assert "of 0 tickets" in flask("sla", "recompute", "--open", "--policy", "everything_else", "--now", NOW).output
    assert "there is no policy gone" in flask("sla", "recompute", "--open", "--policy", "gone", code=2).output


def test_characters_that_cannot_be_kept_are_refused(flask, exported):
    path, document = exported
    document["policies"][0]["name"] = "Sec \ud800"
    path.write_text(json.dumps(document))
    said = flask("sla", "policies", "import", path, code=2).output
    assert r"policies.0.name (Sec \ud800): holds characters that cannot be kept" in said
