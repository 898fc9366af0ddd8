from __future__ import annotations

import gzip
import tomllib
import tracemalloc
import zlib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from digest.ingest.sources import fetch as module
from digest.ingest.sources.fetch import fetch_url, format_user_agent, replace_live_host
from digest.ingest.sources.fetch_errors import LONGEST_RETRY_AFTER, FetchError
from tests.web_server import Answer, WebServer, web_server


@pytest.fixture
def server(settings: Any) -> Iterator[WebServer]:
    settings.FETCH_ALLOW_PRIVATE = ["127.0.0.1"]
    with web_server() as running:
        yield running


def test_a_body_comes_with_its_validators(server: WebServer) -> None:
    url = server.give(
        "/feed",
        Answer(
            b"<rss/>",
            headers={"ETag": 'W/"a b"', "Last-Modified": "x", "Content-Type": "text/xml"},
        ),
    )
    fetched = fetch_url(url)
    assert fetched.body == b"<rss/>"
    assert (fetched.etag, fetched.last_modified) == ('W/"a b"', "x")
    assert fetched.content_type == "text/xml"
    assert fetched.is_whole
    assert not fetched.moved_to


def test_says_who_asks_and_where_to_complain(server: WebServer, settings: Any) -> None:
    settings.SITE_URL = "https://papers.example.org"
    fetch_url(server.give("/feed", b"x"))
    assert server.requests("/feed")[0]["User-Agent"] == format_user_agent()
    assert format_user_agent().endswith("(+https://papers.example.org)")


def test_the_version_it_names_is_the_projects_own(settings: Any) -> None:
    project = tomllib.loads((Path(settings.BASE_DIR) / "pyproject.toml").read_text())
    assert project["project"]["version"] == module.VERSION


def test_validators_go_back_byte_for_byte_and_304_is_no_error(server: WebServer) -> None:
    url = server.give("/feed", Answer(status=304))
    fetched = fetch_url(
        url, etag='W/"é, b"'.encode().decode("latin-1"), last_modified="yesterday-ish"
    )
    assert fetched.is_unchanged
    sent = server.requests("/feed")[0]
    assert sent["If-None-Match"] == 'W/"é, b"'.encode().decode("latin-1")
    assert sent["If-Modified-Since"] == "yesterday-ish"


def test_nothing_conditional_is_asked_without_validators(server: WebServer) -> None:
    fetch_url(server.give("/feed", b"x"))
    assert not {"If-None-Match", "If-Modified-Since"} & set(server.requests("/feed")[0])


