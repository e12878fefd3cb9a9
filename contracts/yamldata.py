"""YAML to plain data, twice as fast as by PyYAML's constructor: made from libyaml's events, without a tree of nodes.

Stricter than YAML: a key stands once in a mapping; no aliases, tags and merged keys, since a contract says in each
place what holds there.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import yaml
from yaml.constructor import ConstructorError
from yaml.events import (
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    StreamEndEvent,
)

_MERGE = "tag:yaml.org,2002:merge"
_Next = Callable[[], Any]


def plain_data(text: bytes) -> Any:
    """The one document of a text: dicts, lists, strings, numbers, booleans, dates and None.

    Raises:
        yaml.MarkedYAMLError: no YAML, more than one document, a key given twice, or one of what is not allowed here.
        yaml.YAMLError: no text of a known encoding.
    """
    loader = yaml.CSafeLoader(text)
    following: _Next = loader.get_event
    following()  # start of the stream
    start = following()  # of the document
    if type(start) is StreamEndEvent:
        return None
    data = _value(following(), following)
    following()  # end of the document
    rest = following()
    if type(rest) is not StreamEndEvent:
        raise _refused(rest, "a second document")
    return data


def _value(event: Event, following: _Next) -> Any:
    kind = type(event)
    if getattr(event, "tag", None) is not None or getattr(event, "anchor", None) is not None:
        raise _refused(event, "tags, anchors and aliases are not used in contracts")
    if kind is ScalarEvent:
        return _scalar(event)
    if kind is MappingStartEvent:
        return _mapping(following)
    return _sequence(following)


def _mapping(following: _Next) -> dict[Any, Any]:
    found: dict[Any, Any] = {}
    while type(event := following()) is not MappingEndEvent:
        if type(event) is not ScalarEvent:
            raise _refused(event, "a key must be a word")
        key = _value(event, following)
        if key in found:
            raise _refused(event, "key given twice")
        found[key] = _value(following(), following)
    return found


def _sequence(following: _Next) -> list[Any]:
    found: list[Any] = []
    while type(event := following()) is not SequenceEndEvent:
        found.append(_value(event, following))
    return found


def _scalar(event: Any) -> Any:
    if not event.implicit[0]:  # quoted
        return event.value
    try:
        return _plain(event.value)
    except ValueError as error:
        raise _refused(event, str(error)) from error


@lru_cache(maxsize=50_000)
def _plain(text: str) -> Any:
    """What a word without quotes means.

    Raises:
        ValueError: it looks like a date and is none, or is a merged key.
    """
    for tag, pattern in yaml.CSafeLoader.yaml_implicit_resolvers.get(text[:1], ()):
        if pattern.match(text):
            return _meant(tag, text)
    return text


def _meant(tag: str, text: str) -> Any:
    if tag == _MERGE:
        raise ValueError("merged keys are not used in contracts")
    return yaml.constructor.SafeConstructor().construct_object(yaml.ScalarNode(tag, text))


def _refused(event: Event, problem: str) -> ConstructorError:
    mark: Any = event.start_mark
    return ConstructorError(None, None, problem, mark)
