"""What a technician is told of MQTT. place: host:port, without name or password."""

from edge.mqtt_reasons import in_words
from streams.problem import Problem, Text


def unacknowledged(place: str) -> Problem:
    return Problem(
        "mqtt.unacknowledged",
        Text(
            f"the MQTT broker {place} no longer confirms what it is sent",
            f"MQTT 服务器 {place} 不再确认收到的消息",
        ),
        Text("check the network; sending starts again by itself", "请检查网络；程序会自动重新发送"),
    )


def centre_silent(place: str) -> Problem:
    return Problem(
        "mqtt.centre_silent",
        Text(
            f"the MQTT broker {place} takes events, but the centre behind it has acknowledged none for an hour",
            f"MQTT 服务器 {place} 接收了事件，但其后的指挥中心一小时内未确认任何事件",
        ),
        Text(
            "look whether the centre's program runs; if it never acknowledges, set acknowledge: broker",
            "请检查指挥中心程序是否运行；若其不作确认，请设置 acknowledge: broker",
        ),
    )


def cannot_listen(place: str, topic: str, reason: int) -> Problem:
    words = in_words(reason)
    return Problem(
        "mqtt.cannot_listen",
        Text(
            f"the MQTT broker {place} does not let this box hear {topic}: {words.en}",
            f"MQTT 服务器 {place} 不允许本机订阅 {topic}：{words.zh}",
        ),
        Text(
            "allow this box to subscribe there; events are sent all the same",
            "请授予订阅权限；事件照常发送",
        ),
    )


def publishing_refused(place: str, topic: str, reason: int) -> Problem:
    words = in_words(reason)
    return Problem(
        "mqtt.publish_refused",
        Text(
            f"the MQTT broker {place} does not accept messages on {topic}: {words.en}",
            f"MQTT 服务器 {place} 拒绝接收主题 {topic} 的消息：{words.zh}",
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


def bad_key(path: str) -> Problem:
    return Problem(
        "mqtt.cert_file",
        Text(
            f"the certificate {path} and its key cannot be used",
            f"无法使用证书 {path} 及其私钥",
        ),
        Text(
            "put both there as PEM, readable by the daemon's user, belonging together; check key_password",
            "请放入配套的 PEM 证书与私钥，守护进程的用户须可读取；并检查 key_password",
        ),
    )


def certificate_wanted(place: str) -> Problem:
    return Problem(
        "mqtt.certificate_wanted",
        Text(
            f"the MQTT broker {place} does not accept this box's certificate, or wants one",
            f"MQTT 服务器 {place} 不接受本机证书，或要求提供证书",
        ),
        Text(
            "set cert_file and key_file to what its authority issued for this box; check that it is still valid",
            "请将 cert_file 和 key_file 设为其 CA 为本机签发的证书，并检查有效期",
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


def login_refused(place: str) -> Problem:
    return Problem(
        "mqtt.login_refused",
        Text(f"the MQTT broker {place} refused the login", f"MQTT 服务器 {place} 拒绝登录"),
        Text("check user name and password", "请检查用户名和密码"),
    )


def identifier_refused(place: str) -> Problem:
    return Problem(
        "mqtt.identifier_refused",
        Text(f"the MQTT broker {place} refused the client id", f"MQTT 服务器 {place} 拒绝客户端标识"),
        Text("give this box another client id", "请为本机更换客户端标识"),
    )


def taken_over(place: str) -> Problem:
    return Problem(
        "mqtt.taken_over",
        Text(
            f"another client took over our connection to the MQTT broker {place}",
            f"另一客户端占用了本机与 MQTT 服务器 {place} 的连接",
        ),
        Text("give every box a client id of its own", "请确保每台设备的客户端标识唯一"),
    )


def sent_away(place: str, reason: int) -> Problem:
    words = in_words(reason)
    return Problem(
        "mqtt.sent_away",
        Text(
            f"the MQTT broker {place} ended the connection: {words.en}",
            f"MQTT 服务器 {place} 断开了连接：{words.zh}",
        ),
        Text(
            "events wait here until it is back; look at the broker's log",
            "恢复之前事件保存在本机；请查看服务器日志",
        ),
    )


def unavailable(place: str, reason: int) -> Problem:
    words = in_words(reason)
    return Problem(
        "mqtt.unavailable",
        Text(
            f"the MQTT broker {place} takes no connection now: {words.en}",
            f"MQTT 服务器 {place} 暂不接受连接：{words.zh}",
        ),
        Text("look at the broker's log", "请查看服务器日志"),
    )


def unknown_host(place: str) -> Problem:
    return Problem(
        "mqtt.unknown_host",
        Text(
            f"the name of the MQTT broker {place} cannot be resolved", f"无法解析 MQTT 服务器 {place} 的域名"
        ),
        Text("check the name and the box's DNS", "请检查域名和本机 DNS 设置"),
    )


def nobody_there(place: str) -> Problem:
    return Problem(
        "mqtt.nobody_there",
        Text(f"nothing listens at {place}", f"{place} 没有服务在监听"),
        Text("start the MQTT broker, or check address and port", "请启动 MQTT 服务器，或检查地址和端口"),
    )


def cut_off(place: str) -> Problem:
    return Problem(
        "mqtt.unreachable",
        Text(f"the MQTT broker {place} cannot be reached", f"无法连通 MQTT 服务器 {place}"),
        Text("check the network and the firewall", "请检查网络和防火墙"),
    )


def no_answer(place: str) -> Problem:
    return Problem(
        "mqtt.no_answer",
        Text(f"what listens at {place} does not answer as an MQTT broker", f"{place} 的应答不是 MQTT 服务"),
        Text(
            "check that the broker runs, the port (1883 is plain, 8883 is TLS) and the tls setting",
            "请检查 MQTT 服务器是否在运行，以及端口（1883 明文，8883 TLS）和 tls 设置",
        ),
    )


def bad_certificate(place: str, why: str) -> Problem:
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


def no_tls(place: str) -> Problem:
    return Problem(
        "mqtt.tls",
        Text(f"no TLS connection to {place} could be made", f"无法与 {place} 建立 TLS 连接"),
        Text(
            "check the port (TLS is usually 8883) and the tls setting",
            "请检查端口（TLS 通常为 8883）和 tls 设置",
        ),
    )


def lost(place: str) -> Problem:
    return Problem(
        "mqtt.lost",
        Text(f"the connection to the MQTT broker {place} was lost", f"与 MQTT 服务器 {place} 的连接中断"),
        Text("events wait here until it is back", "恢复之前事件保存在本机"),
    )
