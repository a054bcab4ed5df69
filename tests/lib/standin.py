"""A stand-in for registries that misbehave: each test defines its answers.

It listens on a free loopback port, in threads of the test. `answers` maps "METHOD /path" (without query) to a
function that takes the request handler and answers. All other requests get the answers of a small, correct
registry. `requests` lists the requests: (method, path with query, headers). `hold(pattern)` delays answers
until they are released."""

import base64
import json
import re
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from docker_registry import CONFIG, INDEX, LAYER, MANIFEST, dump, sha256


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *args):
        pass

    def handle_one_request(self):
        """Closes the connection of a TLS client at once, so that the client gets an error instead of a
        timeout."""
        if self.rfile.peek(1)[:1] == b"\x16":
            self.close_connection = True
            return
        super().handle_one_request()

    def reply(self, status, body=b"", headers=None, length=None):
        """Sends a complete answer. length: the Content-Length to send instead of the real one."""
        if isinstance(body, (dict, list)):
            body = dump(body)
        if isinstance(body, str):
            body = body.encode()
        headers = {k.lower(): v for k, v in (headers or {}).items()}
        headers.setdefault("content-type", "application/json")
        headers.setdefault("content-length", str(len(body) if length is None else length))
        self.send_response(status)
        for name, value in headers.items():
            for item in value if isinstance(value, list) else [value]:
                self.send_header(name, item)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def do_any(self):
        server = self.server.standin
        path = urlsplit(self.path).path
        with server.lock:
            server.requests.append((self.command, self.path, dict(self.headers)))
        server.wait_until_released(f"{self.command} {path}")
        answer = server.answers.get(f"{self.command} {path}") or server.answers.get(path)
        try:
            if answer:
                answer(self)
            else:
                # otherwise the body would be read as the next request
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                if server.authorize(self):
                    server.serve(self, path)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    do_GET = do_HEAD = do_POST = do_PUT = do_any


class Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def handle_error(self, request, client_address):
        pass


class Hold:
    """Delays the answers to requests whose "METHOD /path" matches, until release()."""

    def __init__(self, pattern):
        self.pattern = re.compile(pattern)
        self.released = threading.Event()
        self.asked = []  # all delayed requests, including those that the client canceled

    def wait(self, n=1, seconds=10):
        deadline = time.monotonic() + seconds
        while len(self.asked) < n:
            if time.monotonic() > deadline:
                raise AssertionError(f"{len(self.asked)} of {n} requests like {self.pattern.pattern} within {seconds} s")
            time.sleep(0.01)

    def release(self):
        self.released.set()


