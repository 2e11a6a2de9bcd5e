"""What is said of a stream that is live and does not decode."""

from streams.problem import Problem, Text


def spoilt(camera: str) -> Problem:
    return Problem(
        "camera.spoilt",
        Text(
            f"{camera}: much of its stream does not decode; pictures are damaged or missing",
            f"{camera}：大量数据无法解码，画面损坏或缺失",
        ),
        Text(
            "check the network for losses; use tcp, or a lower bit rate",
            "请检查网络丢包；改用 tcp 传输或降低码率",
        ),
    )
