"""What systemd hears of a gateway that it has started."""

import os
import socket
from collections.abc import Iterator
from contextlib import suppress

import pytest

from edi_gateway.work import ServiceManager
from edi_gateway.work import service_manager as service_manager_module


@pytest.fixture
def address() -> str:
    return f"@edi-gateway-{os.urandom(6).hex()}"


@pytest.fixture
def heard(address: str) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(f"\0{address[1:]}")
        listener.setblocking(False)
        yield listener


def words(heard: socket.socket) -> list[bytes]:
    told = []
    with suppress(BlockingIOError):
        while True:
            told.append(heard.recv(100))
    return told


def test_it_hears_that_the_gateway_serves_and_that_it_lives(address: str, heard: socket.socket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", address)
    manager = ServiceManager()
    manager.ready()
    manager.beat()
    assert words(heard) == [b"READY=1", b"WATCHDOG=1"]


def test_a_sign_of_life_is_given_no_more_often_than_is_looked_for_one(
    address: str, heard: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    manager = ServiceManager(address)
    for _ in range(3):
        manager.beat()
    assert words(heard) == [b"WATCHDOG=1"]
    monkeypatch.setattr(service_manager_module, "EVERY", 0.0)
    eager = ServiceManager(address)
    for _ in range(3):
        eager.beat()
    assert words(heard) == [b"WATCHDOG=1"] * 3


def test_a_manager_that_is_busy_or_gone_holds_up_nobody(address: str, heard: socket.socket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service_manager_module, "EVERY", 0.0)
    manager = ServiceManager(address)
    for _ in range(5000):
        manager.beat()
    assert 0 < len(words(heard)) < 5000, "its socket was full"
    heard.close()
    manager.beat()


def test_without_a_manager_nothing_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    manager = ServiceManager()
    manager.ready()
    manager.beat()
