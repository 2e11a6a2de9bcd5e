"""Log lines: readable on a terminal, JSON in the journal."""

import logging
import re
import sys
from typing import Literal

import structlog
from structlog.typing import EventDict, Processor

Format = Literal["auto", "console", "json"]
Level = Literal["debug", "info", "warning", "error"]

# C0, DEL, C1 (a terminal's escapes among them), line and paragraph separators, marks that turn the direction of text.
_STEERING = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")

# Libraries that speak below warning of what is none of a technician's business.
_CHATTY = (
    "amqtt",
    "transitions",
    "asyncio",
    "aiomqtt",
    "mqtt",
    "websockets",
    "passlib",
    "zeep",
    "onvif",
    "uvicorn",
)


def configure(level: Level = "info", form: Format = "auto") -> None:
    """Set up structlog and the standard library's logging, both to stderr. Call once per process."""
    console = form == "console" or (form == "auto" and sys.stderr.isatty())
    shared: list[Processor] = [
        _harmless,
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, *_rendering(console)],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
    )
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(name)s: %(message)s")
    for name in _CHATTY:
        logging.getLogger(name).setLevel(logging.ERROR)


def _harmless(_logger: object, _method: str, line: EventDict) -> EventDict:
    """What strangers chose (names, topics, answers) steers no terminal and begins no line. C1 and the line separators of
    Unicode stand in JSON as they are."""
    return {
        name: _STEERING.sub(_shown, value) if isinstance(value, str) else value
        for name, value in line.items()
    }


def _shown(found: re.Match[str]) -> str:
    return ascii(found[0])[1:-1]


def _rendering(console: bool) -> list[Processor]:
    if console:
        return [structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), pad_event_to=24)]
    return [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(ensure_ascii=False)]
