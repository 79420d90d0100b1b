"""The blueprint of the reports; each of its pages is a module of its own."""

from flask import Blueprint

blueprint = Blueprint("reports", __name__, url_prefix="/reports")
