"""Routes compiled once for all applications that tests make: it is half of what making one costs."""

from werkzeug.routing import Rule

_kept = {}
_compile = Rule._compile_builder


def _compile_once(rule, append_unknown=True):
    """The function that builds a rule's addresses; it knows nothing of the rule but its parts."""
    if rule.defaults:  # these stand in it, run through the rule's converters
        return _compile(rule, append_unknown)
    parts = (rule.rule, tuple(rule._trace), append_unknown)
    if parts not in _kept:
        _kept[parts] = _compile(rule, append_unknown)
    return _kept[parts]


def keep_compiled() -> None:
    Rule._compile_builder = _compile_once
