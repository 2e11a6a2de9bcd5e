"""kind: kserve -- a model on an inference server that many boxes share (Open Inference Protocol v2: Triton, OpenVINO
Model Server, MLServer). Over HTTP nothing more is needed; grpc:// wants `pip install 'sandwatch[kserve]'`.

A picture of 416x416 px is 2 MB on the line in fp32, and a quarter of it to a model with a UINT8 input.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr, model_validator

from inference.detector import DetectorFailed, DetectorSpec
from inference.manifest import Model
from inference.network import Network
from inference.serving.wire import Place, Wire
from streams.outgoing import written_in_full
from streams.problem import Text

if TYPE_CHECKING:
    from inference.serving.returning import Opened, Returning
    from inference.serving.standin import StandIn

_PORTS = {"http": 8000, "https": 443, "grpc": 8001, "grpcs": 443}  # Triton's; those behind a gateway
_SECURE = {"https", "grpcs"}
_GREETING = 5.0  # s for a server to say what it has: it does so from memory
_WARM_UP = 15.0  # s for the first answers: TensorRT and lazy loaders compile then


def _server(url: str) -> str:
    try:
        parts = urlsplit(url)
        _ = parts.port  # only now is it looked at
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in _PORTS or not parts.hostname:
        raise ValueError(
            Text(
                "needs http://HOST:PORT or grpc://HOST:PORT, https or grpcs with TLS",
                "须为 http://主机:端口 或 grpc://主机:端口，加密为 https 或 grpcs",
            )
        )
    if not written_in_full(parts.hostname):
        raise ValueError(
            Text("needs an address in full, such as 192.168.1.64", "IP 地址须写完整，例如 192.168.1.64")
        )
    if parts.username is not None or parts.query or parts.fragment:
        raise ValueError(Text("holds no login: give a token", "其中不应含登录信息，请改用 token"))
    if parts.path.strip("/") and parts.scheme.startswith("grpc"):
        raise ValueError(Text("grpc:// ends after the port", "grpc:// 端口之后不应有内容"))
    return url


def _bearer(token: SecretStr) -> SecretStr:
    value = token.get_secret_value()
    if not value or not all("!" <= sign <= "~" for sign in value):
        raise ValueError(Text("needs visible ASCII characters", "须为可见的 ASCII 字符"))
    return token


class Spec(DetectorSpec):
    """detector: {kind: kserve, ...} in the configuration.

    model: the manifest NAME.yaml, whose file lies on the server and is not looked for here. name, version: the
    model's on the server; name left out: the manifest's; version left out: the server chooses. timeout: s for a
    batch, retries included: a lorry at 60 km/h is 25 m further after 1.5 s, and a newer picture is there. batch: the most
    pictures at once. fallback: a local model that `kind: onnx` runs while the server is away; threads are for it.
    """

    served: ClassVar[bool] = True

    kind: Literal["kserve"] = "kserve"
    url: Annotated[str, AfterValidator(_server)] = "http://127.0.0.1:8000"
    model: str = Field(default="sandwatch-nano", pattern=r"^[\w.-]+$")
    models: Path | None = None
    name: str = ""
    version: str = ""
    token: Annotated[SecretStr, AfterValidator(_bearer)] | None = None
    ca_file: Path | None = None
    timeout: float = Field(default=1.5, ge=0.1, le=10.0)
    batch: int = Field(default=8, ge=1, le=64)
    fallback: str | None = Field(default=None, pattern=r"^[\w.-]+$")
    threads: int = Field(default=0, ge=0, le=64)

    @property
    def at_once(self) -> bool:
        return True

    @model_validator(mode="after")
    def _token_stays_secret(self) -> Self:
        if self.token is not None and urlsplit(self.url).scheme not in _SECURE:
            raise ValueError(
                Text(
                    "a token needs https:// or grpcs://, or everybody on the way reads it",
                    "使用 token 须配合 https:// 或 grpcs://，否则途中任何人都能读到",
                )
            )
        return self


def build(spec: Spec, model: Model, threads: int) -> "Returning":
    """A detector that is ready, or that waits for a server that is away. threads: for the stand-in, where the spec
    says 0. Raises DetectorFailed where a person has to mend something."""
    from inference.serving.returning import Returning  # noqa: PLC0415 (cv2)

    place = placed(spec, model)
    stand_in = _stand_in(model, spec.threads or threads) if model.fallback else None
    return Returning(model.manifest, lambda: _opened(place, spec, model), stand_in)


def placed(spec: Spec, model: Model) -> Place:
    parts = urlsplit(spec.url)
    return Place(
        host=parts.hostname or "",
        port=parts.port or _PORTS[parts.scheme],
        secure=parts.scheme in _SECURE,
        prefix=parts.path.rstrip("/"),
        model=spec.name or model.manifest.name,
        version=spec.version,
        token=spec.token,
        ca_file=spec.ca_file,
    )


def _opened(place: Place, spec: Spec, model: Model) -> "Opened":
    from inference.serving.engine import ServerEngine  # noqa: PLC0415

    wire = _wire(place, spec)
    try:
        engine = ServerEngine(model.manifest, wire, wire.offer(_GREETING), spec.batch, _WARM_UP)
        engine.find_most((model.manifest.input.width, model.manifest.input.height))
        network = Network(model, engine)
    except DetectorFailed:
        wire.close()
        raise
    engine.patience = spec.timeout
    return network, wire


def _wire(place: Place, spec: Spec) -> Wire:
    if spec.url.startswith("grpc"):
        from inference.serving.grpc import GrpcWire  # noqa: PLC0415

        return GrpcWire(place)
    from inference.serving.http import HttpWire  # noqa: PLC0415

    return HttpWire(place)


def _stand_in(model: Model, threads: int) -> "StandIn":
    """Loaded from the start: what takes over must not fail to load then."""
    from inference.detectors import onnx  # noqa: PLC0415
    from inference.serving.standin import StandIn  # noqa: PLC0415

    assert model.fallback is not None
    local = onnx.build(onnx.Spec(), model.fallback, threads)
    return StandIn(local, model.fallback.manifest.name, model.manifest)
