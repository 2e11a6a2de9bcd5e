"""The protobuf messages of the protocol's gRPC form, as far as we use them, made when they are needed.

Field numbers: open-inference-protocol, specification/protocol/open_inference_grpc.proto. Generated code would tie us
to one major version of protobuf, as the client libraries do; onnxruntime brings one already.
"""

from functools import cache
from typing import Any

SERVICE = "/inference.GRPCInferenceService"

_FIELDS = {
    "ModelReadyRequest": ("name:string=1", "version:string=2"),
    "ModelReadyResponse": ("ready:bool=1",),
    "ModelMetadataRequest": ("name:string=1", "version:string=2"),
    "ModelMetadataResponse": ("inputs:*Tensor=4", "outputs:*Tensor=5"),
    "ModelInferRequest": (
        "model_name:string=1",
        "model_version:string=2",
        "inputs:*Tensor=5",
        "outputs:*Tensor=6",
        "raw_input_contents:*bytes=7",
    ),
    "ModelInferResponse": ("outputs:*Tensor=5", "raw_output_contents:*bytes=6"),
    # One for the four that say a name, a type and a shape under the same numbers; a requested output is a name.
    "Tensor": ("name:string=1", "datatype:string=2", "shape:*int64=3"),
}


@cache
def messages() -> dict[str, Any]:
    """Message classes by name. Raises ImportError where protobuf is missing."""
    from google.protobuf import descriptor_pb2, descriptor_pool, message_factory  # noqa: PLC0415

    file = descriptor_pb2.FileDescriptorProto(
        name="sandwatch/inference.proto", package="inference", syntax="proto3"
    )
    for name, fields in _FIELDS.items():
        message = file.message_type.add(name=name)
        for field in fields:
            _add(message, field)
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return {
        name: message_factory.GetMessageClass(pool.FindMessageTypeByName(f"inference.{name}"))
        for name in _FIELDS
    }


def _add(message: Any, field: str) -> None:
    named, _, number = field.partition("=")
    name, _, kind = named.partition(":")
    many, kind = kind.startswith("*"), kind.removeprefix("*")
    made = message.field.add(name=name, number=int(number))
    made.label = made.LABEL_REPEATED if many else made.LABEL_OPTIONAL
    if kind in _FIELDS:
        made.type, made.type_name = made.TYPE_MESSAGE, f".inference.{kind}"
    else:
        made.type = getattr(made, f"TYPE_{kind.upper()}")
