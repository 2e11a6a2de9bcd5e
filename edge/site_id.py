"""Where a box stands, in every topic and source. Pure."""

from dataclasses import dataclass
from urllib.parse import quote


@dataclass(frozen=True, slots=True)
class SiteId:
    """Where the box stands: GB/T 2260 codes of province, city and county, and the site's own name."""

    province: str
    city: str
    county: str
    site: str

    def topic(self, *levels: str) -> str:
        """sandwatch/v1/{province}/{city}/{county}/{site}/{levels...}"""
        place = (self.province, self.city, self.county, self.site)
        return "/".join(["sandwatch", "v1", *(_level(level) for level in (*place, *levels))])

    def event_topic(self, kind: str, camera: str) -> str:
        return self.topic("ev", kind, camera)

    def birth_topic(self) -> str:
        return self.topic("birth")

    def source(self, camera: str = "") -> str:
        """The URI reference that names the camera everywhere; "": the box."""
        levels = (self.province, self.city, self.county, self.site, *([camera] if camera else []))
        return "/".join(["/sandwatch", *(quote(level, safe="") for level in levels)])


# What MQTT reserves in topics (MQTT 5, 4.7) and the sign we escape with; Chinese names stay readable.
_RESERVED = str.maketrans({sign: quote(sign, safe="") for sign in "/+#%\0"})


def _level(name: str) -> str:
    """A name as one topic level: escaped, for an event must not be lost to an odd camera name."""
    return name.translate(_RESERVED)
