"""Media behind references, on a real HTTP server with a real clip."""

import hashlib
import threading
from collections.abc import Iterator
from fractions import Fraction
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import av
import pytest

from ingest.recordings.media import BLOCK, Expected, check_medium

HOSTS = frozenset({"127.0.0.1"})


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Twelve seconds of noise in mp4, its index at the end, larger than what a header needs."""
    path = tmp_path_factory.mktemp("clip") / "clip.mp4"
    make_clip(path)
    return path.read_bytes()


def make_clip(path: Path) -> None:
    noise = bytearray(hashlib.sha256(b"noise").digest() * (320 * 240 * 3 // 32))
    with av.open(str(path), "w") as out:
        stream = out.add_stream("mpeg4", rate=Fraction(5))
        stream.width, stream.height, stream.pix_fmt, stream.bit_rate = 320, 240, "yuv420p", 4_000_000
        for number in range(60):
            frame = av.VideoFrame(320, 240, "rgb24")
            noise[number::97] = bytes((number * 37 + n) % 256 for n in range(len(noise[number::97])))
            frame.planes[0].update(bytes(noise))
            out.mux(stream.encode(frame.reformat(format="yuv420p")))
        out.mux(stream.encode())


@pytest.fixture
def server(clip: bytes) -> Iterator[str]:
    """Serves /clip.mp4 with ranges, /whole.mp4 without, /page as HTML, /empty."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            content = {"/page": b"<html>log in</html>", "/text": b"no medium at all" * 99}.get(self.path, clip)
            wanted = self.headers.get("Range", "").removeprefix("bytes=")
            start, _, end = wanted.partition("-")
            if self.path == "/gone":
                self.send_error(404)
                return
            ranged = bool(wanted) and self.path != "/whole.mp4"
            part = content[int(start) : int(end) + 1] if ranged else content
            self.send_response(206 if ranged else 200)
            self.send_header("Content-Type", "text/html" if self.path == "/page" else "video/mp4")
            self.send_header("Content-Length", str(len(part)))
            if ranged:
                size = "*" if self.path == "/sizeless" else len(content)
                self.send_header("Content-Range", f"bytes {start}-{int(start) + len(part) - 1}/{size}")
            self.end_headers()
            self.wfile.write(part)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the library's name
            return None

    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=httpd.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{httpd.server_port}"
    httpd.shutdown()
    httpd.server_close()
    thread.join()


def test_a_header_that_agrees_is_read_without_reading_the_medium(server: str, clip: bytes) -> None:
    found = check_medium(f"{server}/clip.mp4", Expected(12.0, len(clip)), hosts=HOSTS)

    assert (found.state, found.problems) == ("consistent", ())
    assert len(clip) > 3 * BLOCK
    assert found.bytes_read < len(clip)


def test_the_hash_is_proved_where_it_is_asked(server: str, clip: bytes) -> None:
    right, wrong = hashlib.sha256(clip).hexdigest(), "0" * 64

    assert check_medium(
        f"{server}/clip.mp4", Expected(12, len(clip), "SHA-256", right), hosts=HOSTS, whole=True
    ).state == ("verified")
    assert check_medium(
        f"{server}/clip.mp4", Expected(12, len(clip), "SHA-256", wrong), hosts=HOSTS, whole=True
    ).state == ("differs")


@pytest.mark.parametrize(
    ("path", "expected", "state"),
    [
        ("/clip.mp4", Expected(seconds=20.0), "differs"),
        ("/clip.mp4", Expected(size=7), "differs"),
        ("/page", Expected(), "differs"),
        ("/text", Expected(), "differs"),
        ("/whole.mp4", Expected(), "unreachable"),
        ("/gone", Expected(), "unreachable"),
        ("/sizeless", Expected(), "unreachable"),
    ],
)
def test_what_is_not_the_registered_medium_is_told(server: str, path: str, expected: Expected, state: str) -> None:
    found = check_medium(f"{server}{path}", expected, hosts=HOSTS)

    assert found.state == state
    assert len(found.problems) == 1


@pytest.mark.parametrize(
    "url", ["http://10.0.0.1/x.mp4", "file:///etc/passwd", "rtsp://127.0.0.1/x", "http://localhost/x"]
)
def test_only_allowed_hosts_are_asked(url: str) -> None:
    assert check_medium(url, Expected(), hosts=HOSTS).state == "not_allowed"


def test_a_host_that_does_not_answer_is_unreachable() -> None:
    assert check_medium("http://127.0.0.1:9/x.mp4", Expected(), hosts=HOSTS).state == "unreachable"
