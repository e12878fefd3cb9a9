"""IDN-016: a web address that no one else can open, or that hides where it leads."""

from exchange_hub.core.records import Dimension, Severity, Stage
from validators.rule import Rule, on_identifier
from validators.rules.credentials_in_url import without_credentials
from validators.samples import text_field

_LOCAL = (
    r"^(?i:[a-z0-9+.\-]+)://([^/?#@]*@)?(localhost|127\.[0-9]+\.[0-9]+\.[0-9]+|0\.0\.0\.0|\[::1?\])(:[0-9]+)?([/?#]|$)"
)
_STRANGE = r"^[^:]*://[^/?#]*[^\x21-\x7E][^/?#]*([/?#]|$)|\\|%00|^(?i:javascript|data|file|vbscript):"
_DECOY = f"{_LOCAL}|{_STRANGE}"


RULE = Rule(
    id="IDN-016",
    version=1,
    stage=Stage.IDENTIFIERS,
    severity=Severity.QUERY,
    dimension=Dimension.ACCURACY,
    message_zh="{label}“{value}”指向本机，或主机名含有非网址字符",
    message_en='{field} "{value}" leads to the local machine, or its host hides where it leads',
    expected_zh="应为他人可以访问的真实地址：主机不是 localhost、127.0.0.1、0.0.0.0，且只含字母、数字、点和连字符",
    legal_source="豫公管办〔2018〕28号第九条（准确性）",
    fields=on_identifier("url"),
    passes=lambda sight: sight.each(lambda part: ~part.str.contains(_DECOY)),
    shows=without_credentials,
    sample_field=text_field("URL", identifier="url"),
    passing=(
        {"value": "https://ggzy.example.cn/a"},
        {"value": "rtsp://10.0.0.8/1"},
        {"value": "https://ggzy.example.cn/公告?x=1"},
        {"value": None},
        {"value": "http://127.example.cn/"},
    ),
    failing=(
        {"value": "http://localhost:8080/a"},
        {"value": "http://127.0.0.1/a"},
        {"value": "http://0.0.0.0/"},
        {"value": "http://[::1]/a"},
        {"value": "https://ggzy。example.cn/a"},
        {"value": "https://gɡzy.example.cn/"},
        {"value": "https://a.example.cn\\\\@b.example.com/"},
        {"value": "javascript:alert(1)"},
        {"value": "file:///C:/a.doc"},
        {"value": "http://example.cn/%00a"},
    ),
)
