"""What a camera does to its finished picture: time and name printed on it, and the compression of its stream."""

from datetime import datetime

import cv2
import numpy as np

from bench.provingground.sensor import Picture

_FONT = cv2.FONT_HERSHEY_SIMPLEX


def stamped(picture: Picture, moment: datetime, chance: np.random.Generator) -> Picture:
    """One picture in five carries the time, half of those the camera's name too."""
    if chance.random() > 0.2:
        return picture
    printed, height = picture.copy(), picture.shape[0]
    top, scale = chance.random() < 0.6, float(chance.uniform(0.4, 0.6))
    place = (8, 18) if top else (420, height - 10)
    for colour, width in (((0, 0, 0), 3), ((255, 255, 255), 1)):
        cv2.putText(printed, f"{moment:%Y-%m-%d %H:%M:%S}", place, _FONT, scale, colour, width, cv2.LINE_AA)
    if chance.random() < 0.5:
        other = (560, height - 12 if top else 20)
        cv2.putText(
            printed,
            f"CAM {int(chance.integers(1, 30)):02d}",
            other,
            _FONT,
            0.45,
            (255, 255, 255),
            1,
            cv2.LINE_AA,
        )
    return printed


def compressed(picture: Picture, chance: np.random.Generator) -> Picture:
    """Six in ten have been through a coarse compression once."""
    if chance.random() > 0.6:
        return picture
    coded = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, int(chance.uniform(28, 80))])[1]
    return np.asarray(cv2.imdecode(coded, cv2.IMREAD_COLOR), np.uint8)
