"""Documents as FLAT: the root and the context here, the entries by category in the modules beside.

Keys are those of the web templates in `templates/`; a key that a template no longer has is an error when the
document is composed.
"""

from __future__ import annotations

from collections import Counter

from cli.demo.town import circumstances as lived
from cli.demo.town import measured
from cli.demo.town import statements as said
from cli.demo.town.keys import background, findings, living, measurements, problems, services, treatment
from cli.demo.town.keys.writing import Flat, put, put_identifier, write
from cli.demo.town.sources import SOURCES
from cli.demo.town.statements import Document, Entry

__all__ = ["ROOTS", "TITLES", "flat"]

# Importing these registers who writes which entry.
_WRITERS = (background, findings, living, measurements, problems, services, treatment)

# Template by its file name: the id of the root in its web template.
ROOTS = {
    "applikasjonsdata": "applikasjonsdata",
    "diagnosehistorikk": "diagnosehistorikk",
    "funksjonskartlegging": "funksjonskartlegging",
    "journaldokument": "journaldokument",
    "journalnotat": "journalnotat",
    "klinisk_oppsummering": "klinisk_oppsummering",
    "kritisk_informasjon": "kritisk_informasjon",
    "labsvar": "laboratoriesvar",
    "legemiddelliste": "legemiddelliste",
    "levevaner_familie": "levevaner_og_familieanamnese",
    "livssituasjon": "livssituasjon",
    "overgang_sammendrag": "sammendrag_ved_overgang",
    "problemliste": "problemliste",
    "prosedyre": "prosedyre_og_tiltak",
    "tjenestehendelse": "tjenestehendelse",
    "tjenestesoknad": "søknad_om_tjeneste",
    "tjenestevedtak": "vedtak_om_kommunal_tjeneste",
    "vitale_malinger": "vitale_målinger",
}
# What the compositions are called.
TITLES = {
    "applikasjonsdata": "Applikasjonsdata",
    "diagnosehistorikk": "Diagnosehistorikk",
    "funksjonskartlegging": "Funksjonskartlegging",
    "journaldokument": "Journaldokument",
    "journalnotat": "Journalnotat",
    "klinisk_oppsummering": "Klinisk oppsummering",
    "kritisk_informasjon": "Kritisk informasjon",
    "labsvar": "Laboratoriesvar",
    "legemiddelliste": "Legemiddelliste",
    "levevaner_familie": "Levevaner og familieanamnese",
    "livssituasjon": "Livssituasjon",
    "overgang_sammendrag": "Sammendrag ved overgang",
    "problemliste": "Problemliste",
    "prosedyre": "Prosedyre og tiltak",
    "tjenestehendelse": "Tjenestehendelse",
    "tjenestesoknad": "Søknad om tjeneste",
    "tjenestevedtak": "Vedtak om kommunal tjeneste",
    "vitale_malinger": "Vitale målinger",
}
# Those whose root is a report, which has an id and a status of its own.
_REPORTS = frozenset(
    {
        "applikasjonsdata",
        "diagnosehistorikk",
        "journaldokument",
        "labsvar",
        "livssituasjon",
        "tjenestehendelse",
        "tjenestevedtak",
    }
)
_NODES: dict[type[Entry], str] = {
    said.Absence: "manglende_informasjon",
    said.Allergy: "risiko_for_overfølsomhetsreaksjon",
    said.ApplicationData: "applikasjonsspesifikke_data",
    said.Contraindication: "kontraindikasjon",
    said.Decision: "vedtak_om_kommunal_tjeneste",
    said.Device: "sammendrag_av_medisinsk_utstyr",
    said.Diagnosis: "problem_diagnose",
    said.Exclusion: "eksklusjonsutsagn_-_overordnet",
    said.Goal: "mål",
    said.MedicationUse: "legemiddelsammendrag",
    said.Note: "tidfestet_fritekst",
    said.Order: "legemiddelordinering",
    said.Precaution: "forholdsregel",
    said.Pressure: "blodtrykk",
    said.Procedure: "prosedyre",
    said.Pulse: "puls_hjertefrekvens",
    said.Reason: "kontaktårsak",
    said.Recommendation: "anbefaling",
    said.ServiceEvent: "helsetjenesteaktivitet",
    said.SupportNeed: "funksjonelle_støttebehov",
    said.Synopsis: "klinisk_sammendrag",
    said.TreatmentLimit: "behandlingsbegrensning",
    lived.Education: "utdanningssammendrag",
    lived.FamilyHistory: "familieanamnese",
    lived.File: "context/informasjonsressurs",
    lived.Housing: "boligsammendrag",
    lived.Interpreter: "tolkebehov",
    lived.LivingArrangement: "borarrangement",
    lived.Network: "sosialt_nettverk",
    lived.ServiceRequest: "helsetjenesteforespørsel",
    lived.Tobacco: "røykeanamnese",
    lived.VaccineDose: "vaksinedose",
    measured.AssistanceNeeds: "bistandsbehov_iplos_kpr",
    measured.Barthel: "barthel_adl-indeks",
    measured.EarlyWarning: "national_early_warning_score_2_news2",
    measured.LaboratoryTest: "laboratorieresultat",
    measured.Oximetry: "pulsoksymetri",
    measured.Respiration: "åndedrett",
    measured.Temperature: "kroppstemperatur",
    measured.Weight: "kroppsvekt",
}


def flat(document: Document, key: str) -> Flat:
    """Return a document as FLAT; `key` is its id in the source system."""
    root = ROOTS[document.template]
    source = SOURCES[document.source]
    out: Flat = {
        "ctx/language": "nb",
        "ctx/territory": "NO",
        "ctx/time": document.start,
        "ctx/composer_name": document.composer,
        "ctx/setting": source.setting,
    }
    put(out, "ctx/end_time", document.end)
    put(out, f"{root}/context/_health_care_facility|name", document.facility)
    if document.template in _REPORTS:
        put(out, f"{root}/context/rapport_id", key)
        put(out, f"{root}/context/status", "final")
    audit = f"{root}/_feeder_audit"
    put(out, f"{audit}/originating_system_audit|system_id", document.source)
    put(out, f"{audit}/originating_system_audit|time", document.start)
    put_identifier(
        out,
        f"{audit}/originating_system_item_id:0",
        said.Identifier(id=key, issuer=source.issuer, type="Dokument"),
    )
    put(out, f"{audit}/feeder_system_audit|system_id", document.copied_from)
    put(out, f"{audit}/original_content", f"urn:kilde:synthetic:{key}")
    put(out, f"{audit}/original_content|formalism", "text/uri-list")
    numbers: Counter[str] = Counter()
    for entry in document.entries:
        node = _NODES[type(entry)]
        _entry(entry, f"{root}/{node}:{numbers[node]}", document, out)
        numbers[node] += 1
    return out


def _entry(entry: Entry, at: str, document: Document, out: Flat) -> None:
    """Write an entry: what it says, whom it is about, where it comes from."""
    write(entry, at, out)
    if entry.about is not None:
        name, relationship = entry.about
        put(out, f"{at}/subject|name", name)
        put(out, f"{at}/subject/relationship", relationship)
    if entry.origin is not None:
        put(out, f"{at}/_feeder_audit/originating_system_audit|system_id", document.source)
        put_identifier(out, f"{at}/_feeder_audit/originating_system_item_id:0", entry.origin)
