"""A message into its items. Nothing is stored here, and the same bytes always give the same items.

What cannot be taken apart at all is `BadInput`; what stands in a message and cannot be used becomes an item with
issues, so that the rest of the message goes on without it.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from collections.abc import Mapping as Dictionary
from datetime import date
from functools import cache, partial
from typing import Any

import msgspec

from cdr.errors import BadInput, NotSupported, TooLarge
from cdr.formats.csv_message import Row, read_rows
from cdr.formats.fhir_message import SUPPORTING, FhirMessage, Resource, read_message
from cdr.formats.mapping import Mapping
from cdr.formats.mapping.engine import takes
from cdr.formats.registry import format_of
from cdr.issue import Issue, Stage
from cdr.receipts import Envelope
from cdr.services.receive.items import Item

FHIR = "application/fhir+json"
CSV = "text/csv"
MOST_ITEMS = 100_000

# `Any`: JSON of any shape.
Json = Any


def is_received(media: str) -> bool:
    """Tell whether messages of a media type are received."""
    bare = media.partition(";")[0].strip().lower()
    return bare in (FHIR, CSV) or format_of(bare) is not None


def media_of(media: str) -> str:
    """Return the bare media type of a message; `NotSupported` for one that is not received."""
    if is_received(media):
        return media.partition(";")[0].strip().lower()
    raise NotSupported("messages are FHIR R4 in JSON, CSV, or openEHR content", code="MEDIA")


def message_id_of(body: bytes, media: str) -> str | None:
    """Return the id that a message gives itself, None where it has none. Errors: `BadInput` when it is unreadable."""
    return read_message(body).message_id if media == FHIR else None


def items_of(body: bytes, envelope: Envelope, *, mappings: Sequence[Mapping], today: date) -> list[Item]:
    """Return the items of a message in their order.

    Errors: `BadInput` when the message cannot be taken apart, or the source has no mapping for such messages;
    `TooLarge` for more than 100,000 items.
    """
    items = _items(body, envelope, mappings, today)
    if len(items) > MOST_ITEMS:
        raise TooLarge(f"a message of at most {MOST_ITEMS} items is received")
    return items


def _items(body: bytes, envelope: Envelope, mappings: Sequence[Mapping], today: date) -> list[Item]:
    if envelope.media == FHIR:
        return _fhir_items(read_message(body), [one for one in mappings if one.records.format == "fhir"], today)
    if envelope.media == CSV:
        fitting = [one for one in mappings if one.records.format == "csv"]
        if not fitting:
            raise _no_mapping("$", "a source with a mapping for CSV")
        return _csv_items(body, _by_heading(body, fitting))
    return [Item(number=0, place="$", media=envelope.media, content=lambda: body)]


def _fhir_items(message: FhirMessage, mappings: Sequence[Mapping], today: date) -> list[Item]:
    items: list[Item] = []
    urls = cache(lambda: {id(content): url for url, content in list(message.index.items())[::-1]})
    for place in message.broken:
        issue = Issue(code="RCV_FHIR", path=place, expected="an entry with a resource", stage=Stage.STRUCTURE)
        items.append(Item(number=len(items), place=place, media=FHIR, content=lambda: b"{}", issues=(issue,)))
    is_alone = len(message.resources) == 1
    for resource in message.resources:
        if resource.type in SUPPORTING and not is_alone:
            continue
        fitting = [one for one in mappings if one.records.resource == resource.type]
        mapping = next(
            (one for one in fitting if takes(one, resource.content, today=today, follow=message.follow)), None
        )
        issues: tuple[Issue, ...] = ()
        if mapping is None:
            types = ", ".join(sorted({one.records.resource for one in mappings})) or "nothing"
            issues = (_unmapped(resource.place, f"a resource that the source has a mapping for ({types})"),)
        items.append(
            Item(
                number=len(items),
                place=resource.place,
                media=FHIR,
                content=partial(_alone, resource, message, urls),
                mapping=mapping,
                record=resource.content,
                follow=message.follow,
                issues=issues,
            )
        )
    return items


def _alone(resource: Resource, message: FhirMessage, urls: Callable[[], Dictionary[int, str]]) -> bytes:
    """Return a Bundle of a resource and of what it refers to, so that it can be received again without the others.

    `urls` gives the address of each resource of the message by its identity.
    """
    by_identity = urls()
    kept: dict[int, Json] = {id(resource.content): resource.content}
    waiting: list[Json] = [resource.content]
    while waiting:
        holder = waiting.pop()
        for reference in _references(holder):
            found = message.index.get(reference)
            if found is None or id(found) in kept or found.get("resourceType") not in SUPPORTING:
                continue
            kept[id(found)] = found
            waiting.append(found)
    entries = [
        {**({"fullUrl": by_identity[key]} if key in by_identity else {}), "resource": content}
        for key, content in kept.items()
    ]
    return msgspec.json.encode({"resourceType": "Bundle", "type": "collection", "entry": entries})


def _references(tree: Json) -> list[str]:
    """Return the texts of all references in a resource."""
    found: list[str] = []
    waiting = [tree]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            if isinstance(one.get("reference"), str):
                found.append(one["reference"])
            waiting.extend(one.values())
        elif isinstance(one, list):
            waiting.extend(one)
    return found


def _by_heading(body: bytes, mappings: Sequence[Mapping]) -> Mapping:
    """Return the mapping whose columns the heading has, the first where none fits (its complaint is the clearest)."""
    for mapping in mappings:
        records = mapping.records
        heading = body.split(b"\n", 1)[0].decode("latin-1")
        if all(name in heading for name in records.columns):
            return mapping
    return mappings[0]


def _csv_items(body: bytes, mapping: Mapping) -> list[Item]:
    records = mapping.records
    rows, broken = read_rows(body, separator=records.separator, columns=records.columns, encodings=records.encodings)
    heading = list(rows[0].values) if rows else list(records.columns)
    groups: dict[str, list[Row]] = {}
    for row in rows:
        # A row without the id of its group stands alone: nothing says where it belongs.
        key = row.values[records.group] or f"\x00line {row.line}"
        groups.setdefault(key, []).append(row)
    items = [_csv_item(number, group, mapping, heading) for number, group in enumerate(groups.values())]
    for bad in broken:
        content = records.separator.join(heading) + "\n" + bad.text + "\n"
        items.append(
            Item(
                number=len(items),
                place=f"line {bad.line}",
                media=CSV,
                content=content.encode,
                mapping=mapping,
                issues=(bad.issue,),
            )
        )
    return items


def _csv_item(number: int, group: list[Row], mapping: Mapping, heading: list[str]) -> Item:
    records = mapping.records
    place = f"line {group[0].line}"
    issues = [
        Issue(code="RCV_GROUP", path=f"line {row.line}: {name}", expected=f"the same {name} as in {place}")
        for name in heading
        if name not in records.row_columns
        for row in group[1:]
        if row.values[name] != group[0].values[name]
    ]
    own = group[0].values[records.group]
    lines = [{**row.values, "row_id": f"{own}-{position}"} for position, row in enumerate(group, 1)]
    return Item(
        number=number,
        place=place,
        media=CSV,
        content=partial(_csv_text, heading, group, records.separator),
        mapping=mapping,
        record={**group[0].values, "rows": lines},
        issues=tuple(issues),
    )


def _csv_text(heading: list[str], group: list[Row], separator: str) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=separator, lineterminator="\n")
    writer.writerow(heading)
    writer.writerows([row.values[name] for name in heading] for row in group)
    return out.getvalue().encode()


def _unmapped(place: str, expected: str) -> Issue:
    return Issue(code="RCV_NO_MAPPING", path=place, expected=expected)


def _no_mapping(place: str, expected: str) -> BadInput:
    return BadInput(
        "the source has no mapping for this message", code="NO_MAPPING", issues=[_unmapped(place, expected)]
    )
