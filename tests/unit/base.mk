# unit tests of src/base
check_PROGRAMS += tests/unit/test-time tests/unit/test-text tests/unit/test-memory tests/unit/test-file
tests_unit_test_time_SOURCES = tests/unit/test-time.c tests/unit/unit.h
tests_unit_test_time_LDADD = $(UNIT_BASE_LIBS)
tests_unit_test_text_SOURCES = tests/unit/test-text.c tests/unit/unit.h
tests_unit_test_text_LDADD = $(UNIT_BASE_LIBS)
tests_unit_test_memory_SOURCES = tests/unit/test-memory.c tests/unit/unit.h
tests_unit_test_memory_LDADD = $(UNIT_BASE_LIBS)
tests_unit_test_file_SOURCES = tests/unit/test-file.c tests/unit/unit.h
tests_unit_test_file_LDADD = $(UNIT_BASE_LIBS)
# The test makes fsync() fail.
tests_unit_test_file_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=fsync
check_PROGRAMS += tests/unit/test-account
tests_unit_test_account_SOURCES = tests/unit/test-account.c tests/unit/unit.h
tests_unit_test_account_LDADD = $(UNIT_BASE_LIBS)
# The test replaces the directory service.
tests_unit_test_account_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=getpwuid_r
