"""Why nothing is said of the ground in a look. Pure."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from streams.problem import Text


class Silence(StrEnum):
    """Why a look is not judged."""

    LEARNING = "learning"
    UNREFERENCED = "unreferenced"
    DAMAGED = "damaged"
    RESIZED = "resized"
    DARK = "dark"
    GLARE = "glare"
    COVERED = "covered"
    FOG = "fog"
    DROPS = "drops"
    BLURRED = "blurred"
    FEATURELESS = "featureless"
    MOVED = "moved"
    UNREGISTERED = "unregistered"

    @property
    def words(self) -> Text:
        return _WORDS[self]


@dataclass(frozen=True, slots=True)
class NoJudgement:
    """Nothing is said of the ground in this look: neither that it changed nor that it did not.

    condition: a stable code. text: the same, for people. light: of the look, where it is known.
    """

    condition: Silence
    text: Text
    light: str | None = None

    @classmethod
    def because(cls, condition: Silence, light: str | None = None) -> Self:
        return cls(condition, condition.words, light)


_WORDS = {
    Silence.LEARNING: Text("the reference is still being learnt", "参考图像仍在学习中"),
    Silence.UNREFERENCED: Text(
        "there is no reference picture for this light", "没有适用于当前光照的参考图像"
    ),
    Silence.DAMAGED: Text(
        "a reference picture is missing or damaged: restore it or take a new one",
        "参考图像丢失或损坏：请恢复文件或重新采集",
    ),
    Silence.RESIZED: Text(
        "the picture has another size or shape than the reference: another camera or stream; take a new reference",
        "画面尺寸或比例与参考图像不同：摄像机或码流已更换，请重新采集参考图像",
    ),
    Silence.DARK: Text("it is too dark", "光线过暗"),
    Silence.GLARE: Text("the camera is blinded by light", "镜头被强光致盲"),
    Silence.COVERED: Text("the lens is covered", "镜头被遮挡"),
    Silence.FOG: Text("fog hides the ground", "雾气遮挡地面"),
    Silence.DROPS: Text("there are drops or dirt on the lens", "镜头上有水滴或污物"),
    Silence.BLURRED: Text("the picture is out of focus", "画面模糊"),
    Silence.FEATURELESS: Text("the view has too little texture to be compared", "画面纹理过少，无法比对"),
    Silence.MOVED: Text(
        "the camera looks elsewhere than in the reference: turn it back, or take a new reference",
        "摄像机朝向与参考图像不符：请复位，或重新采集参考图像",
    ),
    Silence.UNREGISTERED: Text("the picture cannot be laid over the reference", "画面无法与参考图像配准"),
}
