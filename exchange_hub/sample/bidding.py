"""Records of bidding and evaluation (投标人名单、保证金、评标专家、开标记录、评标结果)."""

from collections.abc import Iterator
from datetime import timedelta

from exchange_hub.sample.calendar import stamp
from exchange_hub.sample.chain import Bid, Project, Section, Tender
from exchange_hub.sample.parties import Person
from exchange_hub.sample.registration import deal_codes, notice_url, section_codes
from exchange_hub.sample.vocabulary import Record
from exchange_hub.sample.world import World, amount, points

UNION_FIELDS = ("UNION_ENTERPRISE_NAME", "UNION_ORGAN_SET_CODE", "UNION_CONTACT_NAME", "UNION_CONTACT_PHONE")


def tender_list(world: World, about: Project) -> list[Record]:
    """TENDER_LIST 投标人名单: one for each bid."""
    return [_bidder(world, about, tender, part, bid) for tender, part, bid in bids(about)]


def margin(world: World, about: Project) -> list[Record]:
    """BIDDER_MARGIN_INFO 投标保证金缴纳信息: one for each bid."""
    return [_margin(world, tender, part, bid) for tender, part, bid in bids(about)]


def expert(world: World, about: Project) -> list[Record]:
    """BID_EVALUATION_EXPERT 评标专家: five or seven for each section, the first in the chair."""
    return [
        _expert(world, (tender, part), person, seat)
        for tender in about.tenders
        for part in tender.sections
        for seat, person in enumerate(part.experts)
    ]


def opening(world: World, about: Project) -> list[Record]:
    """BID_OPENING_RECORD 开标记录: one for each tender, naming its sections."""
    return [_opening(world, about, tender) for tender in about.tenders]


def evaluation(world: World, about: Project) -> list[Record]:
    """EVALUATION_RESULT 评标结果: one for each bid, in order of rank."""
    return [_evaluation(world, tender, part, bid) for tender, part, bid in bids(about)]


def bids(about: Project) -> Iterator[tuple[Tender, Section, Bid]]:
    """All bids of a project with their tender and section."""
    for tender in about.tenders:
        for part in tender.sections:
            for bid in part.bids:
                yield tender, part, bid


def section_fields(world: World, tender: Tender, part: Section) -> Record:
    """Common fields and the three codes that tie a record to its section."""
    return {
        **world.common,
        "TENDER_PROJECT_CODE": tender.code,
        "BID_SECTION_CODE": part.code,
        "UNIFIED_DEAL_CODE": part.deal_code,
    }


def price_fields(world: World, about: Project, part: Section, fen: int, names: tuple[str, str, str, str]) -> Record:
    """Amount, currency, unit and free text under the given field names: an amount, or a rate with its text."""
    value, currency, unit, other = names
    if part.by_rate:
        return {
            value: None,
            currency: None,
            unit: None,
            other: f"下浮率{points((part.estimate - fen) * 10_000 // part.estimate)}%",
            "PRICE_FORM_CODE": world.price_forms[1],
        }
    return {
        value: amount(fen, about.unit),
        currency: world.currency,
        unit: about.unit,
        other: None,
        "PRICE_FORM_CODE": world.price_forms[0],
    }


def union_fields(bid: Bid) -> Record:
    """Fields of a consortium (联合体), empty for a single bidder."""
    partner = bid.partner
    if partner is None:
        return dict.fromkeys(UNION_FIELDS)
    values = (
        f"{bid.company.name}与{partner.name}联合体",
        partner.code,
        partner.people[0].name,
        partner.people[0].phone,
    )
    return dict(zip(UNION_FIELDS, values, strict=True))


def _bidder(world: World, about: Project, tender: Tender, part: Section, bid: Bid) -> Record:
    company, clerk = bid.company, bid.company.people[-1]
    return {
        **section_fields(world, tender, part),
        **price_fields(world, about, part, bid.price, ("BID_PRICE", "PRICE_CURRENCY", "PRICE_UNIT", "OTHER_BID_PRICE")),
        **union_fields(bid),
        "BIDDER_NAME": company.name,
        "IS_LOST": "0",
        "BIDDER_CODE_TYPE": world.party,
        "BIDDER_ORG_CODE": company.code,
        "BIDDER_ROLE": world.role["bidder"],
        "BID_MANAGER": bid.manager.name,
        "PM_CODE": bid.manager.id_number,
        "PM_CERTIFICATES": f"注册执业资格证书 豫示{bid.manager.phone[3:]}",
        "IS_COMMIT_MARGIN": "1",
        "MARGIN_PAY_FORM": world.words.code("MARGIN_PAY_TYPE", bid.margin_form),
        "MARGIN_RECEIVE_TIME": stamp(bid.margin_at),
        "BIDDER_INFO_VERSION": stamp(tender.times.documents_from),
        "TIME_LIMIT": str(part.days),
        "CHECKIN_TIME": stamp(bid.handed_in),
        "BIDDER_REGION_CODE": world.words.code("REGION_GBT2260", company.region),
        "BIDDER_PROPERTY": world.words.code("BIDDER_PROPERTY", company.kind),
        "BIDDER_OPERATION_PERSON": clerk.name,
        "BIDDER_OPERATION_PERSON_ID": clerk.id_number,
        "BIDDER_OPERATION_PERSON_CON": clerk.phone,
    }


