"""The column cache: working rows of population queries as numpy columns, one table for each shape of a query.

A table is filled when a shape has proved worth it, and brought up to date from the change feed at each query, under
the query's own snapshot: what changed is read again, so that updates, deletions, drafts and erasures of other
processes show at once. The cache is bounded in bytes; the least recently used tables leave first.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Hashable
from contextlib import suppress
from dataclasses import dataclass, field

import numpy as np
from pymongo.client_session import ClientSession
from pymongo.database import Database
from pymongo.errors import PyMongoError

from aql.access import AccessFilter
from aql.catalog import RmCatalog
from aql.functions import Moment
from aql.mongo.compiler import compile_plan
from aql.mongo.layout import KEY
from cdr.errors import TimedOut
from cdr.store.changes import ChangeFeed
from cdr.store.client import Document
from cdr.store.columns_reading import Candidate, ObjectRows, candidates, candidates_among
from cdr.store.columns_saved import Saved, forget, key_of, load, save
from cdr.store.columns_shape import Shape
from cdr.store.columns_table import Block, Table, empty, keys_of
from cdr.store.columns_values import Unfit, Values
from cdr.store.layout import CHANGE
from cdr.store.query_layout import QueryLayout
from cdr.store.query_run import Run

_MAX_BYTES = 256 * 1024 * 1024
_FILL_BATCH = 1_000
_ALL = 1 << 62
_WINDOW = 50_000
"""Numbers of the change feed that commits under way can span; what is older has ended."""

WORTH_SECONDS = 2.0
"""What queries of a shape may have cost object by object before columns are filled for it."""


@dataclass(frozen=True, slots=True)
class CacheLimits:
    """Bytes of all tables together; `worth` is what a shape may cost, in seconds, before it gets a table.

    Tables of at least `saved_objects` objects are saved in the database.
    """

    nbytes: int = _MAX_BYTES
    worth: float = WORTH_SECONDS
    saved_objects: int = 5_000


DEFAULT_CACHE = CacheLimits()


@dataclass(slots=True)
class Held:
    """A shape's table and how far it follows the change feed; `key` is its name in the database.

    `mark` is the last change before the first gap, with `mark_object` to recognise it; `ahead` are changes behind the
    gap that are in the table already. `filled` is the id up to which objects are in, None at the end.
    """

    shape: Shape
    key: str
    lock: threading.Lock = field(default_factory=threading.Lock)
    table: Table | None = None
    values: tuple[Values, ...] = ()
    mark: int = 0
    mark_object: object = None
    ahead: frozenset[int] = frozenset()
    filled: bytes | None = b""
    refused: str | None = None
    spent: float = 0.0
    unsaved: int = 0
    has_looked: bool = False

    @property
    def is_ready(self) -> bool:
        """Tell whether all objects are in."""
        return self.table is not None and self.filled is None

    @property
    def nbytes(self) -> int:
        """Return about how many bytes the table and its values take."""
        return 0 if self.table is None else self.table.nbytes + sum(each.nbytes for each in self.values)

    def forget(self) -> None:
        """Begin anew."""
        self.table, self.values, self.mark, self.mark_object = None, (), 0, None
        self.ahead, self.filled = frozenset(), b""


class ColumnCache:
    """The tables of one tenant in this process; safe for several threads."""

    def __init__(
        self, database: Database[Document], *, catalog: RmCatalog, limits: CacheLimits = DEFAULT_CACHE
    ) -> None:
        self.limits = limits
        self.ehrs: list[str] = []
        self.places_of_ehrs: dict[str, int] = {}
        self._database = database
        self._catalog = catalog
        self._feed = ChangeFeed(database)
        self._held: OrderedDict[Hashable, Held] = OrderedDict()
        self._lock = threading.Lock()

    def held(self, shape: Shape, moment: Moment) -> Held:
        """Return what is kept for a shape, made now if nothing is."""
        key = (shape.key, moment.rules)
        with self._lock:
            found = self._held.get(key)
            if found is None:
                found = self._held[key] = Held(shape, key_of(shape.key, moment.rules))
            self._held.move_to_end(key)
            return found

    @property
    def nbytes(self) -> int:
        """Return about how many bytes all tables take."""
        with self._lock:
            return sum(each.nbytes for each in self._held.values())

    def is_worth(self, held: Held, *, is_narrow: bool) -> bool:
        """Tell whether a table should answer; `is_narrow` where few objects have to be read without one."""
        if held.refused is not None:
            return False
        return held.is_ready or not is_narrow or held.spent >= self.limits.worth

    def current(
        self, held: Held, run: Run, session: ClientSession, *, moment: Moment, slice_seconds: float | None = None
    ) -> tuple[Table, tuple[Values, ...]] | None:
        """Return the table of a shape as of the snapshot of a run, filled and brought up to date now.

        With `slice_seconds` it is filled for so long at most; None: it is not complete yet.
        The first read of the session has to be here: two threads then come in the order of their snapshots.
        Errors: `Unfit` where the shape cannot have columns after all; `TimedOut`.
        """
        if not held.lock.acquire(timeout=run.milliseconds() / 1000):
            raise TimedOut("The query should be answered within its time limit.")
        try:
            if held.table is None and not held.has_looked:
                self._load(held, session, moment)
            self._follow(held, run, session, moment)
            if held.filled is not None:
                self._fill(held, run, session, moment=moment, slice_seconds=slice_seconds)
                held.unsaved = _ALL
            if held.nbytes > self.limits.nbytes:
                raise Unfit("its columns take more bytes than the cache may")
            assert held.table is not None
            found = (held.table, held.values) if held.filled is None else None
        except Unfit as reason:
            held.forget()
            held.refused = str(reason)
            raise
        finally:
            held.lock.release()
        self._make_room(held)
        if found is not None:
            self._save(held)
        return found

    def number(self, ehr_id: str) -> int:
        """Return the place of an EHR id in the list of all."""
        found = self.places_of_ehrs.get(ehr_id)
        if found is None:
            with self._lock:
                found = self.places_of_ehrs.get(ehr_id)
                if found is None:
                    # The list first: whoever sees the place finds the id there.
                    self.ehrs.append(ehr_id)
                    found = self.places_of_ehrs[ehr_id] = len(self.ehrs) - 1
        return found

    # Saving ----------------------------------------------------------------------------------------------------------

    def _load(self, held: Held, session: ClientSession, moment: Moment) -> None:
        """Take what this or another process has saved."""
        held.has_looked = True
        width = held.shape.plan.width
        saved = load(self._database, session, held.key, rules=moment.rules, width=width, number=self.number)
        if saved is not None:
            held.table, held.values, held.filled = saved.table, saved.values, None
            held.mark, held.mark_object, held.ahead = saved.mark, saved.mark_object, saved.ahead

    def _save(self, held: Held) -> None:
        """Save a table that much has changed in."""
        with held.lock:
            table = held.table
            if table is None or held.filled is not None:
                return
            if len(table.keys) < self.limits.saved_objects or held.unsaved < max(_FILL_BATCH, len(table.keys) // 5):
                return
            held.unsaved = 0
            saved = Saved(
                table=table, values=held.values, mark=held.mark, mark_object=held.mark_object, ahead=held.ahead
            )
        with suppress(PyMongoError):
            # What cannot be saved is only slower after a restart.
            save(self._database, held.key, saved, ehrs=self.ehrs)

    # Following the change feed ---------------------------------------------------------------------------------------

    def _follow(self, held: Held, run: Run, session: ClientSession, moment: Moment) -> None:
        """Bring a table up to the snapshot of the session: objects that changed since are read again."""
        if held.table is None:
            held.mark = self._first_mark(run, session)
        changes = list(
            self._database[CHANGE].find(
                {"_id": {"$gte": held.mark}},
                {"vo": 1, "op": 1},
                sort=[("_id", 1)],
                session=session,
                max_time_ms=run.milliseconds(),
                batch_size=10_000,
            )
        )
        if held.table is None and held.mark and changes:
            held.mark_object = changes[0]["vo"]
        if held.mark:
            if not changes or changes[0]["_id"] != held.mark or changes[0]["vo"] != held.mark_object:
                # Another database stands under this name now.
                held.forget()
                return self._follow(held, run, session, moment)
            changes = changes[1:]
        mark, mark_object, ahead = held.mark, held.mark_object, set[int]()
        for change in changes:
            if change["_id"] == mark + 1:
                mark, mark_object = change["_id"], change["vo"]
            else:
                ahead.add(change["_id"])
        if held.table is not None:
            new = [change for change in changes if change["_id"] not in held.ahead and change["vo"] is not None]
            self._apply(held, new, run, session, moment)
        held.mark, held.mark_object, held.ahead = mark, mark_object, frozenset(ahead)
        if ahead:
            # Whoever took the missing number may have died: the feed closes it in time.
            self._feed.read(after=mark, limit=1)
        return None

    def _first_mark(self, run: Run, session: ClientSession) -> int:
        """Return a change below which none is missing any more."""
        newest = self._database[CHANGE].find_one({}, {"_id": 1}, sort=[("_id", -1)], session=session)
        if newest is None or newest["_id"] <= _WINDOW:
            return 0
        after = {"_id": {"$gt": newest["_id"] - _WINDOW}}
        first = self._database[CHANGE].find_one(after, {"_id": 1}, sort=[("_id", 1)], session=session)
        assert first is not None, "the newest is one of them"
        return int(first["_id"])

    def _apply(self, held: Held, changes: list[Document], run: Run, session: ClientSession, moment: Moment) -> None:
        assert held.table is not None
        if not changes:
            return
        # Objects with other ids have no rows here: they made the shape unfit.
        objects = list(dict.fromkeys(change["vo"] for change in changes if isinstance(change["vo"], bytes)))
        if len(objects) < len({change["vo"] for change in changes}):
            others = [change["vo"] for change in changes if not isinstance(change["vo"], bytes)]
            candidates_among(run, held.shape.plan, others, database=self._database, session=session)
        found = candidates_among(run, held.shape.plan, objects, database=self._database, session=session)
        block = Block(held.shape.plan.width)
        self._rows(held, run, moment).add(found, block, values=held.values, number=self.number)
        held.table = held.table.with_objects(block, replaced=keys_of(objects))
        held.unsaved += len(objects)
        if any(change["op"] == "purge" for change in changes):
            self._erase(held)
            forget(self._database, held.key)
            held.unsaved = _ALL

    @staticmethod
    def _erase(held: Held) -> None:
        """Forget the values that no row has any more."""
        assert held.table is not None
        kept, columns = [], []
        for values, places in zip(held.values, held.table.columns, strict=True):
            fewer, moved = values.without(np.unique(places))
            kept.append(fewer)
            columns.append(moved[places])
        table = held.table
        held.values = tuple(kept)
        held.table = Table(table.keys, table.ehrs, table.templates, table.starts, table.others, tuple(columns))

    # Filling ---------------------------------------------------------------------------------------------------------

    def _fill(
        self, held: Held, run: Run, session: ClientSession, *, moment: Moment, slice_seconds: float | None
    ) -> None:
        """Read the objects that are not in yet; where time runs out, the next query goes on from there."""
        until = None if slice_seconds is None else time.monotonic() + slice_seconds
        width = held.shape.plan.width
        if held.table is None:
            held.table = empty(width)
            held.values = tuple(Values(moment.rules) for _ in range(width))
        rows = self._rows(held, run, moment)
        wanted = self._wanted(held, run, session)
        blocks = Block(width)
        done = held.filled
        try:
            for start in range(0, len(wanted), _FILL_BATCH):
                if until is not None and time.monotonic() > until:
                    return
                part = wanted[start : start + _FILL_BATCH]
                block = Block(width)
                rows.add(part, block, values=held.values, number=self.number)
                blocks.take(block)
                done = part[-1].key
                size = len(blocks.others) * 4 * (width + 2) + sum(each.nbytes for each in held.values)
                if size > self.limits.nbytes:
                    raise Unfit("its columns take more bytes than the cache may")
            done = None
        finally:
            held.table = held.table.with_objects(blocks, replaced=keys_of(blocks.keys))
            held.filled = done

    def _wanted(self, held: Held, run: Run, session: ClientSession) -> list[Candidate]:
        """Return the objects that are not in yet, in the order of ids."""
        layout = QueryLayout(self._database, session)
        finds = compile_plan(held.shape.plan, layout, access=AccessFilter.everything()).sources[0].finds
        if not finds:
            return []
        begun = [{KEY: {"$gt": held.filled}}] if held.filled else []
        found = {"$and": [finds[0].filter, *begun]} if begun else finds[0].filter
        wanted = candidates(self._database, session, found, milliseconds=run.milliseconds())
        # Ids of other BSON types are not greater than bytes, and were met at the beginning.
        return [each for each in wanted if not held.filled or each.key > held.filled]

    def _rows(self, held: Held, run: Run, moment: Moment) -> ObjectRows:
        return ObjectRows(held.shape, run, catalog=self._catalog, moment=moment)

    def reread(
        self, held: Held, objects: list[bytes], run: Run, session: ClientSession, *, moment: Moment
    ) -> dict[bytes, list[tuple[object, ...]]]:
        """Return the working rows of some objects, whole nodes included, by stored id."""
        found = candidates_among(run, held.shape.plan, objects, database=self._database, session=session)
        rows = self._rows(held, run, moment)
        return {candidate.key: [row for row, _ in each] for candidate, each in rows.each(found)}

    def _make_room(self, used: Held) -> None:
        with self._lock:
            total = sum(each.nbytes for each in self._held.values())
            for key in list(self._held):
                if total <= self.limits.nbytes and len(self._held) <= 1000:
                    return
                held = self._held[key]
                # A table that another query works on stays.
                if held is used or not held.lock.acquire(blocking=False):
                    continue
                try:
                    total -= held.nbytes
                    del self._held[key]
                finally:
                    held.lock.release()


def hidden_templates(access: AccessFilter, layout: QueryLayout) -> frozenset[int]:
    """Return the dictionary numbers of the templates that a caller may not see."""
    numbers = (layout.template_number(each) for each in access.hidden_templates)
    return frozenset(number for number in numbers if number is not None)


__all__ = ["DEFAULT_CACHE", "CacheLimits", "ColumnCache", "Held", "hidden_templates"]
