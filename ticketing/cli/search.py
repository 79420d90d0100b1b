"""flask search: the index of words, checked and written anew."""

import sys

import click
from flask.cli import AppGroup

from ticketing.jobs import search as job

search = AppGroup("search", help="Check the index of words that the search reads, or write it anew.")


@search.command(epilog="Example, every night by cron: flask search check || flask search rebuild")
@click.option("--deep", is_flag=True, help="SQLite proves its own structure too; nobody can write meanwhile.")
def check(deep: bool) -> None:
    """Compare the index with the tickets and say what is wrong; writes nothing. Ends with 1 if anything is."""
    found = job.check(deep)
    for line in _sentences(found):
        click.echo(line)
    if found:
        click.echo(f"To write it anew: flask search rebuild{'' if found.whole else ' --scratch'}")
        sys.exit(1)
    click.echo(
        f"The index of words is right: looked at T-1 to T-{found.looked_at}." if found.looked_at else "No tickets."
    )


@search.command(epilog="Example, after a restored backup: flask search rebuild")
@click.option("--scratch", is_flag=True, help="Empty the index first: mends one that SQLite cannot read.")
def rebuild(scratch: bool) -> None:
    """Index every ticket again, in portions, while the desk goes on working."""
    with click.progressbar(length=job.length(), label="Indexing", file=sys.stderr) as bar:
        done = job.rebuild(scratch, bar.update)
    click.echo(f"Indexed T-1 to T-{done}." if done else "No tickets.")


def _sentences(found: job.Findings):
    if found.wrong:
        named = ", ".join(f"T-{number}" for number in found.named)
        more = f" and {found.wrong - len(found.named)} more" if found.wrong > len(found.named) else ""
        yield f"Words are missing or old: {named}{more}."
    for name in found.triggers:
        yield f"A trigger is missing: {name}. What is written now is not found."
    if not found.whole:
        yield "SQLite cannot read its own index."
