"""aiortc is pinned: relay/media/hook.py relies on what is private to it. This says what to look at before another one.

Before the pin moves: read the changes of rtcrtpreceiver.py, rtcrtpsender.py, rtcdtlstransport.py, rtcicetransport.py
and aioice's ice.py against relay/media/hook.py. Does receive() still do no more than hook's copy and a thread? Does
_handle_rtp_packet do anything new (another RTCP feedback, transport-wide congestion control)? Does sender.stop() still
wait for __rtp_exited alone? Then run tests/relay/media, `python -m bench talkback`, and change the figures here.
"""

import inspect
from collections.abc import Callable
from importlib.metadata import version
from typing import Any

import pytest
from aioice import ice
from aiortc import RTCConfiguration, RTCPeerConnection, rtcdtlstransport, rtcrtpreceiver, rtcrtpsender
from aiortc.codecs import CODECS

from relay.media import hook

_LOOK = f"aiortc or aioice has changed under relay/media/hook.py. {__doc__}"


def test_the_versions_hook_was_written_for() -> None:
    assert version("aiortc").startswith("1.16."), _LOOK
    assert version("aioice").startswith("0.13."), _LOOK


@pytest.mark.parametrize(
    ("function", "parameters"),
    [
        (rtcrtpreceiver.RTCRtpReceiver.receive, ["self", "parameters"]),
        (rtcrtpreceiver.RTCRtpReceiver._handle_rtp_packet, ["self", "packet", "arrival_time_ms"]),
        (rtcrtpreceiver.RTCRtpReceiver._handle_rtcp_packet, ["self", "packet"]),
        (rtcrtpreceiver.RTCRtpReceiver._send_rtcp_pli, ["self", "media_ssrc"]),
        (rtcrtpreceiver.RTCRtpReceiver._send_rtcp_nack, ["self", "media_ssrc", "lost"]),
        (rtcrtpreceiver.RTCRtpReceiver._run_rtcp, ["self"]),
        (rtcrtpreceiver.StreamStatistics, ["clockrate"]),
        (rtcrtpsender.RTCRtpSender.send, ["self", "parameters"]),
        (rtcrtpsender.RTCRtpSender._run_rtp, ["self", "codec"]),
        (rtcrtpsender.RTCRtpSender._handle_rtcp_packet, ["self", "packet"]),
        (rtcrtpsender.RTCRtpSender._send_keyframe, ["self"]),
        (rtcdtlstransport.RTCDtlsTransport._send_rtp, ["self", "data"]),
        (rtcdtlstransport.RTCDtlsTransport._register_rtp_receiver, ["self", "receiver", "parameters"]),
        (ice.Connection.check_start_task, ["self", "pair"]),
        (ice.Connection.check_incoming, ["self", "message", "addr", "protocol"]),
    ],
)
def test_what_is_called_and_replaced_has_the_same_shape(
    function: Callable[..., Any], parameters: list[str]
) -> None:
    assert list(inspect.signature(function).parameters) == parameters, _LOOK


async def test_the_private_state_is_where_it_was() -> None:
    connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    transceiver = connection.addTransceiver("video")
    receiver = [
        "codecs", "rtx_ssrc", "transport", "rtcp_task", "started", "remote_streams", "nack_generator",
        "remote_bitrate_estimator", "rtcp_ssrc", "decoder_thread",
    ]  # fmt: skip
    sender = [
        "rtp_started", "rtp_exited", "rtp_history", "rtp_header_extensions_map", "mid", "ntp_timestamp",
        "rtp_timestamp", "octet_count", "packet_count",
    ]  # fmt: skip
    below = [
        "_check_list", "_remote_candidates", "_remote_candidates_end", "_nominating", "_nominated",
        "remote_username", "remote_password", "_local_username", "_local_password",
        "_check_list_done", "_check_list_state",
    ]  # fmt: skip
    for name in receiver:
        assert hasattr(transceiver.receiver, f"_RTCRtpReceiver__{name}"), _LOOK
    for name in sender:
        assert hasattr(transceiver.sender, f"_RTCRtpSender__{name}"), _LOOK
    gatherer = transceiver.receiver.transport.transport.iceGatherer
    assert hasattr(gatherer, "_remote_candidates_end"), _LOOK
    for name in below:
        assert hasattr(gatherer._connection, name), _LOOK
    await connection.close()


def test_the_overriding_classes_reach_private_names_and_take_no_others() -> None:
    """Python mangles private names with the name of the class: ours must be called like theirs."""
    for ours, theirs in (
        (hook.RTCRtpReceiver, rtcrtpreceiver.RTCRtpReceiver),
        (hook.RTCRtpSender, rtcrtpsender.RTCRtpSender),
    ):
        assert ours.__name__ == theirs.__name__
        replaced = {name for name in vars(ours) if name in vars(theirs) and not name.startswith("__")}
        assert replaced <= {
            "receive", "send", "_handle_rtp_packet", "_handle_rtcp_packet", "_run_rtp", "_send_keyframe",
        }, _LOOK  # fmt: skip


def test_every_payload_type_of_ours_is_free() -> None:
    numbers = [codec.payloadType for codec in CODECS["video"]]
    assert len(set(numbers)) == len(numbers), _LOOK
