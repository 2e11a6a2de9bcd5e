"""Which addresses a camera may have. Pure: what a name stands for is found elsewhere (`streams.resolve`).

A site file, a redirect or a DNS answer can name any address. Refused unless the site says so are those that lead
back into the box or into what a data centre keeps beside it (OWASP: server-side request forgery), and those that
cannot be a camera's (RFC 6890 special-purpose registry).
"""

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Annotated

from pydantic import BeforeValidator, PlainSerializer

from streams.problem import Text

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network


def network(value: object) -> object:
    """'192.168.1.0/24', or one address, to a network. Raises ValueError."""
    if isinstance(value, IPv4Network | IPv6Network):
        return value
    try:
        return ip_network(str(value).strip())
    except ValueError:
        raise ValueError(f"needs a network such as 192.168.1.0/24 or fd00::/8, has {value!r}") from None


Cidr = Annotated[Network, BeforeValidator(network), PlainSerializer(str, return_type=str)]


def _all(*texts: str) -> tuple[Network, ...]:
    return tuple(ip_network(text) for text in texts)


# Where a site's own senders are: RFC 1918, RFC 6598 (the inside of a 4G operator), RFC 4193, and this link.
LOCAL = _all(
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "fc00::/7",
    "fe80::/10",
    "::1/128",
)

_RULES: tuple[tuple[Text, tuple[Network, ...]], ...] = (  # the first that fits is named
    (
        # Clouds tell anybody who asks there their secrets: AWS, Azure, GCP, Alibaba, Oracle.
        Text("a cloud's metadata service", "云平台元数据服务"),
        _all(
            "169.254.169.254/32",
            "169.254.170.0/29",
            "100.100.100.200/32",
            "168.63.129.16/32",
            "192.0.0.192/32",
            "fd00:ec2::/64",
            "fd20:ce::254/128",
        ),
    ),
    (Text("this box itself", "网关本机"), _all("127.0.0.0/8", "::1/128")),
    (Text("a link-local address", "链路本地地址"), _all("169.254.0.0/16", "fe80::/10")),
    (Text("no address at all", "未指定地址"), _all("0.0.0.0/8", "::/128")),
    (
        Text("a multicast or broadcast address", "组播或广播地址"),
        _all("224.0.0.0/4", "255.255.255.255/32", "ff00::/8"),
    ),
    (
        Text("a reserved address", "保留地址"),
        _all(
            "192.0.0.0/24",
            "192.0.2.0/24",
            "198.18.0.0/15",
            "198.51.100.0/24",
            "203.0.113.0/24",
            "240.0.0.0/4",
            "2001::/23",  # Teredo and benchmarks among them
            "2001:db8::/32",
        ),
    ),
)
_RESERVED = _RULES[-1][0]
_USUAL = _all("2000::/3", "fc00::/7")  # all other IPv6 is for nobody yet, or for something else
_OUTSIDE = Text("not in the networks allowed", "不在允许的网段内")
_DENIED = Text("in a network denied", "在禁止的网段内")


@dataclass(frozen=True, slots=True)
class Networks:
    """What may be connected to. allow: these networks and nothing else; empty: all but the special addresses.
    deny: never, whatever `allow` says.

    A special address must be allowed by a network of its own kind: 0.0.0.0/0 does not open 127.0.0.0/8.
    """

    allow: tuple[Network, ...] = ()
    deny: tuple[Network, ...] = ()

    def refusal(self, address: Address) -> Text | None:
        """Why this address must not be used; None: it may be."""
        inner = unwrapped(address)
        if _in(inner, self.deny) or _in(address, self.deny):
            return _DENIED
        special, kind = _special(inner)
        if not self.allow:
            return special
        fitting = [network for network in self.allow if inner in network]
        if special is not None:
            return None if any(_within(network, kind) for network in fitting) else special
        return None if fitting else _OUTSIDE


def unwrapped(address: Address) -> Address:
    """The IPv4 address that an IPv6 address carries, as far as one can tell; else the address itself.

    RFC 4291 2.5.5 (mapped, compatible), RFC 6052 and 8215 (NAT64), RFC 3056 (6to4), RFC 5214 (ISATAP).
    """
    if isinstance(address, IPv4Address):
        return address
    value = int(address)
    low, high = IPv4Address(value & 0xFFFFFFFF), value >> 32
    if high in (0, 0xFFFF) and value > 1:
        return low
    if value >> 32 == 0x64FF9B << 64 or value >> 80 == 0x64FF9B0001:
        return low
    if value >> 112 == 0x2002:
        return IPv4Address(value >> 80 & 0xFFFFFFFF)
    if high & 0xFDFFFFFF == 0x5EFE:
        return low
    return address


def literal(host: str) -> Address | None:
    """The address that is written there; None for a name.

    Raises ValueError for the forms that only old resolvers read as an address (2130706433, 0x7f.1, 127.1):
    whoever writes them wants them taken for something else. WHATWG URL, 3.5: a host that ends in a number.
    """
    host = host.rstrip(".")
    try:
        return ip_address(host)
    except ValueError:
        last = host.rpartition(".")[2].lower()
    if ":" in host or last.isdecimal() or (last.startswith("0x") and last[2:].isalnum()):
        raise ValueError("has an address that is not written in full; needs one such as 192.168.1.64")
    return None


def _special(address: Address) -> tuple[Text | None, Network | None]:
    """The kind's name and extent; no name: nothing special."""
    for name, networks in _RULES:
        for network in networks:
            if address in network:
                return name, network
    if isinstance(address, IPv6Address) and not _in(address, _USUAL):
        return _RESERVED, None
    return None, None


def _within(network: Network, kind: Network | None) -> bool:
    if kind is None:
        return network.prefixlen > 0
    return (
        isinstance(network, IPv4Network) and isinstance(kind, IPv4Network) and network.subnet_of(kind)
    ) or (isinstance(network, IPv6Network) and isinstance(kind, IPv6Network) and network.subnet_of(kind))


def _in(address: Address, networks: tuple[Network, ...]) -> bool:
    return any(address in network for network in networks)
