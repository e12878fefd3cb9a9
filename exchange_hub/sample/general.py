"""Records of any dataset, made from what its contract says: one for each section of a project (通用样例).

Everything about a record follows from its place in the sample, so that a child and its parent come to the same code
without knowing of each other. Values are the examples of the contract where nothing better is known.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from contracts.model import DatasetContract, Field, FieldType, ListState, Release
from exchange_hub.sample.chain import Project, Section, Tender
from exchange_hub.sample.parties import Company, Person
from exchange_hub.sample.vocabulary import Record
from exchange_hub.sample.world import World

EXAMPLES_UNTIL = date(2026, 4, 30)  # examples of what has happened lie before this day
STEPS_BACK = 20  # days over which the records of a sample are spread
_MANY = 100  # sections of one project stay below it


@dataclass(frozen=True, slots=True)
class Place:
    """Where a record stands: the section it is about, and a number of its own in the sample."""

    project: Project
    tender: Tender
    section: Section
    number: int

    @property
    def company(self) -> Company:
        """The company that the record is about: who bid best."""
        return self.section.bids[0].company

    @property
    def person(self) -> Person:
        """The person that the record is about: the first expert."""
        return self.section.experts[0]


def maker_of(contract: DatasetContract, release: Release) -> Callable[[World, Project], list[Record]]:
    """How to make the records of a dataset that has no maker of its own."""
    parents = {parent.field: (parent.dataset, parent.parent_field) for parent in contract.parents}

    def make(world: World, about: Project) -> list[Record]:
        return [
            {field.name: _linked(world, release, contract, field, parents, place) for field in contract.fields}
            for place in _places(about)
        ]

    return make


def _places(about: Project) -> list[Place]:
    sections = [(tender, section) for tender in about.tenders for section in tender.sections]
    return [
        Place(about, tender, section, about.number * _MANY + number)
        for number, (tender, section) in enumerate(sections, 1)
    ]


def _linked(
    world: World,
    release: Release,
    contract: DatasetContract,
    field: Field,
    parents: dict[str, tuple[str, str]],
    place: Place,
) -> str:
    """The value of a field; where it names a parent, the value that the parent itself has there."""
    while field.name in parents:
        dataset, name = parents[field.name]
        contract = release.datasets[dataset]
        field = contract.field(name)
        parents = {parent.field: (parent.dataset, parent.parent_field) for parent in contract.parents}
    return world.common.get(field.name) or _value(world, release, contract, field, place)


def _value(world: World, release: Release, contract: DatasetContract, field: Field, place: Place) -> str:
    known = _of_identifier(field, place) or _of_person(field, place)
    if known is not None:
        return known
    if field.code_list is not None and field.type is not FieldType.BOOLEAN:
        return _code(world, release, field)
    example = field.example or ""
    if field.type in (FieldType.DATETIME, FieldType.DATE):
        return _moved(example, world.words.day, place.number)
    if field.type in (FieldType.STRING, FieldType.TEXT) and (field.unique or field.name in contract.natural_key):
        return _numbered(field, place.number)
    return example


def _of_identifier(field: Field, place: Place) -> str | None:
    """Codes of the project, and what tells who and where; None where the contract asks for no such thing."""
    company, person, number = place.company, place.person, place.number
    makes: dict[str, Callable[[], str]] = {
        "project_code": lambda: place.project.code,
        "tender_project_code": lambda: place.tender.code,
        "section_code": lambda: place.section.code,
        "unified_deal_code": lambda: place.section.deal_code,
        "invest_project_code": lambda: f"{place.project.registered:%Y}-{place.project.region}-47-01-{number:06d}",
        "social_credit_code": lambda: company.code,
        "person_id": lambda: person.id_number,
        "region_code": lambda: place.project.region,
        "industry_code": lambda: place.project.industry,
        "url": lambda: f"https://www.example.com/{field.name.lower()}/{number}.html",
        "email": lambda: company.email,
        "phone": lambda: person.phone,
    }
    make = makes.get(field.identifier or "")
    return None if make is None else make()


def _of_person(field: Field, place: Place) -> str | None:
    """Personal data that carry no identifier, and what an identity number says about its bearer."""
    number = place.person.id_number
    if field.name in ("BIRTHDAY", "BIRTHDATE"):
        return number[6:14]
    if field.code_list == "SEX":
        return "1" if int(number[16]) % 2 else "2"
    if field.personal == "id_number":
        return place.company.code if "代码" in field.label_zh else number
    if field.personal == "name" and field.type is FieldType.STRING:
        return place.person.name
    if field.personal == "phone":
        return place.person.phone
    return None


def _code(world: World, release: Release, field: Field) -> str:
    """A code that is in force; of an open list the contract's example."""
    found = release.code_lists[field.code_list or ""]
    if field.example is not None and (found.state is ListState.OPEN or not found.codes):
        return field.example
    return world.words.code(found.name, field.example)


def _moved(example: str, day: date, number: int) -> str:
    """A time of the examples, moved so that what has happened lies before the day of the package."""
    form = "%Y%m%d%H%M%S"[: 6 if len(example) == 8 else None]
    moved = datetime.strptime(example, form) + (day - EXAMPLES_UNTIL) - timedelta(days=number % STEPS_BACK)  # noqa: DTZ007
    return moved.strftime(form)


def _numbered(field: Field, number: int) -> str:
    """The example with the number of the record, within the field's length."""
    example = field.example or ""
    if field.exact_length is not None:
        tail = str(number)
        return (example + "0" * field.exact_length)[: field.exact_length - len(tail)] + tail
    tail = f"-{number:06d}"
    return example[: (field.max_length or 200) - len(tail)] + tail
