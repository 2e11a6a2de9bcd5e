"""Every file of edge/orders/kinds is a command, and the description names all of them."""

import inspect
import re
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from edge.orders.registry import Command, commands
from edge.orders.words import Order
from edge.settings.orders import DEFAULT_MAY, Permission

DOCS = Path(__file__).parents[3] / "docs" / "commands.md"


@pytest.mark.parametrize("command", commands().values(), ids=lambda command: command.name)
def test_a_command_has_all_its_parts(command: Command) -> None:
    assert issubclass(command.request, Order)
    assert command.request.model_config["extra"] == "forbid"
    assert command.request.model_config["frozen"]
    assert inspect.iscoroutinefunction(command.handle)
    assert list(inspect.signature(command.handle).parameters)[1].removeprefix("_") == "box"
    assert command.summary.endswith(".")
    for model in (command.request, command.response):
        TypeAdapter(model).json_schema()


def test_there_are_those_that_are_promised() -> None:
    promised = {"snapshot", "clip", "look", "ptz", "preset", "mute", "land", "config.get", "config.apply"}
    assert set(commands()) == promised | {"status", "upload"}


def test_every_permission_is_asked_for() -> None:
    asked = {command.permission for command in commands().values()}
    assert asked | {Permission.TALK} == set(Permission)


def test_what_turns_cameras_and_rewrites_the_site_is_granted_by_name_only() -> None:
    assert set(Permission) - set(DEFAULT_MAY) == {Permission.PTZ, Permission.CONFIG_APPLY}


def test_the_description_names_every_command_and_every_field() -> None:
    text = DOCS.read_text(encoding="utf-8")
    for command in commands().values():
        assert f"`{command.name}`" in text
        for name, field in command.request.model_fields.items():
            assert f"`{field.alias or name}`" in text, (command.name, name)


def test_the_description_names_every_code_of_a_refusal() -> None:
    text = DOCS.read_text(encoding="utf-8")
    source = Path(inspect.getsourcefile(Order) or "").with_name("problems.py").read_text(encoding="utf-8")
    for code in re.findall(r'"(order\.\w+)"', source):
        assert f"`{code}`" in text
