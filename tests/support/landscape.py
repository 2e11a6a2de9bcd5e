"""A view of fields as a camera on a mast has it, made of what surfaces reflect and what light falls on them."""

from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
Mask = NDArray[np.bool_]

SIZE = (480, 270)  # width and height
GRASS = np.array([0.06, 0.16, 0.10])  # BGR, linear: what is reflected
SOIL = np.array([0.12, 0.19, 0.26])
ROAD = np.array([0.22, 0.23, 0.24])
SUN = np.array([0.8, 0.95, 1.0])
SKY = np.array([0.45, 0.35, 0.28])


@dataclass(frozen=True)
class Landscape:
    """seed: of where fields, tracks and trees lie, and of their grain."""

    seed: int = 1
    surface: NDArray[np.float64] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "surface", _surface(self.seed))

    def seen(
        self,
        *,
        sun: float = 1.0,
        shadow: float = 30.0,
        gain: float = 1.0,
        dug: Mask | None = None,
        haze: float = 0.0,
        noise: float = 1.5,
        chance: int = 0,
    ) -> Picture:
        """uint8 [h, w, 3], BGR. sun: its share, 0 under clouds. shadow: px that the trees' shadows reach to the right.
        gain: of the exposure. haze: what it adds, of white. chance: seed of the sensor's noise."""
        width, height = SIZE
        surface = self.surface.copy()
        if dug is not None:
            grain = np.random.default_rng(self.seed + 99).normal(1, 0.08, (height, width, 1))
            surface[dug] = (SOIL * grain)[dug]
        lit = 1 - self._shade(shadow)
        light = SKY + sun * SUN * lit[..., None]
        linear = (surface * light * gain) * (1 - haze) + haze * 0.3
        grey = 255 * np.clip(linear * 1.6, 0, 1) ** (1 / 2.2)
        grey += np.random.default_rng(chance).normal(0, noise, grey.shape)
        return np.clip(np.rint(grey), 0, 255).astype(np.uint8)

    def _shade(self, reach: float) -> NDArray[np.float64]:
        """Of posts and trees, to their right."""
        mask = np.zeros(SIZE[::-1], np.float64)
        for x, y in np.random.default_rng(self.seed + 7).uniform((0, 60), SIZE, (12, 2)):
            cv2.line(mask, (int(x), int(y)), (int(x + reach), int(y + reach / 6)), 1.0, 3)
        return np.asarray(cv2.GaussianBlur(mask, (0, 0), 0.7), np.float64)


def spot(x: int = 250, y: int = 150, across: int = 30, down: int = 9) -> Mask:
    """bool [h, w]: an ellipse of these half axes, px."""
    mask = np.zeros(SIZE[::-1], np.uint8)
    cv2.ellipse(mask, (x, y), (across, down), 0, 0, 360, (1,), -1)
    return np.asarray(mask > 0)


def grey_world(picture: Picture) -> Picture:
    """As the same camera shows it in infrared."""
    grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
    return np.asarray(cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR), np.uint8)


def swayed(picture: Picture, across: float, down: float, turn: float = 0.0, zoom: float = 1.0) -> Picture:
    """Shifted by px, turned by degrees about its middle."""
    matrix = cv2.getRotationMatrix2D((SIZE[0] / 2, SIZE[1] / 2), turn, zoom)
    matrix[:, 2] += np.array([across, down])
    return np.asarray(cv2.warpAffine(picture, matrix, SIZE, borderMode=cv2.BORDER_REFLECT), np.uint8)


def _surface(seed: int) -> NDArray[np.float64]:
    width, height = SIZE
    chance = np.random.default_rng(seed)
    surface = np.ones((height, width, 3)) * GRASS
    for _ in range(16):  # fields, one lighter than the other; some are tracks
        x, y = chance.uniform((0, 0), SIZE)
        corners = np.array([[x, y], [x + 90, y + 8], [x + 70, y + 50], [x - 30, y + 45]], np.int32)
        colour = (GRASS if chance.random() < 0.75 else ROAD) * chance.uniform(0.6, 1.5)
        cv2.fillConvexPoly(surface, corners, tuple(colour))
    grain = chance.normal(0, 1, (height, width, 1))
    fine = cv2.GaussianBlur(grain, (0, 0), 1.2)[..., None] * 2.5
    surface *= np.exp(0.13 * fine)
    for x, y in chance.uniform((0, 60), SIZE, (40, 2)):  # bushes, stones and posts
        cv2.circle(
            surface, (int(x), int(y)), int(chance.integers(2, 5)), tuple(GRASS * chance.uniform(0.2, 2.2)), -1
        )
    surface[70:230, 190:310] = GRASS * np.exp(0.13 * fine[70:230, 190:310])  # the meadow that is dug
    return np.asarray(surface, np.float64)
