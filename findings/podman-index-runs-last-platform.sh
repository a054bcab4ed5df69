#!/bin/sh
# Finding: a digest of an index means to podman the platform that was pulled last, and the other loses its digests.
#
# Guess: after `podman pull NAME@INDEX` and `podman pull --platform` of the same for another platform, as on a host
# that builds or saves images for others, NAME@INDEX still runs the image of the host's platform. Both images keep
# this digest in `RepoDigests`, for both were pulled by it.
# Seen:  podman 5.4.2+ds1-2+b2 (Debian 13) makes a container of the other platform, with a warning only, even if
# the image of the host's platform is in the storage. The first image has empty `RepoDigests` then, though its
# container runs on. podman 4.3.1+ds1-8+deb12u1+b3 (Debian 12) does the same.
# So:    a container can run a pinned digest on the wrong platform, and one on the right platform can be without any
# digest. The image id, which is the digest of the configuration, is right for both. Pull the platform of the
# host last, or pin the digest of its image.
#
# Needs root on amd64, mmdebstrap, and an apt that knows a Debian mirror. Makes a Debian 13 in a temporary folder;
# listens on loopback only.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT INT TERM
mirror=$(apt-get indextargets --format '$(REPO_URI)' | grep -v security | head -n 1)
mmdebstrap --variant=minbase --include=podman=5.4.2+ds1-2+b2,docker-registry=2.8.3+ds1-2+b8,curl \
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
printf 'FROM scratch\nCOPY file /\nCMD ["/file"]\n' >/context/Containerfile
for architecture in amd64 arm64; do
        podman build -q --no-cache --platform "linux/$architecture" --manifest list /context >/answer
done
podman manifest push -q --all --digestfile /index list "docker://$host/shop/api:1.0"
podman manifest rm list >/answer
podman rmi -af >/answer 2>&1

pinned=$host/shop/api@$(cat /index)
state() { # NAME CONTAINER IMAGE
        running=$(podman image inspect --format '{{.Architecture}}' "$(podman container inspect --format '{{.Image}}' "$2")")
        digests=$(podman image inspect --format '{{len .RepoDigests}}' "$3")
        echo "$1: container $running, image of the host has $digests RepoDigests"
}
image=$(podman pull -q --platform linux/amd64 "$pinned")
podman create -q --network none --name before "$pinned" >/answer
state 'amd64 pulled' before "$image"
podman pull -q --platform linux/arm64 "$pinned" >/answer
podman create -q --network none --name after "$pinned" >/answer 2>/warning
state 'arm64 pulled, old container' before "$image"
state 'arm64 pulled, new container' after "$image"
grep -o 'does not match the expected platform' /warning
podman pull -q --platform linux/amd64 "$pinned" >/answer
podman create -q --network none --name again "$pinned" >/answer
state 'amd64 pulled again, new container' again "$image"
SH
unshare --mount sh -c 'mount --bind "$1" "$1" && mount -t proc proc "$1/proc" && mount --rbind /dev "$1/dev" &&
        mount --rbind /sys "$1/sys" && cd "$1" && pivot_root . mnt && umount -l mnt && exec sh /probe.sh "$2"' - "$folder/root" "$port" >"$folder/seen"
cat "$folder/seen"
cat >"$folder/wanted" <<'WANTED'
amd64 pulled: container amd64, image of the host has 2 RepoDigests
arm64 pulled, old container: container amd64, image of the host has 0 RepoDigests
arm64 pulled, new container: container arm64, image of the host has 0 RepoDigests
does not match the expected platform
amd64 pulled again, new container: container amd64, image of the host has 2 RepoDigests
WANTED
cmp -s "$folder/wanted" "$folder/seen" || { echo 'this has changed' >&2; exit 1; }
