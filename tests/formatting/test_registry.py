"""Media types and short names lead to formats, and formats to codecs."""

from __future__ import annotations

import pytest

from cdr import rm
from cdr.errors import NotSupported
from cdr.formats.registry import Format, decode, decode_any, encode, format_named, format_of
from tests.support.builders import build


@pytest.mark.parametrize(
    ("media_type", "expected"),
    [
        ("application/json", Format.JSON),
        ("Application/JSON; charset=UTF-8", Format.JSON),
        ("application/openehr+json", Format.JSON),
        ("text/xml;charset=utf-8", Format.XML),
        ("application/openehr.wt.flat.schema+json", Format.FLAT),
        ("application/openehr.wt.structured+json", Format.STRUCTURED),
        ("text/html", None),
        ("*/*", None),
        ("", None),
    ],
)
def test_media_type_names_a_format(media_type: str, expected: Format | None) -> None:
    assert format_of(media_type) is expected


def test_every_format_is_found_by_its_own_media_type_and_name() -> None:
    for known in Format:
        assert format_of(known.value) is known
        assert format_named(known.name.lower()) is known
    assert format_named("pdf") is None


@pytest.mark.parametrize("known", [Format.JSON, Format.XML])
def test_object_survives_each_canonical_format(known: Format) -> None:
    status = build(rm.EhrStatus)
    assert decode(encode(status, known), known, rm_class=rm.EhrStatus) == status
    assert decode_any(encode(status, known), known, rm_classes=(rm.Folder, rm.EhrStatus)) == status


@pytest.mark.parametrize("known", [Format.FLAT, Format.STRUCTURED])
def test_formats_that_need_a_template_are_not_canonical(known: Format) -> None:
    assert known.needs_template
    for call in (
        lambda: encode(build(rm.Folder), known),
        lambda: decode(b"{}", known, rm_class=rm.Folder),
        lambda: decode_any(b"{}", known, rm_classes=(rm.Folder,)),
    ):
        with pytest.raises(NotSupported):
            call()
