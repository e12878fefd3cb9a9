"""One construction project and its whole tender chain as objects (项目、招标项目、标段、投标), before any record."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random

from exchange_hub.sample import codes, names
from exchange_hub.sample.calendar import LONGEST_CHAIN, SPREAD, Times, WorkDays, plan
from exchange_hub.sample.codes import Origin
from exchange_hub.sample.parties import Company, Parties, Person

ORDINALS = "一二三四五六七八九"


@dataclass(frozen=True, slots=True)
class Bid:
    """One bidder's bid on one section."""

    company: Company
    partner: Company | None  # second member of a consortium (联合体)
    manager: Person
    price: int  # fen
    points: tuple[int, int, int, int]  # price, qualification, business, technical; hundredths
    rank: int
    veto: str | None
    margin_form: str
    margin_at: datetime
    handed_in: datetime


@dataclass(frozen=True, slots=True)
class Section:
    """One section (标段) with its bids in order of rank."""

    code: str
    deal_code: str
    name: str
    estimate: int  # fen
    by_rate: bool  # the price is a rate, not an amount
    deposit: int  # fen, at most 2 % of the estimate
    days: int
    bids: tuple[Bid, ...]
    experts: tuple[Person, ...]


@dataclass(frozen=True, slots=True)
class Tender:
    """One tender project (招标项目)."""

    code: str
    name: str
    self_code: str
    agency: Company
    classify: str
    word: str
    times: Times
    sections: tuple[Section, ...]


@dataclass(frozen=True, slots=True)
class Project:
    """One project (项目). `unit` is the amount unit its tenderer uses: 0 yuan, 1 ten thousand yuan."""

    number: int
    code: str
    name: str
    region: str
    city: str
    area: str
    address: str
    trade: str
    industry: str
    scale: str
    fund: str
    unit: str
    tenderer: Company
    registered: date
    tenders: tuple[Tender, ...]


@dataclass(frozen=True, slots=True)
class Source:
    """What projects are made from: parties, working days, codes."""

    seed: str
    origin: Origin
    parties: Parties
    work_days: WorkDays
    start_days: tuple[date, ...]  # working days on which projects are registered


def start_days(base_date: date, days: WorkDays) -> tuple[date, ...]:
    """Working days early enough for a whole chain to end before the base date, oldest first."""
    span = (base_date - timedelta(days=LONGEST_CHAIN + back) for back in range(SPREAD, 0, -1))
    return tuple(day for day in span if days.on_or_after(day) == day)


def make_project(source: Source, number: int) -> Project:
    """The project of that number, from 0; it depends on nothing but the source and the number."""
    rng = Random(f"{source.seed}:{number}")  # noqa: S311 -- invented data, not a secret
    registered = source.start_days[(source.origin.salt + number) % len(source.start_days)]
    region, city, area = rng.choice(names.CITIES)
    code = codes.project_code(source.origin, region, registered, number // len(source.start_days))
    trade, industry, work, scale = rng.choice(names.WORKS)
    district = rng.choice(names.DISTRICTS)
    name = f"{city}{district}{rng.choice(names.STREETS)}{work}工程（{code[7:]}）"
    tenders = tuple(
        _tender(source, rng, (number, place), (code, name, trade)) for place in range(rng.choice((1, 1, 2)))
    )
    return Project(
        number=number,
        code=code,
        name=name,
        region=region,
        city=city,
        area=area,
        address=f"河南省{city}{district}{rng.choice(names.STREETS)}",
        trade=trade,
        industry=industry,
        scale=scale.format(n=rng.randint(3, 90)),
        fund=rng.choice(names.FUNDS),
        unit=rng.choice("001"),
        tenderer=rng.choice(source.parties.tenderers),
        registered=registered,
        tenders=tenders,
    )


def _tender(source: Source, rng: Random, place: tuple[int, int], about: tuple[str, str, str]) -> Tender:
    number, nth = place
    project, project_name, trade = about
    code = f"{project}{nth + 1:03d}"
    classify, word, is_works, cap = rng.choice(names.CATEGORIES)
    registered = source.start_days[(source.origin.salt + number) % len(source.start_days)]
    times = plan(registered, source.work_days, rng)
    name = f"{project_name}{word}" + ("（二期）" if nth else "")
    sections = []
    for inner in range(rng.choice((1, 1, 2, 3))):
        deal = codes.deal_code(source.origin, trade, times.tender_created.date(), number * 6 + nth * 3 + inner)
        ids = (f"{code}{inner + 1:03d}", deal, f"{name}第{ORDINALS[inner]}标段")
        sections.append(_section(source.parties, rng, ids, (is_works, cap), times))
    return Tender(
        code=code,
        name=name,
        self_code=f"豫示招〔{times.tender_created:%Y}〕{number:05d}-{nth + 1}号",
        agency=rng.choice(source.parties.agencies),
        classify=classify,
        word=word,
        times=times,
        sections=tuple(sections),
    )


def _section(
    parties: Parties, rng: Random, ids: tuple[str, str, str], category: tuple[bool, int], times: Times
) -> Section:
    is_works, cap = category
    estimate = rng.randint(420, 9_800) if is_works else rng.randint(60, 480)  # ten thousand yuan
    deposit = min(cap, estimate * 180 // 1000 * 1000)  # yuan; 1.8 % of the estimate, in whole thousands
    chosen = rng.sample(parties.bidders, rng.randint(3, 6))
    partner = None
    if rng.random() < 0.08:
        partner = parties.bidders[(parties.bidders.index(chosen[0]) + 1) % len(parties.bidders)]
        partner = None if partner in chosen else partner
    bids = [_bid(rng, company, partner if company is chosen[0] else None, estimate, times) for company in chosen]
    return Section(
        code=ids[0],
        deal_code=ids[1],
        name=ids[2],
        estimate=estimate * 1_000_000,
        by_rate=not is_works and rng.random() < 0.3,
        deposit=deposit * 100,
        days=rng.randint(90, 540),
        bids=_ranked(rng, bids),
        experts=tuple(rng.sample(parties.experts, rng.choice((5, 5, 7)))),
    )


def _bid(rng: Random, company: Company, partner: Company | None, estimate: int, times: Times) -> Bid:
    handed_in = times.opening - timedelta(minutes=rng.randint(5, 900))
    return Bid(
        company=company,
        partner=partner,
        manager=rng.choice(company.people),
        price=estimate * rng.randint(880_000, 975_000),
        points=(rng.randint(2400, 4000), rng.randint(700, 1000), rng.randint(900, 1500), rng.randint(2000, 3400)),
        rank=0,
        veto=None,
        margin_form=rng.choice("11123"),
        margin_at=handed_in - timedelta(hours=rng.randint(5, 140)),
        handed_in=handed_in,
    )


def _ranked(rng: Random, bids: list[Bid]) -> tuple[Bid, ...]:
    """Bids in order of their points; of five or more the last may be rejected by the committee."""
    ordered = sorted(bids, key=lambda bid: (-sum(bid.points), bid.company.code))
    veto = rng.choice(names.VETO_REASONS[:1] + names.VETO_REASONS[2:]) if len(bids) > 4 and rng.random() < 0.3 else None
    last = len(ordered)
    return tuple(
        Bid(
            bid.company,
            bid.partner,
            bid.manager,
            bid.price,
            bid.points,
            rank,
            veto if rank == last else None,
            bid.margin_form,
            bid.margin_at,
            bid.handed_in,
        )
        for rank, bid in enumerate(ordered, start=1)
    )