def test_no_password_of_this_machine_is_sent(
    server: WebServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password secret\n")
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    fetch_url(server.give("/feed", b"x"))
    assert "Authorization" not in server.requests("/feed")[0]


@pytest.mark.parametrize(
    ("encoding", "pack"), [("gzip", gzip.compress), ("deflate", zlib.compress)]
)
def test_packed_bodies_are_unpacked(server: WebServer, encoding: str, pack: Any) -> None:
    url = server.give("/feed", Answer(pack(b"x" * 9000), headers={"Content-Encoding": encoding}))
    assert fetch_url(url).body == b"x" * 9000


def test_a_body_that_cannot_be_unpacked_says_so(server: WebServer) -> None:
    url = server.give("/feed", Answer(b"not gzip" * 9, headers={"Content-Encoding": "gzip"}))
    with pytest.raises(FetchError, match="could not be unpacked"):
        fetch_url(url)


def test_a_bomb_is_stopped_at_the_limit_of_what_is_unpacked(server: WebServer) -> None:
    bomb = gzip.compress(b"\0" * 30_000_000)
    assert len(bomb) < 40_000
    url = server.give("/feed", Answer(bomb, headers={"Content-Encoding": "gzip"}))
    with pytest.raises(FetchError, match="more than 10 MB"):
        fetch_url(url)


def test_a_body_over_the_limit_is_not_read_on(server: WebServer) -> None:
    with pytest.raises(FetchError, match="more than 1 MB"):
        fetch_url(server.give("/feed", b"x" * 1_000_001), max_bytes=1_000_000)


@pytest.mark.parametrize("packed", [False, True])
def test_a_body_cut_short_is_kept_as_far_as_it_came_without_validators(
    server: WebServer, packed: bool
) -> None:
    body = "".join(f"line {n}\n" for n in range(9000)).encode()
    sent = gzip.compress(body) if packed else body
    headers = {"ETag": '"cut"'} | ({"Content-Encoding": "gzip"} if packed else {})
    url = server.give("/feed", Answer(sent, headers=headers, cut_to=len(sent) // 2))
    fetched = fetch_url(url)
    assert not fetched.is_whole
    assert fetched.etag == fetched.last_modified == ""
    assert body.startswith(fetched.body)
    assert len(fetched.body) > len(body) // 4


def test_a_chunked_body_cut_short_is_kept_as_far_as_it_came(server: WebServer) -> None:
    chunked = b"5\r\nhello\r\n5\r\nwor"
    answer = Answer(chunked, headers={"Transfer-Encoding": "chunked"}, says_length=False)
    fetched = fetch_url(server.give("/feed", answer))
    assert not fetched.is_whole
    assert fetched.body == b"hello"


@pytest.mark.parametrize(
    "answer",
    [
        Answer(hangs=True),
        Answer(b"x" * 1000, pause_seconds=0.05),
        Answer(b"x", headers={"X-Long": "y" * 9000}, pause_seconds=0.05),
        Answer(status=503, headers={"X-Long": "y" * 9000}, pause_seconds=0.05),
        Answer(status=302, headers={"X": "y" * 9000, "Location": "/feed"}, pause_seconds=0.05),
        Answer(status=302, headers={"Location": "/feed"}, pause_seconds=0.005),
    ],
    ids=[
        *("hangs", "drips its body", "drips its head"),
        *("drips its error", "drips its redirect", "drips one redirect after the other"),
    ],
)
def test_a_server_that_does_not_finish_is_left_at_the_deadline(
    server: WebServer, answer: Answer
) -> None:
    url = server.give("/feed", answer)
    with pytest.raises(FetchError, match=r"did not finish its answer within 0\.4 seconds"):
        fetch_url(url, seconds=0.4)


# -- redirects


def _to(url: str, status: int = 302) -> Answer:
    return Answer(status=status, headers={"Location": url})


def test_what_a_redirect_says_besides_its_address_is_not_read(server: WebServer) -> None:
    """Two hundred kilobytes on the wire that unpack to two hundred megabytes."""
    headers = {"Location": "/there", "Content-Encoding": "gzip"}
    server.give("/bomb", Answer(gzip.compress(bytes(200_000_000)), 302, headers))
    server.give("/there", b"there")
    tracemalloc.start()
    try:
        assert fetch_url(server.url + "/bomb").body == b"there"
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()


def test_redirects_are_followed_five_times_and_no_more(server: WebServer) -> None:
    for n in range(6):
        server.give(f"/{n}", _to(f"/{n + 1}"))
    server.give("/6", b"there")
    assert fetch_url(server.url + "/1").body == b"there"
    with pytest.raises(FetchError, match="more than 5 times"):
        fetch_url(server.url + "/0")


@pytest.mark.parametrize("status", [301, 308])
def test_a_permanent_redirect_is_reported(server: WebServer, status: int) -> None:
    url = server.give("/old", _to("/new", status))
    new = server.give("/new", b"x")
    assert fetch_url(url).moved_to == new


def test_a_permanent_redirect_is_reported_for_an_unchanged_feed_too(server: WebServer) -> None:
    url = server.give("/old", _to("/new", 301))
    new = server.give("/new", Answer(status=304))
    assert fetch_url(url, etag='"x"').moved_to == new


def test_one_passing_redirect_on_the_way_means_it_did_not_move(server: WebServer) -> None:
    url = server.give("/old", _to("/middle", 301))
    server.give("/middle", _to("/new", 302))
    server.give("/new", b"x")
    assert fetch_url(url).moved_to == ""


def test_a_redirect_to_a_private_address_is_refused(server: WebServer) -> None:
    url = server.give("/feed", _to("http://169.254.169.254/latest/meta-data/"))
    with pytest.raises(FetchError, match=r"169\.254\.169\.254 is not a public") as caught:
        fetch_url(url)
    assert caught.value.is_refused_address


@pytest.mark.parametrize("target", ["file:///etc/passwd", "gopher://example.org/"])
def test_a_redirect_to_anything_but_the_web_is_refused(server: WebServer, target: str) -> None:
    url = server.give("/feed", _to(target))
    with pytest.raises(FetchError, match="begins with http"):
        fetch_url(url)


def test_a_redirect_to_no_address_at_all_gets_a_sentence(server: WebServer) -> None:
    with pytest.raises(FetchError, match="no address"):
        fetch_url(server.give("/feed", _to("http://[::1")))


def test_an_address_that_was_not_allowed_is_never_connected_to(
    server: WebServer, settings: Any
) -> None:
    settings.FETCH_ALLOW_PRIVATE = []
    url = server.give("/feed", b"x")
    with pytest.raises(FetchError, match="is not a public address") as caught:
        fetch_url(url)
    assert caught.value.is_refused_address
    assert not server.log


@pytest.mark.parametrize(
    "url", ["ftp://example.org/x", "/etc/passwd", "http:///x", "http://[::1", "http://a b/"]
)
def test_what_is_no_address_gets_a_sentence(url: str) -> None:
    with pytest.raises(FetchError):
        fetch_url(url)


# -- refusals


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (400, "does not understand"),
        (401, "password"),
        (403, "refuses"),
        (404, "nothing at this address"),
        (418, "status 418"),
        (500, r"failed \(error 500\)"),
        (302, "status 302"),  # a redirect to nowhere
    ],
)
def test_every_refusal_is_a_sentence_with_its_status(
    server: WebServer, status: int, words: str
) -> None:
    url = server.give("/feed", Answer(b"no", status))
    with pytest.raises(FetchError, match=words) as caught:
        fetch_url(url)
    assert caught.value.status == status
    assert not caught.value.is_gone


def test_410_means_gone(server: WebServer) -> None:
    with pytest.raises(FetchError) as caught:
        fetch_url(server.give("/feed", Answer(status=410)))
    assert caught.value.is_gone


@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_server_says_how_long_to_wait(server: WebServer, status: int) -> None:
    url = server.give("/feed", Answer(status=status, headers={"Retry-After": "7200"}))
    with pytest.raises(FetchError) as caught:
        fetch_url(url)
    assert caught.value.retry_after == timedelta(hours=2)


def test_a_used_up_quota_is_waited_for_where_the_server_says_nothing_else(
    server: WebServer,
) -> None:
    url = server.give("/feed", Answer(status=429, headers={"RateLimit": '"api";r=0;t=123'}))
    with pytest.raises(FetchError) as caught:
        fetch_url(url)
    assert caught.value.retry_after == timedelta(seconds=123)


def test_no_server_can_send_us_away_for_years(server: WebServer) -> None:
    url = server.give("/feed", Answer(status=503, headers={"Retry-After": "9" * 40}))
    with pytest.raises(FetchError) as caught:
        fetch_url(url)
    assert caught.value.retry_after == LONGEST_RETRY_AFTER


@pytest.mark.usefixtures("server")
def test_a_closed_port_and_an_unknown_name_are_told_apart() -> None:
    with web_server() as gone:
        closed = gone.url
    with pytest.raises(FetchError, match=r"127\.0\.0\.1 does not accept connections"):
        fetch_url(closed)
    with pytest.raises(FetchError, match=r"The name a\.\.b could not be found|cannot|address"):
        fetch_url("http://a..b/feed")


def test_a_server_that_talks_no_tls_has_no_certificate_we_trust(server: WebServer) -> None:
    with pytest.raises(FetchError, match="certificate"):
        fetch_url(server.url.replace("http:", "https:") + "/feed")


def test_a_server_that_talks_nonsense_gets_a_sentence(server: WebServer) -> None:
    server.give("/feed", Answer(headers={"Content-Length": "x", "Content-Encoding": "gzip"}))
    with pytest.raises(FetchError) as caught:
        fetch_url(server.url + "/feed", etag="bad\r\nX-Evil: 1")
    assert "validators" in str(caught.value)


# -- the hosts that take a live one's place


def test_a_test_host_takes_the_place_of_a_live_one(server: WebServer, settings: Any) -> None:
    settings.OFFPRINT_ARXIV_URL = settings.OFFPRINT_HF_URL = server.url
    server.give("/rss/cs.CL", _to("/rss/other", 301))
    server.give("/rss/other", b"list")
    fetched = fetch_url("https://rss.arxiv.org/rss/cs.CL")
    assert fetched.body == b"list"
    assert fetched.moved_to == ""
    assert (
        replace_live_host("https://export.arxiv.org/api/query?x=1") == f"{server.url}/api/query?x=1"
    )
    assert (
        replace_live_host("https://huggingface.co/api/daily_papers")
        == f"{server.url}/api/daily_papers"
    )
    assert replace_live_host("https://lab.example.org/feed") == "https://lab.example.org/feed"


def test_without_a_test_host_the_live_ones_are_asked() -> None:
    for url in ("https://export.arxiv.org/api/query", "https://huggingface.co/api/daily_papers"):
        assert replace_live_host(url) == url
