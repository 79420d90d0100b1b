"""Signing in, and what people may change about themselves."""

from functools import lru_cache
from zoneinfo import available_timezones

from flask_wtf import FlaskForm
from wtforms import PasswordField, StringField, ValidationError
from wtforms.validators import DataRequired, EqualTo, InputRequired, Length

from ticketing.forms.texts import N_, NEEDED, NO_ZONE, NOT_THE_SAME, SHORT_PASSWORD, TOO_LONG
from ticketing.rules import texts
from ticketing.rules.people import NAME_MAX, PASSWORD_MAX, PASSWORD_MIN

CODE_MAX = 40  # six digits, or a code for paper with its dashes


def strip(value: str | None) -> str | None:
    return value.strip() if value else value


def one_line(value: str | None) -> str | None:
    """Names are shown in one line everywhere."""
    return texts.one_line(value) if value else value


class SignInForm(FlaskForm):
    email = StringField(
        N_("Email"), filters=[strip], validators=[DataRequired(NEEDED), Length(max=254, message=TOO_LONG)]
    )
    password = PasswordField(
        N_("Password"), validators=[InputRequired(NEEDED), Length(max=PASSWORD_MAX, message=TOO_LONG)]
    )


class ProfileForm(FlaskForm):
    name = StringField(
        N_("Name"), filters=[one_line], validators=[DataRequired(NEEDED), Length(max=NAME_MAX, message=TOO_LONG)]
    )
    time_zone = StringField(N_("Time zone"), filters=[strip], validators=[DataRequired(NEEDED)])

    def validate_time_zone(self, field):
        if field.data not in available_timezones():
            raise ValidationError(NO_ZONE)


class PasswordForm(FlaskForm):
    current = PasswordField(
        N_("Present password"), validators=[InputRequired(NEEDED), Length(max=PASSWORD_MAX, message=TOO_LONG)]
    )
    new = PasswordField(
        N_("New password"),
        validators=[
            InputRequired(NEEDED),
            Length(min=PASSWORD_MIN, message=SHORT_PASSWORD),
            Length(max=PASSWORD_MAX, message=TOO_LONG),
        ],
    )
    again = PasswordField(N_("New password again"), validators=[EqualTo("new", NOT_THE_SAME)])


class OwnPasswordForm(FlaskForm):
    """For what whoever sits down at an open session may not do."""

    current = PasswordField(
        N_("Present password"), validators=[InputRequired(NEEDED), Length(max=PASSWORD_MAX, message=TOO_LONG)]
    )


class CodeForm(FlaskForm):
    code = StringField(
        N_("Code"), filters=[strip], validators=[DataRequired(NEEDED), Length(max=CODE_MAX, message=TOO_LONG)]
    )


@lru_cache(maxsize=1)
def zone_names() -> tuple[str, ...]:
    """The zones worth offering: those named after a place, and UTC."""
    return (
        "UTC",
        *sorted(
            name
            for name in available_timezones()
            if "/" in name and not name.startswith(("Etc/", "posix/", "right/", "SystemV/"))
        ),
    )
