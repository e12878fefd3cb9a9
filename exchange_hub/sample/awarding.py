"""Records of award and contract (中标候选人公示、中标结果公告、合同)."""

from datetime import timedelta

from exchange_hub.sample import names
from exchange_hub.sample.bidding import price_fields, section_fields, union_fields
from exchange_hub.sample.calendar import stamp
from exchange_hub.sample.chain import Project, Section, Tender
from exchange_hub.sample.registration import notice_url
from exchange_hub.sample.vocabulary import Record
from exchange_hub.sample.world import World


def candidates(world: World, about: Project) -> list[Record]:
    """TENDER_CANDIDATE_ANNOUNCE 中标候选人公示: one for each section, its first three."""
    return [_candidates(world, tender, part) for tender in about.tenders for part in tender.sections]


def win_result(world: World, about: Project) -> list[Record]:
    """WIN_RESULT_ANNO 中标结果公告: one for each section."""
    return [_win_result(world, about, tender, part) for tender in about.tenders for part in tender.sections]


def contract(world: World, about: Project) -> list[Record]:
    """CONTRACT_PERFORMANCE 合同: one for each section."""
    return [_contract(world, about, tender, part) for tender in about.tenders for part in tender.sections]


def _candidates(world: World, tender: Tender, part: Section) -> Record:
    times = tender.times
    first, second, third = (bid.company for bid in part.bids[:3])
    return {
        **world.common,
        "TENDER_PROJECT_CODE": tender.code,
        "BID_SECTION_CODES": part.code,
        "UNIFIED_DEAL_CODE": part.deal_code,
        "PUBLICITY_NAME": f"{part.name}中标候选人公示",
        "PUBLICITY_CONTENT": f"第一中标候选人：{first.name}；第二中标候选人：{second.name}；"
        f"第三中标候选人：{third.name}",
        "PUBLICITY_REFER_TIME": stamp(times.publicity_sent),
        "NOTICE_MEDIA": names.MEDIA,
        "URL": notice_url("candidates", part.code),
        "PUBLICITY_TYPE": world.words.code("PUBLICITY_TYPE"),
        "PUBLICITY_START_TIME": stamp(times.publicity_from),
        "PUBLICITY_END_TIME": stamp(times.publicity_until),
        "OBJECTION_METHOD": "公示期内通过交易平台向招标人提出",
        "OTHER_CONTENT": "评标情况及否决投标理由见附件",
        "BULLETIN_DUTY": tender.agency.people[0].name,
        "EXAMINER_NAME": tender.agency.people[1].name,
        "FIRST_BIDDER_NAME": first.name,
        "FIRST_BIDDER_CODE": first.code,
        "SECOND_BIDDER_NAME": second.name,
        "SECOND_BIDDER_CODE": second.code,
        "THIRD_BIDDER_NAME": third.name,
        "THIRD_BIDDER_CODE": third.code,
    }


def _win_result(world: World, about: Project, tender: Tender, part: Section) -> Record:
    winner = part.bids[0]
    company, union = winner.company, union_fields(winner)
    region = world.words.code("REGION_GBT2260", about.region)
    return {
        **section_fields(world, tender, part),
        **price_fields(
            world, about, part, winner.price, ("BID_AMOUNT", "BID_CURRENCY", "PRICE_UNIT", "OTHER_BID_PRICE")
        ),
        "REGION_CODE": region,
        "TRA_PLACE_CODE": region,
        "TENDER_AGENCY_NAME": tender.agency.name,
        "TENDER_AGENCY_CODE": tender.agency.code,
        "NOTICE_NAME": f"{part.name}中标结果公告",
        "NOTICE_CONTENT": f"{part.name}的中标人为{company.name}，项目负责人{winner.manager.name}",
        "NOTICE_SEND_TIME": stamp(tender.times.awarded),
        "NOTICE_MEDIA": names.MEDIA,
        "URL": notice_url("award", part.code),
        "NOTICE_NATURE": world.words.code("NOTICE_NATURE"),
        "BULLETIN_TYPE": world.words.code("BULLETIN_TYPE", "3"),
        "WIN_BIDDER_NAME": company.name,
        "BIDDER_CODE_TYPE": world.party,
        "WIN_BIDDER_CODE": company.code,
        "BIDDER_ROLE": world.role["bidder"],
        "UNION_CODE": union["UNION_ORGAN_SET_CODE"],
        "UNION_NAME": union["UNION_ENTERPRISE_NAME"],
        "OTHER_CONTENT": f"工期（服务期）{part.days}日历天",
        "BULLETIN_DUTY": tender.agency.people[0].name,
        "EXAMINER_NAME": tender.agency.people[1].name,
        "BIDDER_REGION_CODE": world.words.code("REGION_GBT2260", company.region),
        "BIDDER_PROPERTY": world.words.code("BIDDER_PROPERTY", company.kind),
        "PROJECT_LEAD": winner.manager.name,
        "PROJECT_LEAD_ID": winner.manager.id_number,
    }


def _contract(world: World, about: Project, tender: Tender, part: Section) -> Record:
    winner = part.bids[0]
    price = price_fields(
        world, about, part, winner.price, ("CONTRACT_PRICE", "PRICE_CURRENCY", "PRICE_UNIT", "OTHER_CONTRACT_PRICE")
    )
    return {
        **section_fields(world, tender, part),
        **price,
        "PRICE_UNIT": about.unit,
        "CONTRACT_NAME": f"{part.name}合同",
        "TENDERER_NAME": about.tenderer.name,
        "TENDER_CODE": about.tenderer.code,
        "BIDDER_NAME": winner.company.name,
        "BIDDER_CODE": winner.company.code,
        "CONTRACT_CONTENT": f"{part.name}{tender.word}，{about.scale}",
        "LIMITE_TIME": str(part.days),
        "QUALITY_REQUIRE": "符合国家现行验收规范，达到合格标准",
        "SUBMIT_TIME": stamp(tender.times.signed + timedelta(minutes=45)),
        "CONTRACT_SIGN_TIME": stamp(tender.times.signed),
        "CONTRACT_CODE": f"HT-{part.code[1:]}",
    }
