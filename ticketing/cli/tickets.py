"""flask tickets: out of the desk and into it."""

from datetime import datetime

import click
from flask.cli import AppGroup

from ticketing.cli import import_report
from ticketing.cli.files import open_output
from ticketing.cli.moments import MOMENT
from ticketing.cli.sentences import Refused
from ticketing.clock import now
from ticketing.extensions import db
from ticketing.jobs.transfer.export import export_tickets
from ticketing.jobs.transfer.load import import_tickets
from ticketing.jobs.transfer.report import Report
from ticketing.jobs.transfer.trouble import Unreadable
from ticketing.models.audit import AuditKind, record_audit
from ticketing.rules.taxonomy import Status

tickets = AppGroup("tickets", help="Export and import tickets.")

_UNREADABLE = {
    "empty": "the file is empty",
    "column_twice": "the header names a column twice: {columns}",
    "no_title_column": "the header has no column “title”; it has {columns}",
    "columns_missing": "this is no ServiceNow log: the header lacks {columns}",
    "not_a_json_array": "the file does not begin with a JSON array",
    "more_after_the_array": "something stands after the JSON array; what stood in it was imported",
    "broken_json": "the JSON breaks off or is broken here; what stood before was imported",
}


@tickets.command(epilog="Example: flask tickets export --format json --since 2026-05-01 -o tickets.json")
@click.option("--format", "file_format", type=click.Choice(["csv", "json"]), default="csv", show_default=True)
@click.option("-o", "--output", type=click.Path(dir_okay=False, allow_dash=True), default="-", show_default=False,
              help="Instead of standard output.")  # fmt: skip
@click.option("--status", "statuses", multiple=True, type=click.Choice([s.value for s in Status]), help="Repeatable.")
@click.option("--since", type=MOMENT, help="Only those that changed on this day or later.")
def export(file_format: str, output: str, statuses: tuple[str, ...], since: datetime | None) -> None:
    """Write tickets with their whole history. `flask tickets import` takes the result as it is.

    In CSV a cell that a spreadsheet could take for a formula gets one ' in front, which the import takes off.
    Files attached to tickets are not part of it.
    """
    with open_output(output, "wb") as file:
        record_audit(AuditKind.EXPORTED, now(), what="flask tickets export", form=file_format)
        db.session.commit()
        count = export_tickets(
            lambda text: file.write(text.encode("utf-8", "surrogatepass")),
            file_format,
            statuses=[Status(status) for status in statuses],
            since=since,
        )
    click.echo(f"{count} tickets exported.", err=True)


@tickets.command("import", epilog="Example: flask tickets import incidents.csv --format servicenow --report report.csv")
@click.argument("file", type=click.File("rb"))
@click.option("--format", "file_format", type=click.Choice(["csv", "json", "servicenow"]), required=True)
@click.option("--report", "report_file", type=click.File("w", encoding="utf-8"), help="Every note by line, as CSV.")
@click.pass_context
def import_(ctx: click.Context, file, file_format: str, report_file) -> None:
    """Bring in the tickets of FILE (- is standard input).

    csv and json take what `flask tickets export` writes, or any list with at least a column “title”;
    servicenow takes an audit log with one row per update. A ticket that is here already (by key, or by
    source and external_id) is left as it is; rows with neither are new tickets each time. A bad row is
    told and left out, and the rest goes on. Ends with 1 if a row was refused, with 2 if the file is not
    what it should be.
    """
    report = Report(tell=import_report.Teller(report_file))
    try:
        import_tickets(file, file_format, at=now(), report=report)
    except Unreadable as problem:
        facts = {name: ", ".join(value) for name, value in problem.facts.items()}
        line = f", line {problem.line}" if problem.line else ""
        if report.created:
            import_report.show(report)
        raise Refused(f"{file.name}{line}: {_UNREADABLE[problem.code].format(**facts)}.") from None
    import_report.show(report)
    if report.refused:
        ctx.exit(1)
