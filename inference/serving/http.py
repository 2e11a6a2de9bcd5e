"""The protocol over HTTP, by the standard library alone: one kept connection, tensors as they lie in memory.

Tensors go in binary (the extension "binary_tensor_data") where the server has it:
Triton says so, OpenVINO Model Server has it and does not say. MLServer has not: JSON works, gRPC is the better way.
"""

import http.client
import json
import socket
import ssl
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import numpy as np
import structlog

from inference.detector import DetectorFailed
from inference.serving import problems
from inference.serving.wire import (
    DATATYPES,
    DTYPES,
    LARGEST_ANSWER,
    Away,
    Offer,
    Place,
    Port,
    Tensor,
    ordered,
    tensor,
)
from streams.outgoing import connected, networks_of

_BINARY = "binary_tensor_data"
_SILENTLY_BINARY = "OpenVINO Model Server"
_HEAD_LENGTH = "Inference-Header-Content-Length"
_BLOCK = 1 << 16  # bytes read between two looks at the clock
_PASSING = {
    HTTPStatus.REQUEST_TIMEOUT,
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.BAD_GATEWAY,  # a proxy before a server that restarts
    HTTPStatus.SERVICE_UNAVAILABLE,
    HTTPStatus.GATEWAY_TIMEOUT,
}
# What reading a stranger's JSON may raise.
_ODD = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
_DENIED = {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    body: bytes
    head: int | None
    """Bytes of JSON before the tensors; None: all of it is JSON."""

    def words(self) -> str:
        try:
            return str(json.loads(self.body)["error"])
        except _ODD:
            return f"HTTP {self.status}"


class HttpWire:
    """See inference.serving.wire.Wire."""

    def __init__(self, place: Place) -> None:
        """Connects at the first request. Raises DetectorFailed for a ca_file that cannot be read."""
        self._place = place
        self._connection = _connection(place)
        version = f"/versions/{quote(place.version, safe='')}" if place.version else ""
        self._server = f"{place.prefix}/v2"
        self._model = f"{self._server}/models/{quote(place.model, safe='')}{version}"
        self._binary = False

    def offer(self, patience: float) -> Offer:
        until = time.monotonic() + patience
        told = self._told(self._model, patience)
        self._wait_for_it(until - time.monotonic())
        self._binary = _has_binary(self._told(self._server, until - time.monotonic()))
        if not self._binary:
            log.warning("detector.server_json", server=self._place.where, better="grpc://")
        try:
            return Offer(_ports(told["inputs"]), _ports(told["outputs"]))
        except _ODD as error:
            raise self._nonsense(f"metadata of {self._place.model}: {error!r}") from error

    def infer(self, inputs: Mapping[str, Tensor], outputs: Sequence[str], patience: float) -> list[Tensor]:
        head, tensors = request(inputs, outputs, binary=self._binary)
        headers = {"Content-Type": "application/json"}
        if self._binary:
            headers = {"Content-Type": "application/octet-stream", _HEAD_LENGTH: str(len(head))}
        answer = self._sound("POST", f"{self._model}/infer", patience, [memoryview(head), *tensors], headers)
        try:
            return ordered(answered(answer.body, answer.head), outputs)
        except ValueError as error:
            raise self._nonsense(str(error)) from error

    def close(self) -> None:
        self._connection.close()

    def _told(self, path: str, patience: float) -> dict[str, Any]:
        answer = self._sound("GET", path, patience)
        try:
            told = json.loads(answer.body)
        except _ODD as error:
            raise self._nonsense(f"{path} is no JSON") from error
        if not isinstance(told, dict):
            raise self._nonsense(f"{path} is no object")
        return told

    def _wait_for_it(self, patience: float) -> None:
        # Triton says 400 to this for a model that is not loaded, and 404 for one it never heard of to the metadata.
        if self._ask("GET", f"{self._model}/ready", patience).status != HTTPStatus.OK:
            raise Away(problems.loading(self._place.where, self._place.model))

    def _sound(
        self,
        method: str,
        path: str,
        patience: float,
        body: Sequence[memoryview] = (),
        headers: Mapping[str, str] | None = None,
    ) -> _Answer:
        answer = self._ask(method, path, patience, body, headers or {})
        where, status = self._place.where, answer.status
        if status == HTTPStatus.OK:
            return answer
        if status in _PASSING:
            raise Away(problems.silent(where, answer.words()))
        if status in _DENIED:
            raise DetectorFailed(problems.denied(where, had_token=self._place.token is not None))
        if status == HTTPStatus.NOT_FOUND and path != self._server:
            raise DetectorFailed(problems.unknown(where, self._place.model, self._place.version))
        raise DetectorFailed(problems.refused(where, answer.words()))

    def _ask(
        self,
        method: str,
        path: str,
        patience: float,
        body: Sequence[memoryview] = (),
        headers: Mapping[str, str] | None = None,
    ) -> _Answer:
        until = time.monotonic() + patience
        try:
            self._send(method, path, body, headers or {}, max(0.001, patience))
            return _read(self._connection.getresponse(), until)
        except ssl.SSLCertVerificationError as error:
            self.close()
            raise DetectorFailed(problems.untrusted(self._place.where, error.verify_message)) from None
        except (OSError, http.client.HTTPException) as error:
            self.close()  # where it stopped is not known: the next request begins on a fresh one
            raise Away(problems.silent(self._place.where, _words(error))) from None

    def _send(
        self, method: str, path: str, body: Sequence[memoryview], headers: Mapping[str, str], patience: float
    ) -> None:
        connection = self._connection
        connection.timeout = patience
        if connection.sock is not None:
            connection.sock.settimeout(patience)
        length = {"Content-Length": str(sum(part.nbytes for part in body))} if body else {}
        token = self._place.token
        bearer = {"Authorization": f"Bearer {token.get_secret_value()}"} if token else {}
        connection.request(method, path, body=body or None, headers={**headers, **length, **bearer})

    def _nonsense(self, why: str) -> DetectorFailed:
        return DetectorFailed(problems.nonsense(self._place.where, why))


def request(
    inputs: Mapping[str, Tensor], outputs: Sequence[str], *, binary: bool
) -> tuple[bytes, list[memoryview]]:
    """The JSON of an inference request, and what follows it: the inputs' bytes, in order. Outputs are asked for in
    the same form."""
    told: list[dict[str, Any]] = []
    following: list[memoryview] = []
    for name, values in inputs.items():
        described: dict[str, Any] = {
            "name": name,
            "shape": list(values.shape),
            "datatype": DATATYPES[values.dtype],
        }
        if binary:
            following.append(np.ascontiguousarray(values).reshape(-1).view(np.uint8).data)
            described["parameters"] = {"binary_data_size": values.nbytes}
        else:
            described["data"] = values.ravel().tolist()
        told.append(described)
    wanted = [
        {"name": name, "parameters": {"binary_data": True}} if binary else {"name": name} for name in outputs
    ]
    return json.dumps({"inputs": told, "outputs": wanted}).encode(), following


def answered(body: bytes, head: int | None) -> dict[str, Tensor]:
    """The outputs of an inference answer whose first `head` bytes are JSON; None: all. Raises ValueError."""
    try:
        told = json.loads(body[:head])
        at = len(body) if head is None else head
        outputs: dict[str, Tensor] = {}
        for output in told["outputs"]:
            size = int(output.get("parameters", {}).get("binary_data_size", 0))
            outputs[str(output["name"])] = _output(output, body[at : at + size])
            at += size
    except _ODD as error:
        raise ValueError(f"inference answer: {error!r}") from error
    return outputs


def _output(told: Mapping[str, Any], data: bytes) -> Tensor:
    datatype, shape = str(told["datatype"]), [int(side) for side in told["shape"]]
    if "data" in told:
        return np.array(told["data"], DTYPES[datatype]).reshape(shape)
    return tensor(data, datatype, shape)


class _Judged(http.client.HTTPConnection):
    def connect(self) -> None:
        self.sock = connected(self.host, self.port, self.timeout or 0.0, networks_of(self.host))
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


class _JudgedTls(_Judged):
    """trust: of the server's certificate."""

    def __init__(self, host: str, port: int, trust: ssl.SSLContext) -> None:
        super().__init__(host, port)
        self._trust = trust

    def connect(self) -> None:
        super().connect()
        self.sock = self._trust.wrap_socket(self.sock, server_hostname=self.host)


def _connection(place: Place) -> http.client.HTTPConnection:
    if not place.secure:
        return _Judged(place.host, place.port)
    try:
        context = ssl.create_default_context(cafile=str(place.ca_file) if place.ca_file else None)
    except OSError as error:  # ssl.SSLError is one
        raise DetectorFailed(problems.no_authority(str(place.ca_file), _words(error))) from None
    return _JudgedTls(place.host, place.port, context)


def _read(response: http.client.HTTPResponse, until: float) -> _Answer:
    body = bytearray()
    while piece := response.read1(_BLOCK):
        body += piece
        if len(body) > LARGEST_ANSWER:
            raise http.client.HTTPException("its answer has no end")
        if time.monotonic() > until:
            raise TimeoutError("timed out")
    if response.length:  # read1() is silent about what never came
        raise http.client.IncompleteRead(bytes(body), response.length)
    response.close()  # nor does it: the connection would take no further request
    head = response.getheader(_HEAD_LENGTH)
    return _Answer(response.status, bytes(body), int(head) if head and head.isdigit() else None)


def _ports(told: Sequence[Mapping[str, Any]]) -> tuple[Port, ...]:
    return tuple(
        Port.told(str(each["name"]), str(each["datatype"]), [int(side) for side in each["shape"]])
        for each in told
    )


def _has_binary(server: Mapping[str, Any]) -> bool:
    return _BINARY in (server.get("extensions") or ()) or server.get("name") == _SILENTLY_BINARY


def _words(error: Exception) -> str:
    return (getattr(error, "strerror", None) or str(error) or type(error).__name__)[:200]
