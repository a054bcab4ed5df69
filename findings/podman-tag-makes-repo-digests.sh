#!/bin/sh
# Finding: podman shows registry digests for an image that no registry ever had.
#
# Guess: `RepoDigests` has NAME@DIGEST for each repository from which the image was pulled, or to which it was pushed,
# as docker fills it. An image that was only built or tagged has none.
# Seen:  podman 5.4.2+ds1-2+b2 (Debian 13) makes one for each name and each digest. A new tag gives the image
# NAME@DIGEST of the new repository, on a host to which nothing was sent, and `untag` takes it away. A container
# can be created by it.
# So:    NAME@DIGEST of a host says nothing about what the registry of NAME serves. Compare the digest alone, and ask
# the registry before another host is to pull it.
#
# Needs root, mmdebstrap, and an apt that knows a Debian mirror. Makes a Debian 13 in a temporary folder; connects
# to nothing else.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT INT TERM
mirror=$(apt-get indextargets --format '$(REPO_URI)' | grep -v security | head -n 1)
mmdebstrap --variant=minbase --include=podman=5.4.2+ds1-2+b2 \
        trixie "$folder/root" "$mirror" >"$folder/log" 2>&1 || { cat "$folder/log" >&2; exit 1; }

cat >"$folder/root/probe.sh" <<'SH'
set -eu
export PODMAN_IGNORE_CGROUPSV1_WARNING=1
printf '[storage]\ndriver="vfs"\nrunroot="/run/podman"\ngraphroot="/storage"\n' >/etc/containers/storage.conf
mkdir /context
echo hello >/context/file
printf 'FROM scratch\nCOPY file /\nCMD ["/file"]\n' >/context/Containerfile
image=$(podman build -q -t example/built /context)
show() { # NAME
        digests=$(podman image inspect --format '{{range .RepoDigests}}{{.}} {{end}}' "$image")
        echo "$1: $(echo "$digests" | tr ' ' '\n' | sed 's/@sha256:.*/@DIGEST/' | sort | xargs)"
}
show built
podman tag "$image" registry.example/shop/api:1.0
show tagged
digest=$(podman image inspect --format '{{.Digest}}' "$image")
podman create -q --pull=never --network none "registry.example/shop/api@$digest" >/answer && echo 'created by the digest'
podman untag "$image" registry.example/shop/api:1.0
show untagged
SH
unshare --mount sh -c 'mount --bind "$1" "$1" && mount -t proc proc "$1/proc" && mount --rbind /dev "$1/dev" &&
        mount --rbind /sys "$1/sys" && cd "$1" && pivot_root . mnt && umount -l mnt && exec sh /probe.sh' \
        - "$folder/root" >"$folder/seen"
cat "$folder/seen"
cat >"$folder/wanted" <<'WANTED'
built: localhost/example/built@DIGEST
tagged: localhost/example/built@DIGEST registry.example/shop/api@DIGEST
created by the digest
untagged: localhost/example/built@DIGEST
WANTED
cmp -s "$folder/wanted" "$folder/seen" || { echo 'this has changed' >&2; exit 1; }
