"""onvif-zeep-async, without what importing it does to everybody's logging.

The package gives the WSDLs, date types that forgive what cameras write, and zeep's client fitted to both.
`cached_document` is private there: the version is pinned, and tests use it for every operation.
"""

import logging
from pathlib import Path

_root = logging.getLogger()
_handlers, _level = _root.handlers[:], _root.level

import onvif  # noqa: E402
from onvif.client import UsernameDigestTokenDtDiff as UsernameToken  # noqa: E402
from onvif.client import ZeepAsyncClient as SoapClient  # noqa: E402
from onvif.client import _cached_document as cached_document  # noqa: E402
from onvif.util import is_auth_error  # noqa: E402
from onvif.wsa import WsAddressingIfMissingPlugin as Addressing  # noqa: E402

_root.handlers[:] = _handlers  # it calls logging.basicConfig(level=INFO)
_root.setLevel(_level)

WSDL = Path(onvif.__file__).with_name("wsdl")

__all__ = ["WSDL", "Addressing", "SoapClient", "UsernameToken", "cached_document", "is_auth_error"]
