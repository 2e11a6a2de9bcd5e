"""Which way the camera of a moving carrier looks. Pure.

Body axes are forward, right, down; the earth's are north, east, down; angles turn by yaw, then pitch, then roll
(the aerospace sequence of MISB ST 0601, ISO 1151-2 and MAVLink's GIMBAL_DEVICE_ATTITUDE_STATUS).
"""

import numpy as np
from numpy.typing import NDArray

from inference.survey.refusal import (
    NO_ATTITUDE,
    NO_GIMBAL,
    NO_HEADING,
    NotPlaced,
)
from streams.telemetry.pose import Attitude, Frame, Pose

Floats = NDArray[np.float64]

# A camera's right, down and forward (columns: x, y, z of the picture) in body axes, and north, east, down as
# east, north, up.
_CAMERA = np.array([[0.0, 0.0, 1.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
_EAST_NORTH_UP = np.array([[0.0, 1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, -1.0]])


def turned(yaw: float, pitch: float, roll: float) -> Floats:
    """float64 [3, 3]: from body axes to the axes that yaw, pitch and roll (degrees) are counted from."""
    (cy, cp, cr), (sy, sp, sr) = (
        np.cos(np.radians([yaw, pitch, roll])),
        np.sin(np.radians([yaw, pitch, roll])),
    )
    about_down = np.array([[cy, -sy, 0.0], [sy, cy, 0.0], [0.0, 0.0, 1.0]])
    about_right = np.array([[cp, 0.0, sp], [0.0, 1.0, 0.0], [-sp, 0.0, cp]])
    about_forward = np.array([[1.0, 0.0, 0.0], [0.0, cr, -sr], [0.0, sr, cr]])
    return np.asarray(about_down @ about_right @ about_forward, np.float64)


def looking(pose: Pose) -> Floats:
    """float64 [3, 3]: from the camera's axes (x right, y down, z ahead) to east, north, up, by the frame that the
    gimbal's angles are measured from. A roll that is not told is none: such a gimbal keeps the horizon. Raises
    NotPlaced where an angle that matters is not known."""
    gimbal, attitude = pose.gimbal, pose.attitude or Attitude()
    if gimbal is None or gimbal.pitch is None:
        raise NotPlaced(NO_GIMBAL)
    if gimbal.yaw is None:
        raise NotPlaced(NO_HEADING)
    mount = turned(gimbal.yaw, gimbal.pitch, gimbal.roll or 0.0)
    return np.asarray(_EAST_NORTH_UP @ _carrier(gimbal.frame, attitude) @ mount @ _CAMERA, np.float64)


def _carrier(frame: Frame, attitude: Attitude) -> Floats:
    """float64 [3, 3]: from the axes that the gimbal counts from to north, east, down."""
    if frame == "earth":
        return np.eye(3)
    if attitude.yaw is None:
        raise NotPlaced(NO_HEADING)
    if frame == "heading":
        return turned(attitude.yaw, 0.0, 0.0)
    if attitude.pitch is None or attitude.roll is None:
        raise NotPlaced(NO_ATTITUDE)
    return turned(attitude.yaw, attitude.pitch, attitude.roll)
