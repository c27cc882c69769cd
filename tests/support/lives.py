"""Records of residents as several sources send them: small canonical compositions under the shipped templates.

`Record` builds one composition; a life is a list of them. Every composition carries its source in FEEDER_AUDIT.
"""

from __future__ import annotations

from typing import Any

# JSON documents are built and looked into by hand in tests.
Json = dict[str, Any]

ICPC, ICD, ATC = "http://hl7.org/fhir/sid/icpc-2", "http://hl7.org/fhir/sid/icd-10-no", "http://www.whocc.no/atc"
NKPK, SERVICE = "urn:oid:2.16.578.1.12.4.1.1.7275", "urn:oid:2.16.578.1.12.4.1.1.9151"
FACILITIES = {
    "fastlege": ("Nordbyen legesenter", "Ane Berg"),
    "legevakt": ("Nordbyen legevakt", "Jon Dahl"),
    "hjemmetjeneste": ("Hjemmetjenesten sone sør", "Kari Lie"),
    "tildelingskontor": ("Tildelingskontoret", "Ola Moe"),
    "sykehjem": ("Solbakken sykehjem", "Siri Nes"),
}


def text(value: str, rm_type: str = "DV_TEXT") -> Json:
    """Return a text or a date."""
    return {"_type": rm_type, "value": value}


def phrase(terminology: str, code: str) -> Json:
    """Return a CODE_PHRASE."""
    return {
        "_type": "CODE_PHRASE",
        "terminology_id": {"_type": "TERMINOLOGY_ID", "value": terminology},
        "code_string": code,
    }


def coded(
    value: str, code: str, terminology: str = "local", mappings: list[tuple[str, str, str]] | None = None
) -> Json:
    """Return a coded text; a mapping is `(match, terminology, code)`."""
    made = {**text(value, "DV_CODED_TEXT"), "defining_code": phrase(terminology, code)}
    if mappings:
        made["mappings"] = [
            {"_type": "TERM_MAPPING", "match": match, "target": phrase(system, target)}
            for match, system, target in mappings
        ]
    return made


def element(node_id: str, name: str, value: Json) -> Json:
    """Return an ELEMENT."""
    return {"_type": "ELEMENT", "name": text(name), "archetype_node_id": node_id, "value": value}


def root(rm_type: str, archetype: str, name: str, **attributes: Any) -> Json:
    """Return an archetype root."""
    details: Json = {
        "_type": "ARCHETYPED",
        "archetype_id": {"_type": "ARCHETYPE_ID", "value": archetype},
        "rm_version": "1.1.0",
    }
    return {
        "_type": rm_type,
        "name": text(name),
        "archetype_node_id": archetype,
        "archetype_details": details,
        **attributes,
    }


def tree(*items: Json, node_id: str = "at0001", name: str = "Tree") -> Json:
    """Return an ITEM_TREE."""
    return {"_type": "ITEM_TREE", "name": text(name), "archetype_node_id": node_id, "items": list(items)}


def entry(
    rm_type: str, archetype: str, name: str, *, item: str | None = None, subject: str | None = None, **rest: Any
) -> Json:
    """Return an ENTRY of the resident, or of a relative; `item` is the source's own id of it."""
    about: Json = {"_type": "PARTY_SELF"}
    if subject is not None:
        about = {"_type": "PARTY_RELATED", "name": subject, "relationship": coded("mor", "10", "openehr")}
    made = root(
        rm_type,
        archetype,
        name,
        language=phrase("ISO_639-1", "nb"),
        encoding=phrase("IANA_character-sets", "UTF-8"),
        subject=about,
        **rest,
    )
    if item is not None:
        made["feeder_audit"] = {
            "_type": "FEEDER_AUDIT",
            "originating_system_audit": {"_type": "FEEDER_AUDIT_DETAILS", "system_id": "fastlege"},
            "originating_system_item_ids": [{"_type": "DV_IDENTIFIER", "id": item, "issuer": "test", "type": "record"}],
        }
    return made


