#!/bin/sh
# Finding: the base digest of an image that podman builds is not the digest that its FROM names.
#
# Guess: `FROM NAME@DIGEST` gives the annotation `org.opencontainers.image.base.digest` this DIGEST, and
# `org.opencontainers.image.base.name` the NAME as it was written.
# Seen:  podman 5.4.2+ds1-2+b2 (Debian 13): if the digest is that of an index, `base.digest` is that of the image of
# one platform. `base.name` is what the local storage calls the image: its tag, if it was pulled by that before.
# So:    to find what was built on an index, search for the digests of its images, and do not rely on the name.
#
# Needs root, mmdebstrap, and an apt that knows a Debian mirror. Makes a Debian 13 in a temporary folder; listens
# on loopback only.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT INT TERM
mirror=$(apt-get indextargets --format '$(REPO_URI)' | grep -v security | head -n 1)
mmdebstrap --variant=minbase --include=podman=5.4.2+ds1-2+b2,docker-registry=2.8.3+ds1-2+b8,curl,jq \
        trixie "$folder/root" "$mirror" >"$folder/log" 2>&1 || { cat "$folder/log" >&2; exit 1; }
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')

cat >"$folder/root/probe.sh" <<'SH'
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
podman build -q --manifest list /context >/answer
podman manifest push -q --all --digestfile /index list "docker://$host/base/os:1"
podman manifest rm list >/answer
podman rmi -af >/answer 2>&1

name() { # DIGEST
        if [ "$1" = "$(cat /index)" ]; then echo index; else
                curl -fsS -o /manifest -H 'Accept: application/vnd.oci.image.manifest.v1+json' \
                        "http://$host/v2/base/os/manifests/$1" && echo 'image of the platform'
        fi
}
build() { # NAME BASE
        printf 'FROM %s\nCOPY file /own\n' "$2" >/context/Containerfile
        podman build -q --no-cache -t example/built /context >/answer
        podman image inspect localhost/example/built | jq -r '.[0].Annotations |
                ."org.opencontainers.image.base.digest", ."org.opencontainers.image.base.name"' >/base
        echo "$1: digest of the $(name "$(head -n 1 /base)"), name $(tail -n 1 /base | sed "s/$host/HOST/; s/$(cat /index)/INDEX/")"
}
build 'by digest' "$host/base/os@$(cat /index)"
build 'by tag and digest' "$host/base/os:1@$(cat /index)"
podman rmi -af >/answer 2>&1
podman pull -q "$host/base/os:1" >/answer
build 'by digest, after a pull by tag' "$host/base/os@$(cat /index)"
SH
unshare --mount sh -c 'mount --bind "$1" "$1" && mount -t proc proc "$1/proc" && mount --rbind /dev "$1/dev" &&
        mount --rbind /sys "$1/sys" && cd "$1" && pivot_root . mnt && umount -l mnt && exec sh /probe.sh "$2"' \
        - "$folder/root" "$port" >"$folder/seen"
cat "$folder/seen"
cat >"$folder/wanted" <<'WANTED'
by digest: digest of the image of the platform, name HOST/base/os@INDEX
by tag and digest: digest of the image of the platform, name HOST/base/os@INDEX
by digest, after a pull by tag: digest of the image of the platform, name HOST/base/os:1
WANTED
cmp -s "$folder/wanted" "$folder/seen" || { echo 'this has changed' >&2; exit 1; }
