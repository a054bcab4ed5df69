#!/bin/sh
# Finding: docker-registry lists tags in the order of the storage folder, not in lexical order.
#
# Guess: GET /v2/NAME/tags/list gives tags sorted, as the OCI distribution specification asks ("in lexical
# order", content discovery).
# Seen:  docker-registry 2.8.2+ds1-1 (Debian 12) with the filesystem driver gives the order of readdir(3). On
# a tmpfs the
# newest name comes first: {"name":"x/y","tags":["2.0.0","1.1.0","1.0.0"]} after pushes of 1.0.0, 1.1.0 and
# 2.0.0.
# So:    a client must not search the list by halves, stop at the first tag it knows, or show the order to
# people.
#
# Needs Debian 12, curl, and a tmpfs at /dev/shm. Takes the package into a temporary folder; listens on
# loopback only.
set -eu
version=2.8.2+ds1-1
folder=$(mktemp -d)
storage=$(mktemp -d /dev/shm/finding.XXXXXX)
registry=
finish() {
        [ -z "$registry" ] || kill "$registry" 2>/dev/null || :
        rm -rf "$folder" "$storage"
}
trap finish EXIT INT TERM

cd "$folder"
apt-get download -q "docker-registry=$version" >/dev/null
dpkg-deb --fsys-tarfile docker-registry_*.deb | tar -x ./usr/bin/docker-registry
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
url=http://127.0.0.1:$port
cat >config.yml <<YAML
version: 0.1
log: {level: error}
storage: {filesystem: {rootdirectory: $storage}}
http: {addr: '127.0.0.1:$port', secret: x}
YAML
OTEL_TRACES_EXPORTER=none ./usr/bin/docker-registry serve config.yml >log 2>&1 &
registry=$!
tries=0
until curl -fsS -o answer "$url/v2/" 2>/dev/null; do
        tries=$((tries + 1))
        [ "$tries" -lt 100 ] || { cat log >&2; exit 1; }
        sleep 0.1
done

printf '{}' >config.json
digest=sha256:$(sha256sum <config.json | cut -d' ' -f1)
upload=$(curl -fsS -o answer -D - -X POST "$url/v2/x/y/blobs/uploads/" | tr -d '\r' | sed -n 's/^[Ll]ocation: //p')
curl -fsS -o answer -X PUT -H 'Content-Type: application/octet-stream' --data-binary @config.json "$upload&digest=$digest"
type=application/vnd.oci.image.manifest.v1+json
printf '{"schemaVersion":2,"mediaType":"%s","config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"%s","size":2},"layers":[]}' \
        "$type" "$digest" >manifest.json
for tag in 1.0.0 1.1.0 2.0.0; do
        curl -fsS -o answer -X PUT -H "Content-Type: $type" --data-binary @manifest.json "$url/v2/x/y/manifests/$tag"
done

seen=$(curl -fsS "$url/v2/x/y/tags/list")
echo "docker-registry $version: $seen"
[ "$seen" = '{"name":"x/y","tags":["2.0.0","1.1.0","1.0.0"]}' ] || { echo "this has changed: it was newest first" >&2; exit 1; }
