"""The invented platform: whoever works there, and the names that troubles are made of. No real company is meant."""

from dataclasses import dataclass
from random import Random

from ticketing.rules.taxonomy import Role

PASSWORD = "ticketing-demo"


@dataclass(frozen=True, slots=True)
class Character:
    email: str
    name: str
    role: Role
    team: str | None = None
    brand: str | None = None
    zone: str = "Europe/Berlin"


def _staff(role: Role, team: str | None, *people: tuple[str, str, str]) -> tuple[Character, ...]:
    return tuple(Character(f"{handle}@desk.example", name, role, team, zone=zone) for handle, name, zone in people)


STAFF = (
    *_staff(Role.SUPPORT_ENGINEER, "technical_support",
            ("maya", "Maya Lindqvist", "Europe/Stockholm"), ("tomas", "Tomás Rivera", "Europe/Madrid"),
            ("noor", "Noor Rahman", "Asia/Dubai"), ("ewa", "Ewa Kowalczyk", "Europe/Warsaw"),
            ("sami", "Sami Laine", "Europe/Helsinki")),
    *_staff(Role.DEVOPS_ENGINEER, "devops",
            ("ines", "Ines Duarte", "Europe/Lisbon"), ("dmytro", "Dmytro Bondar", "Europe/Kyiv"),
            ("oskar", "Oskar Lund", "Europe/Copenhagen")),
    *_staff(Role.BACKEND_DEVELOPER, "backend",
            ("jonas", "Jonas Weber", "Europe/Berlin"), ("katarzyna", "Katarzyna Zielińska", "Europe/Warsaw"),
            ("priya", "Priya Nair", "Asia/Kolkata")),
    *_staff(Role.INTEGRATION_ENGINEER, "integration",
            ("farah", "Farah Haddad", "Europe/Paris"), ("luca", "Luca Moretti", "Europe/Rome"),
            ("yuki", "Yuki Tanabe", "Asia/Tokyo")),
)  # fmt: skip
MANAGERS = _staff(
    Role.SUPPORT_MANAGER, None, ("helen", "Helen Marsh", "Europe/London"), ("victor", "Victor Okafor", "Europe/Malta")
)
ADMINISTRATORS = _staff(Role.ADMINISTRATOR, None, ("ada", "Ada Novak", "Europe/Prague"))
REPORTERS = (
    Character("aino@northspin.example", "Aino Salmi", Role.REPORTER, None, "Northspin", "Europe/Helsinki"),
    Character("marco@betharbor.example", "Marco Bellini", Role.REPORTER, None, "BetHarbor", "Europe/Rome"),
    Character("ingrid@luckyfjord.example", "Ingrid Nygaard", Role.REPORTER, None, "Lucky Fjord", "Europe/Oslo"),
    Character("samuel@copperreel.example", "Samuel Ortega", Role.REPORTER, None, "Copper Reel", "Europe/Madrid"),
    Character("leila@velvetace.example", "Leila Benali", Role.REPORTER, None, "Velvet Ace", "Europe/Paris"),
    Character("piotr@tidalbet.example", "Piotr Maj", Role.REPORTER, None, "Tidalbet", "Europe/Warsaw"),
)
EVERYBODY = (*STAFF, *MANAGERS, *ADMINISTRATORS, *REPORTERS)

PROVIDERS = ("Reelworks", "Novaplay", "Kestrel Live", "Mirrorball Studios", "Oddstone", "Tin Lantern")
GAMES = (
    "Frost Gate", "Copper Canyon", "Lantern Run", "Nine Ravens", "Sugar Atlas", "Tide Caller", "Moth & Flame",
    "Clockwork Carp", "Pepper Parade", "Royal Orrery", "Kestrel Roulette", "Kestrel Blackjack",
)  # fmt: skip
PAYMENTS = ("PayNetix", "Trustera", "Quillbank", "Zappo Wallet", "Bridgecard", "Fjordpay")
KYC = ("Verident", "FaceLedger", "Docuproof")
CDNS = ("Skyrelay", "Edgelattice")
SERVICES = (
    "wallet-api", "bonus-engine", "session-store", "lobby-api", "payout-worker", "kyc-queue", "bet-ledger",
    "report-export", "notification-hub", "player-profile",
)  # fmt: skip
NODES = ("edge-fra-2", "edge-mal-1", "db-session-3", "gw-pay-3", "gw-pay-1", "cache-sto-2", "mq-waw-1", "log-fra-1")
REGIONS = ("Frankfurt", "Malta", "Stockholm", "Warsaw", "Lisbon")
CURRENCIES = ("EUR", "SEK", "NOK", "PLN", "GBP", "USDT")
ERRORS = ("HTTP 502", "HTTP 504", "HTTP 401", "HTTP 429", "E-1042", "E-2207", "E-3310", "TLS-47", "DB-0040")


def invent(rng: Random, brand: str) -> dict[str, str]:
    """One trouble's particulars, for the placeholders of scenarios.py."""
    game = rng.choice(GAMES)
    provider = "Kestrel Live" if game.startswith("Kestrel") else rng.choice(PROVIDERS)
    service = rng.choice(SERVICES)
    return {
        "brand": brand,
        "provider": provider,
        "game": game,
        "game_id": game.lower().replace(" & ", "-").replace(" ", "-"),
        "payment": rng.choice(PAYMENTS),
        "payment2": rng.choice(PAYMENTS),
        "kyc": rng.choice(KYC),
        "cdn": rng.choice(CDNS),
        "service": service,
        "host": service + ".internal.example",
        "node": rng.choice(NODES),
        "region": rng.choice(REGIONS),
        "error": rng.choice(ERRORS),
        "count": str(rng.choice((12, 18, 31, 47, 64, 118, 214, 412, 1203))),
        "minutes": str(rng.choice((4, 7, 12, 20, 35, 50, 90))),
        "seconds": str(rng.choice((15, 20, 30, 45, 60))),
        "http": str(rng.choice((500, 502, 503, 504))),
        "percent": str(rng.choice((3, 8, 14, 22, 40, 65))),
        "release": f"8.{rng.randint(4, 21)}",
        "player": str(rng.randint(8_000_000, 8_999_999)),
        "tx": f"{rng.choice('pqtz')}nx-{rng.getrandbits(16):04x}-{rng.getrandbits(16):04x}",
        "amount": f"{rng.choice((10, 20, 25, 50, 75, 100, 250, 500, 1200))}.00",
        "currency": rng.choice(CURRENCIES),
        "address": f"203.0.113.{rng.randint(1, 254)}",
        "network": f"198.51.100.{rng.choice((0, 64, 128, 192))}/26",
    }
