"""What can go wrong between a device's telemetry and a pose.

Undecodable             one message is rubbish: counted, and the next one is read
StreamError             the way to the device is broken: the feed ends and is built anew
├── Retryable               PortTaken, Closed, Silent, Gone
└── Fatal                   Denied, NoTelemetry
"""

from streams.errors import Fatal, Retryable
from streams.problem import Text


class Undecodable(ValueError):
    """Not what it claims to be, damaged or cut off. Its text quotes nothing of the data."""


class PortTaken(Retryable):
    code = "telemetry.port_taken"
    what = Text("telemetry cannot listen on {where}", "无法在 {where} 监听遥测数据")
    do = Text(
        "use an address of this box and a port that no other program listens on",
        "请使用本网关的地址，并换用未被占用的端口",
    )


class Closed(Retryable):
    code = "telemetry.closed"
    what = Text(
        "the telemetry sender {where} cannot be reached or hung up", "遥测设备 {where} 无法连接或已断开"
    )
    do = Text(
        "check that the receiver is on and its address and port are right",
        "请检查接收机是否开机，并核对地址和端口",
    )


class Silent(Retryable):
    code = "telemetry.silent"
    what = Text("no telemetry arrives from {where}", "{where} 没有遥测数据")
    do = Text(
        "check that the device is on and sends its position to this box; a wrong baud rate also looks like this",
        "请检查设备已开机并向本网关发送位置；波特率错误也会如此",
    )


class Gone(Retryable):
    code = "telemetry.gone"
    what = Text("{where} is not there", "{where} 不存在")
    do = Text("plug the receiver in again, or correct the path", "请重新插好接收机，或更正路径")


class Denied(Fatal):
    code = "telemetry.denied"
    what = Text("{where} refuses access", "{where} 拒绝访问")
    do = Text(
        "correct the login, or give the service the right to read it (a serial port: group dialout)",
        "请更正用户名和密码，或授予服务读取权限（串口：dialout 组）",
    )


class NoTelemetry(Fatal):
    code = "telemetry.none"
    what = Text("{where} holds no telemetry that can be read", "{where} 中没有可读取的遥测数据")
    do = Text(
        "check that the file is the drone's own subtitle file, and that its kind is right",
        "请确认该文件是无人机自带的字幕文件，且类型设置正确",
    )
