#!/bin/sh
# Finding: docker-registry answers that a tag does not exist if the request accepts any type.
#
# Guess: `Accept: */*`, which curl and most libraries send, takes a manifest of any type, and so does a request
# without `Accept`. An older registry converts the manifest, or sends it unchanged.
# Seen:  docker-registry 2.8.2+ds1-1 (Debian 12) answers 404 MANIFEST_UNKNOWN for a tag of an OCI image or index,
# unless `Accept` names its type literally: `*/*` and `application/*` do not match, and no `Accept` is no better. The
# tag list has the tag. GET by digest answers 404 as well.
# So:    404 can mean that a proxy or a script changed `Accept`. Check with the types named before a tag or a digest
# counts as deleted.
#
# Needs Debian 12, curl and Python. Takes the package into a temporary folder; listens on loopback only.
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
apt-get download -q -o APT::Sandbox::User=root "docker-registry=$version" >/dev/null
dpkg-deb --fsys-tarfile docker-registry_*.deb | tar -x ./usr/bin/docker-registry
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
url=http://127.0.0.1:$port
cat >config.yml <<YAML
version: 0.1
log: {level: error}
storage: {filesystem: {rootdirectory: $folder/storage}}
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

oci=application/vnd.oci.image
digest_of() { echo "sha256:$(sha256sum <"$1" | cut -d' ' -f1)"; }
put() { # TAG TYPE FILE
        curl -fsS -o answer -X PUT -H "Content-Type: $2" --data-binary "@$3" "$url/v2/x/y/manifests/$1"
}
printf '{}' >config.json
upload=$(curl -fsS -o answer -D - -X POST "$url/v2/x/y/blobs/uploads/" | tr -d '\r' | sed -n 's/^[Ll]ocation: //p')
curl -fsS -o answer -X PUT -H 'Content-Type: application/octet-stream' --data-binary @config.json \
        "$upload&digest=$(digest_of config.json)"
printf '{"schemaVersion":2,"mediaType":"%s.manifest.v1+json","config":{"mediaType":"%s.config.v1+json","digest":"%s","size":2},"layers":[]}' \
        "$oci" "$oci" "$(digest_of config.json)" >image.json
put image "$oci.manifest.v1+json" image.json
printf '{"schemaVersion":2,"mediaType":"%s.index.v1+json","manifests":[{"mediaType":"%s.manifest.v1+json","digest":"%s","size":%s,"platform":{"architecture":"amd64","os":"linux"}}]}' \
        "$oci" "$oci" "$(digest_of image.json)" "$(wc -c <image.json)" >index.json
put index "$oci.index.v1+json" index.json

ask() { # NAME HEADER: statuses of an image, an index and a digest
        for reference in image index "$(digest_of index.json)"; do
                status=$(curl -sS -o answer -w '%{http_code}' -H "$2" "$url/v2/x/y/manifests/$reference")
                case $(cat answer) in *MANIFEST_UNKNOWN*) status="$status MANIFEST_UNKNOWN" ;; esac
                statuses="${statuses:+$statuses, }$status"
        done
        echo "$1: $statuses"
        statuses=
}
statuses=
{
        ask 'both types' "Accept: $oci.manifest.v1+json, $oci.index.v1+json"
        ask '*/*' 'Accept: */*'
        ask 'application/*' 'Accept: application/*'
        ask 'no Accept' 'Accept:'
        echo "tags: $(curl -fsS "$url/v2/x/y/tags/list" | grep -o '"image"\|"index"' | sort | xargs)"
} | tee seen
cat >wanted <<'WANTED'
both types: 200, 200, 200
*/*: 404 MANIFEST_UNKNOWN, 404 MANIFEST_UNKNOWN, 404 MANIFEST_UNKNOWN
application/*: 404 MANIFEST_UNKNOWN, 404 MANIFEST_UNKNOWN, 404 MANIFEST_UNKNOWN
no Accept: 404 MANIFEST_UNKNOWN, 404 MANIFEST_UNKNOWN, 404 MANIFEST_UNKNOWN
tags: image index
WANTED
cmp -s wanted seen || { echo 'this has changed' >&2; exit 1; }
