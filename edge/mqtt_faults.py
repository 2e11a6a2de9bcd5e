"""What a broker or the way to it can do to us, told apart and said in words. Nothing here does I/O."""

import socket
import ssl
from enum import StrEnum

from streams.problem import Problem, Text


class Fault(StrEnum):
    """What the publisher does about it."""

    RETRY = "retry"  # the way or the broker is down: try again soon
    NO_ANSWER = "no_answer"  # as RETRY; and old brokers hang up on a version they do not know
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

# What aiomqtt says when the broker did not answer CONNECT: the same type as every other trouble.
_NO_CONNACK = "Operation timed out"


def connecting_failed(error: Exception, place: str) -> MqttFailed:
    """Why there is no connection. error: what aiomqtt raised; place: host:port.

    aiomqtt keeps only the text of what happened below it; the exception itself is still its context.
    """
    reason = reason_of(error)
    if reason is not None:
        return _refused(reason, place)
    if str(error) == _NO_CONNACK:
        return MqttFailed(Fault.NO_ANSWER, _no_answer(place))
    return _unreachable(error.__context__ or error, place)


def connection_lost(error: BaseException | None, place: str) -> MqttFailed:
    """Why a connection that stood is over."""
    if reason_of(error) == _SESSION_TAKEN_OVER:
        return MqttFailed(Fault.REFUSED, _taken_over(place))
    return MqttFailed(Fault.RETRY, _lost(place))


def is_final(reason: int) -> bool:
    """The broker refused the message for what it is: no later attempt can succeed."""
    return reason in _MESSAGE_AT_FAULT


def reason_of(error: BaseException | None) -> int | None:
    """The broker's reason code in an exception of aiomqtt, if it holds a bad one."""
    value = getattr(getattr(error, "rc", None), "value", None)
    return value if isinstance(value, int) and value >= 0x80 else None


def _refused(reason: int, place: str) -> MqttFailed:
    if reason == _UNSUPPORTED_VERSION:
        return MqttFailed(Fault.PROTOCOL, _no_answer(place))
    if reason in _BAD_CREDENTIALS:
        return MqttFailed(Fault.REFUSED, _login_refused(place))
    if reason == _BAD_IDENTIFIER:
        return MqttFailed(Fault.REFUSED, _identifier_refused(place))
    return MqttFailed(Fault.RETRY, _unavailable(place, reason))


def _unreachable(cause: BaseException, place: str) -> MqttFailed:
    match cause:
        case ssl.SSLCertVerificationError():
            return MqttFailed(Fault.REFUSED, _bad_certificate(place, cause.verify_message))
        case ssl.SSLError():
            return MqttFailed(Fault.REFUSED, _no_tls(place))
    return MqttFailed(Fault.RETRY, _no_way(cause, place))


def _no_way(cause: BaseException, place: str) -> Problem:
    match cause:
        case socket.gaierror() | ValueError():  # ValueError: names that cannot be hosts
            return _unknown_host(place)
        case ConnectionRefusedError():
            return _nobody_there(place)
        case ConnectionResetError():  # only a handshake gets far enough for that
            return _no_tls(place)
        case TimeoutError() if "handshake" in str(cause):
            return _no_tls(place)
    return _cut_off(place)


def unacknowledged(place: str) -> Problem:
    return Problem(
        "mqtt.unacknowledged",
        Text(
            f"the MQTT broker {place} no longer confirms what it is sent",
            f"MQTT 服务器 {place} 不再确认收到的消息",
        ),
        Text("check the network; sending starts again by itself", "请检查网络；程序会自动重新发送"),
    )


def publishing_refused(place: str, topic: str, reason: int) -> Problem:
    return Problem(
        "mqtt.publish_refused",
        Text(
            f"the MQTT broker {place} does not accept messages on {topic} (reason {reason:#04x})",
            f"MQTT 服务器 {place} 拒绝接收主题 {topic} 的消息（原因码 {reason:#04x}）",
        ),
        Text(
            "allow this box to publish there; events wait until then",
            "请授予发布权限；在此之前事件保存在本机",
        ),
    )


def bad_ca_file(path: str) -> Problem:
    return Problem(
        "mqtt.ca_file",
        Text(f"the CA file {path} cannot be read", f"无法读取 CA 证书文件 {path}"),
        Text(
            "put the certificate of the broker's authority there, as PEM",
            "请放入签发服务器证书的 CA 证书（PEM 格式）",
        ),
    )


