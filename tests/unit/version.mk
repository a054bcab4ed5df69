# unit tests of src/version
check_PROGRAMS += tests/unit/test-version tests/unit/test-range tests/unit/test-date-format
tests_unit_test_version_SOURCES = tests/unit/test-version.c tests/unit/unit.h
tests_unit_test_version_LDADD = $(UNIT_VERSION_LIBS)
tests_unit_test_range_SOURCES = tests/unit/test-range.c tests/unit/unit.h
tests_unit_test_range_LDADD = $(UNIT_VERSION_LIBS)
tests_unit_test_date_format_SOURCES = tests/unit/test-date-format.c tests/unit/unit.h
tests_unit_test_date_format_LDADD = $(UNIT_VERSION_LIBS)
check_PROGRAMS += tests/unit/test-policy
tests_unit_test_policy_SOURCES = tests/unit/test-policy.c tests/unit/unit.h
tests_unit_test_policy_LDADD = $(UNIT_VERSION_LIBS)
check_PROGRAMS += tests/unit/test-guess
tests_unit_test_guess_SOURCES = tests/unit/test-guess.c tests/unit/unit.h
tests_unit_test_guess_LDADD = src/guess/libguess.a src/spec/libspec.a $(UNIT_VERSION_LIBS) $(YAML_LIBS)
