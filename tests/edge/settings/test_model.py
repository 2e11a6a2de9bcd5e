"""What a checked site gives to the rest of the daemon."""

import pickle
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from edge.settings.assembly import Used, site_model
from edge.settings.centres import BrokerSettings
from edge.settings.loader import load_text
from edge.settings.model import Site, StreamSettings
from streams import kinds
from tests.edge.settings.documents import ALL, GOOD


def site(text: str) -> Site:
    return load_text(text, "site.yaml", {}).site


def broker(**values: object) -> BrokerSettings:
    return BrokerSettings.model_validate(values)


def test_the_defaults_of_a_short_file() -> None:
    short = site(GOOD)
    assert short.topic_prefix == "sandwatch/v1/410000/410100/410122/sand-01"
    assert short.site.time_zone == "Asia/Shanghai"
    assert short.workers == "auto"
    assert (short.log.level, short.log.format) == ("info", "auto")
    assert short.storage.outbox == Path("/var/lib/sandwatch/outbox.sqlite")
    assert short.storage.evidence == Path("/var/lib/sandwatch/evidence")
    assert short.detector.kind == "onnx"
    assert short.broker.keepalive == 30
    assert short.streams[0].fps == 5
    assert short.streams[0].zones == {"pit": ((0, 0), (1, 0), (1, 1))}


def test_a_stream_gives_its_source_a_spec_of_its_own() -> None:
    for stream in site(ALL).streams:
        spec = stream.source_spec()
        module = kinds.load("streams.sources", stream.kind)
        assert type(spec) is module.Spec
        assert spec == module.Spec.model_validate(spec.model_dump())
        assert module.build(spec) is not None
        assert pickle.loads(pickle.dumps(spec)) == spec  # it goes to a worker process


def test_analyse_is_another_name_of_url() -> None:
    text = GOOD.replace("url: rtsp://", "record: rtsp://192.0.2.1/main\n    analyse: rtsp://")
    (source,), (usual,) = ([stream.source_spec() for stream in site(each).streams] for each in (text, GOOD))
    assert source.model_dump(exclude={"record"}) == usual.model_dump(exclude={"record"})
    assert source.recorded() is not None


def test_rules_and_detector_are_of_their_own_kind_and_travel() -> None:
    full = site(ALL)
    for part in (full.detector, *full.streams[0].rules, full.broker):
        assert pickle.loads(pickle.dumps(part)) == part
    assert type(full.detector).__module__ == "inference.detectors.onnx"
    assert type(full.streams[0].rules[0]).__module__ == "inference.rules.zone"


def test_nothing_of_it_can_be_changed() -> None:
    full = site(ALL)
    for part, name in ((full, "workers"), (full.broker, "url"), (full.streams[0], "fps"), (full.site, "id")):
        with pytest.raises(ValidationError):
            setattr(part, name, 1)


@pytest.mark.parametrize(
    ("url", "host", "port", "tls"),
    [
        ("mqtt://h", "h", 1883, False),
        ("mqtts://h/", "h", 8883, True),
        ("mqtt://u:p@h:99", "h", 99, False),
        ("mqtt://[::1]:7", "::1", 7, False),
    ],
)
def test_a_broker_address(url: str, host: str, port: int, tls: bool) -> None:
    settings = broker(url=url)
    assert (settings.host, settings.port, settings.tls) == (host, port, tls)


def test_a_login_beside_the_url_wins() -> None:
    assert broker(url="mqtt://h").login == (None, None)
    assert broker(url="mqtt://u:p%40ss@h").login == ("u", SecretStr("p@ss"))
    assert broker(url="mqtt://u:p@h", username="v", password="q").login == ("v", SecretStr("q"))


def test_keys_can_be_shared_by_anchor_and_merge() -> None:
    text = GOOD.replace("  - name: gate", "  - &camera\n    name: gate") + (
        "  - <<: *camera\n    name: pit\n    zones: {}\n    rules: []\n"
    )
    gate, pit = site(text).streams
    assert (gate.name, pit.name) == ("gate", "pit")
    assert pit.source_spec() == gate.source_spec()
    assert pit.zones == {}


def test_words_of_yaml_1_1_are_words(tmp_path: Path) -> None:
    for word in ("on", "yes", "no", "off", "19:00", "1_000", "2026-05-01"):
        text = "%YAML 1.1\n---\n" + GOOD.replace("fps: 5", f"title: {word}")
        assert site(text).streams[0].title == word


def test_chinese_names_are_names() -> None:
    text = GOOD.replace("name: gate", "name: 北大门").replace("pit", "一号坑")
    assert site(text).streams[0].name == "北大门"


def test_the_schema_of_everything_can_be_written() -> None:
    schema = site_model(Used.all_kinds()).model_json_schema()
    assert schema["properties"].keys() == Site.model_fields.keys()
    assert "RtspStream" in schema["$defs"]


def test_a_kind_may_not_take_a_key_that_every_stream_has() -> None:
    for kind in kinds.known("streams.sources"):
        spec = kinds.load("streams.sources", kind).Spec
        assert spec.model_fields.keys() & StreamSettings.model_fields.keys() == {"kind"}


def test_only_the_kinds_of_the_file_are_imported() -> None:
    code = (
        "import sys\n"
        "from edge.settings.loader import load_text\n"
        "assert not {name for name in sys.modules if name.startswith(('streams.sources.', 'inference.rules.'))}\n"
        f"load_text({GOOD!r}, 'site.yaml', {{}})\n"
        "print(*sorted(name for name in sys.modules if name.startswith('streams.sources.')))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=True
    )
    assert done.stdout.split() == ["streams.sources.rtsp"]
