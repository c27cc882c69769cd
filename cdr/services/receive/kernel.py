"""The services of receiving in one value, as the API is handed them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cdr.receipts import ReceiptStore
from cdr.services.context import Context
from cdr.services.receive.quality import QualityService
from cdr.services.receive.quarantine import QuarantineService
from cdr.services.receive.service import ReceiveService
from cdr.services.receive.sources import MappingLibrary, SourceService


@dataclass(frozen=True, slots=True, kw_only=True)
class Receiving:
    """The services of receiving of one tenant."""

    messages: ReceiveService
    sources: SourceService
    quarantine: QuarantineService
    quality: QualityService


def build_receiving(context: Context, store: ReceiptStore, *, folder: Path | None = None) -> Receiving:
    """Return the services; `folder` holds mappings of one's own, beside those that come with Kilde."""
    messages = ReceiveService.over(context, store, MappingLibrary(folder))
    return Receiving(
        messages=messages,
        sources=messages.sources,
        quarantine=QuarantineService(context, store, messages),
        quality=QualityService(store, messages.sources),
    )
