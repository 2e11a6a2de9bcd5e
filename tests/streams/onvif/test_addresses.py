from hypothesis import given
from hypothesis import strategies as st

from streams.onvif.addresses import service_url, stream_url
from streams.urls import checked, endpoint


def url(reported: str, host: str = "cam.site") -> str | None:
    found = stream_url(reported, host)
    return None if found is None else found.get_secret_value()


def test_a_stream_is_fetched_from_the_host_that_the_settings_name() -> None:
    for reported in ("0.0.0.0", "192.168.1.64", "127.0.0.1", "169.254.169.254", "elsewhere.example"):
        assert url(f"rtsp://{reported}:8554/ch1?sub=0") == "rtsp://cam.site:8554/ch1?sub=0"
    assert url("rtsp://[fe80::1]/a", "2001:db8::5") == "rtsp://[2001:db8::5]/a"


def test_a_login_in_front_of_the_host_is_dropped() -> None:
    assert url("rtsp://admin:secret@10.0.0.1/ch1") == "rtsp://cam.site/ch1"


def test_what_is_no_stream_is_none() -> None:
    for reported in (
        "",
        "http://10.0.0.1/x",
        "file:///etc/passwd",
        "rtsp://[::1",
        "rtsp://h:99999/x",
        "rtsp://h/a b",
    ):
        assert url(reported) is None


def test_a_service_keeps_its_port_only_beside_our_host() -> None:
    assert (
        service_url("http://10.0.0.1:8080/onvif/ptz?a=1", "10.0.0.1", 80)
        == "http://10.0.0.1:8080/onvif/ptz?a=1"
    )
    assert (
        service_url("http://192.168.1.64:80/onvif/ptz", "10.0.0.1", 9080) == "http://10.0.0.1:9080/onvif/ptz"
    )
    assert service_url("https://10.0.0.1/onvif/ptz", "10.0.0.1", 80) == "http://10.0.0.1:80/onvif/ptz"
    assert service_url("file:///etc/passwd", "10.0.0.1", 80) is None
    assert service_url("http://u:p@10.0.0.1/x", "10.0.0.1", 80) == "http://10.0.0.1:80/x"


@given(st.text(max_size=60) | st.from_regex(r"(rtsps?|https?)://[ -~]{0,40}", fullmatch=True))
def test_no_report_leads_to_another_host(reported: str) -> None:
    found = stream_url(reported, "10.9.8.7")
    if found is not None:
        assert endpoint(checked(found)).host == "10.9.8.7"
        assert "@" not in found.get_secret_value().split("/")[2]
    service = service_url(reported, "10.9.8.7", 80)
    assert service is None or service.startswith("http://10.9.8.7:")
