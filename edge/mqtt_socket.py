"""aiomqtt's socket on the event loop, watched for as long as it is open."""

import errno
from typing import Any, Self

import aiomqtt


class SocketWatch(aiomqtt.Client):
    """aiomqtt has a socket watched a turn of the loop after paho asks for it, and stops watching it at once. Where the
    connection ends between the two, the loop goes on with the number of a closed socket, which is soon another's: that
    one is then never read.

    Here the loop takes the socket over when the thread that connects is done with it, and from then on what paho asks
    for is done at once.
    """

    _watched = False

    async def __aenter__(self) -> Self:
        """As aiomqtt's. One that ended in the very turn in which the broker accepted it is over, and says so."""
        end = self._disconnected
        await super().__aenter__()
        if end.done():  # aiomqtt takes it for the end of an earlier one
            self._disconnected = end
        return self

    def _client_connect(self) -> None:
        """In a thread. Raises OSError."""
        super()._client_connect()
        self._loop.call_soon_threadsafe(self._watch)

    def _watch(self) -> None:
        self._watched = True
        sock = self._client.socket()
        super()._on_socket_open(self._client, None, sock)  # read from the next turn on
        # CONNECT waits to be sent; not before that turn, for it may fail and end the connection.
        self._loop.call_soon(self._on_socket_register_write, self._client, None, sock)

    def _on_socket_open(self, client: Any, userdata: Any, sock: Any) -> None:
        """The thread is not done with it yet: see `_watch`."""

    def _on_socket_register_write(self, client: Any, userdata: Any, sock: Any) -> None:
        if not self._watched:
            return
        try:
            self._loop.add_writer(sock.fileno(), self._client.loop_write)  # maps what sockets raise
        except RuntimeError:
            # uvloop has a socket with an error read once, and watches it no more: where the broker's last words were
            # read then, nobody has heard of its end.
            if not self._disconnected.done():
                self._disconnected.set_exception(
                    ConnectionResetError(errno.ECONNRESET, "reset by the broker")
                )
