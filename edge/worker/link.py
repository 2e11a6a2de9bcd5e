"""The child's end of the socket pair: a job comes in, messages go out, end-of-file means go home."""

import pickle
import select
import socket
import struct
import threading

from edge.worker.job import Job
from edge.worker.messages import FROM_WORKER, FromWorker

LENGTH = struct.Struct("!Q")
STOP = b"S"


def packed(job: Job) -> bytes:
    """A job as it crosses to the child. Pickle, because both ends are ours and the socket is private."""
    body = pickle.dumps(job)
    return LENGTH.pack(len(body)) + body


class Link:
    """Safe between threads for `send`; `receive_job` and `stopped` belong to one thread."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._lock = threading.Lock()
        self.waiting = False  # the daemon takes nothing at the moment: its disk may be full

    def receive_job(self) -> Job:
        """Raises EOFError when the daemon went away first."""
        (length,) = LENGTH.unpack(self._exactly(LENGTH.size))
        job = pickle.loads(self._exactly(length))  # noqa: S301 (from our own parent, over a private socket)
        if not isinstance(job, Job):
            raise TypeError("the daemon sent something else than a job")
        return job

    def send(self, message: FromWorker) -> None:
        """Blocks while the daemon is slow: an event waits rather than being dropped. Raises OSError if it is gone."""
        line = FROM_WORKER.dump_json(message) + b"\n"
        with self._lock:
            self.waiting = True
            self._sock.sendall(line)
            self.waiting = False

    def stopped(self, patience: float) -> bool:
        """Wait up to `patience` seconds; true when the daemon says stop, or is no more."""
        readable, _, _ = select.select([self._sock], [], [], patience)
        if readable:
            # A socket closed with unread bytes resets the connection, and what we last said would be lost.
            self._sock.recv(len(STOP))
        return bool(readable)

    def _exactly(self, count: int) -> bytes:
        data = bytearray()
        while len(data) < count:
            block = self._sock.recv(count - len(data))
            if not block:
                raise EOFError("the daemon went away")
            data += block
        return bytes(data)
