"""What a command centre may order, in a site file: `may:` of the broker and of each further centre."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field


class Permission(StrEnum):
    """Each command of edge/orders/kinds asks for one of these; `preset` for that of `ptz`."""

    STATUS = "status"
    SNAPSHOT = "snapshot"
    CLIP = "clip"
    LOOK = "look"
    TALK = "talk"
    MUTE = "mute"
    LAND = "land"
    UPLOAD = "upload"
    CONFIG_GET = "config.get"
    PTZ = "ptz"
    CONFIG_APPLY = "config.apply"


# Whoever turns a camera away blinds its zones, and whoever writes the site file may do anything: both are granted by
# name. All else shows what is there, is undone by itself, or is kept on record.
_GRANTED_BY_NAME = (Permission.PTZ, Permission.CONFIG_APPLY)
DEFAULT_MAY = tuple(each for each in Permission if each not in _GRANTED_BY_NAME)

May = Annotated[tuple[Permission, ...], Field(max_length=len(Permission))]
