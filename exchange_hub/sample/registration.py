"""Records of registration and announcement (项目、招标项目、标段、招标公告)."""

from exchange_hub.sample import names
from exchange_hub.sample.calendar import stamp
from exchange_hub.sample.chain import Project, Section, Tender
from exchange_hub.sample.vocabulary import Record
from exchange_hub.sample.world import World, amount

LIST_SEPARATOR = ";"


def project(world: World, about: Project) -> list[Record]:
    """PROJECT 项目: one."""
    staff = about.tenderer.people[0]
    return [
        {
            **world.common,
            "PROJECT_CODE": about.code,
            "PROJECT_NAME": about.name,
            "REGION_CODE": world.words.code("REGION_GBT2260", about.region),
            "RELATE_CODE": world.words.code("RELATE_CODE"),
            "INVEST_PROJECT_CODE": invest_code(about),
            "ADDRESS": about.address,
            "LEGAL_PERSON": about.tenderer.name,
            "CLASS_VER_CODE": world.words.code("CLASS_VER_CODE"),
            "INDUSTRIES_TYPE": world.words.code("INDUSTRY_GBT4754", about.industry),
            "FUND_SOURCE": about.fund,
            "CONTRIBUTION_SCALE": f"{about.fund}100%",
            "PROJECT_SCALE": about.scale,
            "CONTACTOR": staff.name,
            "CONTACT_INFORMATION": staff.phone,
            "APPROVAL_NAME": f"关于{about.name}可行性研究报告的批复",
            "APPROVAL_NUMBER": f"豫示发改〔{about.registered.year}〕{about.number + 1}号",
            "APPROVAL_AUTHORITY": f"{about.city}发展和改革委员会",
            "CREATE_TIME": f"{about.registered:%Y%m%d}0930{about.number % 60:02d}",
            "OPERATION_NAME": staff.name,
        }
    ]


def tender_project(world: World, about: Project) -> list[Record]:
    """TENDER_PROJECT 招标项目: one for each tender."""
    return [_tender_project(world, about, tender) for tender in about.tenders]


def section(world: World, about: Project) -> list[Record]:
    """SECTION 标段（包）: one for each section."""
    return [_section(world, about, tender, part) for tender in about.tenders for part in tender.sections]


def announcement(world: World, about: Project) -> list[Record]:
    """TENDER_ANN_QUA_INQUERY_ANN 招标公告: one for each tender, naming its sections."""
    return [_announcement(world, about, tender) for tender in about.tenders]


def invest_code(about: Project) -> str:
    """Investment project code (投资项目统一代码), 24 characters."""
    return f"{about.registered.year}-{about.region}-{about.industry[1:]}-03-{int(about.code[7:]) % 10**6:06d}"


def section_codes(tender: Tender) -> str:
    """Codes of all sections of a tender in one value."""
    return LIST_SEPARATOR.join(part.code for part in tender.sections)


def deal_codes(tender: Tender) -> str:
    """Unified trading identifiers of all sections of a tender in one value."""
    return LIST_SEPARATOR.join(part.deal_code for part in tender.sections)


def notice_url(kind: str, code: str) -> str:
    """Address of a publication."""
    return f"https://ggzy.example.com/{kind}/{code}.html"


def _tender_project(world: World, about: Project, tender: Tender) -> Record:
    owner, agency = about.tenderer, tender.agency
    return {
        **world.common,
        "PROJECT_CODE": about.code,
        "TENDER_PROJECT_CODE": tender.code,
        "TENDER_SELF_CODE": tender.self_code,
        "UNIFIED_DEAL_CODE": tender.sections[0].deal_code,
        "IS_TO_LAW": "1",
        "TENDER_PROJECT_NAME": tender.name,
        "TENDER_PROJECT_TYPE": world.words.code("TENDER_PROJECT_TYPE", about.trade),
        "REGION_CODE": world.words.code("REGION_GBT2260", about.region),
        "TENDER_CONTENT": f"{tender.name}，{about.scale}，划分为{len(tender.sections)}个标段",
        "OWNER_NAME": owner.name,
        "TENDERER_NAME": owner.name,
        "TENDERER_CODE_TYPE": world.party,
        "TENDERER_CODE": owner.code,
        "ISUNION": "0",
        "TENDERER_ROLE": world.role["tenderer"],
        "TENDER_AGENCY_NAME": agency.name,
        "TENDER_AGENCY_CODE_TYPE": world.party,
        "TENDER_AGENCY_CODE": agency.code,
        "TENDER_AGENCY_ROLE": world.role["agency"],
        "TENDER_MODE": world.words.code("TENDER_MODE"),
        "TENDER_ORGANIZE_FORM": world.words.code("TENDER_ORGANIZE_FORM"),
        "CREATE_TIME": stamp(tender.times.tender_created),
        "SUPERVISE_DEPT_NAME": f"{about.city}住房和城乡建设局",
        "SUPERVISE_DEPT_CODE": None,
        "APPROVE_DEPT_NAME": f"{about.city}发展和改革委员会",
        "APPROVE_DEPT_CODE": None,
        "REPORT_DUTY": owner.people[0].name,
        "REPROT_CODE": f"BJ{tender.code[1:]}",
        "TENDER_RECORD_CODE": f"BA{tender.code[1:]}",
    }


