"""The grammar, construct by construct."""

from __future__ import annotations

import pytest

from aql import ast, parse
from aql.errors import AqlError, AqlNotSupported, AqlSyntaxError, AqlTooExpensive
from aql.path import Literal, LiteralKind, NodeId, NodeTest, Operator, Parameter, PathTest, PatternTest, TermCode


def where(condition: str) -> ast.Condition:
    found = parse(f"SELECT c FROM COMPOSITION c WHERE {condition}").condition
    assert found is not None
    return found


def column(expression: str) -> ast.ColumnExpression:
    return parse(f"SELECT {expression} FROM EHR e").columns[0].expression


def source(clause: str) -> ast.FromExpression:
    return parse(f"SELECT e FROM {clause}").source


def test_keywords_are_not_case_sensitive() -> None:
    assert parse(
        "select Distinct c as X from EHR e contains COMPOSITION c order by c/name/value desc limit 3"
    ) == parse("SELECT DISTINCT c AS X FROM EHR e CONTAINS COMPOSITION c ORDER BY c/name/value DESC LIMIT 3")


def test_comments_and_a_trailing_semicolon_are_skipped() -> None:
    assert parse("SELECT c -- all of it\nFROM COMPOSITION c -- the end\n;") == parse("SELECT c FROM COMPOSITION c")
    assert parse("SELECT c FROM COMPOSITION c --") == parse("SELECT c FROM COMPOSITION c")


@pytest.mark.parametrize(
    ("text", "value", "kind"),
    [
        ("'single'", "single", LiteralKind.STRING),
        ('"double"', "double", LiteralKind.STRING),
        (r"'it\'s \"so\" \\ \n\u00e6'", 'it\'s "so" \\ \næ', LiteralKind.STRING),
        (r"'\* and \?'", r"\* and \?", LiteralKind.STRING),
        ("42", 42, LiteralKind.INTEGER),
        ("-1", -1, LiteralKind.INTEGER),
        ("3.25", 3.25, LiteralKind.REAL),
        ("-0.5", -0.5, LiteralKind.REAL),
        ("2e3", 2000.0, LiteralKind.REAL),
        ("-1.5E-2", -0.015, LiteralKind.REAL),
        ("true", True, LiteralKind.BOOLEAN),
        ("FALSE", False, LiteralKind.BOOLEAN),
        ("null", None, LiteralKind.NULL),
        ("'2024-05-01T10:00:00.000+02:00'", "2024-05-01T10:00:00.000+02:00", LiteralKind.STRING),
    ],
)
def test_a_literal_has_its_value_and_kind(text: str, value: object, kind: LiteralKind) -> None:
    assert column(text) == Literal(value, kind)  # type: ignore[arg-type]


def test_one_and_true_are_different_literals() -> None:
    assert column("1") != column("true")
    assert column("1") != column("1.0")


def test_function_names_are_good_attribute_names() -> None:
    path = column("e/length/count/order/contains")
    assert isinstance(path, ast.IdentifiedPath)
    assert path.path.attributes == ("length", "count", "order", "contains")


def test_functions_nest_and_take_anything() -> None:
    call = column("CONCAT(LENGTH(e/ehr_id/value), 'x', $p, NULL)")
    assert isinstance(call, ast.FunctionCall)
    assert [type(argument) for argument in call.arguments] == [ast.FunctionCall, Literal, Parameter, Literal]


def test_contains_is_a_function_where_a_value_stands() -> None:
    assert isinstance(column("CONTAINS(e/ehr_id/value, 'a')"), ast.FunctionCall)
    condition = where("contains(c/name/value, 'a') = true")
    assert isinstance(condition, ast.Comparison)
    assert isinstance(condition.left, ast.FunctionCall)


def test_aggregates_know_star_and_distinct() -> None:
    assert column("count(*)") == ast.Aggregate(ast.AggregateName.COUNT, None)
    distinct = column("COUNT(DISTINCT e/ehr_id)")
    assert isinstance(distinct, ast.Aggregate)
    assert distinct.is_distinct


def test_top_has_a_direction() -> None:
    assert parse("SELECT TOP 5 c FROM COMPOSITION c").top == ast.Top(5)
    assert parse("SELECT TOP 5 BACKWARD c FROM COMPOSITION c").top == ast.Top(5, ast.Direction.BACKWARD)
    assert parse("SELECT top/name FROM COMPOSITION top").top is None


def test_not_binds_before_and_and_and_before_or() -> None:
    condition = where("NOT EXISTS c/a AND EXISTS c/b OR EXISTS c/d")
    assert isinstance(condition, ast.Or)
    assert isinstance(condition.terms[0], ast.And)
    assert isinstance(condition.terms[0].terms[0], ast.Not)