class StandIn:
    """One running server. address: the loopback address or name to listen on."""

    def __init__(self, address="127.0.0.1"):
        self.server = Server((address, 0), Handler)
        self.server.standin = self
        self.port = self.server.server_address[1]
        self.host = f"{address}:{self.port}"
        self.url = f"http://{self.host}"
        self.repositories, self.answers, self.requests = {}, {}, []
        self.untagged = {}
        self.holds = []
        self.lock = threading.Lock()
        self.tokens, self.challenge, self.page = None, None, None
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def hold(self, pattern):
        self.holds.append(Hold(pattern))
        return self.holds[-1]

    def wait_until_released(self, request):
        for hold in list(self.holds):
            if not hold.released.is_set() and hold.pattern.search(request):
                hold.asked.append(request)
                hold.released.wait()

    def close(self):
        for hold in self.holds:
            hold.release()
        self.server.shutdown()
        self.server.server_close()

    # --- what it serves ----------------------------------------------------------------------------

    def push(self, repository, tag, content=None):
        manifest = dump({"schemaVersion": 2, "mediaType": MANIFEST,
                         "config": {"mediaType": CONFIG, "digest": sha256(b"{}"), "size": 2},
                         "layers": [{"mediaType": LAYER, "digest": sha256((content or tag).encode()), "size": 1}]})
        return self.tag(repository, tag, manifest)

    def tag(self, repository, tag, manifest):
        """Sets a tag to a manifest; returns the digest. The previous manifest of the tag stays available by
        digest."""
        tags = self.repositories.setdefault(repository, {})
        if tag in tags:
            self.untagged.setdefault(repository, []).append(tags[tag])
        tags[tag] = manifest
        return sha256(manifest)

    def push_index(self, repository, tag, images, annotations=None):
        """Adds an index under a tag; returns its digest. images: platform -> content. The images are
        available by digest."""
        manifests = []
        for platform, content in images.items():
            system, architecture = platform.split("/")
            digest = self.push(repository, f"image-{sha256(content.encode())[7:19]}", content)
            size = len(self.find(repository, digest))
            manifests.append({"mediaType": MANIFEST, "digest": digest, "size": size,
                              "platform": {"os": system, "architecture": architecture}})
        index = {"schemaVersion": 2, "mediaType": INDEX, "manifests": manifests}
        if annotations:
            index["annotations"] = annotations
        return self.tag(repository, tag, dump(index))

    def digest(self, repository, tag):
        return sha256(self.repositories[repository][tag])

    def count(self, pattern):
        with self.lock:
            return sum(1 for method, path, _ in self.requests if re.search(pattern, f"{method} {path}"))

    def authorize(self, handler):
        """Returns true if the request is allowed. If tokens are set, a request without one of them gets
        status 401 with the challenge."""
        if self.tokens is None:
            return True
        header = handler.headers.get("Authorization", "")
        if header.startswith("Bearer ") and header[7:] in self.tokens:
            return True
        handler.reply(401, {"errors": [{"code": "UNAUTHORIZED"}]}, {"WWW-Authenticate": self.challenge})
        return False

    def serve(self, handler, path):
        if path == "/v2/":
            return handler.reply(200, {})
        m = re.fullmatch(r"/v2/(.+)/tags/list", path)
        if m and m[1] in self.repositories:
            return self.serve_tags(handler, m[1])
        m = re.fullmatch(r"/v2/(.+)/manifests/(.+)", path)
        manifest = self.find(m[1], m[2]) if m else None
        if manifest:
            return handler.reply(200, manifest, {"Content-Type": json.loads(manifest)["mediaType"], "Docker-Content-Digest": sha256(manifest)})
        m = re.fullmatch(r"/v2/(.+)/blobs/(.+)", path)
        if m and m[2] == sha256(b"{}"):
            return handler.reply(200, b"{}")
        return handler.reply(404, {"errors": [{"code": "NAME_UNKNOWN" if not m else "MANIFEST_UNKNOWN"}]})

    def find(self, repository, reference):
        for tag, manifest in self.repositories.get(repository, {}).items():
            if reference in (tag, sha256(manifest)):
                return manifest
        for manifest in self.untagged.get(repository, []):
            if reference == sha256(manifest):
                return manifest
        return None

    def serve_tags(self, handler, repository):
        tags = sorted(self.repositories[repository])
        query = parse_qs(urlsplit(handler.path).query)
        last = query.get("last", [""])[0]
        rest = [tag for tag in tags if tag > last]
        n = min(self.page or 10 ** 9, int(query.get("n", [10 ** 9])[0]))
        headers = {}
        if len(rest) > n:
            link = f"/v2/{repository}/tags/list?last={rest[n - 1]}&n={n}"
            headers["Link"] = f'<{self.link(link)}>; rel="next"'
        handler.reply(200, {"name": repository, "tags": rest[:n]}, headers)

    def link(self, path):
        return path


def serve_tokens(server, token="secret-token", expires_in=300, user=None, password=None, field="token"):
    """Returns a function for `answers` that acts as a token endpoint. It checks Basic credentials if a user
    is given. It adds the token to the accepted tokens of the server."""

    def answer(handler):
        header = handler.headers.get("Authorization", "")
        wanted = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
        if user and header != wanted:
            return handler.reply(401, {"details": "incorrect username or password"})
        if isinstance(server.tokens, set):
            server.tokens.add(token)
        return handler.reply(200, {field: token, "expires_in": expires_in})
    return answer


def silent_port():
    """Returns a socket that accepts connections and never answers, and its "ADDRESS:PORT". The caller closes
    the socket."""
    s = socket.create_server(("127.0.0.1", 0), backlog=128)
    return s, f"127.0.0.1:{s.getsockname()[1]}"


__all__ = ["StandIn", "serve_tokens", "silent_port", "json"]