def _margin(world: World, tender: Tender, part: Section, bid: Bid) -> Record:
    union = union_fields(bid)
    return {
        **section_fields(world, tender, part),
        "BIDDER_NAME": bid.company.name,
        "BIDDER_ORG_CODE": bid.company.code,
        "UNION_ENTERPRISE_NAME": union["UNION_ENTERPRISE_NAME"],
        "UNION_ORGAN_SET_CODE": union["UNION_ORGAN_SET_CODE"],
        "MARGIN_PAY_FORM": world.words.code("MARGIN_PAY_TYPE", bid.margin_form),
        "MARGIN_RECEIVE_TIME": stamp(bid.margin_at),
        "MARGIN_BANK": bid.company.bank,
        "MARGIN_ACCOUNT": bid.company.account,
        "MARGIN_PAY": amount(part.deposit, "0"),
        "YEAR_MARGIN": None,
    }


def _expert(world: World, place: tuple[Tender, Section], person: Person, seat: int) -> Record:
    tender, part = place
    return {
        **section_fields(world, tender, part),
        "EXPERT_TYPE": world.words.code("EXPERT_TYPE", "2" if seat % 2 else "1"),
        "EXPERT_NAME": person.name,
        "ID_CARD": person.id_number,
        "ID_CARD_TYPE": world.words.code("ID_CARD_TYPE"),
        "EXPERT_CHECK_IN_TIME": stamp(tender.times.opening + timedelta(minutes=20 + 3 * seat)),
        "IS_CHAIR_MAN": "0" if seat else "1",
    }


def _opening(world: World, about: Project, tender: Tender) -> Record:
    bidders = sum(len(part.bids) for part in tender.sections)
    return {
        **world.common,
        "TENDER_PROJECT_CODE": tender.code,
        "BID_SECTION_CODES": section_codes(tender),
        "UNIFIED_DEAL_CODES": deal_codes(tender),
        "BID_OPENING_ACTOR": f"招标人代表、招标代理机构代表、投标人代表{bidders}名、监督人员",
        "NOTICE_NAME": f"{tender.name}开标记录",
        "BID_OPENING_CONTENT": f"共收到投标文件{bidders}份，均在截止时间前递交并解密成功",
        "BID_OPENING_ADDRESS": f"{about.city}公共资源交易中心第{about.number % 8 + 1}开标室",
        "BID_OPENING_TIME": stamp(tender.times.opening),
        "URL": notice_url("opening", tender.code),
        "OPEN_COMPERE": tender.agency.people[0].name,
        "TENDER_AGENCY_PERSON": tender.agency.people[1].name,
        "TENDERER_PERSON": about.tenderer.people[1].name,
    }


def _evaluation(world: World, tender: Tender, part: Section, bid: Bid) -> Record:
    price, qualification, business, technical = bid.points
    return {
        **section_fields(world, tender, part),
        **union_fields(bid),
        "BIDDER_NAME": bid.company.name,
        "BIDDER_CODE_TYPE": world.party,
        "BIDDER_ORG_CODE": bid.company.code,
        "BIDDER_ROLE": world.role["bidder"],
        "PRICE_POINTS": points(0 if bid.veto else price),
        "QUALIFICATION_POINTS": points(qualification),
        "BUSINESS_POINTS": points(0 if bid.veto else business),
        "TECHNICAL_POINTS": points(0 if bid.veto else technical),
        "RESPONSE_POINTS": "0.00",
        "OTHER_POINTS": "0.00",
        "IS_VETO": "1" if bid.veto else "0",
        "VETO_REASON_DETAIL": bid.veto or "通过评审，未被否决",
        "RANK": str(bid.rank),
    }
