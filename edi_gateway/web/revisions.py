"""The configuration's revisions: who made each, when and why, what it changed, and whether the home's files are those in force."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import Blueprint, abort, render_template

from edi_gateway.ports.rows import Origin, Revision
from edi_gateway.ports.web import WebParts
from edi_gateway.web.login import Page

FILES_NAMED = 3
"""How many changed files a line of the history names."""
ORIGINS: Mapping[Origin, str] = {Origin.HOME: "the home's files", Origin.FOLDER: "another folder", Origin.ROLLBACK: "rollback"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One revision in the history, with what it changed in a few words."""

    revision: Revision
    changed: str


def revision_pages(parts: WebParts) -> Blueprint:
    """The history, and one revision."""
    pages = Blueprint("revisions", __name__)

    @pages.get("/configuration")
    def history() -> Page:
        found = parts.configuration.history()
        return render_template(
            "revisions.html",
            now=parts.clock.now(),
            lines=_lines(found),
            in_use=parts.configuration.in_use(),
            drift=parts.configuration.drift(),
            origins=ORIGINS,
        )

    @pages.get("/configuration/<int:number>")
    def show(number: int) -> Page:
        try:
            found = parts.configuration.revision(number)
        except KeyError:
            abort(404, f"There is no revision {number} of the configuration. The page “Configuration” lists them.")
        newest = parts.configuration.history()[0].id
        return render_template(
            "revision.html",
            now=parts.clock.now(),
            found=found,
            newest=newest,
            in_use=parts.configuration.in_use(),
            drift=parts.configuration.drift() if number == newest else None,
            origins=ORIGINS,
        )

    return pages


def _lines(found: Sequence[Revision]) -> list[Line]:
    manifests = [one.manifest for one in found]
    before = [*manifests[1:], {}]
    return [Line(revision=one, changed=_changed(one.manifest, old)) for one, old in zip(found, before, strict=False)]


def _changed(after: Mapping[str, str], before: Mapping[str, str]) -> str:
    """The files that a revision changed, the first of them by name."""
    paths = [path for path in sorted(before.keys() | after.keys()) if before.get(path) != after.get(path)]
    said = [f"{path} {'new' if path not in before else 'gone' if path not in after else 'changed'}" for path in paths[:FILES_NAMED]]
    more = len(paths) - len(said)
    return ", ".join(said) + (f" and {more} more" if more else "") or "no file"
