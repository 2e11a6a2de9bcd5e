"""A model on an inference server: the same boxes as here, clear words for what is wrong, and no harm when it goes.

The server is a real Triton that runs the shipped model.
"""

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest
import structlog
from pydantic import SecretStr, ValidationError

from edge import assets, plan
from inference.calibration import calibration_pictures
from inference.detections import Detections, Detector, Picture
from inference.detector import DetectorFailed
from inference.detectors import kserve, onnx
from inference.manifest import Manifest, Model, ModelRefused, find
from inference.serving.returning import Returning
from streams.problem import Problem
from tests.support.certificates import self_signed
from tests.support.gateways import Line, grpc_gateway, http_gateway
from tests.support.mosquitto import PATIENCE_S
from tests.support.ports import free_port
from tests.support.triton import Shown, Triton

NAME = "sandwatch-nano"
TOKEN = "correct-horse-battery"
MODELS = {NAME: Shown(), "bytes": Shown(datatype="UINT8", most=2, sizes=True), "wide": Shown(side=640)}


@pytest.fixture(scope="module")
def model() -> Model:
    return find(NAME, [assets.models()])


@pytest.fixture(scope="module")
def triton(model: Model, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Triton]:
    with Triton(tmp_path_factory.mktemp("triton"), model.path, MODELS) as server:
        yield server


@pytest.fixture(scope="module")
def local(model: Model) -> Detector:
    return onnx.build(onnx.Spec(), model, threads=1)


@pytest.fixture(scope="module")
def pictures(demo_clip: Path, local: Detector) -> list[Picture]:
    """Five of the clip's frames and their quarters in which there is something."""
    all_ = calibration_pictures(demo_clip, local, 8)
    chosen = [each for each in all_ if (local.detect([each])[0].scores > 0.2).any()][:5]
    assert len(chosen) == 5
    return chosen


@pytest.fixture
def opened() -> Iterator[Callable[[Returning], Returning]]:
    """Whatever is still asking for a dead server when a test ends is told to stop."""
    with ExitStack() as stack:

        def keep(detector: Returning) -> Returning:
            stack.callback(detector.close)
            return detector

        yield keep


def spec(url: str, **settings: object) -> kserve.Spec:
    return kserve.Spec.model_validate({"url": url, "timeout": 10.0, "batch": 4, **settings})


def url(triton: Triton, scheme: str) -> str:
    return f"{scheme}://127.0.0.1:{triton.http if scheme == 'http' else triton.grpc}"


def assert_same(ours: list[Detections], theirs: list[Detections]) -> None:
    """The same sure ones: other batches and thread counts add in another order."""
    for one, other in zip(ours, theirs, strict=True):
        sure = one.keep(one.scores > 0.2)
        near = np.abs(sure.boxes[:, None] - other.boxes).max(axis=2) < 0.5
        near &= np.abs(sure.scores[:, None] - other.scores) < 0.01
        near &= sure.labels[:, None] == other.labels
        assert near.any(axis=1).all()
        assert len(other.keep(other.scores > 0.21)) <= len(sure)


def refusal(settings: kserve.Spec, model: Model) -> Problem:
    with pytest.raises(DetectorFailed) as failed:
        kserve.build(settings, model, 1)
    return failed.value.problem


@pytest.mark.parametrize("scheme", ["http", "grpc"])
@pytest.mark.parametrize("name", [NAME, "bytes"])
def test_the_server_finds_what_the_box_would_find(
    scheme: str, name: str, triton: Triton, model: Model, local: Detector, pictures: list[Picture]
) -> None:
    """Of "bytes", which takes two pictures at most, whole numbers, and their sizes beside them, too."""
    detector = kserve.build(spec(url(triton, scheme), name=name), model, 1)
    assert (detector.classes, detector.size, detector.fit) == (local.classes, local.size, local.fit)
    assert_same(local.detect(pictures), detector.detect(pictures))
    assert detector.problem is None


def test_a_server_without_binary_tensors_is_spoken_to_in_json(
    triton: Triton, model: Model, local: Detector, pictures: list[Picture]
) -> None:
    with http_gateway(triton.http, binary=False) as port, structlog.testing.capture_logs() as lines:
        detector = kserve.build(spec(f"http://127.0.0.1:{port}", batch=1), model, 1)
        assert_same(local.detect(pictures[:2]), detector.detect(pictures[:2]))
    assert "detector.server_json" in [line["event"] for line in lines]


