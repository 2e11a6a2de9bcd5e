"""Talk-back in a site file: who talks with whom, what is kept of it, and where a full group goes on."""

import re
from typing import Annotated, Self

from pydantic import AfterValidator, Field, SecretStr, model_validator

from edge.settings.fields import Name, Title, wrong
from edge.settings.part import Part
from inference.findings import Severity
from relay.group import CallRules
from relay.loudspeaker.spec import LoudspeakerSpec
from relay.talk import FloorRules, Member, Role, TalkGroup
from streams.units import Duration

_URL = re.compile(r"https?://(\[[0-9A-Fa-f:.]+\]|[\w.-]+)(:\d{1,5})?/[!-~]*")


def _endpoint(text: str) -> str:
    if not _URL.fullmatch(text):
        raise wrong(
            "needs https://HOST:PORT/PATH, without a login; {group} stands for the group's name",
            "须为 https://主机:端口/路径，不含登录信息；{group} 代表对讲组名称",
        )
    return text


Endpoint = Annotated[str, AfterValidator(_endpoint)]


class MemberSettings(Part):
    """talk.groups[n].members[m]. priority: 0 lowest; who has more may interrupt who has less.

    loudspeaker: where a member of the role speaker is heard. accounts: of the console, that speak as this member.
    """

    name: Name
    role: Role
    accounts: Annotated[tuple[Name, ...], Field(max_length=64)] = ()
    priority: Annotated[int, Field(ge=0, le=255)] = 0
    listen_only: bool = False
    loudspeaker: LoudspeakerSpec | None = None

    @model_validator(mode="after")
    def _can_be_heard(self) -> Self:
        if self.loudspeaker is not None and self.role is not Role.SPEAKER:
            raise wrong("has a loudspeaker: its role is speaker", "填写了 loudspeaker：role 须为 speaker")
        if self.accounts and self.role is Role.SPEAKER:
            raise wrong("is a loudspeaker: nobody signs in as one", "是扬声器：不能填写 accounts")
        return self


class GroupSettings(Part):
    """talk.groups[n]: its members, and the rules of its floor (relay.talk.FloorRules). record: whether what is said and
    shown in it is kept, as talk.recording says."""

    name: Name
    title: Title | None = None
    members: Annotated[tuple[MemberSettings, ...], Field(min_length=1)]
    seats: Annotated[int, Field(ge=2, le=500)] = 50
    talk: Annotated[Duration, Field(ge=5, le=3600)] = 60.0
    warn: Annotated[Duration, Field(ge=1)] = 10.0
    emergency_talk: Annotated[Duration, Field(ge=5, le=3600)] = 180.0
    silence: Annotated[Duration, Field(ge=1, le=60)] = 4.0
    penalty: Annotated[Duration, Field(le=60)] = 3.0
    queue: Annotated[int, Field(ge=0, le=64)] = 8
    requeue: bool = False
    record: bool = True

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        if self.warn >= min(self.talk, self.emergency_talk):
            raise wrong(
                "needs a warn shorter than talk and emergency_talk", "warn 须小于 talk 和 emergency_talk"
            )
        names = [member.name for member in self.members]
        if len(set(names)) < len(names):
            raise wrong("has two members of one name", "有两名成员同名")
        return self

    def plan(self) -> TalkGroup:
        rules = FloorRules(
            talk=self.talk,
            warn=self.warn,
            emergency_talk=self.emergency_talk,
            silence=self.silence,
            penalty=self.penalty,
            queue=self.queue,
            requeue=self.requeue,
        )
        members = tuple(
            Member(member.name, member.role, member.priority, member.listen_only) for member in self.members
        )
        return TalkGroup(self.name, members, rules, self.seats)


class PicturesSettings(Part):
    """talk.recording.pictures: what body cameras published. megabytes: of all groups; the oldest goes first.
    piece: longest file."""

    keep: bool = True
    megabytes: Annotated[int, Field(ge=10, le=10_000_000)] = 4000
    piece: Annotated[Duration, Field(ge=10, le=3600)] = 600.0


class RecordingSettings(Part):
    """talk.recording: what was said, as proof. megabytes: of all groups; the oldest goes first. keep: also of pictures."""

    keep: bool = True
    megabytes: Annotated[int, Field(ge=10, le=1_000_000)] = 2000
    pictures: PicturesSettings = PicturesSettings()


class HandoverSettings(Part):
    """talk.handover: an SFU that takes the listeners of a floor past `limit`.

    whip: where we publish a group's floor; whep: where those listeners are sent. {group} stands for the group.
    """

    limit: Annotated[int, Field(ge=0, le=500)] = 50
    whip: Endpoint
    whep: Endpoint
    token: SecretStr | None = None


class TalkSettings(Part):
    """talk: the groups; without any there is no talk-back. ring: how long a call rings; calls: open at once."""

    groups: tuple[GroupSettings, ...] = ()
    ring: Annotated[Duration, Field(ge=5, le=120)] = 30.0
    calls: Annotated[int, Field(ge=1, le=100)] = 16
    recording: RecordingSettings = RecordingSettings()
    handover: HandoverSettings | None = None

    @model_validator(mode="after")
    def _names_differ(self) -> Self:
        names = [group.name for group in self.groups]
        if len(set(names)) < len(names):
            raise wrong("has two groups of one name", "有两个对讲组同名")
        return self

    @model_validator(mode="after")
    def _accounts_are_one_member(self) -> Self:
        """In every group the same: what an account may is "as this member, in these groups", and nothing is mixed."""
        spoken: dict[str, str] = {}
        for member in (member for group in self.groups for member in group.members):
            for account in member.accounts:
                other = spoken.setdefault(account, member.name)
                if other != member.name:
                    raise wrong(
                        f"lets the account {account} speak as {other} and as {member.name}: choose one",
                        f"账号 {account} 同时对应成员 {other} 和 {member.name}：请只保留一个",
                    )
        return self

    @property
    def call_rules(self) -> CallRules:
        return CallRules(calls=self.calls, ring=self.ring)


class RespondSettings(Part):
    """streams[n].respond: who answers to an event of this camera, and within what time.

    unit: that is responsible. officers, or those on duty by `roster`: whom the event names. receive, dispatch, close:
    how long a centre has to receive the case, to dispatch somebody after that, and to close it after that; where it
    takes longer, the whistle goes a level up and the next in line is named. members: of the talk groups, called
    together; least: by events at least so grave; pause: after a call, none for so long.
    """

    unit: Title | None = None
    officers: Annotated[tuple[Title, ...], Field(max_length=50)] = ()
    roster: Name | None = None
    # Nobody answers a whistle faster than in a minute.
    receive: Annotated[Duration, Field(ge=60)] | None = None
    dispatch: Annotated[Duration, Field(ge=60)] | None = None
    close: Annotated[Duration, Field(ge=60)] | None = None
    members: tuple[Name, ...] = ()
    least: Severity = Severity.HIGH
    pause: Annotated[Duration, Field(ge=60)] = 600.0

    @model_validator(mode="after")
    def _names_somebody(self) -> Self:
        if len(self.members) == 1:
            raise wrong("a call takes two members or more", "一次呼叫须有两名以上成员")
        if self.officers and self.roster is not None:
            raise wrong("has officers and a roster; one of them says it", "officers 与 roster 只能填写一项")
        return self
