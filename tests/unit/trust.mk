# unit tests of src/trust
UNIT_TRUST_LIBS = src/trust/libtrust.a src/registry/libregistry.a $(UNIT_MODEL_LIBS)
check_PROGRAMS += tests/unit/test-trust
tests_unit_test_trust_SOURCES = tests/unit/test-trust.c tests/unit/unit.h
tests_unit_test_trust_LDADD = $(UNIT_TRUST_LIBS)
