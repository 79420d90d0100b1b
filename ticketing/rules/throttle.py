"""How often somebody may fail before they have to wait: a sliding window, by account and by address."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network


@dataclass(frozen=True, slots=True)
class Brake:
    """At most so many failures within so long; then one waits until the oldest of them has left the window."""

    most: int
    within: timedelta

    def wait_s(self, failures: list[datetime], at: datetime) -> int:
        """Seconds until another try is heard, 0 for at once."""
        recent = sorted((one for one in failures if one > at - self.within), reverse=True)
        if len(recent) < self.most:
            return 0
        return max(1, int((recent[self.most - 1] + self.within - at).total_seconds()))


def block_of(address: str) -> str:
    """What is counted as one address: of IPv6 the network that one customer has, of which they may use any part."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    found = getattr(found, "ipv4_mapped", None) or found
    return str(ip_network((found, 64), strict=False)) if found.version == 6 else str(found)


BRAKES = {
    "account": Brake(10, timedelta(minutes=15)),
    "address": Brake(50, timedelta(minutes=15)),
    "profile": Brake(10, timedelta(minutes=15)),  # passwords typed by whoever is signed in already
    "code": Brake(5, timedelta(minutes=15)),  # of a second step, by whoever knows the password already
    "link": Brake(3, timedelta(hours=1)),  # mails to one account
    "asker": Brake(20, timedelta(hours=1)),  # and for one address
}
