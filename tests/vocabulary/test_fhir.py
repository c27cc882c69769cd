"""The FHIR terminology service against a small server on this machine: answers, failures and recovery."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from cdr.errors import StoreUnavailable
from cdr.terminology import Answer, Equivalence, Term
from cdr.terminology.fhir import FhirTerminology, WhenDown
from cdr.terminology.transport import Server, ServerSettings

SCT = "http://snomed.info/sct"
VALUE_SET = "http://example.org/fhir/ValueSet/problems"
DISPLAYS = {"22298006": "Myocardial infarction", "57054005": "Acute myocardial infarction", "195967001": "Asthma"}


def parameters(**values: Any) -> dict[str, Any]:
    kinds = {bool: "valueBoolean", str: "valueString"}
    return {
        "resourceType": "Parameters",
        "parameter": [{"name": name, kinds[type(value)]: value} for name, value in values.items()],
    }


class TinyServer(BaseHTTPRequestHandler):
    """Knows one value set, three codes, one parent and one map; `state.mood` makes it misbehave."""

    state: Any

    def do_GET(self) -> None:
        self.state.requests.append(self.path)
        if self.state.mood == "slow":
            time.sleep(1.0)
        if self.state.mood == "broken":
            return self.answer(500, {})
        if self.state.mood == "nonsense":
            return self.answer(200, ["no", "resource"])
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        operation = parts.path.removeprefix("/r4")
        status, resource = self.reply(operation, query)
        return self.answer(status, resource)

    def reply(self, operation: str, query: dict[str, str]) -> tuple[int, dict[str, Any]]:
        unknown = (404, {"resourceType": "OperationOutcome"})
        if operation == "/ValueSet/$validate-code":
            if query["url"] != VALUE_SET:
                return unknown
            return 200, parameters(result=query["system"] == SCT and query["code"] in DISPLAYS)
        if operation == "/ValueSet/$expand":
            wanted = query.get("filter", "").casefold()
            children = [
                {"system": SCT, "code": code, "display": text}
                for code, text in DISPLAYS.items()
                if wanted in text.casefold()
            ]
            contains = [{"abstract": True, "system": SCT, "code": "1", "display": "root", "contains": children}]
            return (
                (200, {"resourceType": "ValueSet", "expansion": {"contains": contains}})
                if query["url"] == VALUE_SET
                else unknown
            )
        if operation == "/CodeSystem/$lookup":
            return (200, parameters(display=DISPLAYS[query["code"]])) if query["code"] in DISPLAYS else unknown
        if operation == "/CodeSystem/$subsumes":
            pair = (query["codeA"], query["codeB"])
            outcome = (
                "subsumes"
                if pair == ("22298006", "57054005")
                else "subsumed-by"
                if pair == ("57054005", "22298006")
                else "not-subsumed"
            )
            return 200, {"resourceType": "Parameters", "parameter": [{"name": "outcome", "valueCode": outcome}]}
        if operation == "/ConceptMap/$translate" and query["code"] == "195967001":
            part = [
                {"name": "equivalence", "valueCode": "wider"},
                {
                    "name": "concept",
                    "valueCoding": {"system": query["targetsystem"], "code": "R96", "display": "Asthma"},
                },
            ]
            return 200, {
                "resourceType": "Parameters",
                "parameter": [{"name": "result", "valueBoolean": True}, {"name": "match", "part": part}],
            }
        return (200, parameters(result=False)) if operation == "/ConceptMap/$translate" else unknown

    def answer(self, status: int, resource: Any) -> None:
        body = json.dumps(resource).encode()
        try:
            self.send_response(status)
            self.send_header("Content-Type", "application/fhir+json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        except (BrokenPipeError, ConnectionResetError):
            pass  # the client had no more patience, which is what the test wants

    def log_message(self, format: str, *args: Any) -> None:
        """Keep the test output quiet."""


class State:
    """What the server has been asked, how it behaves, and where it is."""

    def __init__(self) -> None:
        self.requests: list[str] = []
        self.mood = ""
        self.url = ""


@pytest.fixture
def server() -> Iterator[State]:
    state = State()
    handler = type("Handler", (TinyServer,), {"state": state})
    http = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    state.url = f"http://127.0.0.1:{http.server_port}/r4"
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield state
    http.shutdown()
    thread.join()
    http.server_close()


@pytest.fixture
def service(server: State) -> Iterator[FhirTerminology]:
    made = FhirTerminology(ServerSettings(base_url=server.url, timeout=0.3))
    yield made
    made.close()


def test_code_is_validated_against_a_value_set(service: FhirTerminology) -> None:
    assert service.validate(VALUE_SET, system="SNOMED-CT", code="22298006") is Answer.YES
    assert service.validate(VALUE_SET, system=SCT, code="1") is Answer.NO
    assert (
        service.is_member(f"terminology://fhir.hl7.org/ValueSet/$expand?url={VALUE_SET}", "SNOMED-CT", "195967001")
        is True
    )


def test_value_set_that_the_server_does_not_know_is_unknown(service: FhirTerminology) -> None:
    assert service.validate("http://example.org/other", system=SCT, code="1") is Answer.UNKNOWN
    assert service.is_member("http://example.org/other", SCT, "1") is None
    assert service.expand("http://example.org/other") is None


def test_value_set_is_expanded_with_a_search(service: FhirTerminology) -> None:
    found = service.expand(VALUE_SET, search="infarction", language="en")
    assert found == (
        Term(SCT, "22298006", "Myocardial infarction"),
        Term(SCT, "57054005", "Acute myocardial infarction"),
    )
    limited = service.expand(VALUE_SET, limit=1)
    assert limited is not None
    assert len(limited) == 1


def test_code_is_looked_up(service: FhirTerminology) -> None:
    assert service.lookup("SNOMED-CT", "195967001") == Term("SNOMED-CT", "195967001", "Asthma")
    assert service.lookup("SNOMED-CT", "0") is None


def test_hierarchy_is_asked(service: FhirTerminology) -> None:
    assert service.subsumes("SNOMED-CT", ancestor="22298006", descendant="57054005") is Answer.YES
    assert service.subsumes("SNOMED-CT", ancestor="57054005", descendant="22298006") is Answer.NO
    assert service.subsumes("SNOMED-CT", ancestor="195967001", descendant="22298006") is Answer.NO


def test_code_is_mapped(service: FhirTerminology) -> None:
    (mapping,) = service.map("SNOMED-CT", "195967001", target="ICPC-2")
    assert mapping.target == Term("http://hl7.org/fhir/sid/icpc-2", "R96", "Asthma")
    assert mapping.equivalence is Equivalence.WIDER
    assert service.map("SNOMED-CT", "22298006", target="ICPC-2") == ()


def test_bundled_terminology_needs_no_server(server: State, service: FhirTerminology) -> None:
    assert service.validate("setting", system="openehr", code="225") is Answer.YES
    assert service.lookup("openehr", "433") == Term("openehr", "433", "event")
    assert service.expand("ISO_3166-1", search="norway") == (Term("ISO_3166-1", "NO", "Norway"),)
    assert server.requests == []


def test_answer_is_asked_for_once(server: State, service: FhirTerminology) -> None:
    for _ in range(3):
        service.lookup("SNOMED-CT", "195967001")
        service.lookup("SNOMED-CT", "0")
    assert len(server.requests) == 2


def test_answer_is_forgotten_after_its_time(server: State) -> None:
    clock = [0.0]
    asked = Server(ServerSettings(base_url=server.url, keep=60.0), now=lambda: clock[0])
    query = {"system": SCT, "code": "195967001"}
    asked.get("/CodeSystem/$lookup", query)
    clock[0] = 59.0
    asked.get("/CodeSystem/$lookup", query)
    assert len(server.requests) == 1
    clock[0] = 61.0
    asked.get("/CodeSystem/$lookup", query)
    assert len(server.requests) == 2
    asked.close()


def test_cache_keeps_a_bounded_number_of_answers(server: State) -> None:
    asked = Server(ServerSettings(base_url=server.url, entries=2))
    for code in ("1", "2", "3", "3", "2", "1"):
        asked.get("/CodeSystem/$lookup", {"system": SCT, "code": code})
    assert len(server.requests) == 4
    asked.close()


@pytest.mark.parametrize("mood", ["slow", "broken", "nonsense"])
def test_server_that_fails_gives_the_unknown(server: State, service: FhirTerminology, mood: str) -> None:
    server.mood = mood
    assert service.validate(VALUE_SET, system=SCT, code="22298006") is Answer.UNKNOWN
    assert service.is_member(VALUE_SET, SCT, "22298006") is None


def test_server_that_is_not_there_gives_the_unknown_at_once() -> None:
    service = FhirTerminology(ServerSettings(base_url="http://127.0.0.1:9/r4", timeout=0.5))
    assert service.lookup("SNOMED-CT", "1") is None
    assert service.expand(VALUE_SET) is None
    assert service.subsumes("SNOMED-CT", ancestor="1", descendant="2") is Answer.UNKNOWN
    assert service.map("SNOMED-CT", "1", target="x") == ()
    service.close()


def test_failure_is_refused_where_the_policy_says_so(server: State) -> None:
    service = FhirTerminology(ServerSettings(base_url=server.url), when_down=WhenDown.REFUSE)
    server.mood = "broken"
    with pytest.raises(StoreUnavailable) as caught:
        service.is_member(VALUE_SET, SCT, "22298006")
    assert "22298006" not in str(caught.value)
    server.mood = ""
    assert service.is_member(VALUE_SET, SCT, "22298006") is True
    assert service.is_member("http://example.org/other", SCT, "1") is None
    service.close()


def test_server_that_keeps_failing_is_left_alone_and_tried_again(server: State) -> None:
    clock = [0.0]
    asked = Server(ServerSettings(base_url=server.url, failures=3, rest=30.0), now=lambda: clock[0])
    server.mood = "broken"
    for code in range(10):
        assert asked.get("/CodeSystem/$lookup", {"system": SCT, "code": str(code)}) is None
    assert len(server.requests) == 3
    assert asked.is_resting
    clock[0] = 31.0
    assert asked.get("/CodeSystem/$lookup", {"system": SCT, "code": "195967001"}) is None
    assert asked.get("/CodeSystem/$lookup", {"system": SCT, "code": "195967001"}) is None
    assert len(server.requests) == 4
    clock[0] = 62.0
    server.mood = ""
    assert asked.get("/CodeSystem/$lookup", {"system": SCT, "code": "195967001"}) is not None
    assert not asked.is_resting
    asked.close()


def test_failures_are_not_remembered_as_answers(server: State, service: FhirTerminology) -> None:
    server.mood = "broken"
    assert service.lookup("SNOMED-CT", "195967001") is None
    server.mood = ""
    assert service.lookup("SNOMED-CT", "195967001") is not None


def test_many_threads_share_a_service(server: State, service: FhirTerminology) -> None:
    answers: list[Answer] = []
    threads = [
        threading.Thread(target=lambda: answers.append(service.validate(VALUE_SET, system=SCT, code="22298006")))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(answers) == {Answer.YES}


def test_settings_do_not_show_their_headers() -> None:
    assert "secret" not in repr(ServerSettings(base_url="http://x", headers={"Authorization": "secret"}))
