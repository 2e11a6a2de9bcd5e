"""The parts that carry out orders, fitted to a site: what the daemon has of them."""

import asyncio
from collections.abc import Callable, Mapping
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
from edge.seats import Seats
from edge.settings.model import Site
from edge.status import Status


@dataclass(frozen=True, slots=True)
class Fitted:
    """orders: to be run. errands: told of every Fetched."""

    orders: Orders
    mutes: Mutes
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
    helm: Helm | None = None,
    rules: Mapping[str, frozenset[str]] | None = None,
    audited: Callable[[AuditLine], None] = lambda _: None,
) -> Fitted:
    """online: of the first centre's Commands. site_file: where it can be changed by order. helm: told of the
    cameras that can be turned (edge.control.service). rules: names of each camera's, where they may change. audited:
    see Audit."""
    storage = site.storage.path
    mutes, errands = Mutes(storage / "mutes.json"), Errands(fleet)
    box = Box(
        storage=storage,
        fleet=fleet,
        errands=errands,
        helm=helm or Helm(),
        mutes=mutes,
        report=lambda: report(status, boot_id, version),
        rules=Seats(site).rules if rules is None else rules,
        site_file=site_file,
        upload=upload,
    )
    scribe = Scribe(partial(Ledger, storage / "orders.sqlite"), Audit(storage / "audit.jsonl", audited))
    probation = Probation(site_file.trial, online, site_file.reload) if site_file else None
    return Fitted(Orders(box, scribe, probation), mutes, errands)
