"""What a broker or the way to it can do to us, told apart and said in words. Nothing here does I/O."""

import socket
import ssl
from enum import StrEnum

from edge.mqtt_problems import (
    bad_certificate,
    cut_off,
    identifier_refused,
    login_refused,
    lost,
    no_answer,
    no_tls,
    nobody_there,
    sent_away,
    taken_over,
    unavailable,
    unknown_host,
)
from streams.problem import Problem


class Fault(StrEnum):
    """What the publisher does about it."""

    RETRY = "retry"  # the way or the broker is down: try again soon
    NO_ANSWER = "no_answer"  # as RETRY: something listens there, and hung up or said nothing
    REFUSED = "refused"  # somebody has to mend a setting: try again seldom
    PROTOCOL = "protocol"  # the broker does not speak this version of MQTT


class MqttFailed(Exception):
    """The connection could not be made, or is over. Holds no text of other libraries."""

    def __init__(self, fault: Fault, problem: Problem) -> None:
        self.fault, self.problem = fault, problem
        super().__init__(problem.say("en"))


# Reason codes: MQTT 5, 2.4. paho turns those of MQTT 3.1.1 into these.
PACKET_TOO_LARGE = 0x95
_UNSUPPORTED_VERSION = 0x84
_BAD_IDENTIFIER = 0x85
_SESSION_TAKEN_OVER = 0x8E
_BAD_CREDENTIALS = {0x86, 0x87, 0x8A, 0x8C}  # bad name or password, not authorised, banned, bad method
_MESSAGE_AT_FAULT = {0x90, PACKET_TOO_LARGE, 0x99}  # topic name invalid, too large, payload format invalid

# What aiomqtt says when the broker did not answer CONNECT in time, and we when it hung up instead: the same type as
# every other trouble.
NO_CONNACK = "Operation timed out"


def connecting_failed(error: Exception, place: str, *, tls: bool) -> MqttFailed:
    """Why there is no connection. error: what aiomqtt raised; place: host:port; tls: whether it was to be one.

    aiomqtt keeps only the text of what happened below it; the exception itself is still its context.
    """
    reason = reason_of(error)
    if reason is not None:
        return _refused(reason, place)
    cause = error.__context__ or error
    # Reset at once, or in a handshake (as below), where TLS was to be.
    if str(error) == NO_CONNACK or (isinstance(cause, ConnectionResetError) and not tls):
        return MqttFailed(Fault.NO_ANSWER, no_answer(place))
    return _unreachable(cause, place)


def connection_lost(error: BaseException | None, place: str) -> MqttFailed:
    """Why a connection that stood is over."""
    reason = reason_of(error)
    if reason == _SESSION_TAKEN_OVER:
        return MqttFailed(Fault.REFUSED, taken_over(place))
    return MqttFailed(Fault.RETRY, lost(place) if reason is None else sent_away(place, reason))


def is_final(reason: int) -> bool:
    """The broker refused the message for what it is: no later attempt can succeed."""
    return reason in _MESSAGE_AT_FAULT


def reason_of(error: BaseException | None) -> int | None:
    """The broker's reason code in an exception of aiomqtt, if it holds a bad one."""
    value = getattr(getattr(error, "rc", None), "value", None)
    return value if isinstance(value, int) and value >= 0x80 else None


def _refused(reason: int, place: str) -> MqttFailed:
    if reason == _UNSUPPORTED_VERSION:
        return MqttFailed(Fault.PROTOCOL, no_answer(place))
    if reason in _BAD_CREDENTIALS:
        return MqttFailed(Fault.REFUSED, login_refused(place))
    if reason == _BAD_IDENTIFIER:
        return MqttFailed(Fault.REFUSED, identifier_refused(place))
    return MqttFailed(Fault.RETRY, unavailable(place, reason))


def _unreachable(cause: BaseException, place: str) -> MqttFailed:
    match cause:
        case ssl.SSLCertVerificationError():
            return MqttFailed(Fault.REFUSED, bad_certificate(place, cause.verify_message))
        case ssl.SSLError():
            return MqttFailed(Fault.REFUSED, no_tls(place))
    return MqttFailed(Fault.RETRY, _no_way(cause, place))


def _no_way(cause: BaseException, place: str) -> Problem:
    match cause:
        case socket.gaierror() | ValueError():  # ValueError: names that cannot be hosts
            return unknown_host(place)
        case ConnectionRefusedError():
            return nobody_there(place)
        case ConnectionResetError():
            return no_tls(place)
        case TimeoutError() if "handshake" in str(cause):
            return no_tls(place)
    return cut_off(place)
