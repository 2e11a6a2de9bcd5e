import errno
import pickle
from collections.abc import Iterator

import av.error
import pytest

from streams import errors
from streams.errors import Fatal, Retryable, StreamError, from_ffmpeg

WHERE = "10.0.0.5:554/ch1"
URL = "rtsp://admin:s3cret@10.0.0.5/ch1"


def leaves(kind: type[StreamError]) -> Iterator[type[StreamError]]:
    below = kind.__subclasses__()
    for sub in below:
        yield from leaves(sub)
    if not below:
        yield kind


@pytest.mark.parametrize("kind", list(leaves(StreamError)), ids=lambda kind: kind.__name__)
def test_every_error_tells_the_technician_what_and_where_and_what_to_do(kind: type[StreamError]) -> None:
    problem = kind(WHERE, errors.NO_ROUTE).problem("gate")
    for language, detail in (("en", errors.NO_ROUTE.en), ("zh", errors.NO_ROUTE.zh)):
        said = problem.what.say(language)  # type: ignore[arg-type]
        assert said.startswith("gate")
        assert WHERE in said
        assert detail in said
    assert problem.do.en
    assert problem.do.zh
    assert issubclass(kind, Retryable) != issubclass(kind, Fatal)


def test_codes_are_unique_and_the_tree_in_the_docstring_is_complete() -> None:
    # Telemetry has errors of its own, which stand in its own tree.
    kinds = [kind for kind in leaves(StreamError) if kind.__module__ == errors.__name__]
    assert len({kind.code for kind in kinds}) == len(kinds)
    drawn = [
        line.partition("── ")[2].split()[0] for line in (errors.__doc__ or "").splitlines() if "── " in line
    ]
    assert sorted(drawn) == sorted([kind.__name__ for kind in kinds] + ["Retryable", "Fatal"])


def test_an_error_crosses_processes() -> None:
    error = pickle.loads(pickle.dumps(errors.Unreachable(WHERE, errors.CLOSED)))
    assert str(error) == "10.0.0.5:554/ch1 cannot be reached (the port is closed)"


@pytest.mark.parametrize(
    ("theirs", "opening", "reading"),
    [
        (av.error.HTTPUnauthorizedError, errors.Unauthorized, errors.Unauthorized),
        (av.error.HTTPForbiddenError, errors.Unauthorized, errors.Unauthorized),
        (av.error.HTTPNotFoundError, errors.NotFound, errors.NotFound),
        (av.error.HTTPOtherClientError, errors.Refused, errors.Refused),
        (av.error.HTTPServerError, errors.Busy, errors.Busy),
        (av.error.ConnectionRefusedError, errors.Unreachable, errors.Unreachable),
        (av.error.ExitError, errors.ConnectTimeout, errors.Stalled),
        (av.error.TimeoutError, errors.ConnectTimeout, errors.Stalled),
        (av.error.ConnectionResetError, errors.Unreachable, errors.EndOfStream),
        (av.error.EOFError, errors.Unreachable, errors.EndOfStream),
        (av.error.DecoderNotFoundError, errors.UnsupportedCodec, errors.UnsupportedCodec),
        (av.error.PatchWelcomeError, errors.UnsupportedCodec, errors.UnsupportedCodec),
        (av.error.InvalidDataError, errors.Broken, errors.Broken),
        (av.error.BugError, errors.Broken, errors.Broken),
    ],
)
def test_ffmpegs_exceptions_become_ours_and_lose_the_url(
    theirs: type[av.error.FFmpegError], opening: type[StreamError], reading: type[StreamError]
) -> None:
    error = theirs(1, "message", URL)
    assert "s3cret" in str(error)  # why none of its text may get through
    for expected, ours in (
        (opening, from_ffmpeg(error, WHERE, opening=True)),
        (reading, from_ffmpeg(error, WHERE)),
    ):
        assert type(ours) is expected
        assert "s3cret" not in f"{ours} {ours!r} {ours.problem('gate')}"


def test_no_route_is_told_from_a_closed_port() -> None:
    error = av.error.OSError(errno.EHOSTUNREACH, "No route to host", URL)
    assert from_ffmpeg(error, WHERE).detail == errors.NO_ROUTE
