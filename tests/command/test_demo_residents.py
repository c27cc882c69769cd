"""Synthetic residents: repeatable, clearly synthetic, and their records plausible."""

from __future__ import annotations

import itertools
import json
import random
from datetime import date

from cli.demo.identity import identity_number, is_synthetic
from cli.demo.residents import residents
from cli.demo.vitals import compositions

COUNT = 200


def test_same_seed_gives_the_same_records() -> None:
    first, second = (
        [json.dumps(each) for resident in residents(20, seed=7) for each in compositions(resident, seed=7)]
        for _ in range(2)
    )
    assert first == second


def test_another_seed_gives_other_people() -> None:
    assert {each.identity for each in residents(50, seed=1)}.isdisjoint(each.identity for each in residents(50, seed=2))


def test_more_residents_begin_with_the_same_ones() -> None:
    assert list(itertools.islice(residents(100), 10)) == list(residents(10))


def test_identity_numbers_are_of_the_test_range_and_unique() -> None:
    numbers = [each.identity for each in residents(2000)]
    assert all(is_synthetic(number) for number in numbers)
    assert len(set(numbers)) == len(numbers)


def test_identity_number_holds_date_and_sex() -> None:
    number = identity_number(date(2003, 12, 9), is_female=False, choice=random.Random(3))
    assert number.startswith("099203")
    assert int(number[6:9]) >= 500
    assert int(number[8]) % 2 == 1


def test_a_real_month_is_not_synthetic() -> None:
    """12 instead of 92: the control digits would have to be others, but the month alone decides."""
    number = identity_number(date(1950, 12, 9), is_female=True, choice=random.Random(3))
    assert not is_synthetic(number[:2] + "12" + number[4:])


def test_a_wrong_control_digit_is_told() -> None:
    number = identity_number(date(1950, 12, 9), is_female=True, choice=random.Random(3))
    assert not is_synthetic(number[:10] + str((int(number[10]) + 1) % 10))


def test_systolic_is_above_diastolic() -> None:
    seen = 0
    for resident in residents(COUNT):
        for composition in compositions(resident):
            for entry in composition["content"]:
                if "blood_pressure" in entry["archetype_node_id"]:
                    systolic, diastolic = entry["data"]["events"][0]["data"]["items"]
                    assert systolic["value"]["magnitude"] > diastolic["value"]["magnitude"]
                    seen += 1
    assert seen > COUNT


def test_contacts_come_in_the_order_of_time() -> None:
    resident = next(residents(1, contacts=12))
    times = [each["context"]["start_time"]["value"][:10] for each in compositions(resident)]
    assert times == sorted(times)
    assert len(times) == 12