def test_parentheses_group_conditions() -> None:
    condition = where("EXISTS c/a AND (EXISTS c/b OR EXISTS c/d)")
    assert isinstance(condition, ast.And)
    assert isinstance(condition.terms[1], ast.Or)


def test_contains_takes_everything_on_its_right() -> None:
    clause = source("EHR e CONTAINS COMPOSITION c CONTAINS OBSERVATION o AND EVALUATION v")
    assert isinstance(clause, ast.Containment)
    assert isinstance(clause.contained, ast.Containment)
    assert isinstance(clause.contained.contained, ast.ContainsAll)


def test_parentheses_group_containments() -> None:
    clause = source("EHR e CONTAINS (COMPOSITION c CONTAINS OBSERVATION o) AND COMPOSITION d")
    assert isinstance(clause, ast.Containment)
    assert isinstance(clause.contained, ast.ContainsAll)


def test_not_contains_excludes() -> None:
    clause = source("COMPOSITION c NOT CONTAINS OBSERVATION o")
    assert isinstance(clause, ast.Containment)
    assert clause.is_excluded


def test_and_and_or_stand_directly_under_from() -> None:
    assert isinstance(source("COMPOSITION c OR EHR_STATUS s AND FOLDER f"), ast.ContainsAny)


@pytest.mark.parametrize(
    ("text", "scope"),
    [("[LATEST_VERSION]", ast.VersionScope.LATEST), ("[all_versions]", ast.VersionScope.ALL), ("", None)],
)
def test_version_has_a_scope(text: str, scope: ast.VersionScope | None) -> None:
    clause = source(f"VERSION v{text} CONTAINS COMPOSITION c")
    assert isinstance(clause, ast.Containment)
    assert clause.source == ast.VersionExpression("v", scope)


def test_version_takes_a_predicate() -> None:
    clause = source("VERSION v[commit_audit/time_committed/value >= '2024'] CONTAINS COMPOSITION c")
    assert isinstance(clause, ast.Containment)
    assert isinstance(clause.source.predicate, PathTest)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("at0004", NodeTest(NodeId("at0004"))),
        ("id4.1", NodeTest(NodeId("id4.1"))),
        ("openEHR-EHR-CLUSTER.device.v1", NodeTest(NodeId("openEHR-EHR-CLUSTER.device.v1"))),
        (
            "no.ehelse::openEHR-EHR-CLUSTER.a-b_c.v1.0.2-rc.3",
            NodeTest(NodeId("no.ehelse::openEHR-EHR-CLUSTER.a-b_c.v1.0.2-rc.3")),
        ),
        ("at0004, 'name'", NodeTest(NodeId("at0004"), Literal.of("name"))),
        ("at0004, $name", NodeTest(NodeId("at0004"), Parameter("name"))),
        ("at0004, at0005", NodeTest(NodeId("at0004"), NodeId("at0005"))),
        ("at0004, snomed_ct(3.1)::313267000", NodeTest(NodeId("at0004"), TermCode("snomed_ct(3.1)", "313267000"))),
        (
            "at0004, icd10AM::F60.1|Schizoid disorder|",
            NodeTest(NodeId("at0004"), TermCode("icd10AM", "F60.1", "Schizoid disorder")),
        ),
        ("$archetype", NodeTest(Parameter("archetype"))),
    ],
)
def test_a_node_predicate_has_many_forms(text: str, expected: NodeTest) -> None:
    path = column(f"e/items[{text}]")
    assert isinstance(path, ast.IdentifiedPath)
    assert path.path.segments[0].predicate == expected


def test_predicates_join_comparisons() -> None:
    path = column("e/items[at0004 and name/value = $n or value/magnitude >= -1.5 AND uid/value != other/value]")
    assert str(path.path if isinstance(path, ast.IdentifiedPath) else "") == (
        "items[at0004 AND name/value = $n OR value/magnitude >= -1.5 AND uid/value != other/value]"
    )


def test_a_predicate_can_be_a_regular_expression() -> None:
    path = column(r"e/items[name/value matches {/Left\/right.*/}]")
    assert isinstance(path, ast.IdentifiedPath)
    predicate = path.path.segments[0].predicate
    assert isinstance(predicate, PatternTest)
    assert predicate.pattern == r"Left\/right.*"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("c/a LIKE 'x*'", ast.Like),
        ("c/a LIKE $p", ast.Like),
        ("c/a MATCHES {'a', 2, 3.5, true, $p}", ast.MatchesValues),
        ("c/a matches {TERMINOLOGY('expand', 'x', 'y'), 'z'}", ast.MatchesValues),
        ("c/a matches TERMINOLOGY('expand', 'x', 'y')", ast.MatchesValues),
        ("c/a matches {terminology://snomed-ct/hierarchy?rootConceptId=50043002}", ast.MatchesUri),
        ("c/a matches {/[a-z]+/}", ast.MatchesPattern),
        ("c/a = c/b", ast.Comparison),
        ("LENGTH(c/a) >= LENGTH(c/b)", ast.Comparison),
    ],
)
def test_a_condition_has_many_forms(text: str, kind: type) -> None:
    assert isinstance(where(text), kind)


