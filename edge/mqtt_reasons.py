"""The reason codes of MQTT 5 (OASIS standard, 2.4) in words for the technician. Nothing here does I/O."""

from streams.problem import Text

_WORDS = {
    0x80: Text("it gives no reason", "未说明原因"),
    0x81: Text("it could not read the packet", "报文无法解析"),
    0x82: Text("protocol error", "协议错误"),
    0x83: Text("a reason of its own", "服务器自身的原因"),
    0x84: Text("it does not speak this version of MQTT", "不支持此 MQTT 版本"),
    0x85: Text("it does not accept the client id", "客户端标识无效"),
    0x86: Text("wrong user name or password", "用户名或密码错误"),
    0x87: Text("not allowed for this user", "该用户没有权限"),
    0x88: Text("it is not available", "服务器不可用"),
    0x89: Text("it is too busy", "服务器繁忙"),
    0x8A: Text("this client is banned", "该客户端已被封禁"),
    0x8B: Text("it is shutting down", "服务器正在关闭"),
    0x8C: Text("wrong way to log in", "认证方式错误"),
    0x8D: Text("it heard nothing for too long", "保活超时"),
    0x8E: Text("another client took over the connection", "会话被其他客户端接管"),
    0x8F: Text("it does not accept the topic filter", "主题过滤器无效"),
    0x90: Text("it does not accept the topic", "主题名无效"),
    0x91: Text("the packet number is in use", "报文标识符已被占用"),
    0x92: Text("it does not know the packet number", "报文标识符不存在"),
    0x93: Text("more was sent at once than it takes", "超出同时接收上限"),
    0x94: Text("it does not accept the topic alias", "主题别名无效"),
    0x95: Text("the message is too large", "报文过大"),
    0x96: Text("messages come too fast", "消息速率过高"),
    0x97: Text("a quota is used up", "配额已用完"),
    0x98: Text("its administrator ended it", "被管理员断开"),
    0x99: Text("the payload is not in the format it says", "载荷格式无效"),
    0x9A: Text("it keeps no retained messages", "不支持保留消息"),
    0x9B: Text("it does not support QoS 1", "不支持所请求的 QoS"),
    0x9C: Text("another server is to be used for now", "请暂时使用其他服务器"),
    0x9D: Text("the server has moved", "服务器已迁移"),
    0x9E: Text("it has no shared subscriptions", "不支持共享订阅"),
    0x9F: Text("connections come too fast", "连接速率过高"),
    0xA0: Text("the connection lasted as long as it may", "连接已达最长时间"),
    0xA1: Text("it has no subscription identifiers", "不支持订阅标识符"),
    0xA2: Text("it has no wildcard subscriptions", "不支持通配符订阅"),
}


def in_words(reason: int) -> Text:
    """What the code means, and the code itself for those who look it up."""
    words = _WORDS.get(reason, Text("an unknown reason", "未知原因"))
    return Text(f"{words.en} ({reason:#04x})", f"{words.zh}（{reason:#04x}）")