def composition(
    template: str, root_archetype: str, name: str, *content: Json, source: str, time: str, other: Json | None = None
) -> Json:
    """Return a composition of a source."""
    facility, composer = FACILITIES[source]
    made = root("COMPOSITION", f"openEHR-EHR-COMPOSITION.{root_archetype}", name)
    made["archetype_details"]["template_id"] = {"_type": "TEMPLATE_ID", "value": f"no.kommune.{template}.v1"}
    context: Json = {
        "_type": "EVENT_CONTEXT",
        "start_time": text(time, "DV_DATE_TIME"),
        "setting": coded("annen tjeneste", "238", "openehr"),
        "health_care_facility": {"_type": "PARTY_IDENTIFIED", "name": facility},
    }
    if other is not None:
        context["other_context"] = other
    return {
        **made,
        "language": phrase("ISO_639-1", "nb"),
        "territory": phrase("ISO_3166-1", "NO"),
        "category": coded("hendelse", "433", "openehr"),
        "composer": {"_type": "PARTY_IDENTIFIED", "name": composer},
        "context": context,
        "content": list(content),
        "feeder_audit": {
            "_type": "FEEDER_AUDIT",
            "originating_system_audit": {"_type": "FEEDER_AUDIT_DETAILS", "system_id": source},
        },
    }


def diagnoses(*content: Json, source: str, time: str, report: str = "R-1") -> Json:
    """Return a diagnosis history of a source."""
    other = tree(element("at0002", "Rapport ID", text(report)))
    return composition(
        "diagnosehistorikk", "report.v1", "Diagnosehistorikk", *content, source=source, time=time, other=other
    )


def diagnosis(
    value: Json, *, onset: str | None = None, end: str | None = None, active: bool | None = True, **rest: Any
) -> Json:
    """Return a diagnosis; `active` None leaves its state out."""
    items = [element("at0002", "Problem/diagnosenavn", value)]
    if onset:
        items.append(element("at0077", "Dato/tid for debut", text(onset, "DV_DATE_TIME")))
    if end:
        items.append(element("at0030", "Dato/tid for bedring/remisjon", text(end, "DV_DATE_TIME")))
    if active is not None:
        state = coded("Aktiv", "at0026") if active else coded("Inaktiv", "at0027")
        qualifier = root("CLUSTER", "openEHR-EHR-CLUSTER.problem_qualifier.v2", "Problem/diagnose-kvalifikator")
        items.append({**qualifier, "items": [element("at0003", "Aktiv/inaktiv?", state)]})
    data = tree(*items, name="structure")
    return entry("EVALUATION", "openEHR-EHR-EVALUATION.problem_diagnosis.v1", "Problem/diagnose", data=data, **rest)


def critical(*content: Json, source: str, time: str) -> Json:
    """Return critical information of a source."""
    return composition(
        "kritisk_informasjon", "health_summary.v1", "Kritisk informasjon", *content, source=source, time=time
    )


def allergy(value: Json, *, verification: str = "at0065", **rest: Any) -> Json:
    """Return an adverse reaction, confirmed unless another code is given."""
    words = {"at0064": "Ubekreftet", "at0065": "Bekreftet", "at0066": "Avkreftet"}
    data = tree(
        element("at0002", "Substans", value),
        element("at0063", "Verifikasjonsstatus", coded(words[verification], verification)),
    )
    archetype = "openEHR-EHR-EVALUATION.adverse_reaction_risk.v2"
    return entry("EVALUATION", archetype, "Risiko for overfølsomhetsreaksjon", data=data, **rest)


def none_known(said: str, code: str = "at0007") -> Json:
    """Return a statement that nothing of a kind is known; at0007 is about adverse reactions."""
    statement = element("at0002", "", text(said))
    names = {
        "at0003": "Overordnet eksklusjon av problemer/diagnoser",
        "at0007": "Overordnet eksklusjon av overfølsomhetsreaksjoner",
    }
    statement["name"] = coded(names[code], code)
    archetype = "openEHR-EHR-EVALUATION.exclusion_global.v1"
    return entry("EVALUATION", archetype, "Eksklusjonsutsagn - overordnet", data=tree(statement))


def resuscitation(code: str, said: str) -> Json:
    """Return a decision on resuscitation."""
    data = tree(element("at0009", "HLR-beslutning", coded(said, code)))
    archetype = "openEHR-EHR-EVALUATION.advance_intervention_decisions.v1"
    return entry("EVALUATION", archetype, "Behandlingsbegrensning", data=data)


