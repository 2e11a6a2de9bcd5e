from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from streams.networks import LOCAL, Cidr, Networks, literal, unwrapped

USUAL = Networks()


@pytest.mark.parametrize(
    "address",
    [
        "10.0.0.5",
        "172.16.3.4",
        "192.168.1.64",
        "100.64.7.7",
        "8.8.8.8",
        "2001:da8::1",
        "fd12:3456::1",
        "2400::5",
    ],
)
def test_cameras_usual_addresses_are_fine(address: str) -> None:
    assert USUAL.refusal(ip_address(address)) is None


SPECIAL = [
    ("127.0.0.1", "this box"),
    ("127.8.9.10", "this box"),
    ("::1", "this box"),
    ("169.254.1.1", "link-local"),
    ("fe80::1", "link-local"),
    ("fe80::1%eth0", "link-local"),
    ("169.254.169.254", "metadata"),
    ("100.100.100.200", "metadata"),
    ("168.63.129.16", "metadata"),
    ("fd00:ec2::254", "metadata"),
    ("0.0.0.0", "no address"),
    ("::", "no address"),
    ("224.0.0.1", "multicast"),
    ("255.255.255.255", "multicast"),
    ("ff02::1", "multicast"),
    ("240.0.0.1", "reserved"),
    ("192.0.2.1", "reserved"),
    ("198.18.0.1", "reserved"),
    ("2001:db8::1", "reserved"),
    ("2001::1", "reserved"),
    ("fec0::1", "reserved"),
]
WRAPPED = [
    "::ffff:{}",  # mapped
    "::{}",  # compatible
    "64:ff9b::{}",  # NAT64
    "fe80::5efe:{}",  # ISATAP
]


@pytest.mark.parametrize(("address", "says"), SPECIAL)
def test_special_addresses_are_refused_by_name(address: str, says: str) -> None:
    why = USUAL.refusal(ip_address(address))
    assert why is not None
    assert says in why.en
    assert why.zh


@pytest.mark.parametrize("form", WRAPPED)
@pytest.mark.parametrize("inner", ["127.0.0.1", "169.254.169.254", "10.0.0.5", "224.0.0.1"])
def test_an_address_inside_another_is_judged_like_itself(form: str, inner: str) -> None:
    address = ip_address(form.format(inner))
    assert unwrapped(address) == IPv4Address(inner)
    assert USUAL.refusal(address) == USUAL.refusal(ip_address(inner))


@given(st.integers(0, 2**32 - 1))
def test_6to4_and_the_mapped_form_hide_nothing(number: int) -> None:
    inner = IPv4Address(number)
    for outer in (IPv6Address(0x2002 << 112 | number << 80 | 1), IPv6Address(0xFFFF << 32 | number)):
        assert USUAL.refusal(outer) == USUAL.refusal(inner)


def test_what_is_allowed_is_all_that_is_allowed() -> None:
    site = Networks((ip_network("192.168.1.0/24"),))
    assert site.refusal(ip_address("192.168.1.64")) is None
    assert site.refusal(ip_address("::ffff:192.168.1.64")) is None
    why = site.refusal(ip_address("192.168.2.64"))
    assert why is not None
    assert "networks allowed" in why.en


@pytest.mark.parametrize(
    ("allow", "address", "fine"),
    [
        ("127.0.0.0/8", "127.0.0.1", True),
        ("0.0.0.0/0", "127.0.0.1", False),
        ("0.0.0.0/0", "8.8.8.8", True),
        ("169.254.0.0/16", "169.254.7.7", True),
        ("169.254.0.0/16", "169.254.169.254", False),
        ("169.254.169.254/32", "169.254.169.254", True),
        ("fe80::/10", "fe80::1%eth0", True),
        ("::/0", "::1", False),
        ("::1", "::1", True),
    ],
)
def test_a_special_address_must_be_meant(allow: str, address: str, fine: bool) -> None:
    assert (Networks((ip_network(allow),)).refusal(ip_address(address)) is None) is fine


def test_denied_beats_allowed() -> None:
    both = Networks(allow=(ip_network("10.0.0.0/8"),), deny=(ip_network("10.9.0.0/16"),))
    assert both.refusal(ip_address("10.8.0.1")) is None
    assert both.refusal(ip_address("10.9.0.1")) is not None


def test_local_senders_are_local() -> None:
    local = Networks(LOCAL)
    assert local.refusal(ip_address("192.168.1.5")) is None
    assert local.refusal(ip_address("127.0.0.1")) is None
    assert local.refusal(ip_address("8.8.8.8")) is not None


@pytest.mark.parametrize(
    "host",
    ["2130706433", "0x7f.1", "127.1", "0177.0.0.1", "0x7f000001", "127.0.0.0x1", "1.2.3.4.5", "256.1.1.1"],
)
def test_disguised_addresses_are_not_read(host: str) -> None:
    with pytest.raises(ValueError, match="in full"):
        literal(host)


@pytest.mark.parametrize(
    ("host", "read"),
    [
        ("10.0.0.5", "10.0.0.5"),
        ("10.0.0.5.", "10.0.0.5"),
        ("fe80::1", "fe80::1"),
        ("cam1", None),
        ("a.b7", None),
    ],
)
def test_plain_addresses_and_names(host: str, read: str | None) -> None:
    assert literal(host) == (ip_address(read) if read else None)


def test_networks_in_a_file() -> None:
    class Model(BaseModel):
        allow: tuple[Cidr, ...]

    model = Model.model_validate({"allow": ["10.0.0.0/8", "10.0.0.5"]})
    assert model.model_dump(mode="json") == {"allow": ["10.0.0.0/8", "10.0.0.5/32"]}
    assert Model.model_validate(model.model_dump()) == model
    with pytest.raises(ValidationError, match=r"192\.168\.1\.0/24"):
        Model.model_validate({"allow": ["10.0.0.5/8"]})
    Model.model_json_schema()
