"""What cannot be served is said before anything starts."""

from __future__ import annotations

import socket

import pytest
from click.testing import CliRunner

from barometer.cli import main


@pytest.mark.parametrize("before", [0, 1])
def test_a_port_that_is_taken_is_named_before_any_process_starts(before: int) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = int(taken.getsockname()[1])
        asked = ["serve", "--port", str(port - before), "--workers", str(before + 1)]
        result = CliRunner().invoke(main, asked)
    assert result.exit_code == 1
    assert f"nothing can listen on port {port} of 127.0.0.1" in result.stderr
    assert "choose another --port" in result.stderr


def test_an_address_of_another_machine_is_refused() -> None:
    result = CliRunner().invoke(main, ["serve", "--host", "192.0.2.1"])
    assert result.exit_code == 1
    assert "nothing can listen on port 8501 of 192.0.2.1" in result.stderr


def test_processes_need_a_port_each() -> None:
    result = CliRunner().invoke(main, ["serve", "--port", "65535", "--workers", "2"])
    assert result.exit_code == 2
    assert "2 processes from port 65535 on need ports up to 65536" in result.stderr
