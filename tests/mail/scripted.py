"""An SMTP server on the loopback that does, at any point of the dialogue, whatever a test tells it to."""

import contextlib
import socket
import ssl
import threading

CUT = "cut the connection"
DRIP = "one byte after the other, for ever"
GARBAGE = "bytes that are no TLS"
SILENCE = "nothing, for ever"
USUAL = {
    "banner": "220 scripted",
    "EHLO": "250 scripted",
    "HELO": "250 scripted",
    "STARTTLS": "220 go ahead",
    "AUTH": "235 hello",
    "MAIL": "250 OK",
    "RCPT": "250 OK",
    "DATA": "354 go ahead",
    "end": "250 taken",
    "RSET": "250 OK",
    "QUIT": "221 bye",
}


class ScriptedServer:
    """`script` holds for each point the answers to give first, before the usual ones. `every` gives one answer at every time."""

    def __init__(self, *, port=0, certificate=None):
        self.script, self.every, self.accepted, self.dialogues = {}, {}, [], 0
        self.certificate = certificate
        self.stopped = threading.Event()
        self.listener = socket.create_server(("127.0.0.1", port))
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)
        self.port = self.listener.getsockname()[1]
        self.threads = [threading.Thread(target=self.listen)]
        self.threads[0].start()

    def stop(self):
        self.stopped.set()
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for thread in self.threads:
            thread.join(5)

    def listen(self):
        with contextlib.suppress(OSError):
            while True:
                client, _ = self.listener.accept()
                self.dialogues += 1
                self.threads.append(threading.Thread(target=self.talk, args=[client]))
                self.threads[-1].start()

    def talk(self, client):
        # The client goes away in the middle of many of these talks; that is what is tested.
        with client, contextlib.suppress(OSError):
            client.settimeout(10)
            self.answer(client, "banner")
            self.obey(client)

    def obey(self, client):
        lines = client.makefile("rb")
        while line := lines.readline():
            point = line[:4].strip().upper().decode()
            point = "STARTTLS" if point == "STAR" else point
            said = self.answer(client, point, line)
            if said.startswith("221"):
                return
            if point == "DATA" and said.startswith("354"):
                self.take(client, lines)
            if point == "STARTTLS" and said.startswith("220"):
                with self.encrypt(client) as encrypted:
                    self.obey(encrypted)
                return

    def take(self, client, lines):
        self.accepted.append(self.read(lines))
        if not self.answer(client, "end").startswith("2"):
            self.accepted.pop()

    def read(self, lines):
        """Raises ConnectionAbortedError where the client went away in the middle of a mail."""
        raw = []
        while (line := lines.readline()) != b".\r\n":
            if not line:
                raise ConnectionAbortedError
            raw.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        return b"".join(raw)

    def encrypt(self, client):
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self.certificate)
        return context.wrap_socket(client, server_side=True)

    def choose(self, point, line):
        """What to say to this line of the client."""
        return self.script[point].pop(0) if self.script.get(point) else self.every.get(point, USUAL.get(point, "500 what?"))

    def answer(self, client, point, line=b""):
        given = self.choose(point, line)
        if given in (CUT, DRIP, SILENCE, GARBAGE):
            self.misbehave(client, given, point)
        extensions = {"EHLO": ["AUTH PLAIN", "SIZE 1000000", *(["STARTTLS"] if self.certificate else [])]}.get(point, [])
        lines = [given]
        if given.startswith("250") and extensions:
            lines = [f"250-{extension}" for extension in ["scripted", *extensions]] + [given]
        client.sendall("".join(f"{line}\r\n" for line in lines).encode("latin-1"))
        return given

    def misbehave(self, client, how, point):
        """Never comes back to the dialogue."""
        if how == GARBAGE:
            client.sendall(f"{USUAL[point]}\r\nthis is no TLS\r\n".encode())
        if how == SILENCE and point == "STARTTLS":
            client.sendall(f"{USUAL[point]}\r\n".encode())
        while how in (DRIP, SILENCE) and not self.stopped.wait(0.1):
            client.sendall(b"2" if how == DRIP else b"")
        if how == GARBAGE:
            client.recv(10_000)
        client.shutdown(socket.SHUT_RDWR)
        raise ConnectionAbortedError
