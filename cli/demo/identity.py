"""Synthetic Norwegian identity numbers, of the range that the National Population Register keeps for tests.

A test number has 80 added to the month of birth, so that no real person can have it; the rest, with both control
digits, is as in a real number.
Source: Skatteetaten, Tenor test data: "måned + 80".
"""

from __future__ import annotations

import random
from datetime import date

SYSTEM = "urn:oid:2.16.578.1.12.4.1.4.1"

_TEST_MONTHS = 80
_FIRST_WEIGHTS = (3, 7, 6, 1, 8, 9, 4, 5, 2)
_SECOND_WEIGHTS = (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)


def identity_number(born: date, *, is_female: bool, choice: random.Random) -> str:
    """Return a synthetic identity number of eleven digits for a date of birth from 1900 to 2039.

    >>> identity_number(date(1942, 3, 7), is_female=True, choice=random.Random(1))[:6]
    '078342'
    """
    day = f"{born.day:02}{born.month + _TEST_MONTHS:02}{born.year % 100:02}"
    while True:
        digits = day + f"{_individual_number(born.year, is_female=is_female, choice=choice):03}"
        first = _control_digit(digits, _FIRST_WEIGHTS)
        if first is None:
            continue
        second = _control_digit(f"{digits}{first}", _SECOND_WEIGHTS)
        if second is not None:
            return f"{digits}{first}{second}"


def is_synthetic(number: str) -> bool:
    """Tell whether the number is a well-formed identity number of the test range."""
    if len(number) != 11 or not number.isdigit() or not 81 <= int(number[2:4]) <= 92:
        return False
    first = _control_digit(number[:9], _FIRST_WEIGHTS)
    return first == int(number[9]) and _control_digit(number[:10], _SECOND_WEIGHTS) == int(number[10])


def _individual_number(year: int, *, is_female: bool, choice: random.Random) -> int:
    """Return the three digits that tell people born on one day apart; the range says the century."""
    lowest, highest = (500, 999) if year >= 2000 else (0, 499)
    return 2 * choice.randint((lowest + 1) // 2, (highest - 1) // 2) + (0 if is_female else 1)


def _control_digit(digits: str, weights: tuple[int, ...]) -> int | None:
    """Return the control digit, modulo 11, or None when these digits have none (they are not given out)."""
    rest = -sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=True)) % 11
    return None if rest == 10 else rest
