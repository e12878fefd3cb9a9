"""Choosing ports."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from exchange_hub.core.errors import ConfigurationError, UsageError
from exchange_hub.embedded.ports import PREFERRED, asked, assign, is_free
from exchange_hub.embedded.reservations import open_book


@pytest.fixture(autouse=True)
def no_offset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HUB_PORT_OFFSET", raising=False)


@pytest.fixture
def busy() -> Iterator[int]:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield server.getsockname()[1]


def test_a_port_that_someone_listens_on_is_not_free(busy: int) -> None:
    assert not is_free(busy)


def test_a_port_just_closed_is_free(busy: int) -> None:
    with socket.create_connection(("127.0.0.1", busy)):
        pass
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        port = other.getsockname()[1]

    assert is_free(port)


def test_the_preferred_port_is_taken_where_it_is_free() -> None:
    assert assign(["airflow"], {}, {}, lambda _: True) == {"airflow": PREFERRED["airflow"]}


def test_the_next_free_port_follows_a_busy_one() -> None:
    taken = {PREFERRED["postgres"], PREFERRED["postgres"] + 1}

    assert assign(["postgres"], {}, {}, lambda port: port not in taken) == {"postgres": PREFERRED["postgres"] + 2}


def test_last_times_port_is_kept_while_it_is_free() -> None:
    assert assign(["s3"], {"s3": 20001}, {}, lambda _: True) == {"s3": 20001}
    assert assign(["s3"], {"s3": 20001}, {}, lambda port: port != 20001) == {"s3": PREFERRED["s3"]}


def test_a_port_asked_for_wins_over_last_times() -> None:
    assert assign(["s3"], {"s3": 20001}, {"s3": 20002}, lambda _: True) == {"s3": 20002}


def test_a_port_asked_for_that_is_taken_is_a_clear_error(busy: int) -> None:
    with pytest.raises(UsageError, match=f"port {busy} asked for airflow is taken"):
        assign(["airflow"], {}, {"airflow": busy})


def test_two_services_never_get_the_same_port() -> None:
    last = {"postgres": 20001, "sftp": 20001}

    chosen = assign(["postgres", "sftp", "airflow"], last, {"airflow": 20001}, lambda _: True)

    assert len(set(chosen.values())) == 3
    assert chosen["airflow"] == 20001


def test_a_running_services_port_is_not_given_away() -> None:
    running = {"airflow": PREFERRED["postgres"]}

    assert assign(["postgres"], running, {}, lambda _: True)["postgres"] != PREFERRED["postgres"]


def test_a_variable_asks_for_a_port_and_a_flag_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUB_S3_PORT", "20003")

    assert asked({}) == {"s3": 20003}
    assert asked({"s3": 20004}) == {"s3": 20004}


@pytest.mark.parametrize("text", ["0", "65536", "-1", "ten"])
def test_a_variable_that_is_no_port_is_named(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUB_S3_PORT", text)

    with pytest.raises(ConfigurationError, match="HUB_S3_PORT"):
        asked({})


def test_two_stacks_that_choose_at_the_same_moment_take_different_ports(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    chosen = []

    for home in ("one", "two", "one"):  # none of them listens yet
        with open_book(tmp_path / home) as book:
            ports = assign(["postgres"], {}, {}, lambda port, book=book: is_free(port) and not book.is_others(port))
            book.note(ports)
        chosen.append(ports["postgres"])

    assert chosen[0] != chosen[1]
    assert chosen[2] == chosen[0]


def test_a_torn_book_of_ports_does_no_harm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with open_book(tmp_path) as book:
        book.note({"postgres": 15432})
    [noted] = tmp_path.glob("exchange-hub-*/ports.json")
    noted.write_text('{"15432": ["', "utf-8")

    with open_book(tmp_path / "other") as again:
        assert not again.is_others(15432)


def test_an_offset_moves_every_preferred_port(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUB_PORT_OFFSET", "700")

    assert assign(["airflow"], {}, {}, lambda _: True) == {"airflow": PREFERRED["airflow"] + 700}
