# unit tests of src/release
check_PROGRAMS += tests/unit/test-release
tests_unit_test_release_SOURCES = tests/unit/test-release.c tests/unit/unit.h tests/unit/fixture.h
tests_unit_test_release_LDADD = src/release/librelease.a $(UNIT_VERSION_LIBS)
check_PROGRAMS += tests/unit/test-admission
tests_unit_test_admission_SOURCES = tests/unit/test-admission.c tests/unit/unit.h
tests_unit_test_admission_LDADD = src/release/librelease.a $(UNIT_VERSION_LIBS)
check_PROGRAMS += tests/unit/test-gates
tests_unit_test_gates_SOURCES = tests/unit/test-gates.c tests/unit/unit.h
tests_unit_test_gates_LDADD = src/release/librelease.a $(UNIT_VERSION_LIBS)
check_PROGRAMS += tests/unit/test-windows
tests_unit_test_windows_SOURCES = tests/unit/test-windows.c tests/unit/unit.h
tests_unit_test_windows_LDADD = src/release/librelease.a $(UNIT_VERSION_LIBS)
check_PROGRAMS += tests/unit/test-approvals
tests_unit_test_approvals_SOURCES = tests/unit/test-approvals.c tests/unit/unit.h
tests_unit_test_approvals_LDADD = src/release/librelease.a $(UNIT_VERSION_LIBS)

check_PROGRAMS += tests/unit/test-checks
tests_unit_test_checks_SOURCES = tests/unit/test-checks.c tests/unit/unit.h
tests_unit_test_checks_LDADD = src/release/librelease.a $(UNIT_VERSION_LIBS)
check_PROGRAMS += tests/unit/test-fallback
tests_unit_test_fallback_SOURCES = tests/unit/test-fallback.c tests/unit/unit.h
tests_unit_test_fallback_LDADD = src/release/librelease.a $(UNIT_VERSION_LIBS)
