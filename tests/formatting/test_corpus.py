"""Published compositions of other projects survive every format and every round trip."""

from __future__ import annotations

import json
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator
from lxml import etree

from cdr import rm
from cdr.errors import BadInput
from cdr.formats import canonical_json, canonical_xml
from cdr.rm.catalog import CATALOG
from tests.formatting.corpus_exceptions import JSON, STATUSES_AND_FOLDERS, XML
from tests.support.corpus import files, shared


def _name(path: Path) -> str:
    return str(path.relative_to(shared("data")))


@cache
def _json_compositions() -> dict[str, bytes]:
    shared()
    found = {}
    for path in files("*.json"):
        body = path.read_bytes()
        if b'"COMPOSITION"' not in body:
            continue
        try:
            tree = json.loads(body)
        except ValueError:
            continue
        if isinstance(tree, dict) and tree.get("_type") == "COMPOSITION":
            found[_name(path)] = body
    return found


@cache
def _xml_documents() -> dict[str, bytes]:
    shared()
    found = {}
    for path in files("*.xml"):
        body = path.read_bytes()
        if b"<composition" not in body and b"<version" not in body:
            continue
        try:
            root = etree.fromstring(body)
        except etree.XMLSyntaxError:
            continue
        if etree.QName(root).localname in ("composition", "version"):
            found[_name(path)] = body
    return found


def _filled(tree: Any, obj: Any) -> Any:
    """Return the tree as the canonical encoding must give it back: types filled in, nulls gone, numbers as declared, limits included."""
    if isinstance(obj, rm.RmObject):
        filled = {
            key: _filled(value, getattr(obj, key))
            for key, value in tree.items()
            if key != "_type" and value is not None
        }
        if isinstance(obj, rm.DvInterval):
            filled = {"lower_included": not obj.lower_unbounded, "upper_included": not obj.upper_unbounded} | filled
        return {"_type": type(obj).rm_name(), **filled}
    if isinstance(obj, list):
        return [_filled(part, member) for part, member in zip(tree, obj, strict=True)]
    return type(obj)(tree) if isinstance(tree, str) and not isinstance(obj, (str, bool)) else tree


def test_json_compositions_decode_and_encode_equal() -> None:
    refused = {}
    for name, body in _json_compositions().items():
        try:
            composition = canonical_json.decode(body, rm.Composition)
        except BadInput as error:
            refused[name] = error
            continue
        encoded = canonical_json.encode(composition)
        assert json.loads(encoded) == _filled(json.loads(body), composition), name
        again = canonical_json.decode(encoded, rm.Composition)
        assert again == composition
        assert canonical_json.encode(again) == encoded
    assert len(_json_compositions()) > 190
    assert set(refused) == set(JSON)


def test_lenient_reading_gives_what_the_strict_one_gives() -> None:
    for name, body in _json_compositions().items():
        if name not in JSON:
            composition = canonical_json.decode(body, rm.Composition)
            assert canonical_json.decode_value(json.loads(body), rm.Composition) == composition, name


def test_refusals_list_issues_without_values() -> None:
    for name in JSON:
        with pytest.raises(BadInput) as caught:
            canonical_json.decode(_json_compositions()[name], rm.Composition)
        assert all(issue.code.startswith("FMT_") and issue.path.startswith("$") for issue in caught.value.issues)
        said = str(caught.value) + "".join(issue.path + issue.expected for issue in caught.value.issues)
        values = {value for value in _texts(json.loads(_json_compositions()[name])) if len(value) > 8}
        assert len(values) > 20
        assert [value for value in values if value in said and not CATALOG.is_class(value)] == []


def test_json_compositions_that_pass_the_official_schema_are_all_read() -> None:
    path = shared("data", "openEHR+specifications-ITS-JSON", "components", "openehr_rm_1.1.0_all.json")
    validator = Draft7Validator(json.loads(path.read_text("utf-8")))
    passing = {name for name, body in _json_compositions().items() if validator.is_valid(json.loads(body))}
    assert len(passing) > 100
    assert passing & set(JSON) == set()


def test_statuses_and_folders_decode_and_encode_equal() -> None:
    shared()
    read, refused = 0, set()
    for path in files("*.json"):
        body = path.read_bytes()
        if not any(name in body for name in (b'"EHR_STATUS"', b'"FOLDER"')):
            continue
        with suppress(ValueError):
            tree = json.loads(body)
            if not isinstance(tree, dict) or tree.get("_type") not in ("EHR_STATUS", "FOLDER"):
                continue
            try:
                obj = canonical_json.decode_any(body, (rm.EhrStatus, rm.Folder))
            except BadInput:
                refused.add(_name(path))
                continue
            read += 1
            assert json.loads(canonical_json.encode(obj)) == _filled(tree, obj), path
            assert canonical_json.decode_value(tree, type(obj)) == obj
    assert read > 40
    assert refused == set(STATUSES_AND_FOLDERS)


