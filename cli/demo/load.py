"""Putting synthetic residents into a repository, the way any system would: template, EHRs, bulk commit."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from cdr import resources
from cdr.errors import Conflict
from cdr.identity import AccessFilter, Caller
from cdr.services.kernel import Services
from cdr.services.representation import Body
from cdr.store.tenant import TenantStore
from cdr.versioning.model import ObjectKind
from cli.demo.residents import Resident, residents
from cli.demo.status import ehr_status
from cli.demo.vitals import compositions

# Compositions of about this many residents go into one call; each resident gets one contribution of it.
_AT_ONCE = 20
# Residents of another seed whose records a compression dictionary is made of.
_STRANGERS = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """What is there to see: numbers of EHRs and compositions, and one EHR with the uid of one of its compositions."""

    ehrs: int
    compositions: int
    example_ehr: str
    example_uid: str


def load_templates(services: Services, caller: Caller) -> int:
    """Upload the templates that come with Kilde and are not there yet; return how many that were."""
    uploaded = 0
    for path in resources.templates():
        try:
            services.template.upload(caller, source=path.read_bytes())
        except Conflict:
            continue
        uploaded += 1
    return uploaded


def learn(store: TenantStore, *, seed: int) -> None:
    """Let the store learn from residents that are never stored how such data is best compressed."""
    strangers = residents(_STRANGERS, seed=seed + 1)
    store.add_dictionary(json.dumps(each).encode() for one in strangers for each in compositions(one, seed=seed + 1))


def load(
    services: Services, caller: Caller, people: Iterable[Resident], *, seed: int, stored: Callable[[int], None]
) -> Loaded:
    """Create an EHR for each resident and commit its compositions; `stored` is told how many residents are done."""
    ehrs = count = 0
    example = ("", "")
    for group in groups(people, _AT_ONCE):
        for resident in group:
            services.ehr.create(caller, body=_json_body(ehr_status(resident)), ehr_id=resident.ehr_id)
        report = services.bulk.load(
            caller, lines=[line for resident in group for line in lines_of(resident, seed=seed)]
        )
        for refused in report.refused:
            raise refused.error
        ehrs += len(group)
        count += len(report.stored)
        # The lines of a resident go from the oldest to the newest, so the last one stored is the newest.
        example = (group[-1].ehr_id, report.stored[-1][1])
        stored(len(group))
    return Loaded(ehrs=ehrs, compositions=count, example_ehr=example[0], example_uid=example[1])


def example_of(store: TenantStore, ehr_id: str) -> Loaded:
    """Return what an earlier load left: one EHR and its newest composition; the numbers are not counted again."""
    heads = store.versions.heads(ehr_id, ObjectKind.COMPOSITION, access=AccessFilter.everything())
    return Loaded(ehrs=0, compositions=0, example_ehr=ehr_id, example_uid=heads[-1].latest_uid if heads else "")


def lines_of(resident: Resident, *, seed: int) -> Iterator[bytes]:
    """Yield a resident's compositions as lines for a bulk commit."""
    for composition in compositions(resident, seed=seed):
        yield json.dumps({"ehr_id": resident.ehr_id, "composition": composition}, ensure_ascii=False).encode()


def _json_body(value: object) -> Body:
    """Return a value as the body of a request."""
    return Body(content=json.dumps(value).encode())


def groups(people: Iterable[Resident], size: int) -> Iterator[list[Resident]]:
    """Yield the residents in lists of at most `size`."""
    group: list[Resident] = []
    for resident in people:
        group.append(resident)
        if len(group) == size:
            yield group
            group = []
    if group:
        yield group
