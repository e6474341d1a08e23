"""Revisions of the configuration: each a manifest of paths and digests, and the files by digest, kept once."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace

from sqlalchemy import Connection, LargeBinary, bindparam, func, select, text

from edi_gateway.ports.rows import Revision
from edi_gateway.store import rows as kept
from edi_gateway.store.expected import ExpectedIds
from edi_gateway.store.rows import SqlRows
from edi_gateway.store.tables import config_files, config_revisions

_NEWEST = select(func.max(config_revisions.c.id))
_PUT = text("INSERT INTO config_files (digest, content) VALUES (:digest, :content) ON CONFLICT (digest) DO NOTHING").bindparams(
    bindparam("content", type_=LargeBinary)
)


class SqlRevisions:
    """Fulfils `ports.store.Revisions`, within one transaction."""

    def __init__(self, connect: Callable[[], Connection]) -> None:
        self._connect = connect
        self._rows = SqlRows(connect, kept.REVISIONS, ExpectedIds(connect))

    def newest_number(self) -> int | None:
        number: int | None = self._connect().execute(_NEWEST).scalar_one()
        return number

    def get(self, number: int) -> Revision:
        return self._rows.get(number)

    def all(self) -> list[Revision]:
        return self._rows.find()[::-1]

    def add(self, revision: Revision, files: Mapping[str, bytes]) -> Revision:
        content = {digest: files[path] for path, digest in revision.manifest.items()}
        if content:
            self._connect().execute(_PUT, [{"digest": digest, "content": one} for digest, one in content.items()])
        # Numbered without gaps: whoever adds one has queued up for it.
        return self._rows.add(replace(revision, id=(self.newest_number() or 0) + 1))

    def contents(self, digests: Collection[str]) -> dict[str, bytes]:
        wanted = sorted(digests)
        found: dict[str, bytes] = {}
        for start in range(0, len(wanted), 500):
            query = select(config_files.c.digest, config_files.c.content).where(config_files.c.digest.in_(wanted[start : start + 500]))
            found |= {digest: bytes(content) for digest, content in self._connect().execute(query)}
        return found
