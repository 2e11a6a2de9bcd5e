"""Orders about the ground from whoever may write into the box's folder."""

import time
from pathlib import Path

from edge.land.folders import camera_folder, views
from edge.land.history import History
from edge.land.orders import Answer, Mailbox, Order
from edge.land.problems import NOBODY, readable, unknown_camera, unknown_case
from edge.settings.loader import load


def storage_of(config: Path, storage: Path | None) -> Path:
    """Where the box keeps things. Raises SettingsError."""
    return storage if storage is not None else load(config).site.storage.path


def camera_of(storage: Path, event_id: str) -> str:
    """Whose disturbance it is. Raises LandRefused, OSError."""
    for view in views(storage):
        if event_id in History(view.folder).latest():
            return view.camera
    raise unknown_case(event_id)


def ask(storage: Path, camera: str, order: Order, patience: float) -> Answer:
    """What came of it, after at most `patience` s; an order that nobody took is withdrawn. Raises LandRefused."""
    with readable():
        if not camera_folder(storage, camera).is_dir():
            raise unknown_camera(camera)
        mailbox = Mailbox(storage, camera)
        letter = mailbox.post(order, time.time())
        return mailbox.await_answer(letter, patience) or Answer.of(NOBODY, done=False)
