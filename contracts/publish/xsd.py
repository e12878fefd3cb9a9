"""XML Schema (XSD 1.0) of a data file of one dataset: BATCH, RECORD, TITLE, CONTEXT, SOURCE.

Source of the envelope: interface of the hub, batch package. XSD 1.0 cannot make requiredness depend on DATA_TYPE, so
CONTEXT may be absent (a deletion), and where it is there its required fields must be given.
"""

from collections.abc import Mapping
from xml.etree import ElementTree as ET

from contracts.model import DatasetContract, Field, Release
from contracts.publish.forms import ValueForm, value_form

_XS = "http://www.w3.org/2001/XMLSchema"
_TITLE = ("DATA_EN", "DATA_NO", "DATA_CN", "CA_KEY", "ROUTE_WAY")
_SOURCE = (
    ("FILE_EN_NAME", "附件类型 type of the attachment"),
    ("FILE_NAME", "附件名称 name"),
    ("BINARY_CONTENT", "附件在数据包内的路径 path inside the package"),
    ("IS_DELETE", "1 表示撤去附件 withdrawn"),
)


def xsd(contract: DatasetContract, release: Release, forms: Mapping[str, str]) -> str:
    """The schema as text, UTF-8.

    Args:
        forms: by field, the anchored pattern of its identifier where breaking it rejects the record.
    """
    ET.register_namespace("xs", _XS)
    root = _node(None, "schema", elementFormDefault="qualified", version=release.version)
    _say(root, f"{contract.label_zh} {contract.dataset}，数据规范 {release.version}")
    batch = _children(_element(root, "BATCH"), "sequence")
    record = _children(_element(batch, "RECORD", minOccurs="0", maxOccurs="unbounded"), "sequence")
    _title(_children(_element(record, "TITLE"), "all"), contract)
    context = _children(_element(record, "CONTEXT", minOccurs="0"), "all")
    for field in contract.fields:
        _field(context, field, value_form(field, release.code_lists, forms.get(field.name)))
    source = _children(_element(record, "SOURCE", minOccurs="0", maxOccurs="unbounded"), "all")
    for name, meaning in _SOURCE:
        _say(_element(source, name, type="xs:string", minOccurs="0"), meaning)
    ET.indent(root, "  ")
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _title(title: ET.Element, contract: DatasetContract) -> None:
    _restricted(_element(title, "DATA_KEY"), pattern="[0-9A-Za-z]{22}")
    _restricted(_element(title, "DATA_TYPE"), codes=(("1", "新增 insert"), ("2", "修改 update"), ("3", "撤回 delete")))
    for name in _TITLE:
        element = _element(title, name, minOccurs="0")
        if name == "DATA_EN":
            _restricted(element, codes=((contract.dataset, contract.label_zh),))
        else:
            element.set("type", "xs:string")


def _field(context: ET.Element, field: Field, form: ValueForm) -> None:
    element = _element(context, field.name, minOccurs="1" if field.required else "0")
    _say(element, f"{field.label_zh}{f'：{field.note}' if field.note else ''}")
    exempt = [] if field.required else [("", "空 empty")]
    if form.other is not None:
        exempt.append((form.other, "不适用 none"))
    holder = element
    if exempt:
        holder = _node(_node(element, "simpleType"), "union")
        _restricted(holder, codes=tuple(exempt))
    least = max(form.min_length, 1) if field.required else form.min_length
    _restricted(holder, form.pattern, form.codes, least, form.max_length)


def _restricted(
    parent: ET.Element,
    pattern: str | None = None,
    codes: tuple[tuple[str, str], ...] = (),
    least: int = 0,
    most: int | None = None,
) -> None:
    """A simple type: text of that form."""
    restriction = _node(_node(parent, "simpleType"), "restriction", base="xs:string")
    for code, label in codes:
        _say(_node(restriction, "enumeration", value=code), label)
    if pattern is not None:
        _node(restriction, "pattern", value=pattern)
        return
    if least and not codes:
        _node(restriction, "minLength", value=str(least))
    if most is not None:
        _node(restriction, "maxLength", value=str(most))


def _element(parent: ET.Element, name: str, /, **attributes: str) -> ET.Element:
    return _node(parent, "element", name=name, **attributes)


def _children(element: ET.Element, order: str) -> ET.Element:
    return _node(_node(element, "complexType"), order)


def _say(node: ET.Element, text: str) -> None:
    annotation = ET.Element(f"{{{_XS}}}annotation")
    documentation = ET.SubElement(annotation, f"{{{_XS}}}documentation")
    documentation.text = text
    node.insert(0, annotation)


def _node(parent: ET.Element | None, kind: str, /, **attributes: str) -> ET.Element:
    tag = f"{{{_XS}}}{kind}"
    return ET.Element(tag, attributes) if parent is None else ET.SubElement(parent, tag, attributes)
