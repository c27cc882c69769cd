"""The systems of the municipality that send, and the people who write in them; all made up."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A system: the openEHR code of its care setting, who gives out its ids, its places and its users."""

    setting: str
    issuer: str
    facilities: tuple[str, ...]
    composers: tuple[str, ...]


SOURCES = {
    "fastlege": Source(
        setting="228",
        issuer="Legesenterets journalsystem",
        facilities=("Prøvebyen legesenter", "Mønsterdalen legekontor", "Eksempelvik legesenter"),
        composers=("Lege Astrid Prøveli", "Lege Jonas Testvik", "Lege Nadia Mønstermo", "Lege Per Eksempelstad"),
    ),
    "legevakt": Source(
        setting="227",
        issuer="Legevaktens journalsystem",
        facilities=("Prøvebyen interkommunale legevakt",),
        composers=("Vaktlege Ida Prøvesen", "Vaktlege Omar Testnes", "Sykepleier Lena Mønsterli"),
    ),
    "hjemmetjeneste": Source(
        setting="225",
        issuer="Hjemmetjenestens fagsystem",
        facilities=("Hjemmetjenesten sone nord", "Hjemmetjenesten sone sør"),
        composers=(
            "Sykepleier Guro Testhaug",
            "Sykepleier Anders Prøvebakk",
            "Helsefagarbeider Marte Eksempelmoen",
            "Vernepleier Tor Mønsterås",
        ),
    ),
    "tildelingskontor": Source(
        setting="229",
        issuer="Tildelingskontorets saksbehandling",
        facilities=("Tildelingskontoret i Prøvekommunen",),
        composers=("Saksbehandler Berit Prøvestad", "Saksbehandler Lars Testrud"),
    ),
    "sykehjem": Source(
        setting="237",
        issuer="Sykehjemmets journalsystem",
        facilities=("Testlia sykehjem", "Mønsterhagen bo- og omsorgssenter"),
        composers=("Sykehjemslege Eva Prøvedal", "Sykepleier Hassan Testberg", "Sykepleier Kine Eksempelrud"),
    ),
}
