"""A mail server on this machine that takes every mail and keeps it."""

from email import message_from_bytes
from email.message import Message
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Thread


class Postbox:
    """Speaks as much SMTP as it takes to be handed a mail; `address` is the Apprise address to send to."""

    def __init__(self) -> None:
        self.mails: list[Message] = []
        self.envelopes: list[tuple[str, ...]] = []
        box = self

        class Handler(StreamRequestHandler):
            def handle(self) -> None:
                said: list[str] = []
                self._say("220 postbox")
                while line := self.rfile.readline().decode("ascii", "replace").strip():
                    match line.partition(" ")[0].upper():
                        case "EHLO" | "HELO":
                            self._say("250 postbox")
                        case "MAIL" | "RCPT":
                            said.append(line)
                            self._say("250 taken")
                        case "DATA":
                            self._say("354 go on")
                            box.mails.append(message_from_bytes(self._body()))
                            box.envelopes.append(tuple(said))
                            self._say("250 kept")
                        case "QUIT":
                            self._say("221 bye")
                            return
                        case _:
                            self._say("250 well")

            def _say(self, line: str) -> None:
                self.wfile.write(f"{line}\r\n".encode())

            def _body(self) -> bytes:
                lines: list[bytes] = []
                while (line := self.rfile.readline()) not in (b".\r\n", b""):
                    lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
                return b"".join(lines)

        class Server(ThreadingTCPServer):
            daemon_threads = True
            allow_reuse_address = True

        self._server = Server(("127.0.0.1", 0), Handler)
        port = self._server.server_address[1]
        self.address = f"mailto://127.0.0.1:{port}?from=edi@example.com&to=ops@example.com&mode=insecure"
        Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
