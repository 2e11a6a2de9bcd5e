"""A camera's clock that is wrong."""

from streams.problem import Problem, Text

# s. What is burnt into the picture is read in court to the second; ONVIF tells a clock to about one.
TOLERANCE = 5.0
# s. RTCP may count from a camera's start instead of from 1970 (RFC 3550, 4): what is further off was never a date.
_NO_DATE = 365 * 86400.0


def clock_problem(camera: str, offset: float) -> Problem | None:
    """offset: s the camera's clock is ahead of the box's. None: near enough."""
    if abs(offset) <= TOLERANCE or abs(offset) > _NO_DATE:
        return None
    # Rounded, so that a drifting clock is not a new problem at every look.
    amount = round(abs(offset) / TOLERANCE) * TOLERANCE
    en, zh = ("ahead", "快") if offset > 0 else ("behind", "慢")
    return Problem(
        "camera.clock",
        Text(
            f"{camera}: its clock is about {amount:.0f} s {en}",
            f"{camera}：摄像机时钟约{zh} {amount:.0f} 秒",
        ),
        Text(
            "let the camera take its time from this box or from an NTP server; check its time zone",
            "请让摄像机从本网关或 NTP 服务器校时，并核对时区",
        ),
    )
