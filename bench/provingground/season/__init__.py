"""Days at one fixed camera, made from a few rendered passes: sun, clouds, rain, nights, traffic, and digs.

See basis (what is rendered), script (what happens), season (pictures at any moment and their truth).
"""

from bench.provingground.season.basis import Basis, load, scenes
from bench.provingground.season.moment import Shot
from bench.provingground.season.places import Spot, nearest, spots
from bench.provingground.season.script import Dig, Script, dig, quiet
from bench.provingground.season.season import Season

__all__ = [
    "Basis",
    "Dig",
    "Script",
    "Season",
    "Shot",
    "Spot",
    "dig",
    "load",
    "nearest",
    "quiet",
    "scenes",
    "spots",
]
