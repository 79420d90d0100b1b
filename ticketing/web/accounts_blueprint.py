"""Accounts: signing in and out, and what people change about themselves."""

from flask import Blueprint

blueprint = Blueprint("accounts", __name__)
