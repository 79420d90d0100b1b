"""flask embed: keys of panels, and tokens to try them with."""

import secrets

import click
import jwt
from flask import current_app
from flask.cli import AppGroup
from sqlalchemy import select

from ticketing.cli.sentences import Refused
from ticketing.clock import now
from ticketing.extensions import db
from ticketing.jobs.hand_off import SECRET
from ticketing.jobs.sealing import unseal
from ticketing.models import EmbedKey
from ticketing.queries.embed_keys import list_keys
from ticketing.rules.hand_off import LIFETIME_S, THEMES, HandOffRefused, read_claims
from ticketing.rules.taxonomy import Role

embed = AppGroup("embed", help="Panels that show the desk in a frame.")


@embed.command(epilog="Example: flask embed keys")
def keys() -> None:
    """Show every key: its name, issuer, origins, and when it was used last."""
    for key, alive in list_keys(now()):
        state = "revoked" if key.revoked_at else f"{alive} sessions"
        used = key.used_at.strftime("%Y-%m-%dT%H:%M:%SZ") if key.used_at else "never used"
        click.echo(f"{key.name}  {key.issuer}  {key.algorithm}  {', '.join(key.origins)}  {state}  {used}")


@embed.command(epilog="Example: flask embed sign --key 'Back office' --sub 7 --email pia@panel.example --name Pia")
@click.option("--key", "name", required=True, help="The key's name or issuer.")
@click.option("--sub", required=True, help="The panel's own number or name of the person.")
@click.option("--email", required=True)
@click.option("--name", "person", required=True, help="The person's name.")
@click.option("--role", type=click.Choice([role.value for role in Role]), default=Role.REPORTER.value)
@click.option("--team", help="A team's key.")
@click.option("--view", help="board, queue, mine, report, or a ticket's key.")
@click.option("--theme", type=click.Choice(THEMES))
@click.option("--lang", help="A language such as en.")
@click.option("--seconds", type=click.IntRange(1, LIFETIME_S), default=120, help="How long it is good for.")
def sign(name: str, sub: str, email: str, person: str, role: str, team, view, theme, lang, seconds: int) -> None:
    """Print a token that lets this person in once, for trying a panel out. Only for keys with a secret (HS256)."""
    key = db.session.scalar(select(EmbedKey).where((EmbedKey.name == name) | (EmbedKey.issuer == name)))
    if key is None:
        raise Refused(f"--key: there is no key {name}; flask embed keys shows all.")
    if key.revoked_at is not None:
        raise Refused(f"--key: {key.name} is revoked.")
    if key.algorithm != "HS256":
        raise Refused(f"--key: {key.name} is signed with {key.algorithm}; only the panel has its private key.")
    secret = next((text for one in key.secrets if not one.retired_at and (text := unseal(one.sealed, SECRET))), None)
    if secret is None:
        raise Refused(f"--key: {key.name} has no secret in use that TICKETING_SECRET_KEY opens.")
    at = int(now().timestamp())
    claims = {
        "iss": key.issuer, "aud": key.audience, "sub": sub, "email": email, "name": person, "role": role, "iat": at,
        "exp": at + seconds, "jti": secrets.token_hex(16), "team": team, "view": view, "theme": theme, "lang": lang,
    }  # fmt: skip
    said = {name: value for name, value in claims.items() if value is not None}
    try:
        read_claims(said, issuer=key.issuer, audience=key.audience, now_s=at)
    except HandOffRefused as refusal:
        raise Refused(f"--{refusal.reason}: the desk would refuse a token that says this.") from None
    click.echo(jwt.encode(said, secret, "HS256"))
    base = current_app.config["BASE_URL"] or "http://127.0.0.1:8000"
    click.echo(
        f"Once, within {seconds} s, in a page of {' or '.join(key.origins)}: {base}/embed/enter?key={key.id}#token=…",
        err=True,
    )
