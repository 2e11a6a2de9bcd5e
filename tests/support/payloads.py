"""RTP payloads of H.264 that nobody has to decode."""

from relay.media.stream import Packet

PICTURE = 3600  # ticks at 25 pictures per second
SPS_PPS = bytes([24, 0, 2, 0x67, 1, 0, 2, 0x68, 2])  # STAP-A of both parameter sets
IDR_START, IDR_END = bytes([0x7C, 0x85, 9]), bytes([0x7C, 0x45, 9])  # fragments (FU-A)
SLICE = bytes([0x41, 1, 2, 3])


def video(keys: list[bool], sequence: int = 0, stamp: int = 0, ssrc: int = 1) -> list[Packet]:
    """One picture each: a key frame is three packets (parameter sets and two fragments), another one is one."""
    packets: list[Packet] = []
    for n, key in enumerate(keys):
        for payload in (SPS_PPS, IDR_START, IDR_END) if key else (SLICE,):
            number = (sequence + len(packets)) % 65536
            packets.append(Packet(number, (stamp + n * PICTURE) % (1 << 32), payload, ssrc=ssrc))
    return packets