@pytest.mark.parametrize("scheme", ["http", "grpc"])
@pytest.mark.parametrize(
    ("settings", "code", "words"),
    [
        ({"name": "nobody"}, "detector.server_model", "no model nobody"),
        ({"version": "7"}, "detector.server_model", f"no model {NAME} 7"),
        ({"name": "wide"}, "model.layout", "640x640"),
    ],
)
def test_a_model_that_is_not_the_one_is_refused_at_once(
    scheme: str, settings: dict[str, str], code: str, words: str, triton: Triton, model: Model
) -> None:
    problem = refusal(spec(url(triton, scheme), **settings), model)
    assert problem.code == code
    assert words in problem.what.en


@pytest.mark.parametrize("changes", [{"classes": ("truck", "bus")}, {"outputs": ("boxes",)}])
def test_a_manifest_that_does_not_fit_is_refused_at_once(
    changes: dict[str, object], triton: Triton, model: Model
) -> None:
    manifest = Manifest.model_validate({**model.manifest.model_dump(), **changes})
    other = Model(manifest=manifest, path=model.path)
    assert refusal(spec(url(triton, "http"), name=NAME), other).code == "model.layout"


@pytest.fixture(scope="module")
def guarded(triton: Triton, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The server behind TLS and a token: URL by scheme, and the certificate under "ca"."""
    pem = self_signed(tmp_path_factory.mktemp("tls"), "localhost")
    with (
        http_gateway(triton.http, token=TOKEN, pem=pem) as https,
        grpc_gateway(triton.grpc, token=TOKEN, pem=pem) as grpcs,
    ):
        ports = {"https": https, "grpcs": grpcs}
        yield {scheme: f"{scheme}://localhost:{port}" for scheme, port in ports.items()} | {"ca": str(pem)}


@pytest.mark.parametrize("scheme", ["https", "grpcs"])
def test_a_token_opens_a_guarded_server_and_a_wrong_one_does_not(
    scheme: str, guarded: dict[str, str], model: Model, local: Detector, pictures: list[Picture]
) -> None:
    settings = spec(guarded[scheme], ca_file=guarded["ca"], token=TOKEN)
    detector = kserve.build(settings, model, 1)
    assert_same(local.detect(pictures[:2]), detector.detect(pictures[:2]))
    assert TOKEN not in repr(settings)

    for wrong in (SecretStr("wrong-horse"), None):
        problem = refusal(settings.model_copy(update={"token": wrong}), model)
        assert problem.code == "detector.server_denied"
        assert "wrong-horse" not in problem.say("en") + problem.say("zh")


@pytest.mark.parametrize("scheme", ["https", "grpcs"])
def test_a_server_that_nobody_vouches_for_gets_no_token(
    scheme: str, guarded: dict[str, str], model: Model, tmp_path: Path
) -> None:
    settings = spec(guarded[scheme], token=TOKEN)
    assert refusal(settings, model).code == "detector.server_untrusted"
    nothing = settings.model_copy(update={"ca_file": tmp_path / "nothing.pem"})
    assert refusal(nothing, model).code == "detector.ca_file"


@pytest.mark.parametrize(
    "settings",
    [
        {"url": "http://gpu1:8000", "token": SecretStr(TOKEN)},
        {"url": "https://gpu1", "token": "two\r\nlines: 1"},
        {"url": "https://user:secret@gpu1"},
        {"url": "ftp://gpu1"},
        {"url": "grpc://gpu1:8001/path"},
        {"url": "http://gpu1:99999"},
    ],
)
def test_settings_that_cannot_work_or_give_secrets_away_are_refused(settings: dict[str, object]) -> None:
    with pytest.raises(ValidationError) as refused:
        kserve.Spec.model_validate(settings)
    assert TOKEN not in str(refused.value)


def until_it_is_back(detector: Returning) -> None:
    deadline = time.monotonic() + 2 * PATIENCE_S
    while detector.problem is not None:
        assert time.monotonic() < deadline, detector.problem
        time.sleep(0.05)


def test_a_server_may_come_late_and_go_and_come_back(
    model: Model,
    local: Detector,
    pictures: list[Picture],
    tmp_path: Path,
    opened: Callable[[Returning], Returning],
) -> None:
    triton = Triton(tmp_path, model.path, {NAME: Shown()})
    detector = opened(kserve.build(spec(url(triton, "http")), model, 1))
    with pytest.raises(DetectorFailed) as away:
        detector.detect(pictures)
    assert away.value.problem.code == "detector.server_away"
    with triton:
        until_it_is_back(detector)
        assert_same(local.detect(pictures), detector.detect(pictures))
        triton.kill()
        for _ in range(3):
            with pytest.raises(DetectorFailed) as gone:
                detector.detect(pictures)
        assert gone.value.problem.code == "detector.server_away"
        assert "recorded" in gone.value.problem.what.en
        triton.start()
        until_it_is_back(detector)
        assert_same(local.detect(pictures), detector.detect(pictures))


def test_the_cpu_takes_over_at_once_and_hands_back(
    model: Model,
    local: Detector,
    pictures: list[Picture],
    tmp_path: Path,
    opened: Callable[[Returning], Returning],
) -> None:
    """The picture that finds the server dead is not lost either, and each turn is said once."""
    served = model.model_copy(update={"fallback": model})
    with Triton(tmp_path, model.path, {NAME: Shown()}) as triton, structlog.testing.capture_logs() as lines:
        detector = opened(kserve.build(spec(url(triton, "grpc")), served, 1))
        triton.kill()
        for _ in range(3):
            assert_same(local.detect(pictures), detector.detect(pictures))
        assert detector.problem is not None
        assert f"the CPU goes on with {NAME}" in detector.problem.what.en
        triton.start()
        until_it_is_back(detector)
        assert_same(local.detect(pictures), detector.detect(pictures))
    told = [line["event"] for line in lines if line["event"].startswith("detector.server")]
    assert told == ["detector.server_lost", "detector.server_back"]


@pytest.mark.parametrize("scheme", ["http", "grpc"])
def test_a_line_that_hangs_is_given_up_before_the_picture_is_worthless(
    scheme: str,
    model: Model,
    pictures: list[Picture],
    triton: Triton,
    opened: Callable[[Returning], Returning],
) -> None:
    with Line(triton.http if scheme == "http" else triton.grpc) as line:
        detector = opened(kserve.build(spec(f"{scheme}://127.0.0.1:{line.port}", timeout=0.5), model, 1))
        line.stall()
        with pytest.raises(DetectorFailed) as late:
            detector.detect(pictures)
        assert late.value.problem.code == "detector.server_away"
        line.resume()
        until_it_is_back(detector)


def test_a_connection_that_the_server_closed_costs_no_picture(
    model: Model, local: Detector, pictures: list[Picture], triton: Triton
) -> None:
    """Servers close what was idle for some seconds; a night without a truck is longer."""
    with Line(triton.http) as line:
        detector = kserve.build(spec(f"http://127.0.0.1:{line.port}"), model, 1)
        assert line.connections == 1
        line.cut()
        assert_same(local.detect(pictures), detector.detect(pictures))
        assert line.connections == 2


def test_what_is_no_inference_server_is_told_apart_from_one_that_is_away(
    model: Model, guarded: dict[str, str], opened: Callable[[Returning], Returning]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        detector = opened(kserve.build(spec(f"http://127.0.0.1:{port}"), model, 1))
        assert detector.problem is not None
        assert detector.problem.code == "detector.server_away"
        assert f"127.0.0.1:{port}" in detector.problem.what.zh
    assert refusal(spec(guarded["https"] + "/elsewhere", ca_file=guarded["ca"], token=TOKEN), model).code in {
        "detector.server_model",
        "detector.server_failed",
    }


def test_a_model_that_lives_on_a_server_needs_its_manifest_only(model: Model, tmp_path: Path) -> None:
    manifest = (assets.models() / f"{NAME}.yaml").read_text().replace(f"name: {NAME}", "name: far")
    (tmp_path / "far.yaml").write_text(manifest)
    served = plan.model_for(kserve.Spec(model="far", models=tmp_path, fallback=NAME))
    assert served.manifest.classes == model.manifest.classes
    assert served.fallback == model
    with pytest.raises(ModelRefused):
        plan.model_for(onnx.Spec(model="far", models=tmp_path))
    with pytest.raises(ModelRefused):
        plan.model_for(kserve.Spec(model="far", models=tmp_path, fallback="nobody"))


def test_nothing_listens_is_no_reason_to_stop_a_box(
    model: Model, opened: Callable[[Returning], Returning]
) -> None:
    served = model.model_copy(update={"fallback": model})
    detector = opened(kserve.build(spec(f"http://127.0.0.1:{free_port()}"), served, 1))
    assert len(detector.detect([np.full((416, 416, 3), 114, np.uint8)])) == 1
