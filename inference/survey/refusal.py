"""Why a picture from above is not put on the ground, or two are not compared: for whoever flies."""

from streams.problem import Problem, ProblemError, Text


class NotPlaced(ProblemError):
    """Where this picture lies on the ground is not known; `problem` says why."""


class NotCompared(ProblemError):
    """Nothing is said of what changed between these two; `problem` says why."""


class NotMeasured(ProblemError):
    """The outlined area has no size that could be stood by; `problem` says why."""


STALE = Problem(
    "survey.stale",
    Text("the pose is older than the picture by more than it may be", "姿态数据相对画面已过时"),
    Text(
        "check the telemetry link; a place is told again as soon as poses arrive",
        "请检查遥测链路；姿态恢复后会继续给出位置",
    ),
)
NO_POSE = Problem(
    "survey.no_pose",
    Text("no pose with a position is known for this picture", "该画面没有带位置的姿态数据"),
    Text(
        "check that the carrier sends telemetry and has a GNSS fix; for a recording give its telemetry file",
        "请确认载具发送遥测且已定位；回放录像时请提供其遥测文件",
    ),
)
NO_GIMBAL = Problem(
    "survey.no_gimbal",
    Text("the telemetry does not tell the gimbal's pitch", "遥测数据中没有云台俯仰角"),
    Text(
        "choose a telemetry kind that sends gimbal angles, or give them with the pose",
        "请选用包含云台角度的遥测类型，或随姿态一并提供",
    ),
)
NO_HEADING = Problem(
    "survey.no_heading",
    Text("the telemetry does not tell which way the camera points", "遥测数据中没有相机朝向"),
    Text(
        "the gimbal's yaw, and where it counts from the airframe the airframe's heading, must be sent",
        "必须提供云台偏航角；若其相对机身，还须提供机身航向",
    ),
)
NO_ATTITUDE = Problem(
    "survey.no_attitude",
    Text(
        "the gimbal's angles count from the airframe, whose pitch and roll are not told",
        "云台角度相对机身，但没有机身的俯仰角和横滚角",
    ),
    Text("send the airframe's attitude as well", "请同时发送机身姿态"),
)
NO_FOV = Problem(
    "survey.no_fov",
    Text("the camera's field of view is not known", "不知道相机的视场角"),
    Text(
        "give the horizontal field of view in degrees (the camera's manual; at the zoom that was flown)",
        "请提供水平视场角（度，见相机说明书，以实际变焦为准）",
    ),
)
NO_HEIGHT = Problem(
    "survey.no_height",
    Text("the telemetry tells no height", "遥测数据中没有高度"),
    Text("choose a telemetry kind that sends it", "请选用包含高度的遥测类型"),
)
UNKNOWN_DATUM = Problem(
    "survey.unknown_datum",
    Text("the telemetry tells a height, but not above what", "遥测数据中的高度没有说明基准面"),
    Text(
        "say what it is measured from: sea level, take-off or the ellipsoid",
        "请说明高度基准：海平面、起飞点或椭球面",
    ),
)
NO_GROUND = Problem(
    "survey.no_ground",
    Text("the height is told above sea level, the ground's is not known", "已知海拔高度，但不知道地面高程"),
    Text(
        "give the ground's height above sea level, or an elevation model",
        "请提供地面海拔，或高程模型",
    ),
)
NO_GEOID = Problem(
    "survey.no_geoid",
    Text(
        "the height is told above the ellipsoid, and how far sea level lies from it is not known",
        "高度相对椭球面，但不知道大地水准面差距",
    ),
    Text(
        "give the geoid's height here (about -60 to +10 m in China, from EGM2008)",
        "请提供当地大地水准面差距（我国约 -60 至 +10 米，见 EGM2008）",
    ),
)
NO_TAKEOFF = Problem(
    "survey.no_takeoff",
    Text(
        "the height is told above the place of take-off, whose height above sea level is not known",
        "高度相对起飞点，但不知道起飞点的海拔",
    ),
    Text(
        "give the take-off's height above sea level, or do without the elevation model on level ground",
        "请提供起飞点海拔；地面平坦时也可不用高程模型",
    ),
)


def below_ground(height: float) -> Problem:
    return Problem(
        "survey.below_ground",
        Text(
            f"by its telemetry the camera is {height:.0f} m above the ground",
            f"按遥测，相机离地 {height:.0f} 米",
        ),
        Text(
            "check what the height is measured from, and the ground's height; below 2 m nothing is placed",
            "请核对高度基准和地面高程；低于 2 米不予定位",
        ),
    )


def above_horizon(pitch: float) -> Problem:
    return Problem(
        "survey.above_horizon",
        Text(
            f"the camera's axis is {pitch:+.0f}° from the horizon: nothing can be placed",
            f"相机光轴与地平线夹角 {pitch:+.0f}°，无法定位",
        ),
        Text("look further down: 20° at least, better 45°", "请加大俯角：至少 20°，最好 45°"),
    )


APART = Problem(
    "survey.apart",
    Text("the two do not show the same ground", "两者拍摄的不是同一块地面"),
    Text("choose pictures whose footprints overlap", "请选择地面范围有重叠的画面"),
)
NO_RASTERIO = Problem(
    "survey.no_rasterio",
    Text("GeoTIFF files cannot be read here", "本机无法读取 GeoTIFF 文件"),
    Text("install it with: pip install 'sandwatch[elevation]'", "请安装：pip install 'sandwatch[elevation]'"),
)

ANOTHER_SEASON = Problem(
    "survey.another_season",
    Text(
        "most of the ground has another colour: what was dug does not stand out",
        "大部分地面颜色已改变，无法辨别扰动",
    ),
    Text(
        "compare with a flight of the same season, and at a similar time of day",
        "请与同一季节、相近时刻的航飞比对",
    ),
)


def apart_from(name: str) -> Problem:
    return Problem(
        "survey.apart",
        Text(f"{name} does not reach the ground of the other", f"{name} 未覆盖另一幅画面的地面"),
        APART.do,
    )


def unreadable(name: str, why: Text) -> Problem:
    return Problem(
        "survey.unreadable",
        Text(f"{name}: {why.en}", f"{name}：{why.zh}"),
        Text("give another file, or save it anew", "请换用其他文件，或重新导出"),
    )


def not_registered(why: Text) -> Problem:
    return Problem(
        "survey.not_registered",
        Text(f"the two pictures cannot be laid over each other: {why.en}", f"两幅画面无法配准：{why.zh}"),
        Text(
            "fly higher, so that roads or buildings that stayed are in both, and along the same line; nothing is said "
            "of these two",
            "请提高航高，使两幅画面都拍到未变化的道路或房屋，并沿相同航线飞行；本次不作判断",
        ),
    )


def not_outlined(name: str, why: Text) -> Problem:
    return Problem(
        "survey.outline",
        Text(f"{name}: {why.en}", f"{name}：{why.zh}"),
        Text("draw it again, corner after corner along the edge", "请沿边缘依次重新标绘角点"),
    )


def disagreeing(name: str, area: float, others: float, off: float) -> Problem:
    return Problem(
        "survey.disagreeing",
        Text(
            f"{name} gives {area:.0f} m², the others {others:.0f} m², {off:.0f} m apart: more than the poses explain",
            f"{name} 得出 {area:.0f} 平方米，其余为 {others:.0f} 平方米，相距 {off:.0f} 米，超出姿态误差",
        ),
        Text(
            "check that every picture outlines the same area, and that its pose belongs to it",
            "请确认各画面标绘的是同一块地，且姿态与画面对应",
        ),
    )
