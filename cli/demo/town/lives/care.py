"""Municipal services: applications, decisions, what was delivered, devices, and what applications keep for it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta

from cli.demo.residents import TODAY
from cli.demo.town.lives import codes
from cli.demo.town.lives.diary import Diary
from cli.demo.town.lives.knowledge import (
    AT_HOME,
    COMPANION,
    DAY_CARE,
    LAW,
    LOCATING,
    LONG_STAY,
    NURSING,
    SHORT_STAY,
    Offer,
)
from cli.demo.town.lives.person import Person
from cli.demo.town.statements import (
    ApplicationData,
    Coded,
    Decision,
    Device,
    Identifier,
    Service,
    ServiceEvent,
    State,
)

_DEVICES = (
    ("Rullator", "Ganghjelpemiddel"),
    ("Dusjstol", "Hjelpemiddel til personlig hygiene"),
    ("Høreapparat", "Hjelpemiddel for hørsel"),
    ("Rullestol", "Ganghjelpemiddel"),
)
_APPLICATIONS = (
    ("no.prove.turplan", "Ruteplan", "Rekkefølge på besøk"),
    ("no.prove.velferd", "Velferdsteknologi", "Innstillinger for alarm"),
)


def services(person: Person, diary: Diary) -> None:
    """Write decisions on services from the first alarm to the nursing home, with what happened to each."""
    moved_in = person.moved_in
    offers = [offer for offer in AT_HOME if person.need >= offer.need]
    if person.has("P70"):
        offers += [DAY_CARE, LOCATING] if person.need >= 0.5 else [LOCATING]
    begun = diary.day(diary.choice.randint(400, 1500))
    for offer in offers:
        begun = min(begun + timedelta(days=diary.choice.randint(10, 200)), TODAY - timedelta(days=30))
        if moved_in is not None and begun >= moved_in:
            break
        _granted(offer, begun, person, diary)
    if person.need >= COMPANION.need and diary.choice.random() < 0.2:
        _not_started(diary)
    if moved_in is not None:
        _stay(SHORT_STAY, moved_in - timedelta(days=20), moved_in, diary)
        _stay(LONG_STAY, moved_in, None, diary)
    elif person.need >= SHORT_STAY.need and diary.choice.random() < 0.3:
        _refused(diary)
    elif person.need >= NURSING.need and diary.choice.random() < 0.12:
        _pending(diary)


def application_data(person: Person, diary: Diary) -> None:
    """Write what applications keep about people with services."""
    if person.need < 0.4:
        return
    choice = diary.choice
    for identifier, name, purpose in _APPLICATIONS:
        if choice.random() < 0.35:
            diary.add(
                diary.document(
                    "applikasjonsdata",
                    "hjemmetjeneste",
                    ApplicationData(
                        application=Identifier(id=identifier, issuer="Prøvekommunen", type="Applikasjon"),
                        key=f"{name.lower()}/{person.resident.number}",
                        schema=f"https://example.com/skjema/{identifier}",
                        schema_version=choice.choice(("1.0.0", "1.1.0")),
                        payload=json.dumps({"plass": choice.randint(1, 14), "nøkkelboks": choice.random() < 0.5}),
                        purpose=purpose,
                        retain_until=choice.choice((None, "2027-12-31T00:00:00+01:00")),
                    ),
                    start=diary.moment(diary.day(choice.randint(1, 300))),
                )
            )


def _granted(offer: Offer, begun: date, person: Person, diary: Diary) -> None:
    """Write a decision, for nursing a change of it, and how the service went on."""
    choice = diary.choice
    service = _service(offer, begun, diary)
    decision = _decision(diary, codes.NEW, codes.GRANTED, begun - timedelta(days=12), service)
    document = diary.document("tjenestevedtak", "tildelingskontor", decision, start=_office_hour(diary, begun, -12))
    key = diary.add(document)
    _event(diary, begun, decision, service, codes.SERVICE_DONE, codes.IS_ACTIVE)
    changed = begun + timedelta(days=choice.randint(60, 300))
    is_at_home_then = changed < (person.moved_in or TODAY)
    if offer is NURSING and is_at_home_then and choice.random() < 0.6:
        more = _service(offer, changed, diary)
        is_forgotten = choice.random() < 0.35
        if not is_forgotten:
            _end(key, decision, service, changed, diary)
        newer = _decision(diary, codes.CHANGE, codes.GRANTED, changed - timedelta(days=5), more)
        start = _office_hour(diary, changed, -5)
        decision, service = newer, more
        key = diary.add(diary.document("tjenestevedtak", "tildelingskontor", decision, start=start))
    if person.moved_in is not None:
        _end(key, decision, service, person.moved_in, diary)
    elif choice.random() < 0.08:
        _pause(key, decision, service, diary)


def _end(key: str, decision: Decision, service: Service, day: date, diary: Diary) -> None:
    """Write a new version of a decision with its service ended, and the event."""
    ended = replace(service, status=codes.ENDED, end=day.isoformat())
    start = _office_hour(diary, day, 0)
    _amend(key, replace(decision, services=(ended,)), start, diary)
    _event(diary, day, decision, ended, codes.SERVICE_ENDED, codes.IS_COMPLETED, reason="Flyttet eller endret vedtak")


def _pause(key: str, decision: Decision, service: Service, diary: Diary) -> None:
    """Write that a service rests while somebody is in hospital."""
    day = diary.day(diary.choice.randint(1, 20))
    resting = replace(service, status=codes.PAUSED, paused_from=day.isoformat())
    _amend(key, replace(decision, services=(resting,)), _office_hour(diary, day, 0), diary)
    _event(diary, day, decision, resting, codes.SERVICE_PAUSED, codes.IS_SUSPENDED, reason="Innlagt sykehus")


def _amend(key: str, decision: Decision, start: str, diary: Diary) -> None:
    diary.amend(key, diary.document("tjenestevedtak", "tildelingskontor", decision, start=start))


def _stay(offer: Offer, begun: date, ended: date | None, diary: Diary) -> None:
    """Write a stay in a nursing home; one that ended is known from the start."""
    service = _service(offer, begun, diary)
    if ended is not None:
        service = replace(service, status=codes.ENDED, end=ended.isoformat())
    decision = _decision(diary, codes.NEW, codes.GRANTED, begun - timedelta(days=8), service)
    start = _office_hour(diary, begun, -8)
    diary.add(diary.document("tjenestevedtak", "tildelingskontor", decision, start=start))
    _event(diary, begun, decision, service, codes.SERVICE_DONE, codes.IS_ACTIVE)


def _not_started(diary: Diary) -> None:
    """Write a decision that is granted in part and waits for somebody to do it."""
    day = diary.day(diary.choice.randint(5, 60))
    waiting = replace(_service(COMPANION, day, diary), status=codes.NOT_STARTED, start=None)
    # The decision is valid from its day, whenever somebody is found to do the work.
    decision = replace(_decision(diary, codes.NEW, codes.PARTLY, day, waiting), valid_from=day.isoformat())
    diary.add(diary.document("tjenestevedtak", "tildelingskontor", decision, start=_office_hour(diary, day, 0)))


def _refused(diary: Diary) -> None:
    """Write that a place in a nursing home was refused."""
    day = diary.day(diary.choice.randint(20, 300))
    service = replace(_service(LONG_STAY, day, diary), status=codes.REFUSED, start=None, amount=None)
    decision = replace(
        _decision(diary, codes.NEW, codes.REJECTED, day, service),
        valid_from=None,
        reasons="Behovet kan dekkes med tjenester i hjemmet. Søker er informert om retten til å klage.",
    )
    diary.add(diary.document("tjenestevedtak", "tildelingskontor", decision, start=_office_hour(diary, day, 0)))


def _pending(diary: Diary) -> None:
    """Write the draft of a decision that nobody has signed."""
    day = diary.day(diary.choice.randint(1, 14))
    service = replace(_service(DAY_CARE, day, diary), status=codes.APPLIED, start=None)
    decision = replace(_decision(diary, codes.NEW, codes.PENDING, day, service), valid_from=None)
    document = diary.document("tjenestevedtak", "tildelingskontor", decision, start=_office_hour(diary, day, 0))
    diary.add(document, state=State.DRAFT)


def _service(offer: Offer, begun: date, diary: Diary) -> Service:
    amount = diary.choice.choice(offer.amounts) if offer.amounts else None
    return Service(
        id=f"T-{diary.resident.number:04}-{len(diary.records) + 1:03}",
        kind=offer.kind,
        status=codes.ONGOING,
        unit=diary.choice.choice(("Hjemmetjenesten sone nord", "Hjemmetjenesten sone sør", "Velferdssenteret")),
        amount=amount,
        amount_text=f"{amount[0]:g} {offer.text}" if amount and offer.text else None,
        start=begun.isoformat(),
    )


def _decision(diary: Diary, kind: Coded, outcome: Coded, day: date, service: Service) -> Decision:
    choice = diary.choice
    number = f"{diary.resident.number:04}-{len(diary.records) + 1:03}"
    return Decision(
        id=f"V-{number}",
        case=f"{day.year}/{number}",
        kind=kind,
        outcome=outcome,
        decided=day.isoformat(),
        applied=(day - timedelta(days=choice.randint(5, 40))).isoformat() if choice.random() < 0.9 else None,
        valid_from=service.start,
        review=(day + timedelta(days=365)).isoformat() if choice.random() < 0.7 else None,
        legal_bases=LAW[: choice.randint(1, 2)],
        services=(service,),
    )


def _event(
    diary: Diary,
    day: date,
    decision: Decision,
    service: Service,
    step: Coded,
    state: Coded,
    *,
    reason: str | None = None,
) -> None:
    """Write an event of a service, at its start now and then with a device."""
    time = diary.moment(day, first=7, last=14)
    event = ServiceEvent(
        time=time,
        name=service.kind.text,
        decision_id=decision.id,
        service=service,
        step=step,
        state=state,
        reason=reason,
    )
    devices = []
    if state == codes.IS_ACTIVE and diary.choice.random() < 0.25:
        name, kind = diary.choice.choice(_DEVICES)
        is_over = diary.choice.random() < 0.2
        devices.append(
            Device(
                name=name,
                kind=kind,
                status=codes.DEVICE_BEFORE if is_over else codes.DEVICE_NOW,
                start=diary.choice.choice((day.isoformat(), day.isoformat()[:7], None)),
                end=(day + timedelta(days=100)).isoformat() if is_over else None,
            )
        )
    diary.add(diary.document("tjenestehendelse", "hjemmetjeneste", event, *devices, start=time))


def _office_hour(diary: Diary, day: date, shift: int) -> str:
    return diary.moment(day + timedelta(days=shift), first=9, last=14)
