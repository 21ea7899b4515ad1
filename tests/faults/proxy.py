"""A TCP proxy that can become a hole: it takes every byte, hands none on and closes nothing, as a half-open link does."""

import contextlib
import socket
import threading

ANY_FREE_PORT = ("127.0.0.1", 0)


class Link:
    def __init__(self, client: socket.socket, target: int, *, is_lost: bool) -> None:
        self.is_lost = is_lost
        self.client = client
        self.server = None if is_lost else socket.create_connection(("127.0.0.1", target), timeout=5)

    def run(self) -> None:
        if self.server:
            self.server.settimeout(None)
            threading.Thread(target=self.pump, args=[self.server, self.client], daemon=True).start()
        self.pump(self.client, self.server)

    def pump(self, source: socket.socket, target: socket.socket | None) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65_536):
                if target and not self.is_lost:
                    target.sendall(data)
        if not self.is_lost:
            self.close()

    def close(self) -> None:
        for end in (self.client, self.server):
            with contextlib.suppress(OSError):
                if end:
                    end.shutdown(socket.SHUT_RDWR)


class Proxy:
    def __init__(self, target: int) -> None:
        self.target = target
        self.is_hole = False
        self.links: list[Link] = []
        self.listener = socket.create_server(ANY_FREE_PORT)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self.listener.accept()
                threading.Thread(target=self.serve, args=[client], daemon=True).start()

    def serve(self, client: socket.socket) -> None:
        with client:
            try:
                link = Link(client, self.target, is_lost=self.is_hole)
            except OSError:
                return
            self.links.append(link)
            link.run()

    def begin_hole(self) -> None:
        """The links there are never come back, not even afterwards: whoever waits on one must notice by itself."""
        self.is_hole = True
        for link in self.links:
            link.is_lost = True
        self.links.clear()

    def end_hole(self) -> None:
        self.is_hole = False

    def close(self) -> None:
        self.listener.close()
        for link in self.links:
            link.close()
