"""The form of a new ticket: the common fields, and those of the ticket's type."""

from functools import lru_cache

from wtforms import BooleanField, Form, RadioField, SelectField, StringField, TextAreaField

from ticketing.rules.taxonomy import (
    DETAIL_FIELDS,
    DETAILS_OF_TYPE,
    TEXT_MAX,
    TITLE_MAX,
    Priority,
    TicketType,
    clean_details,
)

TYPES = {str(kind): str(kind) for kind in TicketType}
PRIORITIES = {str(priority): str(priority) for priority in Priority}


class TicketForm(Form):
    """What everybody fills in. Choices that live in the database are checked by whoever looks them up."""

    recurrence_of = StringField("Recurrence of")
    not_linked = BooleanField("File it without this link")
    title = StringField("Title")
    description = TextAreaField("What happens")
    type = RadioField("Type", choices=TYPES, validate_choice=False)
    category = SelectField("Category", choices={}, validate_choice=False)
    priority = RadioField("Priority", choices=PRIORITIES, validate_choice=False)

    details: tuple[str, ...] = ()

    @property
    def detail_fields(self) -> list:
        return [self[name] for name in self.details]

    def check(self) -> dict[str, str]:
        """What is wrong as {field: code}; empty when the rules have no objection. Fills `clean_details`."""
        errors = {}
        title = " ".join((self.title.data or "").split())
        if not title:
            errors["title"] = "required"
        elif len(title) > TITLE_MAX:
            errors["title"] = "too_long"
        if len(self.description.data or "") > TEXT_MAX:
            errors["description"] = "too_long"
        if self.type.data not in TYPES:
            errors["type"] = "unknown_value" if self.type.data else "required"
        if self.priority.data and self.priority.data not in PRIORITIES:
            errors["priority"] = "unknown_value"
        given = {name: self[name].data for name in self.details}
        self.clean_details, wrong = clean_details(chosen_type(self.type.data), given)
        return errors | wrong

    def refuse(self, words: dict[str, str]) -> None:
        """Show {field: text} at the fields."""
        for name, text in words.items():
            if name in self:
                self[name].errors = [text]

    @property
    def wrong_fields(self) -> list:
        return [field for field in self if field.errors]


class StaffTicketForm(TicketForm):
    """Staff may file a ticket for somebody else, and give it an owner at once."""

    reporter = StringField("Reporter")
    owner = SelectField("Owner", choices={}, validate_choice=False)


def chosen_type(value: str | None) -> TicketType:
    """The type that was picked; an unknown one shows the fields of an incident."""
    return TicketType(value) if value in TYPES else TicketType.INCIDENT


@lru_cache(maxsize=32)
def form_for(kind: TicketType, staff: bool) -> type[TicketForm]:
    """The form with the detail fields of this type."""
    fields = {name: _detail(name) for name in DETAILS_OF_TYPE[kind]}
    return type("TypedTicketForm", (StaffTicketForm if staff else TicketForm,), fields | {"details": tuple(fields)})


def _detail(name: str):
    field = DETAIL_FIELDS[name]
    label = name.replace("_", " ").capitalize()
    if field.kind == "choice":
        return SelectField(label, choices={"": "", **{value: value for value in field.choices}}, validate_choice=False)
    return StringField(label)
