"""What administrators and managers fill in. Choices and what is taken already are passed in."""

import re

from flask_wtf import FlaskForm
from wtforms import BooleanField, EmailField, SelectField, StringField, ValidationError
from wtforms.validators import DataRequired, Length

from ticketing.forms.accounts import NAME_MAX, one_line, strip
from ticketing.forms.texts import N_, NEEDED, NO_EMAIL, NO_NUMBER, TOO_LONG
from ticketing.rules.numbers import whole
from ticketing.rules.taxonomy import OPEN_STATUSES, Priority, Role

TITLE_MAX = 80
LIMIT_MAX = 999
_EMAIL = re.compile(r"[^@\s,;<>\"]+@[^@\s,;<>\"]+\.[^@\s.,;<>\"]+")


def email_of(value: str | None) -> str | None:
    """Addresses are kept in lower case, so that one person cannot have two accounts by accident."""
    return value.strip().lower() if value else value


class PersonForm(FlaskForm):
    name = StringField(
        N_("Name"), filters=[one_line], validators=[DataRequired(NEEDED), Length(max=NAME_MAX, message=TOO_LONG)]
    )
    email = EmailField(
        N_("Email"), filters=[email_of], validators=[DataRequired(NEEDED), Length(max=254, message=TOO_LONG)]
    )
    role = SelectField(N_("Role"), default=str(Role.SUPPORT_ENGINEER))
    team = SelectField(N_("Team"), default="")
    active = BooleanField(N_("May sign in"), default=True)
    invite = BooleanField(N_("Invite them by mail"), default=True)

    def __init__(self, *args, roles: dict, teams: dict, **kwargs):
        super().__init__(*args, **kwargs)
        self.role.choices = roles
        self.team.choices = teams

    def validate_email(self, field):
        if not _EMAIL.fullmatch(field.data or ""):
            raise ValidationError(NO_EMAIL)


class TeamForm(FlaskForm):
    name = StringField(
        N_("Name"), filters=[one_line], validators=[DataRequired(NEEDED), Length(max=TITLE_MAX, message=TOO_LONG)]
    )


class CategoryForm(FlaskForm):
    name = StringField(
        N_("Name"), filters=[one_line], validators=[DataRequired(NEEDED), Length(max=TITLE_MAX, message=TOO_LONG)]
    )
    team = SelectField(N_("Default team"))
    priority = SelectField(N_("Default priority"), default=str(Priority.NORMAL))
    active = BooleanField(N_("Offered for new tickets"), default=True)

    def __init__(self, *args, teams: dict, priorities: dict, **kwargs):
        super().__init__(*args, **kwargs)
        self.team.choices = teams
        self.priority.choices = priorities


class OnCallForm(FlaskForm):
    address = EmailField(N_("On-call address"), filters=[email_of], validators=[Length(max=254, message=TOO_LONG)])

    def validate_address(self, field):
        if field.data and not _EMAIL.fullmatch(field.data):
            raise ValidationError(NO_EMAIL)


class LimitField(StringField):
    """A whole number, or nothing. WTForms' own would keep the number away from the page when it is not one."""

    def __init__(self, label, **kwargs):
        super().__init__(label, filters=[strip], validators=[_a_limit], **kwargs)

    @property
    def number(self) -> int | None:
        return int(self.data) if self.data else None


def _a_limit(_form, field) -> None:
    if field.data and whole(field.data, 1, LIMIT_MAX) is None:
        raise ValidationError(NO_NUMBER)


# One field per open column, named after its status.
LimitsForm = type("LimitsForm", (FlaskForm,), {str(status): LimitField(str(status)) for status in OPEN_STATUSES})

# One field per role: does it need a second step?
SecondStepForm = type("SecondStepForm", (FlaskForm,), {str(role): BooleanField(str(role)) for role in Role})
