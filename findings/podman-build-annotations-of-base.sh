#!/bin/sh
# Finding: an image that podman builds has the annotations of its base, as if they were its own.
#
# Guess: annotations describe one manifest, so a build starts with none. Only labels come from the base, as part of
# its configuration. `podman commit` writes the base of the image into `org.opencontainers.image.base.digest`.
# Seen:  podman 5.4.2+ds1-2+b2 (Debian 13): `podman build` copies the annotations of the base. The image names the
# repository and the commit of its base as `org.opencontainers.image.source` and `.revision`, until each is given
# by `--annotation`. `--label` does not change the annotation, so that label and annotation differ. `podman commit`
# copies `base.name` and `base.digest` as well: they name the base of the base.
# So:    what an image states about its source may be about its base. Give label and annotation in each build. A
# tool that shows commits should show none if image and base state the same.
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
key=org.opencontainers.image
mkdir /context
echo hello >/context/file
build() { # NAME BASE OPTION...
        name=$1
        printf 'FROM %s\nCOPY file /%s\nCMD ["/file"]\n' "$2" "$1" >/context/Containerfile
        shift 2
        podman build -q --no-cache -t "example/$name" "$@" /context >/answer
}
show() { # NAME
        podman image inspect "localhost/example/$1" | jq -r --arg key "$key" '.[0] | def of($map; $name):
                $map["\($key).\($name)"] // "none"; "revision: annotation \(of(.Annotations; "revision")), label " +
                "\(of(.Labels; "revision")); source: annotation \(of(.Annotations; "source")); base.name: " +
                of(.Annotations; "base.name")' | sed "s|^|$1: |"
}
build root scratch
build os localhost/example/root --annotation "$key.source=https://git.example/os" --label "$key.revision=os-label" \
        --annotation "$key.revision=os"
build plain localhost/example/os
build label localhost/example/os --label "$key.revision=own"
build both localhost/example/os --label "$key.revision=own" --annotation "$key.revision=own"
podman create -q --name run --network none localhost/example/os >/answer
podman commit -q run example/commit >/answer
for image in os plain label both commit; do
        show "$image"
done
SH
unshare --mount sh -c 'mount --bind "$1" "$1" && mount -t proc proc "$1/proc" && mount --rbind /dev "$1/dev" &&
        mount --rbind /sys "$1/sys" && cd "$1" && pivot_root . mnt && umount -l mnt && exec sh /probe.sh' \
        - "$folder/root" >"$folder/seen"
cat "$folder/seen"
cat >"$folder/wanted" <<'WANTED'
os: revision: annotation os, label os-label; source: annotation https://git.example/os; base.name: localhost/example/root:latest
plain: revision: annotation os, label os-label; source: annotation https://git.example/os; base.name: localhost/example/os:latest
label: revision: annotation os, label own; source: annotation https://git.example/os; base.name: localhost/example/os:latest
both: revision: annotation own, label own; source: annotation https://git.example/os; base.name: localhost/example/os:latest
commit: revision: annotation os, label os-label; source: annotation https://git.example/os; base.name: localhost/example/root:latest
WANTED
cmp -s "$folder/wanted" "$folder/seen" || { echo 'this has changed' >&2; exit 1; }
