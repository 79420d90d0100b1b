"""flask board: what the board keeps for itself, refreshed by cron."""

import click
from flask.cli import AppGroup

from ticketing.clock import now
from ticketing.jobs import board_refresh

board = AppGroup("board", help="Keep the board's own figures up to date.")


@board.command(epilog="Example, every night by cron: flask board refresh --recount")
@click.option("--recount", is_flag=True, help="Count the tickets of every column anew and say what was off.")
def refresh(recount: bool) -> None:
    """Take each column's median time over the last 28 days, for the age marks on the cards."""
    for status, (seconds, samples) in board_refresh.refresh_medians(now()).items():
        known = "too few" if seconds is None else _duration(seconds)
        click.echo(f"{status.value:<15} {known:>10}  ({samples} stays)")
    if not recount:
        return
    differences = board_refresh.recount()
    for found in differences:
        flags = ("restricted, " if found.restricted else "") + ("owned" if found.owned else "unowned")
        click.echo(f"{found.status.value}, team {found.team_id}, {flags}: kept {found.kept}, counted {found.true}")
    click.echo(f"Counted anew: {len(differences) or 'no'} counts were off.")


def _duration(seconds: int) -> str:
    if seconds < 3600:
        return f"{seconds // 60} min"
    return f"{seconds / 3600:.1f} h" if seconds < 48 * 3600 else f"{seconds / 86400:.1f} d"
