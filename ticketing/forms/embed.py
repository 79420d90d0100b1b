"""Keys of panels. What is right in them is decided by jobs/embed_keys.py."""

from flask_wtf import FlaskForm
from wtforms import BooleanField, SelectField, StringField, TextAreaField

from ticketing.forms.texts import N_


class EmbedKeyForm(FlaskForm):
    name = StringField(N_("Name"))
    issuer = StringField(N_("Issuer"))
    audience = StringField(N_("Audience"), default="ticketing")
    algorithm = SelectField(N_("Signed with"))
    jwks = TextAreaField(N_("Public keys"))
    origins = TextAreaField(N_("Allowed origins"))
    role_ceiling = SelectField(N_("Highest role"))
    default_view = SelectField(N_("First page"))
    adopts = BooleanField(N_("May lead into accounts that were made here"))

    def __init__(self, *args, algorithms: dict, roles: dict, views: dict, **kwargs):
        super().__init__(*args, **kwargs)
        self.algorithm.choices, self.role_ceiling.choices, self.default_view.choices = algorithms, roles, views
