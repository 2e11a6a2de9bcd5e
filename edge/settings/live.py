"""Live view in a site file."""

from typing import Annotated

from pydantic import Field

from edge.settings.part import Part


class LiveSettings(Part):
    """live: cameras in a browser.

    transcode: how many cameras at once may be converted because a browser cannot show what they send (H.265, B-frames);
    each takes up to a core; and the sound of eight cameras for each of them (AAC). 0: they are refused, or silent, with
    the reason. sound: whether cameras are heard.
    """

    transcode: Annotated[int, Field(ge=0, le=16)] = 1
    sound: bool = True
