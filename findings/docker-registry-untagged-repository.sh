#!/bin/sh
# Finding: docker-registry lists a repository that was filled by digest as unknown, although it can be pulled from.
#
# Guess: GET /v2/NAME/tags/list of a repository that holds manifests but no tag is 200 with an empty list, however
# the repository came to have none.
# Seen:  docker-registry 2.8.2+ds1-1 (Debian 12) has two answers. A manifest that was put by its digest alone:
# 404 NAME_UNKNOWN, while GET of that manifest is 200 and the catalog names the repository. A repository whose last
# tag was deleted with its manifest: 200 with {"tags":null}.
# So:    404 of the list does not say that a repository does not exist: a mirror that is filled by digest looks so.
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
apt-get download -q -o APT::Sandbox::User=root "docker-registry=$version" >/dev/null
dpkg-deb --fsys-tarfile docker-registry_*.deb | tar -x ./usr/bin/docker-registry
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
url=http://127.0.0.1:$port
cat >config.yml <<YAML
version: 0.1
log: {level: error}
storage: {filesystem: {rootdirectory: $folder/storage}, delete: {enabled: true}}
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

type=application/vnd.oci.image.manifest.v1+json
printf '{}' >config.json
config=sha256:$(sha256sum <config.json | cut -d' ' -f1)
printf '{"schemaVersion":2,"mediaType":"%s","config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"%s","size":2},"layers":[]}' \
        "$type" "$config" >manifest.json
digest=sha256:$(sha256sum <manifest.json | cut -d' ' -f1)
push() { # REPOSITORY REFERENCE
        upload=$(curl -fsS -o answer -D - -X POST "$url/v2/$1/blobs/uploads/" | tr -d '\r' | sed -n 's/^[Ll]ocation: //p')
        curl -fsS -o answer -X PUT -H 'Content-Type: application/octet-stream' --data-binary @config.json \
                "$upload&digest=$config"
        curl -fsS -o answer -X PUT -H "Content-Type: $type" --data-binary @manifest.json "$url/v2/$1/manifests/$2"
}
status() { curl -sS -o answer -w '%{http_code}' -H "Accept: $type" "$url/v2/$1"; }

push by/digest "$digest"
push was/tagged 1.0
curl -fsS -o answer -X DELETE "$url/v2/was/tagged/manifests/$digest"

pull=$(status "by/digest/manifests/$digest")
list=$(status by/digest/tags/list)
code=$(grep -o NAME_UNKNOWN answer || :)
catalog=$(curl -fsS "$url/v2/_catalog")
emptied=$(status was/tagged/tags/list)
tags=$(cat answer)
echo "docker-registry $version"
echo "by digest: manifest $pull, list $list $code; catalog $catalog"
echo "last tag deleted: list $emptied $tags"
case "$pull $list $code $emptied $tags $catalog" in
'200 404 NAME_UNKNOWN 200 {"name":"was/tagged","tags":null}'*by/digest*) ;;
*) echo "this has changed" >&2; exit 1 ;;
esac