def _section(world: World, about: Project, tender: Tender, part: Section) -> Record:
    region = world.words.code("REGION_GBT2260", about.region)
    return {
        **world.common,
        "TENDER_PROJECT_CODE": tender.code,
        "BID_SECTION_CODE": part.code,
        "BID_SECTION_NAME": part.name,
        "BID_ECTION_NUM": "1",
        "UNIFIED_DEAL_CODE": part.deal_code,
        "BID_TENDER_MODE": world.words.code("TENDER_MODE"),
        "REGION_CODE": region,
        "TRA_PLACE_CODE": region,
        "BID_SECTION_CONTENT": f"{part.name}{tender.word}，{about.scale}，具体以招标文件为准",
        "TENDER_PROJECT_CLASSIFY_CODE": tender.classify,
        "CONTRACT_RECKON_PRICE": amount(part.estimate, about.unit),
        "CURRENCY_CODE": world.currency,
        "PRICE_UNIT": about.unit,
        "BID_QUALIFICATION": names.QUALIFICATIONS[tender.word],
        "BEGIN_DATE": f"{tender.times.works_begin:%Y%m%d}",
        "LIMITE_TIME": str(part.days),
        "CREATE_TIME": stamp(tender.times.section_created),
    }


def _announcement(world: World, about: Project, tender: Tender) -> Record:
    times = tender.times
    return {
        **world.common,
        **_contacts(about, tender),
        "TENDER_PROJECT_CODE": tender.code,
        "NOTICE_BID_NUM": str(len(tender.sections)),
        "BID_SECTION_CODES": section_codes(tender),
        "TRAD_CENTER_NAME": f"{about.city}公共资源交易中心",
        "UNIFIED_DEAL_CODES": deal_codes(tender),
        "TENDER_SELF_CODE": tender.self_code,
        "NOTICE_NAME": f"{tender.name}招标公告",
        "NOTICE_CONTENT": f"{tender.name}已批准建设，资金来自{about.fund}，招标人为{about.tenderer.name}，"
        f"现进行公开招标。{names.QUALIFICATIONS[tender.word]}。",
        "NOTICE_SEND_TIME": stamp(times.notice_sent),
        "NOTICE_MEDIA": names.MEDIA,
        "URL": notice_url("notice", tender.code),
        "NOTICE_NATURE": world.words.code("NOTICE_NATURE"),
        "BULLETIN_TYPE": world.words.code("BULLETIN_TYPE"),
        "DOC_GET_START_TIME": stamp(times.documents_from),
        "DOC_GET_END_TIME": stamp(times.documents_until),
        "TENDER_DOC_GET_METHOD": "登录交易平台凭数字证书免费下载",
        "BID_DOC_REFER_END_TIME": stamp(times.opening),
        "IS_POSTPONE": "0",
        "BID_OPEN_TIME": stamp(times.opening),
        "BID_OPEN_METHOD": "线上开标",
        "QUAL_TYPE": "资格后审，综合评估法",
        "DOC_PRICE": "0",
        "DOC_PRICE_CURRENCY": world.currency,
        "DOC_PRICE_UNIT": world.words.code("PRICE_UNIT", "0"),
        "BID_DOC_REFER_METHOD": "通过交易平台上传加密电子投标文件",
        "SYNDICATED_FLAG": "1",
        "OTHER_CONTENT": f"评标办法为综合评估法，投标有效期{90 + 30 * (about.number % 2)}日历天",
        "BULLETIN_DUTY": tender.agency.people[0].name,
        "BULLETIN_DUTY_CODE_TYPE": tender.agency.people[1].name,
        "RECORD_CODE": f"GG{tender.code[1:]}",
    }


def _contacts(about: Project, tender: Tender) -> Record:
    owner, agency = about.tenderer, tender.agency
    return {
        "TENDERER_CODE": owner.code,
        "TENDERER_NAME": owner.name,
        "TENDERER_ADDRESS": owner.address,
        "TENDERER_CONTACTOR": owner.people[0].name,
        "TENDERER_PHONE_NUMBER": owner.people[0].phone,
        "TENDERER_EMAIL": owner.email,
        "TENDER_AGENCY_CODE": agency.code,
        "TENDER_AGENCY_NAME": agency.name,
        "TENDER_AGENCY_ADDRESS": agency.address,
        "TENDER_AGENCY_CONTACTOR": agency.people[0].name,
        "TENDER_AGENCY_PHONE_NUMBER": agency.people[0].phone,
        "TENDER_AGENCY_EMAIL": agency.email,
    }
