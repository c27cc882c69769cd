"""Random queries over the records of `populations`: containment, paths, conditions, order and paging."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import strategies as st

from tests.engine.populations import NAMES, TIMES


@dataclass(frozen=True)
class Asked:
    """A query; `is_ordered` where rows of equal queries must come in one order.

    `@EHR0`, `@UID2` and so on in the text stand for ids of the records it is asked over.
    """

    text: str
    is_ordered: bool


_SHAPES = (
    "EHR e CONTAINS COMPOSITION c{c} CONTAINS OBSERVATION o{o}",
    "EHR e CONTAINS COMPOSITION c{c} CONTAINS SECTION s CONTAINS OBSERVATION o{o}",
    "EHR e CONTAINS COMPOSITION c{c} CONTAINS (OBSERVATION o{o} AND EVALUATION v)",
    "EHR e CONTAINS COMPOSITION c{c} CONTAINS (OBSERVATION o{o} OR EVALUATION v)",
    "EHR e CONTAINS COMPOSITION c{c} NOT CONTAINS OBSERVATION{o}",
    "EHR e CONTAINS COMPOSITION c{c}",
    "COMPOSITION c{c} CONTAINS OBSERVATION o{o} CONTAINS CLUSTER k{k}",
    "OBSERVATION o{o} CONTAINS CLUSTER k{k} CONTAINS ELEMENT l{l}",
    "EHR e CONTAINS ELEMENT l{l}",
    "EHR e CONTAINS (OBSERVATION o{o} OR EVALUATION v)",
    "EHR e CONTAINS (COMPOSITION c{c} AND EHR_STATUS t)",
    "EHR e NOT CONTAINS OBSERVATION{o}",
    "EHR e CONTAINS FOLDER f CONTAINS COMPOSITION c{c}",
    "EHR e CONTAINS FOLDER f CONTAINS ELEMENT l{l}",
    "FOLDER f",
    "EHR e",
    "EHR e CONTAINS VERSION x{x} CONTAINS COMPOSITION c{c}",
    "VERSION x{x} CONTAINS OBSERVATION o{o}",
    "EHR e CONTAINS VERSION x{x}",
    "OBSERVATION o{o} CONTAINS POINT_EVENT p",
    "COMPOSITION c{c} CONTAINS DV_QUANTITY q",
    "EHR e CONTAINS COMPOSITION c{c} NOT CONTAINS (OBSERVATION o{o} AND EVALUATION v)",
    "EHR e CONTAINS COMPOSITION c{c} NOT CONTAINS (OBSERVATION o{o} OR EVALUATION v)",
    "EHR e NOT CONTAINS COMPOSITION c{c} NOT CONTAINS OBSERVATION o{o}",
    "EHR e NOT CONTAINS COMPOSITION c{c} CONTAINS OBSERVATION o{o}",
    "EHR e CONTAINS COMPOSITION c{c} CONTAINS SECTION s NOT CONTAINS OBSERVATION o{o}",
    "EHR e CONTAINS COMPOSITION d AND (COMPOSITION c{c} NOT CONTAINS OBSERVATION{o})",
    "COMPOSITION c{c} CONTAINS (SECTION s AND (OBSERVATION o{o} OR EVALUATION v))",
    "COMPOSITION c{c} CONTAINS (OBSERVATION o{o} AND OBSERVATION b)",
    "EHR e CONTAINS (COMPOSITION c{c} CONTAINS OBSERVATION o{o}) AND COMPOSITION d",
    "EHR e CONTAINS (COMPOSITION c{c} CONTAINS OBSERVATION o{o}) OR (COMPOSITION d CONTAINS EVALUATION v)",
    "EHR e CONTAINS VERSION x{x} CONTAINS (COMPOSITION c{c} CONTAINS (OBSERVATION o{o} OR EVALUATION v))",
    "EHR e CONTAINS VERSION x{x} NOT CONTAINS OBSERVATION{o}",
    "EHR e CONTAINS VERSION x{x} CONTAINS EHR_STATUS t",
    "EHR e CONTAINS VERSION x{x} CONTAINS FOLDER f",
    "EHR e[ehr_id/value = '@EHR1'] CONTAINS COMPOSITION c{c} CONTAINS OBSERVATION o{o}",
    "OBSERVATION o{o} AND EVALUATION v",
    "OBSERVATION o{o} OR EVALUATION v",
    "ENTRY n CONTAINS ELEMENT l{l}",
    "CLUSTER k{k} CONTAINS DATA_VALUE w",
)
_PREDICATES = {
    "c": ("", "", "[openEHR-EHR-COMPOSITION.report.v1]", "[openEHR-EHR-COMPOSITION.note.v1]", "[name/value='Alpha']"),
    "o": (
        "",
        "[openEHR-EHR-OBSERVATION.pulse.v1]",
        "[openEHR-EHR-OBSERVATION.blood_pressure.v2, 'Alpha']",
        "[openEHR-EHR-OBSERVATION.pulse-infant.v1]",
        "[openEHR-EHR-OBSERVATION.absent.v1]",
    ),
    "k": ("", "[openEHR-EHR-CLUSTER.device.v1]", "[at0010]"),
    "l": ("", "[at0004]", "[at0005, 'Beta']", "[at0004 AND name/value != 'Alpha']"),
    "x": ("", "[LATEST_VERSION]", "[ALL_VERSIONS]", "[commit_audit/change_type/defining_code/code_string = '251']"),
}
_EVENT = "data[at0001]/events[at0002]"
_PATHS = {
    "e": (
        *("ehr_id/value", "ehr_status/is_queryable", "ehr_status/other_details/items/value", "time_created/value"),
        *("compositions/name/value", "compositions[name/value = 'Alpha']/uid/value", "directory/name/value"),
    ),
    "c": (
        "name/value",
        "uid/value",
        "context/start_time/value",
        "context/start_time",
        "content/name/value",
        "content[openEHR-EHR-OBSERVATION.pulse.v1]/data/origin",
        "content[name/value = 'Alpha']/name/value",
        "content[openEHR-EHR-OBSERVATION.pulse.v1 AND name/value != 'Beta']/archetype_node_id",
    ),
    "o": (
        f"{_EVENT}/data[at0003]/items[at0004]/value/magnitude",
        f"{_EVENT}/data[at0003]/items[at0005]/value",
        f"{_EVENT}/data[at0003]/items[at0004]/value/value",
        f"{_EVENT}/time/value",
        "data/events/data/items/items/value/value",
        f"{_EVENT}/data[at0003]/items[at0004 OR at0005]/value/magnitude",
        f"{_EVENT}/data[at0003]/items[value/magnitude > 80]/name/value",
        f"{_EVENT}/data[at0003]/items[at0004, 'Alpha']/value",
        "data/events/data/items[name/value MATCHES {/[AB].*/}]/archetype_node_id",
        "data/events[data/items/value/magnitude >= 100]/time/value",
        "name/value",
        "subject",
        "archetype_node_id",
    ),
    "v": ("data/items[at0010]/items[at0004]/value/magnitude", "name/value", "data/items/items/name/value"),
    "s": ("name/value", "items/name/value"),
    "k": ("name/value", "items[at0004]/value", "items/value/value", "archetype_node_id"),
    "l": ("value", "value/value", "value/magnitude", "name/value", "null_flavour/value"),
    "f": ("name/value", "items/id/value", "folders/name/value"),
    "t": ("is_queryable", "subject", "other_details/items[at0004]/value"),
    "x": (
        "uid/value",
        "lifecycle_state/value",
        "commit_audit/change_type/value",
        "preceding_version_uid/value",
        "contribution/type",
    ),
    "p": ("time", "data/items[at0004]/value", "name/value"),
    "q": ("magnitude", "units"),
    "n": ("name/value", "archetype_node_id", "subject"),
}
_LITERALS = (
    *(f"'{name}'" for name in NAMES),
    *(f"'{time}'" for time in TIMES),
    "80",
    "80.0",
    "120",
    "true",
    "false",
    "NULL",
    "'at0100'",
)
_LIKES = ("'*a*'", "'B?ta'", r"'B\\*ta'", "'2024*'")
_CALLS = (
    "LENGTH({left}) > 4",
    "CONTAINS({left}, 'lph') = true",
    "SUBSTRING({left}, 1, 4) = '2024'",
    "{left} = CONCAT('Al', 'pha')",
    "POSITION('a', {left}) <= LENGTH({right})",
    "{left} MATCHES {{/.*[pt]h?a/}}",
    "{left} < NOW()",
    "CONCAT_WS('/', {left}, {right}) LIKE '*a/*'",
)
_OPERATORS = ("=", "!=", "<", "<=", ">", ">=")


@st.composite
def queries(draw: st.DrawFn) -> Asked:
    """Return a random legal query."""
    shape = draw(st.sampled_from(_SHAPES))
    source = shape.format(**{name: draw(st.sampled_from(found)) for name, found in _PREDICATES.items()})
    excluded = shape.split("NOT CONTAINS")[0]
    names = [name for name in _PATHS if f" {name}" in f" {excluded} ".replace("{", " ")]
    path = st.sampled_from(names).flatmap(lambda name: st.sampled_from(_PATHS[name]).map(lambda rest: f"{name}/{rest}"))
    texts = draw(st.lists(path, min_size=1, max_size=3, unique=True))
    if draw(st.integers(0, 9)) == 0:
        columns = [f"COUNT({texts[0]})", f"COUNT(DISTINCT {texts[0]})", "COUNT(*)"]
        return Asked(f"SELECT {', '.join(columns)} FROM {source}{_where(draw, path, names)}", False)
    if draw(st.integers(0, 9)) == 0:
        texts.append(draw(st.sampled_from(names)))
    functions = ("LENGTH", "CONCAT")
    columns = [f"{draw(st.sampled_from(functions))}({one})" if draw(st.integers(0, 9)) == 0 else one for one in texts]
    distinct = "DISTINCT " if draw(st.integers(0, 5)) == 0 else ""
    order = ""
    if draw(st.booleans()):
        keys = draw(st.lists(path, min_size=1, max_size=2, unique=True))
        order = " ORDER BY " + ", ".join(key + draw(st.sampled_from(("", " DESC", " ASC"))) for key in keys)
    is_stream = _is_stream(shape)
    page = ""
    if is_stream and draw(st.integers(0, 3)) == 0:
        page = f" LIMIT {draw(st.integers(1, 5))}" + draw(st.sampled_from(("", " OFFSET 1", " OFFSET 3")))
    text = f"SELECT {distinct}{', '.join(columns)} FROM {source}{_where(draw, path, names)}{order}{page}"
    return Asked(text, is_stream)


def _where(draw: st.DrawFn, path: st.SearchStrategy[str], names: list[str]) -> str:
    if draw(st.booleans()):
        return ""
    terms = [_term(draw, path, has_o="o" in names) for _ in range(draw(st.integers(1, 3)))]
    if draw(st.integers(0, 2)) == 0:
        known = [f"e/ehr_id/value = '@EHR{draw(st.integers(0, 2))}'"] if "e" in names else []
        known += [f"{name}/uid/value = '@UID{draw(st.integers(0, 5))}'" for name in ("c", "x") if name in names]
        known += ["e/ehr_id/value MATCHES {'@EHR0', '@EHR1'}"] if "e" in names else []
        if known:
            return f" WHERE {draw(st.sampled_from(known))} AND ({' OR '.join(terms)})"
    joined = terms[0]
    for term in terms[1:]:
        joined = f"({joined} {draw(st.sampled_from(('AND', 'OR')))} {term})"
    return f" WHERE {joined}"


def _term(draw: st.DrawFn, path: st.SearchStrategy[str], *, has_o: bool) -> str:
    left = draw(path)
    kind = draw(st.integers(0, 11))
    if kind in (8, 9) and has_o:
        # What may choose candidates by value, where FROM has the archetype.
        left = f"o/{_EVENT}/data[at0003]/items[{draw(st.sampled_from(('at0004', 'at0005')))}]/value"
        if kind == 8:
            return f"{left}/magnitude {draw(st.sampled_from(_OPERATORS))} {draw(st.sampled_from(('1', '80', '100.5', '121', '160.0')))}"
        return f"{left}/defining_code/code_string {draw(st.sampled_from(('=', '!=')))} 'at0100'"
    if kind == 0:
        term = f"EXISTS {left}"
    elif kind == 1:
        term = f"{left} LIKE {draw(st.sampled_from(_LIKES))}"
    elif kind == 2:
        term = (
            f"{left} MATCHES {{{', '.join(draw(st.lists(st.sampled_from(_LITERALS[:-2]), min_size=1, max_size=3)))}}}"
        )
    elif kind in (10, 11):
        term = draw(st.sampled_from(_CALLS)).format(left=left, right=draw(path))
    elif kind == 3:
        term = f"{left} {draw(st.sampled_from(_OPERATORS))} {draw(path)}"
    else:
        term = f"{left} {draw(st.sampled_from(_OPERATORS))} {draw(st.sampled_from(_LITERALS))}"
    return f"NOT {term}" if draw(st.integers(0, 4)) == 0 else term


def _is_stream(shape: str) -> bool:
    """Tell whether every row comes from one object, so that the engine's order is the interpreter's."""
    return (
        not any(
            mark in shape
            for mark in (
                *("EHR e CONTAINS (", "EHR e NOT", "FOLDER f CONTAINS", "EHR e CONTAINS ELEMENT"),
                *(" d ", "OBSERVATION o{o} AND EV", "OBSERVATION o{o} OR EV"),
            )
        )
        and shape != "EHR e"
    )
