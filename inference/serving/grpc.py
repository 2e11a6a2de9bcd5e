"""The protocol over gRPC. Optional: `pip install 'sandwatch[kserve]'` (grpcio, Apache-2.0)."""

import os
import threading
import time
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from inference.detector import DetectorFailed
from inference.refusals import missing
from inference.serving import problems
from inference.serving.messages import SERVICE, messages
from inference.serving.wire import (
    DATATYPES,
    LARGEST_ANSWER,
    Away,
    Offer,
    Place,
    Port,
    Tensor,
    ordered,
    tensor,
)

_OPTIONS = (
    ("grpc.max_send_message_length", -1),
    ("grpc.max_receive_message_length", LARGEST_ANSWER),
    ("grpc.enable_http_proxy", 0),  # the environment's proxy is for the way out, the server is near
    # Channels share their connections and the waits between attempts: a fresh one would wait for a dead one's turn.
    ("grpc.use_local_subchannel_pool", 1),
    ("grpc.max_reconnect_backoff_ms", 500),
    # Only while a call is pending, which none is that long, unless its bytes are stuck: servers dislike pings.
    ("grpc.keepalive_time_ms", 20_000),
    ("grpc.keepalive_timeout_ms", 5_000),
)
_GRACE = 0.1  # s: gRPC does not keep a deadline (1.85) while the line takes none of a large message, so we do
_PASSING = {"UNAVAILABLE", "DEADLINE_EXCEEDED", "CANCELLED", "ABORTED"}
_DENIED = {"UNAUTHENTICATED", "PERMISSION_DENIED"}


class GrpcWire:
    """See inference.serving.wire.Wire."""

    def __init__(self, place: Place) -> None:
        """Connects at the first request. Raises DetectorFailed where grpcio or the ca_file is missing."""
        self._grpc = _library()
        self._place = place
        self._messages = messages()
        self._channel = self._opened()
        token = place.token
        self._bearer = (("authorization", f"Bearer {token.get_secret_value()}"),) if token else ()

    def offer(self, patience: float) -> Offer:
        until = time.monotonic() + patience
        named = {"name": self._place.model, "version": self._place.version}
        told = self._ask("ModelMetadata", named, patience)
        if not self._ask("ModelReady", named, until - time.monotonic()).ready:
            raise Away(problems.loading(self._place.where, self._place.model))
        return Offer(_ports(told.inputs), _ports(told.outputs))

    def infer(self, inputs: Mapping[str, Tensor], outputs: Sequence[str], patience: float) -> list[Tensor]:
        asked = {
            "model_name": self._place.model,
            "model_version": self._place.version,
            "inputs": [
                {"name": name, "datatype": DATATYPES[values.dtype], "shape": values.shape}
                for name, values in inputs.items()
            ],
            "outputs": [{"name": name} for name in outputs],
            "raw_input_contents": [np.ascontiguousarray(values).tobytes() for values in inputs.values()],
        }
        answer = self._ask("ModelInfer", asked, patience)
        try:
            raw = zip(answer.outputs, answer.raw_output_contents, strict=True)
            return ordered(
                {port.name: tensor(data, port.datatype, port.shape) for port, data in raw}, outputs
            )
        except ValueError as error:
            raise DetectorFailed(problems.nonsense(self._place.where, str(error))) from error

    def close(self) -> None:
        # It waits for what a line that hangs has not taken yet, until the keepalive gives that up.
        threading.Thread(target=self._channel.close, name="grpc-close", daemon=True).start()

    def _ask(self, method: str, asked: Mapping[str, Any], patience: float) -> Any:
        call = self._channel.unary_unary(
            f"{SERVICE}/{method}",
            request_serializer=lambda request: request.SerializeToString(),
            response_deserializer=self._messages[f"{method}Response"].FromString,
        )
        request = self._messages[f"{method}Request"](**asked)
        patience = max(0.001, patience)
        pending = call.future(request, timeout=patience, metadata=self._bearer)
        try:
            return pending.result(patience + _GRACE)
        except self._grpc.FutureTimeoutError:
            pending.cancel()
            raise Away(problems.silent(self._place.where, "deadline exceeded")) from None
        except self._grpc.RpcError as error:
            raise self._failure(error.code().name, error.details() or "") from None

    def _failure(self, code: str, words: str) -> DetectorFailed:
        where = self._place.where
        if "CERTIFICATE_VERIFY_FAILED" in words:
            return DetectorFailed(problems.untrusted(where, "CERTIFICATE_VERIFY_FAILED"))
        if code in _PASSING:
            return Away(problems.silent(where, code.replace("_", " ").lower()))
        if code in _DENIED:
            return DetectorFailed(problems.denied(where, had_token=self._place.token is not None))
        if code == "NOT_FOUND":
            return DetectorFailed(problems.unknown(where, self._place.model, self._place.version))
        return DetectorFailed(problems.refused(where, words or code))

    def _opened(self) -> Any:
        if not self._place.secure:
            return self._grpc.insecure_channel(self._place.where, _OPTIONS)
        path = self._place.ca_file
        try:
            authority = path.read_bytes() if path else None
        except OSError as error:
            raise DetectorFailed(problems.no_authority(str(path), error.strerror or "")) from None
        return self._grpc.secure_channel(
            self._place.where, self._grpc.ssl_channel_credentials(authority), _OPTIONS
        )


def _library() -> Any:
    # Its C core writes every failed handshake to standard error, between our lines of JSON; we report them ourselves.
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")
    try:
        import grpc  # noqa: PLC0415
    except ImportError as error:
        raise DetectorFailed(missing("gRPC", "kserve")) from error
    return grpc


def _ports(told: Sequence[Any]) -> tuple[Port, ...]:
    return tuple(Port.told(each.name, each.datatype, each.shape) for each in told)
