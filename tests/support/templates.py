"""Templates compiled once for all applications that tests make: it is most of what a test of a page costs."""

from jinja2 import BytecodeCache


class Compiled(BytecodeCache):
    """Kept in memory by the template's name and a checksum of its source."""

    def __init__(self):
        self._kept = {}

    def load_bytecode(self, bucket):
        if bucket.key in self._kept:
            bucket.bytecode_from_string(self._kept[bucket.key])

    def dump_bytecode(self, bucket):
        self._kept[bucket.key] = bucket.bytecode_to_string()


compiled = Compiled()
