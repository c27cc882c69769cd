"""Measurements, notes and summaries as FLAT keys."""

from __future__ import annotations

from cli.demo.town.keys.writing import Flat, put, put_all, put_unmeasured, write
from cli.demo.town.statements import Note, Pressure, Pulse, Reason, Recommendation, Synopsis


@write.register
def _pressure(entry: Pressure, at: str, out: Flat) -> None:
    event = f"{at}/uspesifisert_hendelse:0"
    put(out, f"{event}/time", entry.time)
    put_unmeasured(out, f"{event}/systolisk", entry.systolic, unit="mm[Hg]")
    put_unmeasured(out, f"{event}/diastolisk", entry.diastolic, unit="mm[Hg]")
    put(out, f"{event}/kommentar", entry.comment)


@write.register
def _pulse(entry: Pulse, at: str, out: Flat) -> None:
    event = f"{at}/uspesifisert_hendelse:0"
    put(out, f"{event}/time", entry.time)
    put(out, f"{event}/frekvens|magnitude", entry.rate)
    put(out, f"{event}/frekvens|unit", "/min")
    put(out, f"{event}/rytme", entry.rhythm)


@write.register
def _note(entry: Note, at: str, out: Flat) -> None:
    event = f"{at}/uspesifisert_hendelse:0"
    put(out, f"{event}/time", entry.time)
    put(out, f"{event}/tidfestet_fritekst", entry.text)


@write.register
def _reason(entry: Reason, at: str, out: Flat) -> None:
    put(out, f"{at}/administrativ_kontaktårsak:0", entry.administrative)
    put_all(out, f"{at}/klinisk_kontaktårsak", entry.clinical)


@write.register
def _synopsis(entry: Synopsis, at: str, out: Flat) -> None:
    put(out, f"{at}/sammendrag", entry.text)


@write.register
def _recommendation(entry: Recommendation, at: str, out: Flat) -> None:
    put(out, f"{at}/tema", entry.topic)
    put(out, f"{at}/anbefaling:0", entry.text)
