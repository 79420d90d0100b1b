"""What exists inside of other people's pages alone."""

from flask import Blueprint

blueprint = Blueprint("embed", __name__)
