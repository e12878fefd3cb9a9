"""Short Chinese and English wording of what a contract says, shared by terminal text and pages."""

from contracts.model import DatasetContract, Field, FieldType, ListState, ReleaseStatus

TYPES = {
    FieldType.STRING: "字符 string",
    FieldType.TEXT: "长文本 text",
    FieldType.INTEGER: "整数 integer",
    FieldType.DECIMAL: "小数 decimal",
    FieldType.DATETIME: "日期时间 datetime",
    FieldType.DATE: "日期 date",
    FieldType.BOOLEAN: "是否 boolean",
}
STATES = {
    ListState.CLOSED: "封闭 closed：其他取值退回 other values are rejected",
    ListState.PARTIAL: "部分 partial：其他取值存疑 other values are queried",
    ListState.OPEN: "开放 open：只查形式 only the form is checked",
}
STATUSES = {
    ReleaseStatus.DRAFT: "草案 draft",
    ReleaseStatus.ACTIVE: "现行 active",
    ReleaseStatus.DEPRECATED: "即将停用 deprecated",
    ReleaseStatus.RETIRED: "已停用 retired",
}
STAGES = {
    "registration": "登记 registration",
    "announcement": "公告 announcement",
    "enrollment": "投标 enrollment",
    "expert_draw": "专家抽取 expert draw",
    "opening": "开标 opening",
    "evaluation": "评标 evaluation",
    "award": "定标 award",
    "deposit": "保证金 deposit",
    "contract": "合同 contract",
    "recording": "音视频 recording",
}
DOMAINS = {
    "": "各类交易 all trades",
    "engineering": "工程建设 construction",
    "procurement": "政府采购 government procurement",
    "land": "土地使用权 land use rights",
    "mining": "矿业权 mining rights",
    "property": "国有产权 state property rights",
    "other": "其他交易 other trades",
    "subject": "交易主体 subjects",
    "expert": "专家 experts",
    "supervision": "监管 supervision",
    "credit": "信用 credit",
    "attachment": "附件 attachments",
    "recording": "音视频 recordings",
}
DIMENSIONS = {
    "legality": "合法性 legality",
    "completeness": "完整性 completeness",
    "accuracy": "准确性 accuracy",
    "timeliness": "时效性 timeliness",
    "consistency": "一致性 consistency",
    "reasonableness": "合理性 reasonableness",
}
_CONFIDENCE = {"high": "", "medium": "可信度中 medium confidence", "low": "可信度低 low confidence"}


def stage(contract: DatasetContract) -> str:
    """The stage in both languages; a stage without a wording stands as it is."""
    return STAGES.get(contract.stage, contract.stage)


def domain(name: str) -> str:
    """The trade (ODCS `domain`) in both languages; one without a wording stands as it is."""
    return DOMAINS.get(name, name)


def length(field: Field) -> str:
    """`=17` exact, `≤600` greatest, `20,6` digits of a decimal, the form of a time, or nothing."""
    if field.type is FieldType.DATETIME:
        return "yyyyMMddHHmmss"
    if field.type is FieldType.DATE:
        return "yyyyMMdd"
    if field.type is FieldType.BOOLEAN:
        return "0/1"
    if field.precision is not None:
        return f"{field.precision},{field.scale}"
    if field.exact_length is not None:
        return f"={field.exact_length}"
    return f"≤{field.max_length}" if field.max_length is not None else ""


def rules(field: Field) -> str:
    """What else holds for a field's value, joined by `；`; empty where nothing does."""
    return "；".join(
        text
        for wanted, text in (
            (field.unique, "唯一 unique"),
            (field.immutable, "不可修改 immutable"),
            (field.identifier, f"标识 {field.identifier}"),
            (field.id_type_field, f"证件类型见 document type in {field.id_type_field}"),
            (field.separator, f"多值以 {field.separator} 分隔 several values"),
            (field.not_applicable, f"“{field.not_applicable}”表示不适用 means none"),
            (field.unit, f"单位 unit {field.unit}"),
            (field.personal, f"个人信息 personal: {field.personal}"),
            (_CONFIDENCE[field.confidence], _CONFIDENCE[field.confidence]),
        )
        if wanted
    )


def parents(contract: DatasetContract) -> str:
    """Parents as `FIELD → DATASET.FIELD`, joined by `；`."""
    return "；".join(f"{p.field} → {p.dataset}.{p.parent_field}" for p in contract.parents)


def rule_uses(contract: DatasetContract) -> tuple[str, ...]:
    """Rules that the contract names, with their fields and, where the release sets one, their severity."""
    return tuple(
        use.rule_id
        + (f" [{use.severity}]" if use.severity else "")
        + (f"（{'，'.join(use.fields.values())}）" if use.fields else "")
        for use in contract.rules
    )
