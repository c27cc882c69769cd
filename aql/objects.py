"""What the evaluator works on: fetched objects, EHRs and versions, decoded only when something asks.

The runner makes these from stored documents; tests make them from files. Inside an object, nodes are the plain
dictionaries of its canonical JSON. `RawJson` is JSON text that goes into an answer unparsed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import orjson

# Canonical JSON has no narrower common type.
Node: TypeAlias = dict[str, Any]
Value: TypeAlias = Any


@dataclass(frozen=True, slots=True)
class RawJson:
    """A piece of JSON text, UTF-8, exactly as it was stored."""

    text: bytes


class StoredObject:
    """One version of a versioned object.

    `read` gives the canonical JSON of its content, or None for a deleted version; `describe` gives the
    ORIGINAL_VERSION (without `data`) as canonical JSON objects. Each is called once at most. Without `read` the plan
    needs nothing of the content but its class and uid.
    """

    __slots__ = ("_content", "_describe", "_read", "_root", "_version", "ehr_id", "kind", "object_id", "uid")

    def __init__(
        self,
        *,
        kind: str,
        object_id: str,
        uid: str,
        ehr_id: str | None,
        read: Callable[[], bytes | None] | None,
        describe: Callable[[], Node] | None = None,
    ) -> None:
        self.kind = kind
        self.object_id = object_id
        self.uid = uid
        self.ehr_id = ehr_id
        self._read: Callable[[], bytes | None] | None = read
        self._describe = describe
        self._content: bytes | None = None
        self._root: Node | None = None
        if read is None:
            self._root = {"_type": kind, "uid": {"_type": "OBJECT_VERSION_ID", "value": uid}}
        self._version: VersionHandle | None = None

    @property
    def content(self) -> bytes | None:
        """Return the canonical JSON of the object, None where the version has none."""
        if self._read is not None:
            self._content = self._read()
            self._read = None
        return self._content

    @property
    def root(self) -> Node | None:
        """Return the decoded object, None where the version has none."""
        if self._root is None:
            content = self.content
            if content is None:
                return None
            self._root = orjson.loads(content)
        return self._root

    def forget(self) -> None:
        """Let go of what was read: nobody looks at the object again."""
        self._content = self._root = self._version = self._read = None

    @property
    def is_decoded(self) -> bool:
        """Tell whether somebody asked for nodes of the object."""
        return self._root is not None and self._content is not None

    @property
    def version(self) -> VersionHandle:
        """Return the version that holds the object."""
        if self._version is None:
            assert self._describe is not None, "the plan did not ask for the version"
            self._version = VersionHandle(self, self._describe)
        return self._version


class VersionHandle:
    """A version as a node: its `root` is an ORIGINAL_VERSION with the content as `data`."""

    __slots__ = ("_describe", "_root", "held")

    def __init__(self, held: StoredObject, describe: Callable[[], Node]) -> None:
        self.held = held
        self._describe = describe
        self._root: Node | None = None

    @property
    def root(self) -> Node:
        """Return the ORIGINAL_VERSION as canonical JSON objects."""
        if self._root is None:
            described = self._describe()
            data = self.held.root
            self._root = described if data is None else {**described, "data": data}
        return self._root


@dataclass(slots=True)
class EhrHandle:
    """An EHR as a node. `root` is its canonical JSON, with the parts that the plan asked for as whole objects."""

    ehr_id: str
    root: Node


Bound: TypeAlias = "Node | StoredObject | VersionHandle | EhrHandle | None"
Binding: TypeAlias = "tuple[Bound, ...]"


@dataclass(slots=True)
class Unit:
    """What is put together at a time: an EHR with its objects by source, or one object."""

    ehr: EhrHandle | None
    objects: Sequence[Sequence[StoredObject]]
    by_id: Mapping[str, StoredObject] = field(default_factory=dict)


def root_of(bound: Bound) -> Node | None:
    """Return the dictionary behind a bound thing."""
    if bound is None or isinstance(bound, dict):
        return bound
    return bound.root
