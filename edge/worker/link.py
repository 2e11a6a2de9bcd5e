"""The child's end of the socket pair: a job and orders come in, messages go out, end-of-file means go home."""

import pickle
import select
import socket
import struct
import threading

from edge.worker.job import Job
from edge.worker.messages import FROM_WORKER, TO_WORKER, FromWorker, Stop, ToWorker

LENGTH = struct.Struct("!Q")
_BLOCK = 65536


def packed(job: Job) -> bytes:
    """A job as it crosses to the child. Pickle, because both ends are ours and the socket is private."""
    body = pickle.dumps(job)
    return LENGTH.pack(len(body)) + body


def unpacked(body: bytes) -> Job:
    """Raises TypeError for something else."""
    job = pickle.loads(body)  # noqa: S301 (from our own parent, over a private socket)
    if not isinstance(job, Job):
        raise TypeError("the daemon sent something else than a job")
    return job


class Link:
    """Safe between threads for `send`; `receive_job` and `orders` belong to one thread."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._lock = threading.Lock()
        self._heard = b""
        self.waiting = False  # the daemon takes nothing at the moment: its disk may be full

    def receive_job(self) -> Job:
        """Raises EOFError when the daemon went away first."""
        (length,) = LENGTH.unpack(self._exactly(LENGTH.size))
        return unpacked(self._exactly(length))

    def send(self, message: FromWorker) -> None:
        """Blocks while the daemon is slow: an event waits rather than being dropped. Raises OSError if it is gone."""
        line = FROM_WORKER.dump_json(message) + b"\n"
        with self._lock:
            self.waiting = True
            self._sock.sendall(line)
            self.waiting = False

    def orders(self, patience: float) -> list[ToWorker]:
        """What the daemon said; waits up to `patience` seconds for something. Its end says Stop as well."""
        readable, _, _ = select.select([self._sock], [], [], patience)
        if not readable:
            return []
        block = self._sock.recv(_BLOCK)
        if not block:
            return [Stop()]
        *lines, self._heard = (self._heard + block).split(b"\n")
        return [TO_WORKER.validate_json(line) for line in lines]

    def _exactly(self, count: int) -> bytes:
        data = bytearray()
        while len(data) < count:
            block = self._sock.recv(count - len(data))
            if not block:
                raise EOFError("the daemon went away")
            data += block
        return bytes(data)
