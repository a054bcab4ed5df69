#!/bin/sh
# Finding: podman builds an index for two platforms that has one of them, and exits with 0.
#
# Guess: `podman build --platform linux/amd64,linux/arm64 --manifest LIST` gives an index with both platforms, or
# fails. The same build for one platform after the other adds an image each time.
# Seen:  podman 5.4.2+ds1-2+b2 (Debian 13), an image from scratch with the same files for each platform, such as
# scripts or data: the second platform takes the image of the first from the build cache, and replaces its entry. The
# index has one image, of the platform that was built last. If both are built at once, it is one or the other by
# chance. `--no-cache` gives both.
# So:    a tag can lose a platform by a build that succeeded. Check the index before it is deployed: relman does so
# for the `platforms` of a Component.
#
# Needs root, mmdebstrap, and an apt that knows a Debian mirror. Makes a Debian 13 in a temporary folder; connects
# to nothing else.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT INT TERM
mirror=$(apt-get indextargets --format '$(REPO_URI)' | grep -v security | head -n 1)
mmdebstrap --variant=minbase --include=podman=5.4.2+ds1-2+b2,jq \
        trixie "$folder/root" "$mirror" >"$folder/log" 2>&1 || { cat "$folder/log" >&2; exit 1; }

cat >"$folder/root/probe.sh" <<'SH'
set -eu
export PODMAN_IGNORE_CGROUPSV1_WARNING=1
printf '[storage]\ndriver="vfs"\nrunroot="/run/podman"\ngraphroot="/storage"\n' >/etc/containers/storage.conf
mkdir /context
echo hello >/context/file
printf 'FROM scratch\nCOPY file /\n' >/context/Containerfile
build() { podman build -q --manifest list "$@" /context >/answer 2>&1 || echo "exit $?"; }
show() { # NAME
        platforms=$(podman manifest inspect list | jq -r '[.manifests[].platform.architecture] | sort | join(" ")')
        [ -z "${2:-}" ] || platforms=$(echo "$platforms" | wc -w)
        echo "$1: $platforms"
        podman manifest rm list >/answer
        podman rmi -af >/answer 2>&1
}
build --platform linux/amd64
build --platform linux/arm64
show 'one after the other'
build --platform linux/arm64
build --platform linux/amd64
show 'in the other order'
build --platform linux/amd64,linux/arm64
show 'at once, number of platforms' number
build --no-cache --platform linux/amd64,linux/arm64
show 'at once, without cache'
SH
unshare --mount sh -c 'mount --bind "$1" "$1" && mount -t proc proc "$1/proc" && mount --rbind /dev "$1/dev" &&
        mount --rbind /sys "$1/sys" && cd "$1" && pivot_root . mnt && umount -l mnt && exec sh /probe.sh' \
        - "$folder/root" >"$folder/seen"
cat "$folder/seen"
cat >"$folder/wanted" <<'WANTED'
one after the other: arm64
in the other order: amd64
at once, number of platforms: 1
at once, without cache: amd64 arm64
WANTED
cmp -s "$folder/wanted" "$folder/seen" || { echo 'this has changed' >&2; exit 1; }
