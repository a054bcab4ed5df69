"""A receiver of webhooks. It keeps the requests and gives the answers that the test sets."""

import hashlib
import hmac
import json
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from docker_registry import free_port


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def setup(self):
        super().setup()
        self.server.receiver.connections.append(self.connection)

    def do_POST(self):
        receiver = self.server.receiver
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        with receiver.lock:
            receiver.methods.append(self.command)
            receiver.requests.append((self.path, dict(self.headers), body))
            status = receiver.answer(len(receiver.requests)) if callable(receiver.answer) else receiver.answer
        if status == "hang":
            receiver.released.wait(30)
            self.close_connection = True
            return
        if status == "drop":
            self.close_connection = True
            return
        status, headers, answer = status if isinstance(status, tuple) else (status, {}, b"")
        if status < 300:
            with receiver.lock:
                receiver.taken.append(body)
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        try:
            self.wfile.write(answer)
        except (BrokenPipeError, ConnectionResetError):  # the client has read enough
            self.close_connection = True

    do_GET = do_POST


class Receiver:
    def __init__(self, answer=204):
        # a status, (status, headers, body), "hang", "drop", or a function that takes the number of a request and
        # returns one of these
        self.answer = answer
        self.requests, self.methods, self.taken, self.connections = [], [], [], []
        self.lock = threading.Lock()
        self.released = threading.Event()
        self.port = free_port()
        self.server = None
        self.start()

    def start(self):
        self.server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self.server.daemon_threads = True
        self.server.receiver = self
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def stop(self):
        self.released.set()
        if self.server:
            self.server.shutdown()
            self.server.server_close()
            self.server = None
        for connection in self.connections:  # the thread of a connection that is kept open would continue to answer
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
        self.connections.clear()

    close = stop

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/take"

    def events(self):
        """Returns all events that the receiver accepted, in the order of arrival."""
        with self.lock:
            bodies = list(self.taken)
        documents = [json.loads(b) for b in bodies]
        return [e for d in documents for e in (d if isinstance(d, list) else [d])]

    def sequences(self):
        return [int(e["sequence"]) for e in self.events()]


def signature(secret, headers, body):
    text = headers["Relman-Timestamp"].encode() + b"." + body
    assert abs(time.time() - int(headers["Relman-Timestamp"])) < 60
    return "sha256=" + hmac.new(secret.encode(), text, hashlib.sha256).hexdigest()
