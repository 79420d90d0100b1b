"""What the database keeps but must not tell: sealed with a key made of TICKETING_SECRET_KEY."""

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken
from flask import current_app


def seal(text: str, use: str) -> str:
    """`use` names what for: what was sealed for one use opens for no other."""
    return _box(use).encrypt(text.encode()).decode()


def unseal(sealed: str, use: str) -> str | None:
    """None where it was sealed with another secret key."""
    try:
        return _box(use).decrypt(sealed.encode()).decode()
    except InvalidToken:
        return None


def _box(use: str) -> Fernet:
    secret = current_app.config["SECRET_KEY"].encode()
    key = hashlib.scrypt(secret, salt=f"ticketing {use}".encode(), n=2, r=8, p=1, dklen=32)
    return Fernet(base64.urlsafe_b64encode(key))