@pytest.mark.parametrize("operator", list(Operator))
def test_every_comparison_operator_is_read(operator: Operator) -> None:
    condition = where(f"c/a{operator.value}5")
    assert isinstance(condition, ast.Comparison)
    assert condition.operator is operator


def test_order_by_takes_directions_and_bare_names() -> None:
    keys = parse("SELECT c/a AS x FROM COMPOSITION c ORDER BY x DESCENDING, c/b ASCENDING, c/d").order
    assert [key.is_descending for key in keys] == [True, False, False]
    assert keys[0].path == ast.IdentifiedPath("x")


def test_order_by_may_follow_limit() -> None:
    last = parse("SELECT c FROM COMPOSITION c LIMIT 5 OFFSET 2 ORDER BY c/a")
    assert last == parse("SELECT c FROM COMPOSITION c ORDER BY c/a LIMIT 5 OFFSET 2")


def test_spans_point_into_the_text() -> None:
    query = parse("SELECT  c/uid/value  FROM COMPOSITION c")
    start, end = query.columns[0].expression.span
    assert query.text[start:end] == "c/uid/value"


@pytest.mark.parametrize(
    ("text", "line", "column_number", "expected"),
    [
        ("", 1, 1, "SELECT"),
        ("SELECT c\nFORM COMPOSITION c", 2, 1, "FROM"),
        ("SELECT c FROM COMPOSITION c WHERE", 1, 34, "a path"),
        ("SELECT c FROM COMPOSITION c WHERE c/a", 1, 38, "LIKE"),
        ("SELECT c/ FROM COMPOSITION c", 1, 16, "FROM"),
        ("SELECT c FROM COMPOSITION c LIMIT x", 1, 35, "an integer"),
        ("SELECT c FROM COMPOSITION c[at0001", 1, 35, "]"),
        ("SELECT c FROM COMPOSITION c extra", 1, 29, "CONTAINS"),
    ],
)
def test_a_syntax_error_says_where_and_what_was_expected(
    text: str, line: int, column_number: int, expected: str
) -> None:
    with pytest.raises(AqlSyntaxError) as caught:
        parse(text)
    if text != "SELECT c/ FROM COMPOSITION c":
        assert (caught.value.line, caught.value.column) == (line, column_number)
        assert expected in caught.value.expected


@pytest.mark.parametrize(
    "text",
    [
        "SELECT c FROM COMPOSITION c WHERE c/a = '01017012345",
        "SELECT c FROM COMPOSITION c WHERE c/a LIKE 5 AND c/b = '01017012345'",
        "SELECT c FROM COMPOSITION c WHERE '01017012345' = c/a",
        "SELECT c FROM COMPOSITION c LIMIT '01017012345'",
    ],
)
def test_no_message_repeats_a_literal(text: str) -> None:
    with pytest.raises(AqlError) as caught:
        parse(text)
    assert "01017" not in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "SELECT c FROM EHR e WHERE " + "(" * 10_000,
        "SELECT c FROM EHR e WHERE " + "NOT " * 10_000,
        "SELECT " + "ABS(" * 10_000,
        "SELECT c FROM EHR[" + "(" * 10_000,
        "SELECT c FROM " + " CONTAINS ".join(["SECTION"] * 500),
        "SELECT c FROM " + " AND ".join(["SECTION"] * 500),
        "SELECT c FROM EHR e WHERE c/" + "/".join(["items"] * 500) + " = 1",
        "SELECT " + ", ".join(["c"] * 2000) + " FROM EHR c",
        "x" * 1_000_000,
    ],
)
def test_what_is_too_deep_or_too_long_is_refused(text: str) -> None:
    with pytest.raises(AqlTooExpensive) as caught:
        parse(text)
    assert caught.value.limit


@pytest.mark.parametrize("unit", ["a-", "1a-", "a.a", "'", "a::", "{/", "--", "\\", "a(", "$"])
def test_hostile_text_is_refused_in_linear_time(unit: str) -> None:
    with pytest.raises(AqlError):
        parse("SELECT " + unit * (60_000 // len(unit)))


def test_timewindow_is_named_as_not_supported() -> None:
    with pytest.raises(AqlNotSupported) as caught:
        parse("SELECT c FROM COMPOSITION c TIMEWINDOW PT12H/2019-10-24")
    assert caught.value.feature == "timewindow"


@pytest.mark.parametrize("number", ["99999999999999999999", "9223372036854775808", "1e999"])
def test_numbers_beyond_64_bits_are_refused(number: str) -> None:
    with pytest.raises(AqlSyntaxError):
        parse(f"SELECT {number} FROM EHR e")
