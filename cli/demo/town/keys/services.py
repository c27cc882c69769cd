"""Decisions, services, devices and what applications keep, as FLAT keys."""

from __future__ import annotations

from cli.demo.town.keys.writing import Flat, put, put_all, put_identifier, write
from cli.demo.town.statements import ApplicationData, Decision, Device, Identifier, Service, ServiceEvent

MUNICIPALITY = "Prøvekommunen"
OFFICE = "Tildelingskontoret i Prøvekommunen"


@write.register
def _decision(entry: Decision, at: str, out: Flat) -> None:
    put_identifier(out, f"{at}/vedtaks-id", Identifier(id=entry.id, issuer=MUNICIPALITY, type="Vedtak"))
    put_identifier(
        out, f"{at}/saksnummer/identifier_value", Identifier(id=entry.case, issuer=MUNICIPALITY, type="Saksnummer")
    )
    put(out, f"{at}/type_beslutning", entry.kind)
    put(out, f"{at}/utfall", entry.outcome)
    put(out, f"{at}/søknadsdato", entry.applied)
    put(out, f"{at}/vedtaksdato", entry.decided)
    put(out, f"{at}/gyldig_fra", entry.valid_from)
    put(out, f"{at}/evalueringsdato", entry.review)
    put_all(out, f"{at}/hjemmel", entry.legal_bases)
    put(out, f"{at}/begrunnelse", entry.reasons)
    put(out, f"{at}/beslutningsenhet/navn", OFFICE)
    for number, service in enumerate(entry.services):
        _service(service, f"{at}/kommunal_tjeneste:{number}", out)


@write.register
def _service_event(entry: ServiceEvent, at: str, out: Flat) -> None:
    put(out, f"{at}/time", entry.time)
    put(out, f"{at}/ism_transition/careflow_step|code", entry.step.code)
    put(out, f"{at}/ism_transition/current_state|code", entry.state.code)
    put(out, f"{at}/tjenestenavn", entry.name)
    put(out, f"{at}/tjenestetype", entry.service.kind)
    put(out, f"{at}/årsak", entry.reason)
    put_identifier(
        out,
        f"{at}/rekvisisjonsidentifikator/identifier_value",
        Identifier(id=entry.decision_id, issuer=MUNICIPALITY, type="Vedtak"),
    )
    _service(entry.service, f"{at}/kommunal_tjeneste", out)


@write.register
def _device(entry: Device, at: str, out: Flat) -> None:
    put(out, f"{at}/type", entry.kind)
    put(out, f"{at}/status", entry.status)
    put(out, f"{at}/detaljer:0/navn_på_medisinsk_utstyr", entry.name)
    put(out, f"{at}/detaljer:0/start_dato", entry.start)
    put(out, f"{at}/detaljer:0/stopp_dato", entry.end)


@write.register
def _application_data(entry: ApplicationData, at: str, out: Flat) -> None:
    put_identifier(out, f"{at}/applikasjons-id", entry.application)
    put(out, f"{at}/datanøkkel", entry.key)
    put(out, f"{at}/skjema-uri", entry.schema)
    put(out, f"{at}/skjemaversjon", entry.schema_version)
    put(out, f"{at}/innhold", entry.payload)
    put(out, f"{at}/innhold|formalism", "application/json")
    put(out, f"{at}/formål", entry.purpose)
    put(out, f"{at}/oppbevares_til", entry.retain_until)


def _service(service: Service, at: str, out: Flat) -> None:
    put_identifier(out, f"{at}/tjeneste-id", Identifier(id=service.id, issuer=MUNICIPALITY, type="Tjeneste"))
    put(out, f"{at}/tjenestetype", service.kind)
    put(out, f"{at}/status", service.status)
    put(out, f"{at}/ansvarlig_enhet/navn", service.unit)
    if service.amount is not None:
        out[f"{at}/omfang/tildelt_mengde|magnitude"], out[f"{at}/omfang/tildelt_mengde|unit"] = service.amount
    put(out, f"{at}/omfang/omfang_som_tekst", service.amount_text)
    put(out, f"{at}/startdato", service.start)
    put(out, f"{at}/sluttdato", service.end)
    put(out, f"{at}/midlertidig_stans:0/stanset_fra", service.paused_from)
