#!/bin/sh
# Finding: `newTag` of a kustomization takes the digest away from an image that was pinned.
#
# Guess: an entry of `images:` changes the parts that it names and keeps the others, as `newName` does (it keeps tag
# and digest); and an entry with `newTag` and `digest` gives NAME:TAG@DIGEST, so `newTag` alone keeps the digest.
# Seen:  kustomize 5.5.0 (in kubectl 1.32.3+ds-2 of Debian 13): `newTag` alone drops the digest without a message.
# In one list, an entry for the new name of an earlier entry is applied after it, and its `newTag` undoes the
# earlier entry's digest.
# So:    an overlay with `newTag` above a base that holds pinned images runs a tag again. Check the rendered
# manifests for images without "@sha256:".
#
# Needs an amd64 Debian whose apt knows a Debian mirror. Takes the package into a temporary folder.
set -eu
version=1.32.3+ds-2
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT INT TERM
cd "$folder"

mirror=$(apt-get indextargets --format '$(REPO_URI)' | grep -v security | head -n 1)
printf 'deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] %s trixie main\n' "$mirror" >sources
mkdir -p lists/partial cache/archives/partial base
apt() {
        apt-get -q -o Dir::Etc::sourcelist="$folder/sources" -o Dir::Etc::sourceparts=- -o Dir::State::lists="$folder/lists" \
                -o Dir::Cache="$folder/cache" -o APT::Sandbox::User=root "$@" >>log 2>&1 || { cat log >&2; exit 1; }
}
apt update
apt download "kubectl=$version"
dpkg-deb --fsys-tarfile kubectl_*.deb | tar -x ./usr/bin/kubectl
kubectl=$folder/usr/bin/kubectl
"$kubectl" version --client

pin=@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
printf 'apiVersion: v1\nkind: Pod\nmetadata: {name: pod}\nspec: {containers: [{name: a, image: "shop/api%s"}]}\n' "$pin" >base/pod.yaml
failed=0
check() { # WANTED IMAGES
        printf 'resources: [pod.yaml]\nimages: %s\n' "$2" >base/kustomization.yaml
        seen=$("$kubectl" kustomize base | sed -n 's/.*image: //p')
        printf '%s\n  gives %s\n' "$2" "$seen"
        [ "$seen" = "$1" ] || { printf 'this has changed: it was %s\n' "$1" >&2; failed=1; }
}
check "mirror/api$pin" '[{name: shop/api, newName: mirror/api}]'
check "shop/api:2.0$pin" "[{name: shop/api, newTag: '2.0', digest: '${pin#@}'}]"
check shop/api:2.0 "[{name: shop/api, newTag: '2.0'}]"
check mirror/api:2.0 "[{name: shop/api, newName: mirror/api, digest: '${pin#@}'}, {name: mirror/api, newTag: '2.0'}]"
exit "$failed"
