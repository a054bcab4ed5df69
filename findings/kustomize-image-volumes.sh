#!/bin/sh
# Finding: the images of a kustomization do not reach image volumes or ephemeral containers.
#
# Guess: `images:` replaces an image wherever a pod names one: containers, init containers, ephemeral
# containers, and volumes of the type image (Kubernetes 1.31), which name it in `image.reference`.
# Seen:  kustomize 5.5.0 (in kubectl 1.32.3+ds-2 of Debian 13) replaces those of `containers` and
# `initContainers` only. It leaves `volumes[].image.reference` and `ephemeralContainers[].image` at their
# tags, without a message.
# So:    a manifest with an image volume is not pinned by a list of images. A `configurations:` file of the
# kustomization with `images: [{path: "spec/volumes[]/image/reference", kind: Pod}]` pins it.
#
# Needs an amd64 Debian whose apt knows a Debian mirror. Takes the package into a temporary folder.
set -eu
version=1.32.3+ds-2
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT INT TERM
cd "$folder"

mirror=$(apt-get indextargets --format '$(REPO_URI)' | grep -v security | head -n 1)
printf 'deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] %s trixie main\n' "$mirror" >sources
mkdir -p lists/partial cache/archives/partial
apt() {
        apt-get -q -o Dir::Etc::sourcelist="$folder/sources" -o Dir::Etc::sourceparts=- -o Dir::State::lists="$folder/lists" \
                -o Dir::Cache="$folder/cache" -o APT::Sandbox::User=root "$@" >>log 2>&1 || { cat log >&2; exit 1; }
}
apt update
apt download "kubectl=$version"
dpkg-deb --fsys-tarfile kubectl_*.deb | tar -x ./usr/bin/kubectl
kubectl=$folder/usr/bin/kubectl

digest=sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
mkdir pod
cat >pod/pod.yaml <<'YAML'
apiVersion: v1
kind: Pod
metadata: {name: pod}
spec:
  containers: [{name: a, image: "web:1"}]
  initContainers: [{name: b, image: "web:1"}]
  ephemeralContainers: [{name: c, image: "web:1"}]
  volumes: [{name: d, image: {reference: "web:1"}}]
YAML
printf 'resources: [pod.yaml]\nimages: [{name: web, digest: "%s"}]\n' "$digest" >pod/kustomization.yaml

seen=$("$kubectl" kustomize pod | grep -c "web@$digest" || :)
kept=$("$kubectl" kustomize pod | grep -c 'web:1$' || :)
"$kubectl" version --client
"$kubectl" kustomize pod | sed -n '/^spec:/,$p'

printf 'images: [{path: "spec/volumes[]/image/reference", kind: Pod}]\n' >pod/images.yaml
printf 'configurations: [images.yaml]\n' >>pod/kustomization.yaml
pinned=$("$kubectl" kustomize pod | grep -c "reference: web@$digest" || :)
echo "replaced: $seen of 4, left at their tag: $kept; with a configurations file the volume is pinned: $pinned"
[ "$seen $kept $pinned" = '2 2 1' ] || { echo 'this has changed: it was 2 of 4, 2 left, 1 pinned' >&2; exit 1; }
