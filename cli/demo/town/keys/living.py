"""Living conditions, habits, documents and applications for services as FLAT keys."""

from __future__ import annotations

from cli.demo.town.circumstances import (
    Education,
    FamilyHistory,
    File,
    Housing,
    Interpreter,
    LivingArrangement,
    Network,
    ServiceRequest,
    Tobacco,
    VaccineDose,
)
from cli.demo.town.keys.writing import Flat, put, put_all, write
from cli.demo.town.statements import Coded


@write.register
def _tobacco(entry: Tobacco, at: str, out: Flat) -> None:
    put(out, f"{at}/overordnet_status", entry.status)
    put(out, f"{at}/sist_oppdatert", entry.updated)


@write.register
def _family_history(entry: FamilyHistory, at: str, out: Flat) -> None:
    put(out, f"{at}/sammendrag", entry.summary)


@write.register
def _vaccine_dose(entry: VaccineDose, at: str, out: Flat) -> None:
    put(out, f"{at}/time", entry.time)
    put(out, f"{at}/legemiddel", entry.vaccine)
    put(out, f"{at}/ism_transition/careflow_step|code", "at0006")
    put(out, f"{at}/ism_transition/current_state|code", "245")


@write.register
def _network(entry: Network, at: str, out: Flat) -> None:
    put(out, f"{at}/sivilstand", entry.partnership)
    put(out, f"{at}/beskrivelse", entry.description)
    for number, kin in enumerate(entry.people):
        below = f"{at}/person:{number}"
        put(out, f"{below}/navn", kin.name)
        put_all(out, f"{below}/rolle", kin.relations)
        for place, phone in enumerate(kin.phones):
            put(out, f"{below}/elektronisk_kommunikasjon:{place}/verdi/text_value", phone)


@write.register
def _living_arrangement(entry: LivingArrangement, at: str, out: Flat) -> None:
    put(out, f"{at}/boarrangement", entry.arrangement)
    put(out, f"{at}/antall_medlemmer_av_husholdningen", entry.household)
    put(out, f"{at}/sist_oppdatert", entry.updated)


@write.register
def _housing(entry: Housing, at: str, out: Flat) -> None:
    put(out, f"{at}/beskrivelse", entry.description)
    for number, (kind, tenure) in enumerate(entry.dwellings):
        put(out, f"{at}/bolig:{number}/boform", kind)
        put(out, f"{at}/bolig:{number}/råderett", tenure)


@write.register
def _education(entry: Education, at: str, out: Flat) -> None:
    put(out, f"{at}/høyeste_fullførte_utdanningsnivå", entry.level)
    put(out, f"{at}/sist_oppdatert", entry.updated)


@write.register
def _interpreter(entry: Interpreter, at: str, out: Flat) -> None:
    put(out, f"{at}/språk/navn_på_språket", entry.language)
    kind = "coded_text_value" if isinstance(entry.need, Coded) else "boolean_value"
    put(out, f"{at}/trengs_tolk/{kind}", entry.need)


@write.register
def _file(entry: File, at: str, out: Flat) -> None:
    put(out, f"{at}/navn_på_ressursen", entry.title)
    put(out, f"{at}/type_informasjonsressurs", entry.kind)
    if entry.address is not None:
        put(out, f"{at}/innhold/uri_value", entry.address)
        return
    put(out, f"{at}/innhold/multimedia_value|data", entry.content)
    put(out, f"{at}/innhold/multimedia_value|mediatype", entry.media_type)
    put(out, f"{at}/innhold/multimedia_value|size", size_of(entry))


@write.register
def _service_request(entry: ServiceRequest, at: str, out: Flat) -> None:
    put(out, f"{at}/forespørsel/tjenestenavn", entry.service)
    put(out, f"{at}/forespørsel/tjenestetype", entry.kind)
    put(out, f"{at}/rekvisisjonsidentifikator/text_value", entry.id)
    put(out, f"{at}/rekvisisjonsstatus", entry.status)
    put(out, f"{at}/narrative", entry.narrative)


def size_of(entry: File) -> int:
    """Return the number of bytes of a file's content."""
    return len(entry.content) * 3 // 4 - entry.content.count("=")
