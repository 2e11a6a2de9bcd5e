"""The parts that carry out orders, fitted to a site: what the daemon has of them."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from edge.envelope import Occurrence
from edge.fleet import Fleet
from edge.orders.audit import Audit, AuditLine
from edge.orders.box import Box, Upload
from edge.orders.errands import Errands
from edge.orders.helm import Helm
from edge.orders.ledger import Ledger
from edge.orders.mutes import Mutes
from edge.orders.office import Orders
from edge.orders.probation import Probation
from edge.orders.report import report
from edge.orders.scribe import Scribe
from edge.orders.sitefile import SiteFile
from edge.settings.model import Site
from edge.status import Status


@dataclass(frozen=True, slots=True)
class Fitted:
    """orders: to be run. helm: for edge.control.service. errands: told of every Fetched."""

    orders: Orders
    mutes: Mutes
    helm: Helm
    errands: Errands

    def extra(self, occurrence: Occurrence) -> dict[str, object]:
        """What edge.envelope.seal adds to an event; on any thread."""
        muted = self.mutes.covers(occurrence.camera, occurrence.rule, occurrence.time)
        return {"muted": True} if muted else {}


def fitted(
    site: Site,
    fleet: Fleet,
    status: Status,
    boot_id: str,
    version: str,
    *,
    online: asyncio.Event,
    site_file: SiteFile | None = None,
    upload: Upload | None = None,
    audited: Callable[[AuditLine], None] = lambda _: None,
) -> Fitted:
    """online: of the first centre's Commands. site_file: where it can be changed by order. audited: see Audit."""
    storage = site.storage.path
    mutes, helm, errands = Mutes(storage / "mutes.json"), Helm(), Errands(fleet)
    box = Box(
        storage=storage,
        fleet=fleet,
        errands=errands,
        helm=helm,
        mutes=mutes,
        report=lambda: report(status, boot_id, version),
        rules={stream.name: frozenset(rule.name for rule in stream.rules) for stream in site.streams},
        site_file=site_file,
        upload=upload,
    )
    scribe = Scribe(partial(Ledger, storage / "orders.sqlite"), Audit(storage / "audit.jsonl", audited))
    probation = Probation(site_file.trial, online, site_file.restart) if site_file else None
    return Fitted(Orders(box, scribe, probation), mutes, helm, errands)
