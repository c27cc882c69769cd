"""Whose an item is: from an identity number to an EHR. Numbers never appear in issues, errors or logs."""

from __future__ import annotations

from cdr import rm
from cdr.errors import Conflict
from cdr.formats import canonical_json
from cdr.formats.mapping.paths import canonical
from cdr.identity import Caller
from cdr.issue import Issue
from cdr.receipts import SourceRecord, UnknownResident
from cdr.services.context import Context
from cdr.services.ehr import EhrService, default_status
from cdr.services.receive.items import Unusable
from cdr.services.representation import Body
from cdr.versioning.model import EhrRecord

BIRTH_NUMBER = "urn:oid:2.16.578.1.12.4.1.4.1"
D_NUMBER = "urn:oid:2.16.578.1.12.4.1.4.2"
HELP_NUMBER = "urn:oid:2.16.578.1.12.4.1.4.3"

_NUMBERS = (BIRTH_NUMBER, D_NUMBER, HELP_NUMBER)
_FIRST_WEIGHTS = (3, 7, 6, 1, 8, 9, 4, 5, 2, 1)
_SECOND_WEIGHTS = (5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1)


def ehr_of_resident(
    context: Context, caller: Caller, source: SourceRecord, *, resident: tuple[str, str] | None, place: str
) -> EhrRecord:
    """Return the EHR of a resident named by (identity system, number); a new one where the source may make them.

    The system may be `""`: then the number itself tells which of the national ones it is of.
    Errors: `Unusable` with `RCV_RESIDENT`, or `RCV_RESIDENT_UNKNOWN` for a number without an EHR.
    """
    if resident is None or not resident[1]:
        raise _unusable("RCV_RESIDENT", place, "the identity number of a resident")
    system, number = canonical(resident[0]), resident[1]
    if not system or system in _NUMBERS:
        if not is_identity_number(number):
            raise _unusable("RCV_RESIDENT", place, "an identity number of 11 digits whose control digits are right")
        system = system or system_of(number)
    found = context.versions.ehr_by_subject(number, system, access=context.access(caller))
    if found is None:
        if source.unknown_resident is not UnknownResident.CREATE:
            raise _unusable("RCV_RESIDENT_UNKNOWN", place, "a resident who has an EHR here")
        found = _created(context, caller, system, number)
    if not found.is_modifiable:
        raise _unusable("RCV_EHR_LOCKED", place, "an EHR that allows modification")
    return found


def is_identity_number(number: str) -> bool:
    """Tell whether a text is an identity number with right control digits (modulo 11).

    Source: Skatteetaten, fødselsnummer: the last two digits.
    """
    if len(number) != 11 or not (number.isascii() and number.isdigit()):
        return False
    digits = [int(one) for one in number]
    first = sum(digit * weight for digit, weight in zip(digits, _FIRST_WEIGHTS, strict=False)) % 11
    second = sum(digit * weight for digit, weight in zip(digits, _SECOND_WEIGHTS, strict=True)) % 11
    return first == 0 and second == 0


def system_of(number: str) -> str:
    """Return the identity system of a number by its first digit: from 4 a D number, from 8 a help number."""
    first = int(number[0])
    return HELP_NUMBER if first >= 8 else D_NUMBER if first >= 4 else BIRTH_NUMBER


def _created(context: Context, caller: Caller, system: str, number: str) -> EhrRecord:
    status = default_status()
    reference = rm.PartyRef(namespace=system, type="PERSON", id=rm.GenericId(value=number, scheme="id_number"))
    status.subject = rm.PartySelf(external_ref=reference)
    try:
        return EhrService(context).create(caller, body=Body(content=canonical_json.encode(status)))
    except Conflict:
        # Another message about the same resident came first.
        found = context.versions.ehr_by_subject(number, system, access=context.access(caller))
        if found is None:
            raise
        return found


def _unusable(code: str, place: str, expected: str) -> Unusable:
    return Unusable([Issue(code=code, path=place, expected=expected)])
