"""Folders (RM, common.directory).

Classes of RM 1.1.0 as msgspec structs: names in CamelCase, attributes spelt and ordered as in the specification.
"""

from __future__ import annotations

from cdr.rm.archetyped import Locatable
from cdr.rm.identification import AnyObjectRef
from cdr.rm.structures import AnyItemStructure
from cdr.rm.versioned import VersionedObject


class Folder(Locatable, tag="FOLDER"):
    """FOLDER: a node of a directory that refers to compositions and other folders."""

    items: list[AnyObjectRef] | None = None
    folders: list[Folder] | None = None
    details: AnyItemStructure | None = None


class VersionedFolder(VersionedObject, tag="VERSIONED_FOLDER"):
    """VERSIONED_FOLDER: all versions of one directory."""