def message_dead(event_id: str, size: int) -> Problem:
    return Problem(
        "mqtt.message_dead",
        Text(
            f"event {event_id} ({size} bytes) cannot be delivered and was set aside",
            f"事件 {event_id}（{size} 字节）无法送达，已另行保存",
        ),
        Text("raise the broker's message size limit", "请提高服务器的消息大小限制"),
    )


def _login_refused(place: str) -> Problem:
    return Problem(
        "mqtt.login_refused",
        Text(f"the MQTT broker {place} refused the login", f"MQTT 服务器 {place} 拒绝登录"),
        Text("check user name and password", "请检查用户名和密码"),
    )


def _identifier_refused(place: str) -> Problem:
    return Problem(
        "mqtt.identifier_refused",
        Text(f"the MQTT broker {place} refused the client id", f"MQTT 服务器 {place} 拒绝客户端标识"),
        Text("give this box another client id", "请为本机更换客户端标识"),
    )


def _taken_over(place: str) -> Problem:
    return Problem(
        "mqtt.taken_over",
        Text(
            f"another client took over our connection to the MQTT broker {place}",
            f"另一客户端占用了本机与 MQTT 服务器 {place} 的连接",
        ),
        Text("give every box a client id of its own", "请确保每台设备的客户端标识唯一"),
    )


def _unavailable(place: str, reason: int) -> Problem:
    return Problem(
        "mqtt.unavailable",
        Text(
            f"the MQTT broker {place} takes no connection now (reason {reason:#04x})",
            f"MQTT 服务器 {place} 暂不接受连接（原因码 {reason:#04x}）",
        ),
        Text("look at the broker's log", "请查看服务器日志"),
    )


def _unknown_host(place: str) -> Problem:
    return Problem(
        "mqtt.unknown_host",
        Text(
            f"the name of the MQTT broker {place} cannot be resolved", f"无法解析 MQTT 服务器 {place} 的域名"
        ),
        Text("check the name and the box's DNS", "请检查域名和本机 DNS 设置"),
    )


def _nobody_there(place: str) -> Problem:
    return Problem(
        "mqtt.nobody_there",
        Text(f"nothing listens at {place}", f"{place} 没有服务在监听"),
        Text("start the MQTT broker, or check address and port", "请启动 MQTT 服务器，或检查地址和端口"),
    )


def _cut_off(place: str) -> Problem:
    return Problem(
        "mqtt.unreachable",
        Text(f"the MQTT broker {place} cannot be reached", f"无法连通 MQTT 服务器 {place}"),
        Text("check the network and the firewall", "请检查网络和防火墙"),
    )


def _no_answer(place: str) -> Problem:
    return Problem(
        "mqtt.no_answer",
        Text(f"what listens at {place} does not answer as an MQTT broker", f"{place} 的应答不是 MQTT 服务"),
        Text(
            "check the port (1883 is plain, 8883 is TLS) and the tls setting",
            "请检查端口（1883 明文，8883 TLS）和 tls 设置",
        ),
    )


def _bad_certificate(place: str, why: str) -> Problem:
    return Problem(
        "mqtt.certificate",
        Text(
            f"the certificate of the MQTT broker {place} is not trusted: {why}",
            f"MQTT 服务器 {place} 的证书不受信任：{why}",
        ),
        Text(
            "set ca_file to the broker's authority, and check the host name and the box's clock",
            "请设置 ca_file，并检查主机名和本机时间",
        ),
    )


def _no_tls(place: str) -> Problem:
    return Problem(
        "mqtt.tls",
        Text(f"no TLS connection to {place} could be made", f"无法与 {place} 建立 TLS 连接"),
        Text(
            "check the port (TLS is usually 8883) and the tls setting",
            "请检查端口（TLS 通常为 8883）和 tls 设置",
        ),
    )


def _lost(place: str) -> Problem:
    return Problem(
        "mqtt.lost",
        Text(f"the connection to the MQTT broker {place} was lost", f"与 MQTT 服务器 {place} 的连接中断"),
        Text("events wait here until it is back", "恢复之前事件保存在本机"),
    )
