import subprocess
import sys

import pytest
from pydantic import ValidationError

from streams.onvif.spec import OnvifSpec


def test_the_usual_settings() -> None:
    spec = OnvifSpec.model_validate(
        {
            "host": "192.168.1.64",
            "username": "admin",
            "password": "s3cret",
            "ptz": True,
            "presets": {"gate": "1", "pit": "2"},
            "patrol": [{"preset": "gate", "dwell": "30s"}, {"preset": "pit", "dwell": "1min"}],
        }
    )
    assert spec.patrol[1].dwell == 60.0
    assert "s3cret" not in repr(spec)


@pytest.mark.parametrize(
    "wrong",
    [
        {"host": "http://192.168.1.64"},
        {"host": "192.168.1.64:8000"},
        {"host": "admin:pw@cam"},
        {"host": "cam", "port": 0},
        {"host": "cam", "patrol": [{"preset": "gate", "dwell": 5}]},
        {"host": "cam", "ptz": True, "presets": {"gate": "1"}, "patrol": [{"preset": "gaet", "dwell": 5}]},
        {"host": "cam", "no_such_key": 1},
    ],
)
def test_what_cannot_work_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        OnvifSpec.model_validate(wrong | {"password": "s3cret"})


def test_a_refusal_quotes_no_password() -> None:
    with pytest.raises(ValidationError) as caught:
        OnvifSpec.model_validate({"host": "a/b", "password": "s3cret", "port": "s3cret"})
    assert "s3cret" not in str(caught.value)


def test_settings_do_not_load_the_soap_library() -> None:
    script = (
        "import sys, streams.onvif.spec, streams.onvif.errors;"
        "print([name for name in ('zeep', 'lxml', 'aiohttp', 'onvif') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "[]"


def test_loading_it_leaves_logging_alone() -> None:
    script = "import logging, streams.onvif.soap; print(logging.root.handlers, logging.root.level)"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "[] 30"
