"""What forms say. Marked here for translation; the template that shows it translates it."""


def N_(text: str) -> str:
    """Mark a text for translation where it is declared."""
    return text


NEEDED = N_("This is needed.")
TOO_LONG = N_("This is too long.")
UNKNOWN = N_("This value is not known.")
NO_EMAIL = N_("Write an address such as name@example.com.")
NO_ZONE = N_("Choose a time zone from the list, such as Europe/Malta.")
TAKEN = N_("This is taken already.")
NOT_YOURS = N_("This is not your present password.")
NOT_THE_SAME = N_("The two are not the same.")
SHORT_PASSWORD = N_("Use at least 10 characters.")
NO_NUMBER = N_("Write a whole number from 1 to 999, or nothing for no limit.")
