"""Invented parties: people, companies, public tenderers, with valid check digits (主体).

Evidently synthetic: identity numbers carry a city-level region part, which no person has; telephone numbers are
199 0000 xxxx; mail goes to example.com; banks are called 示例银行; public tenderers sit in districts that do not exist.
"""

from dataclasses import dataclass
from random import Random

from exchange_hub.core.check_digits import USCC_ALPHABET, org_code_check, person_id_check, uscc_check
from exchange_hub.sample import names

BIDDERS, AGENCIES, TENDERERS, EXPERTS = 600, 40, 90, 900


@dataclass(frozen=True, slots=True)
class Person:
    """A person: name, citizen identity number (GB 11643), telephone."""

    name: str
    id_number: str
    phone: str


@dataclass(frozen=True, slots=True)
class Company:
    """A company or public body with the people who act for it."""

    name: str
    code: str  # unified social credit code, GB 32100
    region: str  # GB/T 2260
    city: str
    address: str
    email: str
    bank: str
    account: str
    kind: str  # BIDDER_PROPERTY
    people: tuple[Person, ...]


@dataclass(frozen=True, slots=True)
class Parties:
    """All parties of a sample; they recur from project to project as in life."""

    bidders: tuple[Company, ...]
    agencies: tuple[Company, ...]
    tenderers: tuple[Company, ...]
    experts: tuple[Person, ...]


def make_parties(seed: str) -> Parties:
    """The parties that belong to a seed; names and codes are distinct within their kind."""
    rng = Random(f"parties:{seed}")  # noqa: S311 -- invented data, not a secret
    return Parties(
        bidders=_companies(rng, BIDDERS, names.BUILDER_TRADES, people=3),
        agencies=_companies(rng, AGENCIES, names.AGENCY_TRADES, people=2),
        tenderers=_tenderers(rng, TENDERERS),
        experts=_people(rng, EXPERTS),
    )


def credit_code(rng: Random, department: str, region: str) -> str:
    """A unified social credit code (统一社会信用代码) with both check characters right."""
    body = (
        "".join(rng.choice(USCC_ALPHABET) for _ in range(6)) if department[0] == "9" else f"{rng.randrange(10**6):06d}"
    )
    organisation = ("MA" if department[0] == "9" else "00") + body
    first17 = department + region + organisation + org_code_check(organisation)
    return first17 + uscc_check(first17)


def _companies(rng: Random, count: int, trades: tuple[str, ...], people: int) -> tuple[Company, ...]:
    made: dict[str, Company] = {}
    while len(made) < count:
        region, city, _ = rng.choice(names.CITIES)
        brand = rng.choice(names.BRAND_FIRST) + rng.choice(names.BRAND_LAST)
        name = f"{rng.choice((city, '河南'))}{brand}{rng.choice(trades)}有限公司"
        if name not in made:
            made[name] = _company(rng, name, "91", (region, city), len(made), people)
    return tuple(made.values())


def _people(rng: Random, count: int) -> tuple[Person, ...]:
    made: dict[str, Person] = {}
    while len(made) < count:
        person = _person(rng, len(made))
        made.setdefault(person.name, person)
    return tuple(made.values())


def _tenderers(rng: Random, count: int) -> tuple[Company, ...]:
    made: dict[str, Company] = {}
    while len(made) < count:
        region, city, _ = rng.choice(names.CITIES)
        name = f"{city}{rng.choice(names.DISTRICTS)}{rng.choice(names.TENDERER_UNITS)}"
        if name not in made:
            made[name] = _company(rng, name, "12", (region, city), len(made), 2)
    return tuple(made.values())


def _company(rng: Random, name: str, department: str, place: tuple[str, str], number: int, people: int) -> Company:
    region, city = place
    return Company(
        name=name,
        code=credit_code(rng, department, region),
        region=region,
        city=city,
        address=f"河南省{city}{rng.choice(names.DISTRICTS)}{rng.choice(names.STREETS)}{rng.randint(1, 299)}号",
        email=f"unit{department}{number:04d}@example.com",
        bank=rng.choice(names.BANKS),
        account=f"41{department}{number:04d}{rng.randrange(10**8):08d}",
        kind=rng.choice("112223"),
        people=tuple(_person(rng, number * 10 + place_in_team) for place_in_team in range(people)),
    )


def _person(rng: Random, number: int) -> Person:
    region, _, _ = rng.choice(names.CITIES)
    born = f"{rng.randint(1966, 1994)}{rng.randint(1, 12):02d}{rng.randint(1, 28):02d}"
    first17 = f"{region[:4]}00{born}{rng.randrange(1000):03d}"
    given = rng.choice(names.GIVEN_FIRST) + rng.choice(names.GIVEN_LAST)
    if rng.random() < 0.2:
        given = given[1:]
    return Person(
        name=rng.choice(names.SURNAMES) + given,
        id_number=first17 + person_id_check(first17),
        phone=f"1990000{number % 10_000:04d}",
    )
