"""Questions answered from columns leave room between them for those who write."""

from __future__ import annotations

import time

import pytest

from cdr.store.query_gates import Gates


def _pause_after(gates: Gates, seconds: float) -> float:
    """Return how long the next question waits after one that took some seconds."""
    deadline = time.monotonic() + 10
    with gates.light(deadline):
        time.sleep(seconds)
    begun = time.monotonic()
    with gates.light(deadline):
        return time.monotonic() - begun


def test_while_commits_are_under_way_a_question_rests_after_another() -> None:
    assert 0.03 <= _pause_after(Gates(is_writing=lambda: True), 0.02) < 1


def test_without_commits_nobody_rests() -> None:
    assert _pause_after(Gates(is_writing=lambda: False), 0.05) < 0.03


@pytest.mark.parametrize("seconds", [0.3])
def test_a_rest_has_a_bound(seconds: float) -> None:
    assert _pause_after(Gates(is_writing=lambda: True), seconds) < 0.2
