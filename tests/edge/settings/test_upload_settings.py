from pathlib import Path

import pytest
from pydantic import ValidationError

from edge.settings.loader import load_text
from edge.settings.upload import UploadSettings

EXAMPLE = (Path(__file__).parents[3] / "config" / "site.example.yaml").read_text("utf-8")


@pytest.mark.parametrize(
    "url",
    [
        "ftp://h/files/",
        "https://h",
        "https://user:word@h/files/",
        "https://h/files/?to=elsewhere",
        "https://h/files/#x",
        "https://h:99999/files/",
        "https:///files/",
        "https://h/fi les/",
        "file:///etc/passwd",
    ],
)
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(ValidationError):
        UploadSettings(url=url)


@pytest.mark.parametrize(
    "url", ["https://h/files/", "http://10.0.0.1:1080/files", "https://[fd00::1]:8443/f/"]
)
def test_an_address_of_a_server_is_taken(url: str) -> None:
    assert UploadSettings(url=url).kinds == ("clip",)


@pytest.mark.parametrize(("scheme", "warned"), [("http", True), ("https", False)])
def test_an_open_way_is_told_of(scheme: str, warned: bool) -> None:
    loaded = load_text(f"{EXAMPLE}\nupload: {{url: '{scheme}://files.example.org/'}}\n", "site.yaml", {})
    assert any("unencrypted" in warning.say("en") for warning in loaded.warnings) is warned
