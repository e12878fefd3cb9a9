"""IDN-013: a web address carries a user name, a password or an access key; the finding never shows it."""

import re

from exchange_hub.core.records import Dimension, Severity, Stage
from validators.rule import Rule, on_identifier
from validators.samples import text_field

_USER = r"://[^/?#\s]*@"
_KEY = r"(?i)[?&;](user|username|account|pwd|passwd|password|secret|token|access_?key|secret_?key)=[^&#]+"


def without_credentials(value: str) -> str:
    """The address with its secrets starred."""
    return re.sub(_KEY, lambda found: f"{found[0][0]}{found[1]}=***", re.sub(_USER, "://***@", value))


RULE = Rule(
    id="IDN-013",
    version=1,
    stage=Stage.IDENTIFIERS,
    severity=Severity.REJECT,
    dimension=Dimension.LEGALITY,
    message_zh="{label}中含有用户名、口令或访问密钥：{value}",
    message_en="{field} carries a user name, a password or an access key: {value}",
    expected_zh="网址中不得含账号口令；请更换已泄露的口令，改报不含凭据的地址",
    legal_source="网络安全法第二十一条；豫公管办〔2018〕28号第八条（音视频资料）",
    fields=on_identifier("url"),
    passes=lambda sight: ~(sight.form().str.contains(_USER) | sight.form().str.contains(_KEY)),
    shows=without_credentials,
    sample_field=text_field("URL", identifier="url"),
    passing=({"value": "https://example.cn/a@b"}, {"value": "https://example.cn/?id=1"}, {"value": None}),
    failing=({"value": "rtsp://admin:12345@10.0.0.8/1"}, {"value": "https://example.cn/v?Token=abc"}),
)
