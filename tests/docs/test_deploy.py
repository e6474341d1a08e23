"""The deployment files fit this gateway: roles, options, ports, extras and signals are those that there are."""

import re
from configparser import ConfigParser
from pathlib import Path
from typing import Any

import pytest
import yaml

from edi_gateway.cli.app import commands
from edi_gateway.cli.serve import Role, serve
from edi_gateway.config import keys
from edi_gateway.work.service_manager import EVERY

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "docs" / "deploy"
UNITS = sorted((DEPLOY / "systemd").iterdir())


class Unit(ConfigParser):
    """systemd's form of an INI file: keys may come again."""

    def optionxform(self, optionstr: str) -> str:
        return optionstr


def unit(file: Path) -> Unit:
    found = Unit(strict=False, interpolation=None)
    found.read_string(file.read_text())
    return found


def composed() -> dict[str, Any]:
    found = yaml.safe_load((DEPLOY / "compose" / "compose.yaml").read_text())
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize("file", [one for one in UNITS if one.suffix == ".service"], ids=lambda file: file.name)
def test_each_unit_runs_commands_that_there_are_with_options_that_they_have(file: Path) -> None:
    lines = [line for line in file.read_text().splitlines() if line.startswith("Exec")]
    assert lines
    for line in lines:
        for words in re.findall(r"/opt/edi-gateway/bin/edi-gateway ([^'\"]+)", line):
            first, *rest = words.split()
            command = commands.get_command(None, first)  # type: ignore[arg-type]
            assert command is not None, words
            while rest and hasattr(command, "commands") and rest[0] in command.commands:
                command = command.commands[rest.pop(0)]
            known = {option for parameter in command.params for option in parameter.opts}
            assert {one for one in rest if one.startswith("--")} <= known, words


def test_a_gateway_under_systemd_is_stopped_gently_and_confined() -> None:
    for name in ("edi-gateway.service", "edi-gateway@.service"):
        service = unit(DEPLOY / "systemd" / name)["Service"]
        assert service["KillSignal"] == "SIGTERM"
        assert int(service["TimeoutStopSec"]) >= 60
        assert service["NoNewPrivileges"] == service["ProtectHome"] == "yes"
        assert service["StateDirectory"] == "edi-gateway"


def test_a_gateway_that_hangs_is_killed_by_systemd_and_started_again() -> None:
    for name in ("edi-gateway.service", "edi-gateway@.service"):
        service = unit(DEPLOY / "systemd" / name)["Service"]
        assert (service["Type"], service["Restart"]) == ("notify", "on-failure")
        assert int(service["WatchdogSec"]) >= 10 * EVERY
        assert service["WatchdogSignal"] == "SIGKILL", "a dump of its memory would hold documents and keys"
        assert service["TimeoutStartSec"] == "infinity", "an upgrade of a large database takes long"


def test_the_containers_are_each_role_twice_and_a_database_and_a_proxy() -> None:
    services = composed()["services"]
    roles = {name: one["command"] for name, one in services.items() if name in set(Role)}
    assert roles == {role: ["serve", "--role", role] for role in Role}
    assert "--role" in {option for parameter in serve.params for option in parameter.opts}
    assert {services[role]["deploy"]["replicas"] for role in Role} == {2}
    assert services["database"]["image"].startswith("postgres:")
    assert services["proxy"]["ports"] == ["443:443"]


def test_what_a_container_names_is_there() -> None:
    found = composed()
    for service in found["services"].values():
        assert set(service["networks"]) <= set(found["networks"])
        assert set(service.get("depends_on", {})) <= set(found["services"])
        for volume in service["volumes"]:
            source = volume.partition(":")[0]
            assert source in found["volumes"] or source in ("./tls", "./home") or (DEPLOY / "compose" / source).is_file(), volume
    [dockerfile, image] = re.findall(r"docker build -f (\S+) -t (\S+) \.", (ROOT / "docs" / "deploy.md").read_text())[0]
    assert (ROOT / dockerfile).is_file()
    assert {found["services"][role]["image"] for role in Role} == {image}


def test_the_home_of_the_containers_is_made_by_a_command_that_there_is_for_the_user_that_they_run_as() -> None:
    said = (ROOT / "docs" / "deploy.md").read_text()
    [words] = re.findall(r"docker compose run --rm --no-deps web (init .+)", said)
    options = {option for parameter in commands.get_command(None, "init").params for option in parameter.opts}  # type: ignore[arg-type,union-attr]
    assert {one for one in words.split() if one.startswith("--")} <= options
    [user] = re.findall(r"--uid (\d+)", (DEPLOY / "compose" / "Dockerfile").read_text())
    assert f"chown {user} home" in said
    assert {one["volumes"][0] for name, one in composed()["services"].items() if name in set(Role)} == {"./home:/var/lib/edi-gateway"}


def test_the_database_cannot_be_reached_from_outside() -> None:
    found = composed()
    assert found["networks"]["inside"] == {"internal": True}
    assert found["services"]["database"]["networks"] == ["inside"]
    assert "ports" not in found["services"]["database"]


def test_the_image_installs_extras_that_there_are_and_runs_as_nobody_special() -> None:
    lines = (DEPLOY / "compose" / "Dockerfile").read_text()
    [extras] = re.findall(r'"\.\[([a-z,]+)\]"', lines)
    known = re.findall(r"^([a-z]+) =$", (ROOT / "setup.cfg").read_text().partition("extras_require]")[2].partition("\n[")[0], re.MULTILINE)
    assert set(extras.split(",")) <= set(known)
    assert re.search(r"^USER edi$", lines, re.MULTILINE)
    assert f"EXPOSE {keys.PORT.default}" in lines
    assert 'ENTRYPOINT ["edi-gateway"]' in lines


def test_the_proxy_asks_the_gateways_port_takes_its_largest_body_and_says_who_asks() -> None:
    said = (DEPLOY / "compose" / "nginx.conf").read_text()
    assert said.count("{") == said.count("}")
    assert f"server web:{keys.PORT.default} " in said
    [limit] = re.findall(r"client_max_body_size (\d+)m;", said)
    assert int(limit) * 1024**2 >= keys.MAX_BODY.default
    assert "X-Forwarded-For $remote_addr" in said
    assert "non_idempotent" not in said
    assert all(len(re.findall(r"[;{}]\s*(#.*)?$", line)) for line in said.splitlines() if line.strip() and not line.strip().startswith("#"))
