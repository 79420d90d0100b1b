"""The rules of the house as functions: a path and a text in, `(line, complaint)` out.

Paths are relative to the checkout and use forward slashes.
"""

import ast
import re
import sys

# Which rooms of ticketing/ a room may import, besides itself.
GROUND = {"extensions", "clock"}
MAY_IMPORT = {
    "extensions": set(),
    "clock": set(),
    "rules": set(),
    "models": {"rules"} | GROUND,
    "queries": {"models", "rules"} | GROUND,
    "channels": {"rules", "clock"},
    "jobs": {"queries", "models", "rules", "channels"} | GROUND,
    "forms": {"rules", "clock"},
    "web": {"jobs", "queries", "models", "rules", "forms"} | GROUND,
    "cli": {"jobs", "queries", "models", "rules"} | GROUND,
}
# What decides needs nothing installed, and can be read and tested alone.
STANDARD_LIBRARY_ONLY = {"rules", "clock"}

# What lies beside ticketing/ and is ours too.
OUTSIDE = {"config", "wsgi", "tests", "migrations"}

LONGEST_FILE = 300
THE_ONE_WRITER_OF_STATUS = "ticketing/models/ticket.py"
ROOMS_THAT_COMMIT = {"web", "cli", "jobs"}
THE_CLOCK = "ticketing/clock.py"


def room_of(path):
    """The room a file stands in, None for the factory and all outside ticketing/."""
    parts = path.removesuffix(".py").split("/")
    return parts[1] if parts[0] == "ticketing" and parts[1] != "__init__" else None


def imports_follow_the_table(path, text):
    room = room_of(path)
    if room is None:
        return
    if room not in MAY_IMPORT:
        yield 1, f"no such room: {room}; add it to the table if it is meant"
        return
    for line, package, target in _imports(path, ast.parse(text)):
        if package in OUTSIDE:
            yield line, f"{room} may not import {package}"
        elif package == "ticketing":
            if target is None:
                yield line, f"{room} may not import the application factory"
            elif target != room and target not in MAY_IMPORT[room]:
                yield line, f"{room} may not import {target}"
        elif room in STANDARD_LIBRARY_ONLY and package not in sys.stdlib_module_names:
            yield line, f"{room} may import the standard library alone, not {package}"


def imports_stand_at_the_top(path, text):
    """A late import of our own code hides a cycle; one of somebody else's may save time."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            for line, package, _ in _imports(path, node):
                if package in OUTSIDE | {"ticketing"}:
                    yield line, "our own modules are imported at the top of the file"


def _imports(path, tree):
    """Each import under `tree`: line, top package, and the room if it is ours."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, *_split(alias.name.split("."))
        elif isinstance(node, ast.ImportFrom):
            base = _base_of(path, node)
            for alias in node.names:
                yield node.lineno, *_split([*base, alias.name])


def _base_of(path, node):
    named = node.module.split(".") if node.module else []
    if not node.level:
        return named
    package = path.split("/")[: -node.level]
    return package + named


def _split(dotted):
    """The package, and for ours the room; a name that is no room is the factory's."""
    package, rest = dotted[0], dotted[1:]
    if package != "ticketing":
        return package, None
    return package, rest[0] if rest and rest[0] in MAY_IMPORT else None


def files_are_short(path, text):
    length = len(text.splitlines())
    if length > LONGEST_FILE:
        yield length, f"{length} lines; split it at {LONGEST_FILE}"


def status_has_one_writer(path, text):
    if path == THE_ONE_WRITER_OF_STATUS:
        return
    for node in ast.walk(ast.parse(text)):
        if _stores_attribute(node, "status") or _sets_by_name(node) or _updates_rows(node):
            yield node.lineno, f"only {THE_ONE_WRITER_OF_STATUS} writes a status"


def _stores_attribute(node, name):
    return isinstance(node, ast.Attribute) and node.attr == name and isinstance(node.ctx, ast.Store)


def _sets_by_name(node):
    """A setattr(ticket, "status", …)"""
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "setattr"
        and len(node.args) > 1
        and isinstance(node.args[1], ast.Constant)
        and node.args[1].value == "status"
    )


def _updates_rows(node):
    """An update(Ticket)….values(status=…)"""
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
        return False
    writes = node.func.attr == "values" and any(word.arg == "status" for word in node.keywords)
    return writes and any(
        isinstance(inner, ast.Call) and _last_name(inner.func) == "update" for inner in ast.walk(node.func.value)
    )


def commits_happen_at_the_edges(path, text):
    if room_of(path) in ROOMS_THAT_COMMIT:
        return
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Attribute) and node.attr == "commit":
            yield node.lineno, "commit belongs to web, cli and jobs"


ASKS = {
    "datetime": {"now", "utcnow", "today"},
    "date": {"today"},
    "time": {"time", "time_ns", "gmtime", "localtime"},
    "func": {"now", "current_timestamp", "localtimestamp"},
}


def one_clock_asks_the_time(path, text):
    if path == THE_CLOCK:
        return
    tree = ast.parse(text)
    real_names = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            real_names |= {alias.asname: alias.name for alias in node.names if alias.asname}
        if isinstance(node, ast.ImportFrom) and node.module == "time":
            for alias in node.names:
                if alias.name in ASKS["time"]:
                    yield node.lineno, f"only {THE_CLOCK} asks the time"
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            owner = _last_name(node.value)
            if node.attr in ASKS.get(real_names.get(owner, owner), ()):
                yield node.lineno, f"only {THE_CLOCK} asks the time"


def _last_name(node):
    """What stands after the last dot of a.b.c"""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else None


def no_path_of_one_machine(path, text, *, checkout):
    """Somebody's home or checkout in a text is a leak, and wrong everywhere else."""
    private = [re.escape(root) for root in ("/" + "root/", "/" + "home/", "/" + "Users/")]
    # A checkout at the top of a disk has too plain a name to search for.
    if checkout.count("/") > 1:
        private.append(re.escape(checkout) + r"\b")
    for number, line in enumerate(text.splitlines(), 1):
        if re.search(rf"(?<![\w./])(?:{'|'.join(private)})", line):
            yield number, "a path of one machine"
