import json
import subprocess
import sys
from typing import get_args

import pytest
from pydantic import BaseModel, ValidationError

from streams.kinds import UnknownKind, known, load
from streams.source import SourceSpec

SOURCES = "streams.sources"
EXAMPLES: dict[str, dict[str, object]] = {
    "rtsp": {"url": "rtsp://10.0.0.5/ch1"},
    "push": {"listen": "rtmp://0.0.0.0:1935/live", "key": "sesame-open"},
    "file": {"path": "clip.mp4"},
    "folder": {"path": "pictures"},
}


def test_each_kind_has_an_example_here() -> None:
    assert set(known(SOURCES)) == set(EXAMPLES)


@pytest.mark.parametrize("kind", known(SOURCES))
def test_a_kind_exports_a_frozen_spec_and_a_builder(kind: str) -> None:
    module = load(SOURCES, kind)
    assert issubclass(module.Spec, SourceSpec)
    assert get_args(module.Spec.model_fields["kind"].annotation) == (kind,)
    spec: BaseModel = module.Spec.model_validate({"kind": kind, **EXAMPLES[kind]})
    with pytest.raises(ValidationError, match="frozen"):
        spec.kind = "other"  # type: ignore[attr-defined]
    with pytest.raises(ValidationError, match=r"[Ee]xtra"):
        module.Spec.model_validate({**EXAMPLES[kind], "no_such_key": 1})
    assert callable(module.build(spec).run)
    json.dumps(module.Spec.model_json_schema())


def test_an_unknown_kind_names_the_nearest() -> None:
    with pytest.raises(UnknownKind) as caught:
        load(SOURCES, "rtps")
    assert caught.value.suggestion == "rtsp"


def test_a_kind_is_imported_only_when_it_is_used() -> None:
    script = (
        "import sys, streams, streams.kinds, streams.reader, streams.source;"
        "streams.kinds.known('streams.sources');"
        "print([name for name in sys.modules if name.startswith('streams.sources.')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "[]"
