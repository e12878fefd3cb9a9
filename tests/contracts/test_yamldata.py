"""Contract files read from libyaml's events: the same data as PyYAML reads, and nothing that hides what holds."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from contracts.loader import HOME
from contracts.yamldata import plain_data
from contracts.yamlfile import YamlFile
from exchange_hub.core.errors import ConfigurationError

FILES = sorted((HOME / "releases" / "2.1.0").glob("*.yaml")) + sorted((HOME / "codelists").glob("*.yaml"))
WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=1, max_size=12)
PLAIN = st.none() | st.booleans() | st.integers() | st.dates() | WORDS
DATA = st.recursive(PLAIN, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3))


def test_our_files_read_as_pyyaml_reads_them() -> None:
    for path in FILES:
        content = path.read_bytes()
        assert plain_data(content) == yaml.load(content, Loader=yaml.CSafeLoader), path.name


@given(DATA)
def test_plain_data_comes_back_as_it_was_written(data: Any) -> None:
    text = yaml.dump(data, allow_unicode=True, Dumper=_NoAliases)

    assert plain_data(text.encode()) == data


class _NoAliases(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        return True


@pytest.mark.parametrize(
    ("text", "words", "line"),
    [
        ("a: 1\nb:\n  c: 1\n  c: 2\n", "key given twice", 4),
        ("a: &one 1\nb: *one\n", "anchors and aliases", 1),
        ("a: 1\nb: !!str 1\n", "tags", 2),
        ("a: 1\nb: !!python/object/apply:os.getcwd []\n", "tags", 2),
        ("base: 1\n<<: {a: 1}\n", "merged keys", 2),
        ("a: 1\nb: 2026-02-30\n", "day is out of range", 2),
        ("a: 1\n---\nb: 1\n", "a second document", 2),
        ("a: 1\n? [b]\n: 1\n", "a key must be a word", 2),
        ("a: 1\nb: [1,\n", "is no valid YAML", 3),
        ("", "must be a mapping", 1),
        ("a: \x01", "is no valid YAML", 1),
    ],
)
def test_what_is_not_plain_is_refused_with_its_line(tmp_path: Path, text: str, words: str, line: int) -> None:
    path = tmp_path / "file.yaml"
    path.write_text(text, "utf-8")

    with pytest.raises(ConfigurationError, match=words) as caught:
        _ = YamlFile(path, tmp_path).mapping

    assert caught.value.where == f"file.yaml:{line}"
