"""The union of all data values: it spans modules, so it stands after all of them."""

from __future__ import annotations

from cdr.rm.basic import DvBoolean, DvIdentifier, DvState
from cdr.rm.encapsulated import DvGeneralTimeSpecification, DvMultimedia, DvParsable, DvPeriodicTimeSpecification
from cdr.rm.quantity import (
    DvCount,
    DvDate,
    DvDateTime,
    DvDuration,
    DvInterval,
    DvOrdinal,
    DvProportion,
    DvQuantity,
    DvScale,
    DvTime,
)
from cdr.rm.text import DvCodedText, DvEhrUri, DvParagraph, DvText, DvUri

AnyDataValue = (
    DvBoolean
    | DvMultimedia
    | DvParsable
    | DvIdentifier
    | DvInterval
    | DvOrdinal
    | DvDate
    | DvDateTime
    | DvTime
    | DvCount
    | DvDuration
    | DvProportion
    | DvQuantity
    | DvScale
    | DvParagraph
    | DvState
    | DvText
    | DvCodedText
    | DvGeneralTimeSpecification
    | DvPeriodicTimeSpecification
    | DvUri
    | DvEhrUri
)
