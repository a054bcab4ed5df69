# A unit test links its own layer and those below it only, so that an upward call fails to link here
# too. Fragments name each test's sources; UNIT_... lists are in the order a linker needs.
UNIT_BASE_LIBS = src/base/libbase.a $(CRYPTO_LIBS) $(SYSTEMD_LIBS) $(CMOCKA_LIBS)

include tests/unit/base.mk
include tests/unit/model.mk
include tests/unit/version.mk
include tests/unit/release.mk
include tests/unit/spec.mk
include tests/unit/registry.mk
include tests/unit/store.mk
include tests/unit/lock.mk
include tests/unit/reconcile.mk

# What a user runs, on a real registry.
dist_check_SCRIPTS += \
	tests/integration/test_once.py tests/integration/test_daemon.py \
	tests/integration/test_tokens.py tests/integration/test_hostile.py \
	tests/integration/test_units.py
EXTRA_DIST += \
	tests/lib/docker_registry.py tests/lib/relman.py tests/lib/standin.py tests/lib/packages.sh \
	tests/lib/get-docker-registry \
	tests/lint/layers.py tests/lint/sizes.py tests/lint/headers-alone tests/lint/test_gates.py
# Scripts have nothing to build; their programs must be there before they run.
check-local: relmand relmanctl $(UNIT_FILES) $(nodist_man_MANS)
