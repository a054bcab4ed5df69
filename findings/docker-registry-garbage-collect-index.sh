#!/bin/sh
# Finding: docker-registry's garbage collector deletes the images of a tagged index, and keeps tag and index.
#
# Guess: `garbage-collect --delete-untagged` keeps every manifest that a tagged manifest names, as an index
# names its platforms'.
# Seen:  docker-registry 2.8.2+ds1-1 (Debian 12) deletes both images of an index with a tag, because they have
# no tag. Afterwards
# GET of the tag answers 200 with the index, GET of each image that the index names answers 404, and no client
# can pull the tag.
# So:    a registry may serve a digest that cannot be pulled: to verify an index, request its images too.
#
# Needs Debian 12 and curl. Takes the package into a temporary folder; listens on loopback only.
set -eu
version=2.8.2+ds1-1
folder=$(mktemp -d)
registry=
finish() {
        [ -z "$registry" ] || kill "$registry" 2>/dev/null || :
        rm -rf "$folder"
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
storage: {filesystem: {rootdirectory: $folder/storage}, cache: {}, delete: {enabled: true}}
http: {addr: '127.0.0.1:$port', secret: x}
YAML
export OTEL_TRACES_EXPORTER=none

serve() {
        ./usr/bin/docker-registry serve config.yml >log 2>&1 &
        registry=$!
        tries=0
        until curl -fsS -o answer "$url/v2/" 2>/dev/null; do
                tries=$((tries + 1))
                [ "$tries" -lt 100 ] || { cat log >&2; exit 1; }
                sleep 0.1
        done
}

size_of() { wc -c <"$1" | tr -d ' '; }
digest_of() { echo "sha256:$(sha256sum <"$1" | cut -d' ' -f1)"; }

serve
image=application/vnd.oci.image.manifest.v1+json
index=application/vnd.oci.image.index.v1+json
entries=
for architecture in amd64 arm64; do
        printf '{"architecture":"%s","os":"linux","rootfs":{"type":"layers","diff_ids":[]}}' "$architecture" >config.json
        upload=$(curl -fsS -o answer -D - -X POST "$url/v2/x/y/blobs/uploads/" | tr -d '\r' | sed -n 's/^[Ll]ocation: //p')
        curl -fsS -o answer -X PUT -H 'Content-Type: application/octet-stream' --data-binary @config.json "$upload&digest=$(digest_of config.json)"
        printf '{"schemaVersion":2,"mediaType":"%s","config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"%s","size":%s},"layers":[]}' \
                "$image" "$(digest_of config.json)" "$(size_of config.json)" >"$architecture.json"
        curl -fsS -o answer -X PUT -H "Content-Type: $image" --data-binary "@$architecture.json" "$url/v2/x/y/manifests/$(digest_of "$architecture.json")"
        entries=$entries${entries:+,}$(printf '{"mediaType":"%s","digest":"%s","size":%s,"platform":{"architecture":"%s","os":"linux"}}' \
                "$image" "$(digest_of "$architecture.json")" "$(size_of "$architecture.json")" "$architecture")
done
printf '{"schemaVersion":2,"mediaType":"%s","manifests":[%s]}' "$index" "$entries" >index.json
curl -fsS -o answer -X PUT -H "Content-Type: $index" --data-binary @index.json "$url/v2/x/y/manifests/1.0.0"

ask() { curl -sS -o answer -w '%{http_code}' -H "Accept: $image, $index" "$url/v2/x/y/manifests/$1"; }
state() { echo "index $(ask 1.0.0), amd64 $(ask "$(digest_of amd64.json)"), arm64 $(ask "$(digest_of arm64.json)")"; }

before=$(state)
kill "$registry"
wait "$registry" || :
./usr/bin/docker-registry garbage-collect --delete-untagged config.yml >collected 2>&1
serve
after=$(state)
echo "docker-registry $version: before: $before; after garbage-collect --delete-untagged: $after"
[ "$before" = 'index 200, amd64 200, arm64 200' ] || { echo "the images could not be pushed" >&2; exit 1; }
[ "$after" = 'index 200, amd64 404, arm64 404' ] || { echo "this has changed: the images of the index were deleted" >&2; exit 1; }
