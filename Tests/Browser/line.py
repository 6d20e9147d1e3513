"""A bad line to the lab: everything gets through, but a stream of events breaks off after its first epoch."""

import contextlib
import re
import socket
import threading
import urllib.parse


class Line:
    """Forwards whatever comes to the lab. Once a stream has broken off, no other gets through until `mend`."""

    def __init__(self, address):
        parts = urllib.parse.urlsplit(address)
        self.lab = (parts.hostname, parts.port)
        self.asked = []  # the Last-Event-ID of each request for a stream, None where there is none
        self.streams = []  # what each stream that got through has brought
        self.is_broken = False
        self.may_break = True
        self.door = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self.door.getsockname()[1]}/"
        threading.Thread(target=self.take, daemon=True).start()

    def mend(self):
        self.is_broken = self.may_break = False

    def close(self):
        # To close it alone would not wake whoever waits at it.
        with contextlib.suppress(OSError):
            self.door.shutdown(socket.SHUT_RDWR)
        self.door.close()

    def numbers(self, stream):
        """The numbers of the events that a stream has brought."""
        return [int(number) for number in re.findall(rb"(?m)^id: (\d+)$", self.streams[stream])]

    def take(self):
        while True:
            try:
                here, _ = self.door.accept()
            except OSError:
                return
            there = socket.create_connection(self.lab)
            stream = []  # this connection's place in `streams`, as soon as it is one
            for work in (self.ask, self.answer):
                threading.Thread(target=work, args=(here, there, stream), daemon=True).start()

    def ask(self, here, there, stream):
        """From the browser to the lab."""
        for data in chunks(here):
            if b"/events HTTP" in data:
                number = re.search(rb"(?i)last-event-id: (\d+)", data)
                self.asked.append(number and int(number[1]))
                if self.is_broken:
                    break
                stream.append(len(self.streams))
                self.streams.append(b"")
            send(there, data)
        end(here, there)

    def answer(self, here, there, stream):
        """From the lab to the browser."""
        for data in chunks(there):
            send(here, data)
            if not stream:
                continue
            self.streams[stream[-1]] += data
            if self.may_break and re.search(rb"event: epoch\n(?:.+\n)+\n", self.streams[stream[-1]]):
                self.is_broken = True
                break
        end(here, there)


def chunks(connection):
    """What comes, until nothing comes any more."""
    with contextlib.suppress(OSError):
        while data := connection.recv(65536):
            yield data


def send(connection, data):
    with contextlib.suppress(OSError):
        connection.sendall(data)


def end(*connections):
    for connection in connections:
        with contextlib.suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)
        connection.close()