def _texts(tree: Any) -> set[str]:
    """Return all texts of a tree but the names of types."""
    if isinstance(tree, dict):
        return set().union(*(_texts(value) for key, value in tree.items() if key != "_type"))
    if isinstance(tree, list):
        return set().union(*map(_texts, tree))
    return {tree} if isinstance(tree, str) else set()


@pytest.mark.torture
def test_encoding_passes_the_official_schema_where_the_body_did() -> None:
    path = shared("data", "openEHR+specifications-ITS-JSON", "components", "openehr_rm_1.1.0_all.json")
    validator = Draft7Validator(json.loads(path.read_text("utf-8")))
    for name, body in _json_compositions().items():
        if name not in JSON and validator.is_valid(json.loads(body)):
            encoded = canonical_json.encode(canonical_json.decode(body, rm.Composition))
            assert validator.is_valid(json.loads(encoded)), name


def test_json_to_xml_to_json_is_equal() -> None:
    for name, body in _json_compositions().items():
        if name in JSON:
            continue
        composition = _without_empty_lists(canonical_json.decode(body, rm.Composition))
        assert canonical_xml.decode(canonical_xml.encode(composition), rm.Composition) == composition, name


def test_xml_to_json_to_xml_is_equal() -> None:
    refused = set()
    for name, body in _xml_documents().items():
        try:
            obj = canonical_xml.decode_any(body, (rm.Composition, rm.Version))
        except BadInput:
            refused.add(name)
            continue
        encoded = canonical_xml.encode(obj)
        assert canonical_json.decode(canonical_json.encode(obj), type(obj)) == obj, name
        assert canonical_xml.decode(encoded, type(obj)) == obj, name
        assert _canonical(etree.fromstring(encoded)) == _canonical(etree.fromstring(body)), name
    assert len(_xml_documents()) > 100
    assert refused == set(XML)


@pytest.mark.parametrize(
    ("root", "schema_name", "at_least"), [("composition", "Composition.xsd", 40), ("version", "Version.xsd", 10)]
)
def test_xml_passes_the_v1_schema_where_the_document_did(root: str, schema_name: str, at_least: int) -> None:
    schema = etree.XMLSchema(
        etree.parse(shared("data", "ehrbase+openEHR_SDK", "opt-1.4", "src", "main", "xsd", schema_name))
    )
    checked = 0
    for name, body in _xml_documents().items():
        document = etree.fromstring(body)
        if name in XML or etree.QName(document).localname != root or not schema.validate(document):
            continue
        encoded = canonical_xml.encode(canonical_xml.decode_any(body, (rm.Composition, rm.Version)))
        assert schema.validate(etree.fromstring(encoded)), (name, schema.error_log.last_error)
        checked += 1
    assert checked >= at_least


def _without_empty_lists(obj: rm.Composition) -> rm.Composition:
    """Return the composition as XML can say it: an empty list is an absent one."""

    def strip(tree: Any) -> Any:
        if isinstance(tree, dict):
            return {key: strip(value) for key, value in tree.items() if value != []}
        return [strip(member) for member in tree] if isinstance(tree, list) else tree

    return canonical_json.decode_value(strip(json.loads(canonical_json.encode(obj))), rm.Composition)


_DERIVED = {"qualifiedRmEntity", "domainConcept", "rmOriginator", "rmName", "rmEntity", "specialisation", "versionId"}


def _canonical(element: etree._Element) -> Any:
    """Return what a document says, apart from order between names, spacing, prefixes and redundant types."""
    name = etree.QName(element).localname.replace("work_flow_id", "workflow_id")
    children = [
        child for child in element if isinstance(child.tag, str) and etree.QName(child).localname not in _DERIVED
    ]
    text = (element.text or "") if not children else ""
    if not children:
        with suppress(ValueError):
            text = repr(float(text)) if text.strip() else text
    parts = [_canonical(child) for child in children]
    for end in ("lower", "upper"):
        if (
            name == "value"
            and f"{end}_unbounded" in (found := {part[0]: part[2] for part in parts})
            and f"{end}_included" not in found
        ):
            parts.append((f"{end}_included", None, "true" if found[f"{end}_unbounded"] == "false" else "false", []))
    parts.sort(key=lambda part: part[0])
    return name, element.get("archetype_node_id"), text, parts
