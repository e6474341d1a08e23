"""The documentation is true: its links lead somewhere, its commands exist, its codes are registered, and its walks can be walked."""

import re
import shlex
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import click
import pytest

from edi_gateway.cli.app import commands, main
from edi_gateway.faults.register import register

from .conftest import FENCE, ROOT, Block, blocks

FOREIGN = frozenset({".venv", ".git", ".hypothesis", ".pytest_cache", "node_modules", "build", "dist"})
PAGES = sorted(path for path in ROOT.rglob("*.md") if not FOREIGN & set(path.relative_to(ROOT).parts))
DOCS = [path for path in PAGES if "docs" in path.parts or path.parent == ROOT]
WALKS = ("change-a-map", "change-the-configuration", "first-map", "read-a-rejected-997", "write-a-guide")
EXIT_CODES = {"": 0, "findings": 1, "unusable": 2}

CODE = re.compile(r"(?<![\w-])(?:X12|AS2|MAP|PRT|ERP|CFG|STO)-(?:\d{3}|[A-Z][A-Z-]+[A-Z])\b")
NOT_CODES = frozenset({"AS2-From", "AS2-To", "AS2-Version"})


def named(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def prose(page: Path) -> str:
    return FENCE.sub("", page.read_text(encoding="utf-8"))


def anchors(page: Path) -> set[str]:
    """The places of a page that a link can name: its headings, as they are shown on the web, and its own marks."""
    headings = re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)
    slugs = {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
    return slugs | set(re.findall(r'<a id="([^"]+)">', prose(page)))


def command_lines(page: Path) -> Iterator[list[str]]:
    """The arguments of every `edi-gateway` command line of a page, in fences and between backticks."""
    fenced = [line for block in blocks(page.read_text(encoding="utf-8")) if not block.is_file for line in block.text.splitlines()]
    for line in fenced + re.findall(r"`([^`\n]+)`", prose(page)):
        found = re.match(r"(?:ExecStart=|\S*/| *)edi-gateway(?P<rest> .*)?$", line)
        if found:
            yield shlex.split(re.split(r" (?:&&|\||>|#|…)", found["rest"] or "")[0])


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_relative_link_leads_to_a_file_and_a_place_in_it(page: Path) -> None:
    targets = re.findall(r"\]\(<?([^)>\s]+)>?\)", prose(page))
    broken = []
    for target in targets:
        if re.match(r"[a-z]+:", target):
            continue
        path, _, place = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        if not file.exists() or (place and place not in anchors(file)):
            broken.append(target)
    assert broken == []


@pytest.mark.parametrize("page", DOCS, ids=named)
def test_every_command_line_names_a_command_and_options_that_exist(page: Path) -> None:
    wrong = [(words, why) for words in command_lines(page) if (why := what_is_wrong_with(words))]
    assert wrong == []


def what_is_wrong_with(words: list[str]) -> str:
    """Why the command line cannot be one: "" where it can."""
    command: click.Command = commands
    context = click.Context(command, info_name="edi-gateway")
    rest = list(words)
    while isinstance(command, click.Group) and rest and not rest[0].startswith("-"):
        inner = command.get_command(context, rest[0])
        if inner is None:
            return f"there is no command {rest[0]!r}"
        command, context = inner, click.Context(inner, info_name=rest.pop(0), parent=context)
    known = {name: option for option in command.get_params(context) for name in (*option.opts, *option.secondary_opts)}
    unknown = [word for word in rest if word.startswith("--") and word.partition("=")[0] not in known]
    return f"no such option: {unknown}" if unknown else ""


def test_a_command_line_that_does_not_exist_is_found() -> None:
    assert what_is_wrong_with(["mesage", "list"]) == "there is no command 'mesage'"
    assert what_is_wrong_with(["message", "list", "--home", "H", "--atention"]) == "no such option: ['--atention']"
    assert what_is_wrong_with(["message", "list", "--home", "H", "--attention"]) == ""


@pytest.mark.parametrize("page", DOCS, ids=named)
def test_every_fault_code_that_a_page_names_is_registered(page: Path) -> None:
    codes = set(CODE.findall(page.read_text(encoding="utf-8"))) - NOT_CODES
    assert sorted(codes - set(register())) == []


@pytest.mark.parametrize("name", WALKS)
def test_a_walk_prints_what_its_page_says(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Each file of the page is saved, each command run, and the block after a command is what it prints."""
    monkeypatch.chdir(tmp_path)
    page = blocks((ROOT / "docs" / "how-to" / f"{name}.md").read_text(encoding="utf-8"))
    compared = 0
    for block, after in pairwise([*page, Block(kind="", label="", text="")]):
        if block.is_file:
            Path(block.label).write_text(block.text, encoding="utf-8")
        if block.kind != "sh":
            continue
        shown = after if after.kind in ("text", "json") and not after.is_file else Block(kind="", label="", text="")
        for line in block.text.splitlines():
            words = shlex.split(line)
            assert words[0] == "edi-gateway"
            code = main(words[1:])
            out, err = capfd.readouterr()
        assert code == EXIT_CODES[shown.label], err
        if shown.kind:
            assert (out or err) == shown.text
            compared += 1
    assert compared, "the page shows nothing to compare"
