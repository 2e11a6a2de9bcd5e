"""What can be wrong with a camera's picture."""

from enum import StrEnum

from streams.problem import Text


class Condition(StrEnum):
    """In order of gravity: the first one that holds is the one to show."""

    FROZEN = "frozen"
    COVERED = "covered"
    SPRAYED = "sprayed"
    BLINDED = "blinded"
    MOVED = "moved"
    BLURRED = "blurred"
    DARK = "dark"

    @property
    def words(self) -> Text:
        return _WORDS[self]

    @property
    def tampering(self) -> bool:
        """Darkness comes every evening; the others do not."""
        return self is not Condition.DARK


_WORDS = {
    Condition.FROZEN: Text("the picture is frozen", "画面冻结"),
    Condition.COVERED: Text("the lens is covered", "镜头被遮挡"),
    Condition.SPRAYED: Text("part of the lens is covered or sprayed", "镜头部分被遮挡或喷涂"),
    Condition.BLINDED: Text("the camera is blinded by light", "镜头被强光致盲"),
    Condition.MOVED: Text("the camera was moved", "摄像机被移动"),
    Condition.BLURRED: Text("the picture is out of focus", "画面模糊"),
    Condition.DARK: Text("the picture is too dark", "画面过暗"),
}
