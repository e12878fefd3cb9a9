"""REF-010: another record has the same business content under another DATA_KEY, in the batch or stored."""

from exchange_hub.core.records import DATA_KEY, Dimension, Severity, Stage
from validators.rule import Over, Rule, on_name
from validators.samples import text_field

RULE = Rule(
    id="REF-010",
    version=1,
    stage=Stage.REFERENCES,
    severity=Severity.QUERY,
    dimension=Dimension.CONSISTENCY,
    message_zh="与另一条记录（主键 {holder}）的业务主键相同，疑为重复报送",
    message_en="the business key is that of another record (DATA_KEY {holder}): probably sent twice",
    expected_zh="同一业务只报送一条记录：修改请沿用原主键并用 DATA_TYPE=2；确为两笔业务的请确认",
    legal_source="省级平台接收规则（业务内容重复校验）；豫公管办〔2018〕28号第九条（准确性）",
    over=Over.ENVELOPE,
    fields=on_name(DATA_KEY),
    passes=lambda sight: sight.fact("holder:DATA_KEY").is_null(),
    sample_field=text_field(DATA_KEY),
    passing=({"value": "7201500000000000000001", "fact:holder:DATA_KEY": None},),
    failing=({"value": "7201500000000000000001", "fact:holder:DATA_KEY": "7201500000000000000002"},),
)
