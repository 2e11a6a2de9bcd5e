"""What needs PyTorch, which is not installed where the suite runs: in an environment with the extra `train`,

python -m pytest tests/bench/training_with_torch.py
"""

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch

from bench.train.fit import Plan, fit
from bench.train.loss import Cells, Target, detection_loss
from bench.train.network import Deployed, Detector, with_classes
from bench.train.samples import Knowledge, Sample, read
from bench.train.schedule import Schedule
from bench.train.sources import CLASSES, Part
from bench.train.state import averaged_network
from bench.train.weights import export, load, unfold
from inference.decoders import decode
from tests.support.labelled import source, write

COCO = 80


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An untrained network of 80 classes, as a file."""
    torch.manual_seed(3)
    path = tmp_path_factory.mktemp("weights") / "start.onnx"
    export(Detector(COCO).eval(), path, COCO)
    return path


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> list[Sample]:
    folder = tmp_path_factory.mktemp("data")
    for number in range(8):
        write(folder / "photos", f"{number}", [(number % 2, 0.2, 0.2, 0.6 + number / 40, 0.6)])
    return list(read(folder, [source(folder / "photos")], Part.TRAIN, Knowledge({}, {}, {}, {})))


def run_onnx(path: Path, pictures: torch.Tensor) -> np.ndarray:
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    return np.asarray(session.run(None, {"images": pictures.numpy()})[0])


def test_a_network_survives_the_way_to_onnx_and_back(start: Path) -> None:
    net = Detector(COCO)
    load(net, start)
    pictures = torch.rand(1, 3, 416, 416) * 255
    with torch.no_grad():
        ours = Deployed(net.eval())(pictures).numpy()
    assert np.abs(ours - run_onnx(start, pictures)).max() < 1e-3


def test_an_exported_network_takes_pictures_of_any_size_and_number(start: Path) -> None:
    made = run_onnx(start, torch.zeros(3, 3, 384, 640))
    assert made.shape == (3, (384 * 640) // 64 * 21 // 16, 5 + COCO)
    decode("yolox", [made[:1]], (640, 384), COCO, 0.0)


def test_an_exported_file_tells_its_classes_and_no_paths(start: Path) -> None:
    model = onnx.load(str(start))
    assert model.graph.output[0].type.tensor_type.shape.dim[2].dim_value == 5 + COCO
    assert str(Path.cwd()).encode() not in start.read_bytes()


def test_unfolding_leaves_the_output_and_measures_the_norms(start: Path) -> None:
    net = Detector(COCO)
    load(net, start)
    pictures = torch.rand(4, 3, 96, 96) * 255
    with torch.no_grad():
        before = net.eval()(pictures)
        unfold(net, pictures.split(2))
        after = net.eval()(pictures)
        trained = net.train()(pictures)
    assert (after - before).abs().max() < 1e-2
    # With the statistics of these pictures, training mode sees the same pictures in nearly the same way.
    assert (trained - before).abs().mean() < 0.2 * before.abs().mean()


def test_a_new_class_starts_unlikely_and_an_old_one_where_it_was(start: Path) -> None:
    coco = Detector(COCO)
    load(coco, start)
    ours = with_classes(coco, [7, None])
    pictures = torch.rand(1, 3, 96, 96) * 255
    with torch.no_grad():
        old, new = Deployed(coco.eval())(pictures), Deployed(ours.eval())(pictures)
    assert torch.allclose(new[..., 5], old[..., 5 + 7], atol=1e-5)
    assert new[..., 6].max() < 0.05


def target(
    boxes: list[list[float]], classes: torch.Tensor, weights: torch.Tensor, ignore: list[list[float]]
) -> Target:
    return Target(torch.tensor(boxes).reshape(-1, 4), classes, weights, torch.tensor(ignore).reshape(-1, 4))


def gradient(given: Target) -> torch.Tensor:
    """Of the loss by the raw output [N, 5 + C] of a 96 x 96 picture."""
    cells = Cells.of(96, 96, torch.device("cpu"))
    raw = torch.zeros(1, len(cells.stride), 5 + 3, requires_grad=True)
    detection_loss(raw, cells, [given]).total.backward()
    assert raw.grad is not None
    return raw.grad[0]


def test_cells_in_an_ignored_zone_learn_nothing() -> None:
    none = torch.zeros(0, 3)
    slope = gradient(target([], none, none, [[0.0, 0.0, 48.0, 96.0]]))
    centres = Cells.of(96, 96, torch.device("cpu")).centres
    inside = centres[:, 0] < 48
    assert (slope[inside] == 0).all()
    assert (slope[~inside, 4] > 0).all()


def test_of_an_object_between_two_classes_only_the_third_is_unlearned() -> None:
    slope = gradient(
        target([[20.0, 20.0, 70.0, 60.0]], torch.zeros(1, 3), torch.tensor([[0.0, 0.0, 1.0]]), [])
    )
    assert (slope[:, 5:7] == 0).all()
    assert slope[:, 7].max() > 0
    assert slope[:, 4].min() < 0  # that there is something is taught all the same


def test_a_stopped_run_goes_on_as_if_it_had_not_been_stopped(
    start: Path, samples: list[Sample], tmp_path: Path
) -> None:
    def run(name: str, pictures: int, resume: bool = False) -> None:
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        fit(Plan(start, folder, Schedule(pictures, cool_down=0.0), batch=2, resume=resume), samples)

    run("whole", 8)
    run("parts", 4)
    run("parts", 8, resume=True)
    whole, parts = (
        averaged_network(tmp_path / name / "last.pt", len(CLASSES)) for name in ("whole", "parts")
    )
    for one, other in zip(whole.state_dict().values(), parts.state_dict().values(), strict=True):
        assert torch.allclose(one, other, atol=1e-5)


def test_what_is_learned_lowers_the_loss(
    start: Path, samples: list[Sample], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    schedule = Schedule(480, warm_up=40)
    fit(Plan(start, tmp_path, schedule, batch=4, rate=3e-3), samples)
    losses = [float(line.split()[7]) for line in capsys.readouterr().out.splitlines()]
    assert losses[-1] < 0.8 * losses[0]
