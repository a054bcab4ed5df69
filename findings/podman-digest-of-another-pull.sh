#!/bin/sh
# Finding: the digest that podman shows for a tag or a container is that of another pull of the same image.
#
# Guess: after two pulls, `podman images --digests` shows for each tag the digest that the registry has for it.
# `podman container inspect` shows the digest by which a container was created as `ImageDigest`. `podman image
# inspect` shows one `Digest`, whether the image is named by tag or by id.
# Seen:  podman 5.4.2+ds1-2+b2 (Debian 13), two indexes "one" and "two" of the same image, pulled in this order.
# Both tags are listed with the digest of "one". A container that was created by NAME@DIGEST of "two" has this
# digest in `ImageName`, and that of "one" in `ImageDigest`. `image inspect` by id has the index "one" as
# `Digest`, by either tag it has the manifest of the platform. `RepoDigests` has all three. podman
# 4.3.1+ds1-8+deb12u1+b3 (Debian 12) differs in the last point only: it shows "one" for each name.
# So:    to learn whether a host runs a pinned image, search `RepoDigests`, or compare the image's id with the
# digest of the configuration. `Digest` and `ImageDigest` accuse hosts that are right.
#
# Needs root, mmdebstrap, and an apt that knows a Debian mirror. Makes a Debian 13 in a temporary folder; listens
# on loopback only.
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
podman build -q -t "$host/shop/api:build" /context >/answer
podman push -q "$host/shop/api:build"
for index in one two; do
        podman manifest create "$index" >/answer
        podman manifest add "$index" "docker://$host/shop/api:build" >/answer
        podman manifest annotate --index --annotation "name=$index" "$index" >/answer
        podman manifest push -q --digestfile "/$index" "$index" "docker://$host/shop/api:$index"
        podman manifest rm "$index" >/answer
done
podman rmi -af >/answer

podman pull -q "$host/shop/api:one" >/answer
id=$(podman pull -q "$host/shop/api:two")
podman create -q --name run "$host/shop/api@$(cat /two)" >/answer
name() { # DIGEST
        case $1 in
        "$(cat /one)") echo one ;;
        "$(cat /two)") echo two ;;
        *) echo platform ;;
        esac
}
all=
for digest in $(podman image inspect --format '{{range .RepoDigests}}{{.}} {{end}}' "$id"); do
        all="$all $(name "${digest#*@}")"
done
cat <<RESULT
list of one: $(name "$(podman images --filter "reference=$host/shop/api:one" --format '{{.Digest}}' | head -n 1)")
list of two: $(name "$(podman images --filter "reference=$host/shop/api:two" --format '{{.Digest}}' | head -n 1)")
container's ImageName: $(name "$(podman container inspect --format '{{.ImageName}}' run | cut -d@ -f2)")
container's ImageDigest: $(name "$(podman container inspect --format '{{.ImageDigest}}' run)")
image by id: $(name "$(podman image inspect --format '{{.Digest}}' "$id")")
image by tag one: $(name "$(podman image inspect --format '{{.Digest}}' "$host/shop/api:one")")
image by tag two: $(name "$(podman image inspect --format '{{.Digest}}' "$host/shop/api:two")")
RepoDigests: $(echo "$all" | tr ' ' '\n' | sort | xargs)
RESULT
SH
unshare --mount sh -c 'mount --bind "$1" "$1" && mount -t proc proc "$1/proc" && mount --rbind /dev "$1/dev" &&
        mount --rbind /sys "$1/sys" && cd "$1" && pivot_root . mnt && umount -l mnt && exec sh /probe.sh "$2"' - "$folder/root" "$port" >"$folder/seen"
cat "$folder/seen"
cat >"$folder/wanted" <<'WANTED'
list of one: one
list of two: one
container's ImageName: two
container's ImageDigest: one
image by id: one
image by tag one: platform
image by tag two: platform
RepoDigests: one platform two
WANTED
cmp -s "$folder/wanted" "$folder/seen" || { echo 'this has changed' >&2; exit 1; }