def medication(value: Json, *, onset: str | None = None, end: str | None = None) -> Json:
    """Return the use of a medication, for a diagnosis history."""
    items = [element("at0002", "Navn på legemiddel", value)]
    if onset:
        items.append(element("at0009", "Startdato for bruk", text(onset, "DV_DATE_TIME")))
    if end:
        items.append(element("at0010", "Sluttdato for bruk", text(end, "DV_DATE_TIME")))
    archetype = "openEHR-EHR-EVALUATION.medication_summary.v1"
    return entry("EVALUATION", archetype, "Legemiddelsammendrag", data=tree(*items))


def procedure(value: Json, *, time: str) -> Json:
    """Return a procedure that was done, for a diagnosis history."""
    transition = {
        "_type": "ISM_TRANSITION",
        "current_state": coded("fullført", "532", "openehr"),
        "careflow_step": coded("Prosedyre fullført", "at0043"),
    }
    return entry(
        "ACTION",
        "openEHR-EHR-ACTION.procedure.v1",
        "Prosedyre",
        time=text(time, "DV_DATE_TIME"),
        ism_transition=transition,
        description=tree(element("at0002", "Prosedyrenavn", value)),
    )


def _identifier(value: str) -> Json:
    return {"_type": "DV_IDENTIFIER", "id": value, "issuer": "999999999", "assigner": "Nordbyen", "type": "vedtak"}


def _organisation(name: str, label: str) -> Json:
    number = {"_type": "DV_IDENTIFIER", "id": "987654321", "issuer": "Brønnøysund", "assigner": "-", "type": "ENH"}
    items = [element("at0001", "Navn", text(name)), element("at0003", "Identifikator", number)]
    return {**root("CLUSTER", "openEHR-EHR-CLUSTER.organisation.v1", label), "items": items}


def service(
    code: str,
    name: str,
    *,
    service_id: str,
    start: str | None = None,
    end: str | None = None,
    state: str = "at0043",
    hours: float | None = None,
) -> Json:
    """Return a service, for a decision or an event; at0043 is in progress."""
    words = {
        "at0042": "Innvilget, ikke startet",
        "at0043": "Pågående",
        "at0044": "Midlertidig stanset",
        "at0045": "Avsluttet",
    }
    items = [
        element("at0001", "Tjeneste-ID", _identifier(service_id)),
        element("at0002", "Tjenestetype", coded(name, code, SERVICE)),
    ]
    if hours is not None:
        amount = {"_type": "DV_QUANTITY", "magnitude": hours, "units": "h/wk"}
        extent = {"_type": "CLUSTER", "name": text("Omfang"), "archetype_node_id": "at0020"}
        items.append({**extent, "items": [element("at0021", "Tildelt mengde", amount)]})
    if start:
        items.append(element("at0030", "Startdato", text(start, "DV_DATE")))
    if end:
        items.append(element("at0031", "Sluttdato", text(end, "DV_DATE")))
    items.append(element("at0040", "Status", coded(words[state], state)))
    items.append(_organisation("Sone sør", "Ansvarlig enhet"))
    return {**root("CLUSTER", "openEHR-EHR-CLUSTER.municipal_service.v0", "Tjeneste"), "items": items}


def decision(*services: Json, decision_id: str, decided: str, source: str = "tildelingskontor") -> Json:
    """Return a decision that grants services."""
    data = tree(
        element("at0002", "Vedtaks-ID", _identifier(decision_id)),
        element("at0010", "Utfall", coded("Innvilget", "at0011")),
        element("at0021", "Vedtaksdato", text(decided, "DV_DATE")),
        element("at0022", "Gyldig fra", text(decided, "DV_DATE")),
        _organisation("Tildelingskontoret", "Beslutningsenhet"),
        *services,
    )
    archetype = "openEHR-EHR-ADMIN_ENTRY.municipal_service_decision.v0"
    other = tree(element("at0002", "Rapport ID", text(decision_id)), element("at0005", "Status", text("final")))
    return composition(
        "tjenestevedtak",
        "report.v1",
        "Vedtak om kommunal tjeneste",
        entry("ADMIN_ENTRY", archetype, "Vedtak om kommunal tjeneste", data=data),
        source=source,
        time=f"{decided}T10:00:00+01:00",
        other=other,
    )


