"""Report a problem: the few fields that a panel can fill in beforehand."""

from flask_wtf import FlaskForm
from wtforms import StringField, TextAreaField

from ticketing.forms.texts import N_
from ticketing.rules.taxonomy import DETAIL_FIELDS, TEXT_MAX, TITLE_MAX, TicketType, clean_details

PAGE_MAX = 500
# What a field of the form is among the details of a ticket.
DETAIL_OF = {"player": "player_id", "transaction": "transaction_id", "provider": "provider"}
_LONGEST = {"title": TITLE_MAX, "page": PAGE_MAX} | {
    one: DETAIL_FIELDS[name].max_length for one, name in DETAIL_OF.items()
}


class ReportForm(FlaskForm):
    title = StringField(N_("What is wrong"))
    description = TextAreaField(N_("What happened"))
    player = StringField(N_("Player"))
    transaction = StringField(N_("Transaction"))
    provider = StringField(N_("Provider"))
    page = StringField(N_("Page"))

    def prefill(self, given) -> list[str]:
        """Take what a panel says, cut to what a field holds. Returns the names of what was cut."""
        cut = []
        for name, longest in _LONGEST.items():
            text = " ".join(given.get(name, "").split())
            if len(text) > longest:
                cut.append(name)
            self[name].data = "".join(letter for letter in text[:longest] if letter.isprintable())
        return cut

    @property
    def kind(self) -> TicketType:
        """What names a transaction is about money."""
        return TicketType.PAYMENT_ISSUE if (self.transaction.data or "").strip() else TicketType.INCIDENT

    def check(self) -> dict[str, str]:
        """{field: code} of what is wrong; fills `details`, as the ticket keeps them."""
        errors = {}
        title = " ".join((self.title.data or "").split())
        if not title:
            errors["title"] = "required"
        elif len(title) > TITLE_MAX:
            errors["title"] = "too_long"
        if len(self.description.data or "") > TEXT_MAX - PAGE_MAX - 10:
            errors["description"] = "too_long"
        if len(self.page.data or "") > PAGE_MAX:
            errors["page"] = "too_long"
        given = {name: self[one].data for one, name in DETAIL_OF.items() if (self[one].data or "").strip()}
        self.details, wrong = clean_details(self.kind, given)
        return errors | {one: wrong[name] for one, name in DETAIL_OF.items() if name in wrong}

    @property
    def text(self) -> str:
        """The description, and as its last line where in the panel it was."""
        said = (self.description.data or "").replace("\r\n", "\n").strip()
        page = " ".join((self.page.data or "").split())
        return f"{said}\n\n`{page.replace('`', '')}`".strip() if page else said
