#!/bin/sh
# Finding: an image that podman saves and loads cannot be run by its digest, even through an OCI archive.
#
# Guess: `podman save --format oci-archive` keeps the manifest, as `skopeo copy` does, so that after `podman load`
# on another host NAME@DIGEST is found. Only the older docker-archive has no manifest to keep.
# Seen:  podman 5.4.2+ds1-2+b2 (Debian 13) makes another manifest for either format: after `load` it does not find
# NAME@DIGEST ("image not known"), and `RepoDigests` has only the new digest. The same happens to the image on its
# way to a second registry by `pull` and `push`. The image id, which is the digest of the configuration, stays.
# `skopeo copy` (1.18.0+ds1-1+b5) to an OCI archive and from there into podman's storage keeps the digest.
# So:    carry a pinned image to a host without a registry by `skopeo copy`, and compare image ids where it was
# saved and loaded.
#
# Needs root, mmdebstrap, and an apt that knows a Debian mirror. Makes a Debian 13 in a temporary folder; listens
# on loopback only.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT INT TERM
mirror=$(apt-get indextargets --format '$(REPO_URI)' | grep -v security | head -n 1)
mmdebstrap --variant=minbase --include=podman=5.4.2+ds1-2+b2,skopeo=1.18.0+ds1-1+b5,docker-registry=2.8.3+ds1-2+b8,curl \
        trixie "$folder/root" "$mirror" >"$folder/log" 2>&1 || { cat "$folder/log" >&2; exit 1; }
ports=$(python3 -c 'import socket
s = [socket.socket() for _ in range(2)]
for one in s: one.bind(("127.0.0.1", 0))
print(*[one.getsockname()[1] for one in s])')

cat >"$folder/root/probe.sh" <<'SH'
set -eu
first=127.0.0.1:$1
second=127.0.0.1:$2
export PODMAN_IGNORE_CGROUPSV1_WARNING=1 OTEL_TRACES_EXPORTER=none
printf '[storage]\ndriver="vfs"\nrunroot="/run/podman"\ngraphroot="/storage"\n' >/etc/containers/storage.conf
for host in "$first" "$second"; do
        printf '[[registry]]\nlocation="%s"\ninsecure=true\n' "$host" >>/etc/containers/registries.conf
        cat >"/$host.yml" <<YAML
version: 0.1
log: {level: error}
storage: {filesystem: {rootdirectory: /registry/$host}}
http: {addr: '$host', secret: x}
YAML
        docker-registry serve "/$host.yml" >>/log 2>&1 &
        registries="${registries:-} $!"
done
trap 'kill $registries' EXIT
for host in "$first" "$second"; do
        tries=0
        until curl -fsS -o /answer "http://$host/v2/" 2>/dev/null; do
                tries=$((tries + 1))
                [ "$tries" -lt 100 ] || { cat /log >&2; exit 1; }
                sleep 0.1
        done
done

# An image whose layer another compressor made than podman's: as most images that others built.
image=application/vnd.oci.image.manifest.v1+json
digest_of() { echo "sha256:$(sha256sum <"$1" | cut -d' ' -f1)"; }
upload() { # FILE
        location=$(curl -fsS -o /answer -D - -X POST "http://$first/v2/shop/api/blobs/uploads/" | tr -d '\r' |
                sed -n 's/^[Ll]ocation: //p')
        curl -fsS -o /answer -X PUT -H 'Content-Type: application/octet-stream' --data-binary "@$1" \
                "$location&digest=$(digest_of "$1")"
}
mkdir /context
echo hello >/context/file
tar -C /context -cf /layer.tar file
gzip -n -c /layer.tar >/layer.gz
printf '{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":["%s"]}}' "$(digest_of /layer.tar)" \
        >/config.json
printf '{"schemaVersion":2,"mediaType":"%s","config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"%s","size":%s},"layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar+gzip","digest":"%s","size":%s}]}' \
        "$image" "$(digest_of /config.json)" "$(wc -c </config.json)" "$(digest_of /layer.gz)" "$(wc -c </layer.gz)" \
        >/manifest.json
upload /layer.gz
upload /config.json
curl -fsS -o /answer -X PUT -H "Content-Type: $image" --data-binary @/manifest.json \
        "http://$first/v2/shop/api/manifests/1.0"
pinned=$first/shop/api@$(digest_of /manifest.json)

state() {
        if podman create -q --pull=never --name run "$pinned" /file >/answer 2>/error; then
                found=found
                podman rm run >/answer
        else
                found=$(sed 's/.*: //' /error)
        fi
        id=$(podman images -q --no-trunc | head -n 1)
        [ "$id" = "$(digest_of /config.json)" ] && id='same id' || id='other id'
        echo "$1: $found, $id"
        podman rmi -af >/answer
}
podman pull -q "$pinned" >/answer
podman tag "$pinned" "$first/shop/api:1.0"
for format in oci-archive docker-archive; do
        podman save -q --format "$format" -o "/$format" "$first/shop/api:1.0"
done
podman push -q --digestfile /pushed "$first/shop/api:1.0" "$second/shop/api:1.0"
state pulled
for format in oci-archive docker-archive; do
        podman load -q -i "/$format" >/answer
        state "saved as $format and loaded"
done
skopeo copy -q --src-tls-verify=false "docker://$pinned" oci-archive:/copied:x
skopeo copy -q oci-archive:/copied:x "containers-storage:$pinned"
state 'copied by skopeo'
[ "$(cat /pushed)" = "$(digest_of /manifest.json)" ] && echo 'pushed: same digest' || echo 'pushed: other digest'
SH
unshare --mount sh -c 'mount --bind "$1" "$1" && mount -t proc proc "$1/proc" && mount --rbind /dev "$1/dev" &&
        mount --rbind /sys "$1/sys" && cd "$1" && pivot_root . mnt && umount -l mnt && exec sh /probe.sh $2' \
        - "$folder/root" "$ports" >"$folder/seen"
cat "$folder/seen"
cat >"$folder/wanted" <<'WANTED'
pulled: found, same id
saved as oci-archive and loaded: image not known, same id
saved as docker-archive and loaded: image not known, same id
copied by skopeo: found, same id
pushed: other digest
WANTED
cmp -s "$folder/wanted" "$folder/seen" || { echo 'this has changed' >&2; exit 1; }
