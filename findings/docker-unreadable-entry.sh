#!/bin/sh
# Finding: one entry of config.json that docker cannot read takes the others with it, at random.
#
# Guess: docker ignores an `auth` that is not base64 of user:password, or it refuses the file, each time alike.
# Seen:  docker 20.10.24 (Debian 12) reads the entries in the random order of a Go map and stops at the bad one.
# Entries that it has read by then are used, the others are not. Of 40 runs on one file with a good and a bad
# entry 7 sent the login of the good entry, and 33 sent nothing. The warning on stderr was the same.
# So:    a login that fails now and then can be due to the entry of another registry.
#
# Needs Debian 12 (amd64), python3 and openssl. Takes the package into a temporary folder; listens on loopback only.
set -eu
version=20.10.24+dfsg1-1+deb12u1+b6
folder=$(mktemp -d)
registry=
finish() {
        [ -z "$registry" ] || kill "$registry" 2>/dev/null || :
        rm -rf "$folder"
}
trap finish EXIT INT TERM
cd "$folder"

apt-get download -q -o APT::Sandbox::User=root "docker.io=$version" >/dev/null
dpkg-deb --fsys-tarfile docker.io_*.deb | tar -x ./usr/bin/docker

cat >registry.py <<'PYTHON'
import http.server
import ssl


class Registry(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        print("login" if self.headers.get("Authorization") else "none", flush=True)
        self.send_response(401)
        self.send_header("WWW-Authenticate", 'Basic realm="x"')
        self.send_header("Docker-Distribution-Api-Version", "registry/2.0")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Registry)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain("cert.pem", "key.pem")
server.socket = context.wrap_socket(server.socket, server_side=True)
with open("port", "w") as f:
    f.write(f"{server.server_address[1]}\n")
server.serve_forever()
PYTHON
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=x -keyout key.pem -out cert.pem \
        2>openssl.log
python3 registry.py >>requests 2>registry.log &
registry=$!
tries=0
until [ -s port ]; do
        tries=$((tries + 1))
        [ "$tries" -lt 100 ] || exit 1
        sleep 0.1
done
host=127.0.0.1:$(cat port)

mkdir config
auth=$(printf 'user:pass' | base64)
printf '{"auths": {"other.example": {"auth": "!!"}, "%s": {"auth": "%s"}}}\n' "$host" "$auth" >config/config.json
with=0
run=0
while [ "$run" -lt 100 ] && { [ "$with" -eq 0 ] || [ "$with" -eq "$run" ]; }; do
        : >requests
        timeout 20 ./usr/bin/docker --config config manifest inspect --insecure "$host/x/y:z" >answer 2>&1 || :
        ! grep -q login requests || with=$((with + 1))
        run=$((run + 1))
done
./usr/bin/docker --version
echo "with the login: $with of $run runs"
[ "$with" -gt 0 ] && [ "$with" -lt "$run" ] || { echo 'this has changed: it differed from run to run' >&2; exit 1; }