def event(of: Json, *, decision_id: str, time: str, state: str = "532", source: str = "hjemmetjeneste") -> Json:
    """Return an event of a service: 532 ends it, 245 starts it, 530 pauses it."""
    words = {
        "532": ("fullført", "at0005", "Tjeneste fullført"),
        "245": ("aktiv", "at0004", "Tjeneste utført"),
        "530": ("utsatt", "at0010", "Tjeneste midlertidig stanset"),
    }
    current, step, rubric = words[state]
    made = entry(
        "ACTION",
        "openEHR-EHR-ACTION.service.v1",
        "Helsetjenesteaktivitet",
        protocol=tree(element("at0016", "Rekvisisjonsidentifikator", _identifier(decision_id)), node_id="at0015"),
        time=text(time, "DV_DATE_TIME"),
        ism_transition={
            "_type": "ISM_TRANSITION",
            "current_state": coded(current, state, "openehr"),
            "careflow_step": coded(rubric, step),
        },
        description=tree(
            element("at0011", "Tjenestenavn", text("Tjeneste")), element("at0014", "Tjenestetype", text("Tjeneste")), of
        ),
    )
    other = tree(element("at0002", "Rapport ID", text(f"H-{time}")))
    return composition("tjenestehendelse", "report.v1", "Tjenestehendelse", made, source=source, time=time, other=other)


def a_life() -> list[Json]:
    """Return what five sources hold about one resident, contradictions and all."""
    alarm = {"service_id": "S3", "start": "2022-03-01"}
    return [
        diagnoses(
            diagnosis(coded("Diabetes type 2", "T90", ICPC), onset="2010-05-01"),
            diagnosis(coded("Hypertensjon", "K86", ICPC), onset="2008"),
            diagnosis(coded("Depressiv lidelse", "P76", ICPC), onset="2018", end="2020-06-01", active=False),
            diagnosis(coded("Diabetes type 2", "T90", ICPC), subject="Mor"),
            medication(coded("Warfarin", "B01AA03", ATC), onset="2019-01-01"),
            medication(coded("Metformin", "A10BA02", ATC), onset="2011-02-01"),
            source="fastlege",
            time="2023-05-02T09:00:00+02:00",
        ),
        diagnoses(
            diagnosis(coded("Diabetes mellitus type 2 uten komplikasjoner", "E11.9", ICD), onset="2014-02-10"),
            diagnosis(coded("Depressiv lidelse", "P76", ICPC), onset="2018"),
            diagnosis(text("Trykksår hæl")),
            medication(coded("Marevan", "B01AA03", ATC), onset="2019-01-01", end="2023-12-12"),
            procedure(coded("Hofteprotese", "NFB20", NKPK), time="2022-03-14T09:00:00+01:00"),
            source="sykehjem",
            time="2024-01-10T12:00:00+01:00",
        ),
        critical(
            allergy(coded("Penicillin", "J01C", ATC)),
            allergy(text("Jordnøtter"), verification="at0064"),
            resuscitation("at0010", "Full HLR"),
            source="fastlege",
            time="2016-01-01T09:00:00+01:00",
        ),
        critical(
            none_known("Ingen kjente allergier"),
            resuscitation("at0012", "Ingen HLR"),
            source="sykehjem",
            time="2024-01-10T12:00:00+01:00",
        ),
        decision(
            service("15", "Helsetjenester i hjemmet", service_id="S1", start="2023-01-01", hours=5.0),
            decision_id="V1",
            decided="2022-12-15",
        ),
        decision(
            service("15", "Helsetjenester i hjemmet", service_id="S2", start="2023-06-01", hours=2.5),
            decision_id="V2",
            decided="2023-05-20",
        ),
        decision(service("6", "Trygghetsalarm", **alarm), decision_id="V3", decided="2022-02-20"),
        event(
            service("6", "Trygghetsalarm", **alarm, end="2024-02-01", state="at0045"),
            decision_id="V3",
            time="2024-02-01T08:00:00+01:00",
        ),
    ]
