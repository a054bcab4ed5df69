# Debian packages by purpose; sourced by quickstart and run-tests.
# Releases differ in the version of clang, and in names of libraries whose ABI changed in Debian 13 (t64).
# shellcheck disable=SC2034 # read by the scripts that source this file
# RELEASE=12 or RELEASE=13 selects the names of that release instead of those of this system.
case ${RELEASE:-$(. /etc/os-release && echo "${VERSION_ID:-}")} in
12) CLANG=14 T64= CBOR=0.8 TOKENS= ;; # without pkcs11-provider
*) CLANG=19 T64=t64 CBOR=0.10 TOKENS="softhsm2 pkcs11-provider" ;;
esac
BUILD_PACKAGES="gcc make autoconf automake autoconf-archive pkg-config git
        libyaml-dev libcurl4-openssl-dev libsqlite3-dev libcjson-dev libpcre2-dev libsystemd-dev
        libmicrohttpd-dev libssl-dev libpsl-dev libcbor-dev libcmocka-dev ca-certificates"
SHOW_PACKAGES="python3 skopeo jq curl"
PACKAGE_PACKAGES="debhelper dpkg-dev fakeroot lintian mmdebstrap util-linux iproute2"
TEST_PACKAGES="$SHOW_PACKAGES apache2-utils openssl sqlite3 xz-utils clang-$CLANG libclang-rt-$CLANG-dev
        clang-format-$CLANG clang-tidy-$CLANG cppcheck valgrind universal-ctags mandoc systemd python3-jsonschema python3-yaml tzdata
        docker-compose buildah podman msmtp nginx-light strace mount e2fsprogs xfsprogs chromium $TOKENS $PACKAGE_PACKAGES"
# Installing openssh-server starts a service where systemd runs; there the tests of ssh need it installed before.
[ -d /run/systemd/system ] || TEST_PACKAGES="$TEST_PACKAGES openssh-server"
# Packages of the clean system for tests of the Debian packages (tests/lib/make-root).
ROOT_PACKAGES="systemd systemd-sysv dbus init-system-helpers iproute2 procps sqlite3 ca-certificates tzdata git openssh-client
        libcbor$CBOR libcjson1 libcurl4$T64 libmicrohttpd12$T64 libpcre2-8-0 libpsl5$T64 libsqlite3-0 libssl3$T64 libyaml-0-2"
# Packages for make bench only: a fast static registry, a load generator, and programs to compare with.
BENCH_PACKAGES="nginx-light wrk skopeo curl strace valgrind gnuplot-nox golang-go golang-github-containers-image-dev"

# Installs the packages that are missing; needs root only if there are any.
need_packages() {
        missing=
        for package in "$@"; do
                dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q ' installed$' ||
                        missing="$missing $package"
        done
        [ -n "$missing" ] || return 0
        if [ "$(id -u)" -ne 0 ]; then
                echo "these packages are missing; as root: apt-get install$missing" >&2
                return 1
        fi
        echo "installing:$missing" >&2
        export DEBIAN_FRONTEND=noninteractive
        # shellcheck disable=SC2086 # a list
        { apt-get update -q && apt-get install -q -y --no-install-recommends $missing; } \
                >"${TMPDIR:-/tmp}/relman-apt.log" 2>&1 || {
                cat "${TMPDIR:-/tmp}/relman-apt.log" >&2
                return 1
        }
}
