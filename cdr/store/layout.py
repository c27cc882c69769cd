"""The stored documents: names of collections and fields, and what each holds. Derived ones can be rebuilt.

Identifiers (`vo`, `e`, `c`, `_id` of ehr, vo and ix) are in the form of `cdr.store.ids`: 16 bytes for a canonical
UUID, else text. Times are BSON dates in UTC, milliseconds.

version   every version, immutable, the only truth
    {_id: version uid (text), vo, tree: version-tree id, n: number, k: kind, e: ehr|absent, c: contribution, tc: time
     committed, lc: lifecycle code, au: JSON of the audit, p: preceding uid, oi: [other input uids], at: [JSON of
     attestations], sg: signature, ic: contribution of the import, ia: JSON of its audit, tp: template id, tr: template
     revision, zd: zstd dictionary id (0: none), z: zstd(canonical JSON); z is absent in a deleted version}
ix        the newest complete version of each object, for queries; _id is vo
ix_draft  the newest version where it is neither complete nor deleted; _id is vo
ix_hist   every superseded version; _id is the version uid
    {_id, vo, u: rest of the version uid ("system::tree"), k: COMPOSITION|EHR_STATUS|FOLDER|PARTY, e, t: context start
     in UTC, else tc, tc, te: when superseded (ix_hist only), n, x: extractor version, lc, tp: dictionary number of the
     template id, tr: template revision, a, s, w, m, r}
    a   [int]: dictionary numbers of the archetype ids at every depth, and of the template id
    s   bytes: the nodes in preorder (`cdr.store.intervals`): for each its path number and the end of its subtree
    w   [text]: the names of the nodes of `s`, in the same order; absent where the node has none
    m   {g<number>: [{k<number>: scalar, g<number>: [...]}]}: one array level per group (something that can repeat:
        COMPOSITION, SECTION, ENTRY, EVENT, CLUSTER, ACTIVITY, FOLDER, parties). A composition, sections, entries and
        folders stand at the top, the others in the nearest group around them. Where an ELEMENT with one path stands
        n > 1 times in a group instance, each leaf of it is an array of n slots, null where that one has none.
        Texts are cut to `TEXT_CAP` characters: one of exactly that length may be longer in the version.
        Date/times are seconds since 1970 of their lower bound (without an offset in the tenant's zone), times seconds
        of the day, durations nominal seconds.
    r   the same shape, not indexed: k<number> holds what is not searched (the raw text of date/times and durations,
        units, terminology ids), and `i`, in each group instance, the number of its node in `s`. A leaf may be in both.
vo        the head: {_id: vo, k, e, uid: latest uid, n, tree, lc, t0: created, tp: template id, q: last sequence}
ehr       {_id, sys, t0, st: status object, ac: access object, dir: directory object, sub: {id, ns}, mod, que}
contribution {_id, e, au: JSON of the audit, tc, v: [version uids]}
change    {_id: sequence, vo, n, op: put|delete|purge|void, at: wall time}
paths     the dictionary: `cdr.store.paths`
counter   {_id: name, v: last number}; {_id: "extractor", version, zone}: what the index was made with
template  {_id: revision, tid, src: zstd, ...}; template_head {_id: template id, revision, ...}
query, access_log, dict, colseg: see their modules
"""

from __future__ import annotations

from typing import Any

from cdr.store.ids import unpack_id

VERSION = "version"
IX = "ix"
IX_DRAFT = "ix_draft"
IX_HIST = "ix_hist"
VO = "vo"
EHR = "ehr"
CONTRIBUTION = "contribution"
CHANGE = "change"
PATHS = "paths"
COUNTER = "counter"
TEMPLATE = "template"
TEMPLATE_HEAD = "template_head"
ARCHETYPE = "archetype"
QUERY = "query"
ACCESS_LOG = "access_log"
DICTIONARY = "dict"
COLUMNS = "colseg"

# Goes into every ix document; raise it when the extraction changes, so that `reindex` knows what is old.
EXTRACTOR_VERSION = 3

# Characters of a text that `m` keeps.
TEXT_CAP = 128

# Each nested group takes two BSON levels of the 179 that mongod allows.
DEEPEST_GROUP = 60

# Where a date/time without an offset is local time unless a tenant says otherwise: see `cdr.store.extractor`.
DEFAULT_ZONE = "Europe/Oslo"


def version_uid(document: dict[str, Any]) -> str:
    """Return the version uid of an ix, ix_draft or ix_hist document (needs its fields `vo` and `u`)."""
    return f"{unpack_id(document['vo'])}::{document['u']}"


def group_field(number: int) -> str:
    """Return the field of a group in `m` and `r`."""
    return f"g{number}"


def leaf_field(number: int) -> str:
    """Return the field of a leaf in `m` and `r`."""
    return f"k{number}"
