"""Model manifests: the right file is found in the right order, and a wrong one is refused in plain words."""

import hashlib
from pathlib import Path

import pytest

from edge import assets
from inference.manifest import SYSTEM_MODELS, ModelRefused, find, search_path, sha256, verified

MANIFEST = """\
name: {name}
file: {name}.onnx
sha256: {sha256}
licence: Apache-2.0
classes: [truck, bus]
input: {{width: 416, height: 416}}
decoder: yolox
"""


def put(folder: Path, name: str, content: bytes = b"weights") -> Path:
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.onnx").write_bytes(content)
    manifest = folder / f"{name}.yaml"
    manifest.write_text(MANIFEST.format(name=name, sha256=hashlib.sha256(content).hexdigest()))
    return manifest


def test_the_shipped_model_is_what_its_manifest_says() -> None:
    model = find("sandwatch-nano", [assets.models()])
    assert model.manifest.classes[0] == "truck"
    assert "Megvii" in model.manifest.notice


def test_search_order_is_site_environment_system_shipped(tmp_path: Path) -> None:
    order = search_path(tmp_path / "a", str(tmp_path / "b"), tmp_path / "c")
    assert order == (tmp_path / "a", tmp_path / "b", SYSTEM_MODELS, tmp_path / "c")
    put(tmp_path / "b", "m", b"second")
    put(tmp_path / "c", "m", b"fourth")
    assert find("m", order).path.read_bytes() == b"second"


def test_a_model_nobody_has_names_the_folders_searched(tmp_path: Path) -> None:
    with pytest.raises(ModelRefused) as refused:
        find("nosuch", [tmp_path])
    assert refused.value.problem.code == "model.missing"
    assert str(tmp_path) in refused.value.problem.say("zh")


def test_one_changed_byte_is_refused(tmp_path: Path) -> None:
    manifest = put(tmp_path, "m")
    (tmp_path / "m.onnx").write_bytes(b"weightz")
    with pytest.raises(ModelRefused) as refused:
        verified(manifest)
    assert refused.value.problem.code == "model.hash"


def test_a_manifest_without_its_file_is_refused(tmp_path: Path) -> None:
    manifest = put(tmp_path, "m")
    (tmp_path / "m.onnx").unlink()
    with pytest.raises(ModelRefused) as refused:
        verified(manifest)
    assert "m.onnx" in refused.value.problem.say("en")


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("name: [", "manifest"),
        ("name: m", "file"),
        (MANIFEST.format(name="../../m", sha256="0" * 64), "file"),
        (MANIFEST.format(name="m", sha256="abc"), "sha256"),
        ("\xff", "name"),
    ],
)
def test_a_bad_manifest_says_what_is_wrong(tmp_path: Path, text: str, word: str) -> None:
    manifest = tmp_path / "m.yaml"
    manifest.write_text(text)
    with pytest.raises(ModelRefused) as refused:
        verified(manifest)
    assert refused.value.problem.code == "model.manifest"
    assert word in str(refused.value) or "valid dictionary" in str(refused.value)


@pytest.mark.parametrize("decoder", ["yolox", "yolov8"])
def test_an_odd_input_size_is_refused_where_the_network_answers_on_a_grid(
    tmp_path: Path, decoder: str
) -> None:
    manifest = put(tmp_path, "m")
    text = manifest.read_text().replace("width: 416", "width: 417").replace("yolox", decoder)
    manifest.write_text(text)
    with pytest.raises(ModelRefused, match=f"{decoder} wants input sides that are multiples of 32 px"):
        verified(manifest)


def test_no_class_list_at_all_is_refused(tmp_path: Path) -> None:
    manifest = put(tmp_path, "m")
    manifest.write_text(manifest.read_text().replace("classes: [truck, bus]", "classes: []"))
    with pytest.raises(ModelRefused, match="classes"):
        verified(manifest)


@pytest.mark.parametrize("name", ["m.xml", "m_openvino_model"])
def test_a_model_of_several_files_is_hashed_as_they_lie_in_the_folder(tmp_path: Path, name: str) -> None:
    model = tmp_path / name
    folder = tmp_path if model.suffix else model
    folder.mkdir(exist_ok=True)
    (folder / "m.bin").write_bytes(b"weights")
    (folder / "m.xml").write_bytes(b"<net/>")
    assert sha256(model) == hashlib.sha256(b"weights<net/>").hexdigest()
    (folder / "m.bin").write_bytes(b"weightz")
    assert sha256(model) != hashlib.sha256(b"weights<net/>").hexdigest()
