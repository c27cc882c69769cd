"""Codes and texts of the archetypes' own value sets that the synthetic residents use, with their Norwegian texts."""

from __future__ import annotations

from cli.demo.town.statements import Coded

ICPC_2 = "http://hl7.org/fhir/sid/icpc-2"
ICD_10 = "http://hl7.org/fhir/sid/icd-10-no"
ATC = "http://www.whocc.no/atc"
SERVICE_TYPES = "urn:oid:2.16.578.1.12.4.1.1.9151"

# Problems.
ACTIVE, INACTIVE = Coded("at0026", "Aktiv"), Coded("at0027", "Inaktiv")
CURRENT, PAST = Coded("at0062", "Nåværende"), Coded("at0061", "Tidligere")
SUSPECTED, PROBABLE, CONFIRMED = (
    Coded("at0074", "Mistenkt"),
    Coded("at0075", "Sannsynlig"),
    Coded("at0076", "Bekreftet"),
)
NOT_REVIEWED, REVIEWED = Coded("at0002", "Ikke vurdert"), Coded("at0003", "Bekreftet")
CORRECTED, OUTDATED = Coded("at0004", "Korrigert"), Coded("at0006", "Utdatert")

# Reactions, precautions, limits.
REACTION_ACTIVE, REACTION_INACTIVE = Coded("at0131", "Aktiv"), Coded("at0132", "Inaktiv")
UNCONFIRMED, VERIFIED, REFUTED = (
    Coded("at0064", "Ubekreftet"),
    Coded("at0065", "Bekreftet"),
    Coded("at0066", "Avkreftet"),
)
RISK_LOW, RISK_HIGH, RISK_UNKNOWN = Coded("at0102", "Lav"), Coded("at0103", "Høy"), Coded("at0124", "Ubestemt")
FOOD, DRUG, OTHER = Coded("at0121", "Mat"), Coded("at0122", "Legemiddel"), Coded("at0123", "Annet")
PRECAUTION_ACTIVE, PRECAUTION_OVER = Coded("at0015", "Aktiv"), Coded("at0018", "Opphørt")
CONTRA_LIKELY, CONTRA_CONFIRMED = Coded("at0016", "Sannsynlig"), Coded("at0017", "Bekreftet")
CONTRA_LOW, CONTRA_HIGH = Coded("at0010", "Lav"), Coded("at0011", "Høy")
PROLONGING, TERMINAL = Coded("at0005", "Livsforlengende"), Coded("at0006", "Terminal")

# Decisions and services.
NEW, CHANGE, EXTENSION, ENDING = (
    Coded("at0005", "Nytt vedtak"),
    Coded("at0006", "Endring"),
    Coded("at0007", "Forlengelse"),
    Coded("at0008", "Opphør"),
)
GRANTED, PARTLY, REJECTED, PENDING = (
    Coded("at0011", "Innvilget"),
    Coded("at0012", "Delvis innvilget"),
    Coded("at0013", "Avslag"),
    Coded("at0016", "Under behandling"),
)
APPLIED, NOT_STARTED, ONGOING, PAUSED, ENDED, REFUSED = (
    Coded("at0041", "Søkt"),
    Coded("at0042", "Innvilget, ikke startet"),
    Coded("at0043", "Pågående"),
    Coded("at0044", "Midlertidig stanset"),
    Coded("at0045", "Avsluttet"),
    Coded("at0046", "Avslått"),
)
SERVICE_DONE, SERVICE_PAUSED, SERVICE_ENDED = (
    Coded("at0004", "Tjeneste utført"),
    Coded("at0010", "Tjeneste midlertidig stanset"),
    Coded("at0005", "Tjeneste fullført"),
)
IS_ACTIVE, IS_SUSPENDED, IS_COMPLETED = (
    Coded("245", "aktiv"),
    Coded("530", "satt på pause"),
    Coded("532", "fullført"),
)
DEVICE_NOW, DEVICE_BEFORE = Coded("at0004", "Nåværende"), Coded("at0005", "Tidligere")

# Procedures, support, pulse.
PROCEDURE_DONE = Coded("at0047", "Prosedyre utført")
SUPERVISION, COGNITIVE, PHYSICAL = (
    Coded("at0007", "Tilsyn"),
    Coded("at0009", "Kognitiv støtte"),
    Coded("at0010", "Fysisk assistanse"),
)
LIGHT_TOUCH, MODERATE_HELP, TOTAL_HELP = (
    Coded("at0013", "Lett fysisk kontakt"),
    Coded("at0015", "Moderat fysisk assistanse"),
    Coded("at0017", "Total fysisk assistanse"),
)
REGULAR, IRREGULAR = Coded("at0006", "Regelmessig"), Coded("at1028", "Uregelmessig")

# Relationships of the openEHR terminology.
DAUGHTER, SON, SPOUSE = (
    Coded("29", "datter", "openehr"),
    Coded("31", "sønn", "openehr"),
    Coded("22", "partner eller ektefelle", "openehr"),
)
