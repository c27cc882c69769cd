"""What a web template is: a tree of named nodes with everything a form needs, and how each maps to the RM.

`cdr.webtemplate.build` makes it from an operational template, `to_json` writes it, and the FLAT and STRUCTURED
formats walk it: `steps` says which RM objects lie between a node and its parent node, since structures that carry no
meaning of their own (ITEM_TREE, HISTORY, a single EVENT) have no node.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from cdr.am.constraints import CObject
from cdr.am.terms import Code


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Step:
    """One RM attribute on the way down from a node to its child.

    `node_id` is what `archetype_node_id` holds in data, `name` the default name, both `""` for what is no LOCATABLE.
    `is_named` says that the template fixes the name, `name_code` with which code. Siblings share the steps that they
    have in common.
    """

    attribute: str
    rm_type: str
    is_multiple: bool = False
    node_id: str = ""
    name: str = ""
    is_named: bool = False
    name_code: Code | None = None
    constraint: CObject | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Validation:
    """Limits on an input: the bounds with their operators, and a pattern.

    Shape: `range` and `precision` are `((">=", 0.0), ("<", 1000.0))`; a bound that is None is open.
    """

    range: tuple[tuple[str, float] | None, tuple[str, float] | None] | None = None
    precision: tuple[tuple[str, int] | None, tuple[str, int] | None] | None = None
    pattern: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListItem:
    """One value that may be chosen; `ordinal` for DV_ORDINAL and DV_SCALE, `current_states` for careflow steps."""

    value: str
    label: str
    localized_labels: Mapping[str, str] = field(default_factory=dict)
    localized_descriptions: Mapping[str, str] = field(default_factory=dict)
    ordinal: float | None = None
    current_states: tuple[str, ...] = ()
    validation: Validation | None = None
    term_bindings: Mapping[str, Code] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """One field of a form; `suffix` is what its FLAT key ends with after `|`, `""` for the key itself.

    `type` is one of TEXT, CODED_TEXT, DECIMAL, INTEGER, BOOLEAN, DATE, TIME, DATETIME.
    """

    type: str
    suffix: str = ""
    items: tuple[ListItem, ...] = ()
    is_list_open: bool | None = None
    terminology: str = ""
    default: str | float | bool | None = None
    validation: Validation | None = None


@dataclass(frozen=True, slots=True)
class Cardinalities:
    """How many of some children there have to be together; `max` None is unlimited."""

    min: int
    max: int | None
    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class WebTemplateNode:
    """One node; `max` None is unlimited, `name` `""` where the node has none.

    `rm_type` is the type of the value for an element with one value type, `ELEMENT` where it is a choice; then the
    children are the choices. `is_in_context` marks what the application provides rather than the user.
    """

    id: str
    rm_type: str
    aql_path: str
    min: int
    max: int | None
    name: str = ""
    localized_name: str = ""
    node_id: str = ""
    localized_names: Mapping[str, str] = field(default_factory=dict)
    localized_descriptions: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)
    term_bindings: Mapping[str, Code] = field(default_factory=dict)
    depends_on: tuple[str, ...] = ()
    cardinalities: tuple[Cardinalities, ...] = ()
    proportion_types: tuple[str, ...] = ()
    is_in_context: bool = False
    inputs: tuple[Input, ...] = ()
    steps: tuple[Step, ...] = ()
    children: tuple[WebTemplateNode, ...] = ()
    by_id: Mapping[str, WebTemplateNode] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Index the children by id."""
        object.__setattr__(self, "by_id", {child.id: child for child in self.children})

    @property
    def is_repeating(self) -> bool:
        """Tell whether the node may occur more than once, so that its key carries `:0`."""
        return self.max is None or self.max > 1

    @property
    def constraint(self) -> CObject | None:
        """Return the constraint of the template behind the node, or None for what only the RM asks for."""
        return self.steps[-1].constraint if self.steps else None

    def walk(self) -> Iterator[WebTemplateNode]:
        """Yield the node and everything below it, depth first."""
        stack = [self]
        while stack:
            node = stack.pop()
            yield node
            stack.extend(reversed(node.children))


@dataclass(frozen=True, eq=False, kw_only=True)
class WebTemplate:
    """A web template; `version` is that of the web template format."""

    template_id: str
    default_language: str
    languages: tuple[str, ...]
    root: WebTemplateNode
    version: str = "2.3"
    sem_ver: str = ""
