#!/bin/sh
# Finding: docker-registry notifies of a pull for a HEAD of a manifest, and for a GET that it answers with 404.
#
# Guess: `notifications` report a `pull` when a client fetches a manifest. A HEAD is no pull, as it is none for the
# limits of Docker Hub. A GET that is answered with 404, because `Accept` lacks the type of the manifest, is none.
# Seen:  docker-registry 2.8.2+ds1-1 (Debian 12) sends action `pull` for both, with the tag if the request named it.
# Only `request.method` shows that it was a HEAD, and nothing shows the 404. A GET with `If-None-Match` that is
# answered with 304 is no pull.
# So:    a job that keeps what was pulled lately keeps all that a tool polls by HEAD, however old it is. Skip the
# events of such tools by `request.useragent`.
#
# Needs Debian 12, curl and Python. Takes the package into a temporary folder; listens on loopback only.
set -eu
version=2.8.2+ds1-1
folder=$(mktemp -d)
registry=
sink=
finish() {
        [ -z "$registry" ] || kill "$registry" 2>/dev/null || :
        [ -z "$sink" ] || kill "$sink" 2>/dev/null || :
        rm -rf "$folder"
}
trap finish EXIT INT TERM

cd "$folder"
apt-get download -q -o APT::Sandbox::User=root "docker-registry=$version" >/dev/null
dpkg-deb --fsys-tarfile docker-registry_*.deb | tar -x ./usr/bin/docker-registry
cat >sink.py <<'PY'
import http.server
import json
import sys


class Sink(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        for event in json.loads(self.rfile.read(int(self.headers["Content-Length"])))["events"]:
            agent = event["request"].get("useragent", "")
            print(agent, event["action"], event["request"]["method"], event["target"].get("tag", "-"), flush=True)
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_):
        pass


server = http.server.HTTPServer(("127.0.0.1", 0), Sink)
print(server.server_address[1], file=sys.stderr, flush=True)
server.serve_forever()
PY
python3 sink.py >events 2>sink.port &
sink=$!
wait_for() { # COMMAND...
        tries=0
        until "$@" >answer 2>&1; do
                tries=$((tries + 1))
                [ "$tries" -lt 100 ] || { cat log >&2; exit 1; }
                sleep 0.1
        done
}
wait_for grep -q . sink.port
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
url=http://127.0.0.1:$port
cat >config.yml <<YAML
version: 0.1
log: {level: error}
storage: {filesystem: {rootdirectory: $folder/storage}}
http: {addr: '127.0.0.1:$port', secret: x}
notifications: {endpoints: [{name: sink, url: 'http://127.0.0.1:$(cat sink.port)/', timeout: 5s, threshold: 5, backoff: 1s}]}
YAML
OTEL_TRACES_EXPORTER=none ./usr/bin/docker-registry serve config.yml >log 2>&1 &
registry=$!
wait_for curl -fsS "$url/v2/"

type=application/vnd.oci.image.manifest.v1+json
printf '{}' >config.json
config=sha256:$(sha256sum <config.json | cut -d' ' -f1)
printf '{"schemaVersion":2,"mediaType":"%s","config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"%s","size":2},"layers":[]}' \
        "$type" "$config" >manifest.json
digest=sha256:$(sha256sum <manifest.json | cut -d' ' -f1)
upload=$(curl -fsS -o answer -D - -X POST "$url/v2/x/y/blobs/uploads/" | tr -d '\r' | sed -n 's/^[Ll]ocation: //p')
curl -fsS -o answer -X PUT -H 'Content-Type: application/octet-stream' --data-binary @config.json "$upload&digest=$config"
curl -fsS -o answer -X PUT -H "Content-Type: $type" --data-binary @manifest.json "$url/v2/x/y/manifests/1.0"

manifest() { # AGENT REFERENCE OPTION...
        agent=$1 reference=$2
        shift 2
        curl -sS -o answer -w "$agent is answered with %{http_code}\n" -A "$agent" "$@" "$url/v2/x/y/manifests/$reference"
}
manifest head-tag 1.0 -I -H "Accept: $type"
manifest head-digest "$digest" -I -H "Accept: $type"
manifest not-modified 1.0 -H "Accept: $type" -H "If-None-Match: \"$digest\""
manifest not-acceptable 1.0 -H 'Accept: application/vnd.oci.image.index.v1+json'
manifest last 1.0 -H "Accept: $type"
wait_for grep -q '^last' events
grep -v '^curl' events | tee seen
cat >wanted <<'WANTED'
head-tag pull HEAD 1.0
head-digest pull HEAD -
not-acceptable pull GET 1.0
last pull GET 1.0
WANTED
cmp -s wanted seen || { echo 'this has changed' >&2; exit 1; }
