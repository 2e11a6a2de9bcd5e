"""Command centres in a site file: several of them, who we are there, and what may wait."""

import pytest
from pydantic import ValidationError

from edge.settings.centres import BrokerSettings, CentreSettings, WaitingSettings
from edge.settings.finding import SettingsError
from edge.settings.loader import load_text

SITE = """\
site: {id: sand-01, area: 410122}
broker: {url: mqtt://127.0.0.1}
centres:
  - {name: city, url: mqtt://127.0.0.2, acknowledge: broker}
  - {name: %s, url: mqtt://127.0.0.3}
storage: {path: /tmp/sandwatch, waiting: {events: 5000, megabytes: 8, age: 2d}}
streams: [{name: gate, url: rtsp://192.0.2.1/live}]
"""


def test_what_is_left_out_is_the_centres_own_word_and_an_hour() -> None:
    broker = BrokerSettings.model_validate({"url": "mqtt://127.0.0.1"})
    assert (broker.acknowledge, broker.session, broker.cert_file) == ("centre", 3600.0, None)
    assert WaitingSettings().events == 200_000


@pytest.mark.parametrize(
    "values",
    [
        {"cert_file": "box.crt"},
        {"key_file": "box.key"},
        {"url": "mqtt://127.0.0.1", "cert_file": "box.crt", "key_file": "box.key"},
        {"acknowledge": "nobody"},
        {"session": 40 * 86_400},
    ],
)
def test_what_cannot_be_meant_is_refused(values: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        BrokerSettings.model_validate({"url": "mqtts://127.0.0.1", **values})


def test_a_further_centre_has_a_name() -> None:
    assert CentreSettings.model_validate({"url": "mqtt://127.0.0.1", "name": "city"}).name == "city"
    with pytest.raises(ValidationError):
        CentreSettings.model_validate({"url": "mqtt://127.0.0.1"})


def test_several_centres_and_what_may_wait_for_them() -> None:
    site = load_text(SITE % "province", "site.yaml", {}).site
    assert [(centre.name, centre.acknowledge) for centre in site.centres] == [
        ("city", "broker"),
        ("province", "centre"),
    ]
    assert site.storage.waiting == WaitingSettings(events=5000, megabytes=8, age=172_800.0)


@pytest.mark.parametrize("name", ["city", "centre", "evidence"])
def test_a_name_that_is_taken_is_refused_in_its_place(name: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load_text(SITE % name, "site.yaml", {})
    assert [finding.path for finding in caught.value.findings] == ["centres"]
    assert name in caught.value.findings[0].message.en
