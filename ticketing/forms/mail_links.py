"""A forgotten password, and the new one."""

from flask_wtf import FlaskForm
from wtforms import EmailField, PasswordField
from wtforms.validators import DataRequired, EqualTo, InputRequired, Length

from ticketing.forms.accounts import PASSWORD_MAX, PASSWORD_MIN
from ticketing.forms.settings import email_of
from ticketing.forms.texts import N_, NEEDED, NOT_THE_SAME, SHORT_PASSWORD, TOO_LONG


class ForgottenForm(FlaskForm):
    email = EmailField(
        N_("Email"), filters=[email_of], validators=[DataRequired(NEEDED), Length(max=254, message=TOO_LONG)]
    )


class NewPasswordForm(FlaskForm):
    new = PasswordField(
        N_("New password"),
        validators=[
            InputRequired(NEEDED),
            Length(min=PASSWORD_MIN, message=SHORT_PASSWORD),
            Length(max=PASSWORD_MAX, message=TOO_LONG),
        ],
    )
    again = PasswordField(N_("New password again"), validators=[EqualTo("new", NOT_THE_SAME)])
