"""What an ONVIF camera says, as text."""

from dataclasses import dataclass

ENVELOPE = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:wsa="http://www.w3.org/2005/08/addressing"'
    ' xmlns:tds="http://www.onvif.org/ver10/device/wsdl" xmlns:trt="http://www.onvif.org/ver10/media/wsdl"'
    ' xmlns:tr2="http://www.onvif.org/ver20/media/wsdl" xmlns:tptz="http://www.onvif.org/ver20/ptz/wsdl"'
    ' xmlns:tev="http://www.onvif.org/ver10/events/wsdl" xmlns:wsnt="http://docs.oasis-open.org/wsn/b-2"'
    ' xmlns:tns1="http://www.onvif.org/ver10/topics" xmlns:ter="http://www.onvif.org/ver10/error"'
    ' xmlns:tt="http://www.onvif.org/ver10/schema"><s:Body>{}</s:Body></s:Envelope>'
)
NAMESPACES = {
    "device": "http://www.onvif.org/ver10/device/wsdl",
    "media": "http://www.onvif.org/ver10/media/wsdl",
    "media2": "http://www.onvif.org/ver20/media/wsdl",
    "ptz": "http://www.onvif.org/ver20/ptz/wsdl",
    "events": "http://www.onvif.org/ver10/events/wsdl",
}
FAULT = (
    "<s:Fault><s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:Value>ter:{0}</s:Value></s:Subcode></s:Code>"
    '<s:Reason><s:Text xml:lang="en">{0}</s:Text></s:Reason></s:Fault>'
)


@dataclass
class Picture:
    """One media profile."""

    token: str
    size: tuple[int, int]
    encoding: str = "H264"
    fps: int = 25
    gop: int = 50


def vector(where: tuple[float, float, float]) -> str:
    return f'<tt:PanTilt x="{where[0]:.4f}" y="{where[1]:.4f}"/><tt:Zoom x="{where[2]:.4f}"/>'


def profile1(each: Picture) -> str:
    return (
        f'<trt:Profiles token="{each.token}" fixed="true"><tt:Name>{each.token} stream</tt:Name>'
        '<tt:VideoEncoderConfiguration token="e"><tt:Name>e</tt:Name><tt:UseCount>1</tt:UseCount>'
        f"<tt:Encoding>{each.encoding}</tt:Encoding><tt:Resolution><tt:Width>{each.size[0]}</tt:Width>"
        f"<tt:Height>{each.size[1]}</tt:Height></tt:Resolution><tt:Quality>4</tt:Quality>"
        f"<tt:RateControl><tt:FrameRateLimit>{each.fps}</tt:FrameRateLimit><tt:EncodingInterval>1</tt:EncodingInterval>"
        "<tt:BitrateLimit>4096</tt:BitrateLimit></tt:RateControl>"
        f"<tt:H264><tt:GovLength>{each.gop}</tt:GovLength><tt:H264Profile>High</tt:H264Profile></tt:H264>"
        "</tt:VideoEncoderConfiguration>"
        '<tt:PTZConfiguration token="z"><tt:Name>z</tt:Name><tt:UseCount>1</tt:UseCount>'
        "<tt:NodeToken>n</tt:NodeToken></tt:PTZConfiguration></trt:Profiles>"
    )


def profile2(each: Picture) -> str:
    return (
        f'<tr2:Profiles token="{each.token}" fixed="true"><tr2:Name>{each.token} stream</tr2:Name><tr2:Configurations>'
        f'<tr2:VideoEncoder token="e" GovLength="{each.gop}" Profile="Main"><tt:Name>e</tt:Name>'
        f"<tt:UseCount>1</tt:UseCount><tt:Encoding>{each.encoding}</tt:Encoding>"
        f"<tt:Resolution><tt:Width>{each.size[0]}</tt:Width><tt:Height>{each.size[1]}</tt:Height></tt:Resolution>"
        f"<tt:RateControl><tt:FrameRateLimit>{each.fps}</tt:FrameRateLimit><tt:BitrateLimit>4096</tt:BitrateLimit>"
        '</tt:RateControl><tt:Quality>4</tt:Quality></tr2:VideoEncoder><tr2:PTZ token="z"><tt:Name>z</tt:Name>'
        "</tr2:PTZ></tr2:Configurations></tr2:Profiles>"
    )
