#!/bin/sh
# Finding: two versions of skopeo pull different images of the same index on the same machine.
#
# Guess: an index has one image for each platform, or clients pull the first one that fits, so that the digest of
# an index and a platform together say which manifest a host gets.
# Seen:  `podman manifest push --add-compression zstd` (podman 5.4.2+ds1-2+b2, Debian 13) adds a second image for
# each platform, with the annotation io.github.containers.compression.zstd, behind the first ones. skopeo
# 1.18.0+ds1-1+b5 (Debian 13) pulls the second, skopeo 1.9.3+ds1-1+b10 (Debian 12) the first. podman has the same
# library. Both images have one configuration, so that hosts show the same image id.
# So:    keep all images of an index that is in use, also the second of a platform. To compare what hosts run,
# take the image id, or accept each image of the platform.
#
# Needs root, mmdebstrap, and an apt that knows a Debian mirror. Makes a Debian 12 and a Debian 13 in a temporary
# folder; listens on loopback only.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT INT TERM
mirror=$(apt-get indextargets --format '$(REPO_URI)' | grep -v security | head -n 1)
make_root() { # SUITE PACKAGES
        mmdebstrap --variant=minbase "--include=$2" "$1" "$folder/$1" "$mirror" >"$folder/log" 2>&1 ||
                { cat "$folder/log" >&2; exit 1; }
}
make_root bookworm skopeo=1.9.3+ds1-1+b10
make_root trixie podman=5.4.2+ds1-2+b2,skopeo=1.18.0+ds1-1+b5,docker-registry=2.8.3+ds1-2+b8,curl,jq
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')

cat >"$folder/trixie/probe.sh" <<'SH'
set -eu
host=127.0.0.1:$1
export PODMAN_IGNORE_CGROUPSV1_WARNING=1 OTEL_TRACES_EXPORTER=none
printf '[storage]\ndriver="vfs"\nrunroot="/run/podman"\ngraphroot="/storage"\n' >/etc/containers/storage.conf
printf '[[registry]]\nlocation="%s"\ninsecure=true\n' "$host" >/etc/containers/registries.conf
cat >/config.yml <<YAML
version: 0.1
log: {level: error}
storage: {filesystem: {rootdirectory: /registry}}
http: {addr: '$host', secret: x}
YAML
docker-registry serve /config.yml >/log 2>&1 &
registry=$!
trap 'kill "$registry"' EXIT
tries=0
until curl -fsS -o /answer "http://$host/v2/" 2>/dev/null; do
        tries=$((tries + 1))
        [ "$tries" -lt 100 ] || { cat /log >&2; exit 1; }
        sleep 0.1
done

mkdir /context
echo hello >/context/file
printf 'FROM scratch\nCOPY file /\n' >/context/Containerfile
podman build -q --platform linux/amd64 --manifest list /context >/answer
podman manifest push -q --all --add-compression gzip --add-compression zstd list "docker://$host/shop/api:1.0"
skopeo inspect --tls-verify=false --raw "docker://$host/shop/api:1.0" >/index.json

# Names the manifest that skopeo of the root "$2" pulls.
pulled() { # NAME ROOT
        chroot "$2" skopeo copy -q --override-os linux --override-arch amd64 --src-tls-verify=false \
                "docker://$host/shop/api:1.0" dir:/pulled
        digest=sha256:$(sha256sum <"$2/pulled/manifest.json" | cut -d' ' -f1)
        place=$(jq --arg digest "$digest" '[.manifests[].digest] | index($digest) + 1' /index.json)
        echo "$1 pulls entry $place, layers of $(jq -r '.layers[0].mediaType' "$2/pulled/manifest.json")"
}
jq -r '.manifests | to_entries[] | "entry \(.key + 1): \(.value.platform.architecture) \(.value.annotations // {})"' /index.json
pulled 'skopeo 1.18.0' /
pulled 'skopeo 1.9.3' /bookworm
same=$(jq -r .config.digest /pulled/manifest.json /bookworm/pulled/manifest.json | sort -u | wc -l)
echo "configurations: $same"
SH
mkdir "$folder/trixie/bookworm"
unshare --mount sh -c 'mount --bind "$1" "$1" && mount -t proc proc "$1/proc" && mount --rbind /dev "$1/dev" &&
        mount --rbind /sys "$1/sys" && mount --bind "$2" "$1/bookworm" && cd "$1" && pivot_root . mnt &&
        umount -l mnt && exec sh /probe.sh "$3"' - "$folder/trixie" "$folder/bookworm" "$port" >"$folder/seen"
cat "$folder/seen"
cat >"$folder/wanted" <<'WANTED'
entry 1: amd64 {}
entry 2: amd64 {"io.github.containers.compression.zstd":"true"}
skopeo 1.18.0 pulls entry 2, layers of application/vnd.oci.image.layer.v1.tar+zstd
skopeo 1.9.3 pulls entry 1, layers of application/vnd.oci.image.layer.v1.tar+gzip
configurations: 1
WANTED
cmp -s "$folder/wanted" "$folder/seen" || { echo 'this has changed' >&2; exit 1; }
