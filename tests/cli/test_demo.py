"""`edi-gateway demo` that is told to end before its end."""

import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.slow
@pytest.mark.parametrize("told", [signal.SIGTERM, signal.SIGINT], ids=lambda one: one.name)
def test_a_demo_that_is_told_to_end_takes_its_gateways_with_it(told: signal.Signals, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "edi_gateway", "demo", "--folder", str(tmp_path / "demo")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        assert process.stdout is not None
        ports: list[int] = []
        for line in process.stdout:
            ports += [int(port) for port in re.findall(r"Listening on \S+:([0-9]+)", line)]
            if len(ports) == 2:
                break
        process.send_signal(told)
        said, _ = process.communicate(timeout=60)
    assert process.returncode == 130, said
    assert said.endswith("Stopped.\n")
    for port in ports:
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port), timeout=5)
