"""Tables of columns: objects replaced and added keep the order of ids, whatever their ids have in common."""

from __future__ import annotations

import random

import pytest

from cdr.store.columns_table import Block, Table, empty, keys_of


def _block(rows: dict[bytes, list[int]]) -> Block:
    block = Block(1)
    for key, values in rows.items():
        block.keys.append(key)
        block.ehrs.append(len(values))
        block.templates.append(key[-1])
        block.sizes.append(len(values))
        block.others.extend(value % 2 == 0 for value in values)
        block.columns[0].extend(values)
    return block


def _content(table: Table) -> list[tuple[bytes, int, int, list[int], list[bool]]]:
    starts = table.starts.tolist()
    return [
        (
            table.key(number),
            int(table.ehrs[number]),
            int(table.templates[number]),
            table.columns[0][starts[number] : starts[number + 1]].tolist(),
            table.others[starts[number] : starts[number + 1]].tolist(),
        )
        for number in range(len(table.keys))
    ]


@pytest.mark.parametrize("shared", [0, 8], ids=["ids that differ early", "ids with equal halves"])
def test_a_table_is_what_a_dictionary_would_be(shared: int) -> None:
    draw = random.Random(shared)
    ids = [bytes(shared) + draw.randbytes(16 - shared) for _ in range(40)]
    table, model = empty(1), dict[bytes, list[int]]()
    for _ in range(60):
        replaced = draw.sample(ids, draw.randint(0, 6))
        added = {
            key: [draw.randint(0, 99) for _ in range(draw.randint(1, 4))] for key in replaced if draw.random() < 0.7
        }
        table = table.with_objects(_block(added), replaced=keys_of(replaced))
        for key in replaced:
            model.pop(key, None)
        model |= added
        wanted = [
            (key, len(values), key[-1], values, [value % 2 == 0 for value in values])
            for key, values in sorted(model.items())
        ]
        assert _content(table) == wanted
        assert table.object_of_row.tolist() == [place for place, one in enumerate(wanted) for _ in one[3]]
