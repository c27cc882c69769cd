"""Receiving: messages of registered sources in, compositions of residents out, nothing lost and nothing stored twice.

`service` takes a message and writes its receipt, `split` takes it apart into items, `prepare` makes a composition of
each, `settle` stores it in the order of the source's own versions. `quarantine` keeps and replays what could not be
stored, `sources` registers who may send what, `quality` reports, `recovery` finishes what a crash left open.
"""
