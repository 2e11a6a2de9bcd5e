"""Where a broker is, and who we are there."""

import socket
import ssl
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr

from edge.mqtt_faults import Fault, MqttFailed
from edge.mqtt_problems import bad_ca_file, bad_key

# s for a server to look at a certificate and to say no: a few round trips over 2G.
_VERDICT_S = 5.0


@dataclass(frozen=True, slots=True)
class BrokerAddress:
    """Where the broker is and how to get in.

    ca_file None: the system's authorities. cert_file, key_file: PEM, who we are. keepalive: s. session: s for which
    the broker keeps what it has for us when we are away (MQTT 5; needs a client_id); 0: not at all. speaks_5: False
    where MQTT 3.1.1 is known to be all (the embedded broker): it saves finding out, which takes 10 to 20 s where a broker
    chokes on MQTT 5.
    """

    host: str
    port: int = 1883
    tls: bool = False
    username: str | None = None
    password: SecretStr | None = None
    ca_file: Path | None = None
    cert_file: Path | None = None
    key_file: Path | None = None
    key_password: SecretStr | None = None
    client_id: str | None = None
    keepalive: int = 30
    session: int = 0
    speaks_5: bool = True

    @property
    def place(self) -> str:
        """For people: without name or password."""
        return f"{self.host}:{self.port}"


def tls_context(address: BrokerAddress) -> ssl.SSLContext:
    """Reads files. Raises MqttFailed."""
    try:
        context = ssl.create_default_context(cafile=address.ca_file)
    except OSError:  # ssl.SSLError is one
        raise MqttFailed(Fault.REFUSED, bad_ca_file(str(address.ca_file))) from None
    if address.cert_file is not None:
        word = address.key_password.get_secret_value() if address.key_password else ""
        try:
            # A password at hand, if an empty one: OpenSSL asks on the terminal otherwise, and waits.
            context.load_cert_chain(address.cert_file, address.key_file, lambda: word)
        except (OSError, ValueError):  # ValueError: a password that is too long
            raise MqttFailed(Fault.REFUSED, bad_key(str(address.cert_file))) from None
    return context


def turned_away(address: BrokerAddress, context: ssl.SSLContext) -> bool:
    """Whether the server refuses us for our certificate, or for want of one. Blocks for up to 10 s.

    With TLS 1.3 it says so only after the handshake (RFC 8446, 4.4.2.4), where paho sees no more than a line that ends.
    """
    try:
        with (
            socket.create_connection((address.host, address.port), _VERDICT_S) as raw,
            context.wrap_socket(raw, server_hostname=address.host) as line,
        ):
            line.recv(1)
    except ssl.SSLCertVerificationError:  # it is we who do not trust
        return False
    except ssl.SSLError as error:
        return "ALERT" in (error.reason or "")
    except (OSError, ValueError):
        return False
    return False
