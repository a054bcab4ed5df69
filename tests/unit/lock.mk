# unit tests of src/lock
check_PROGRAMS += tests/unit/test-lock
tests_unit_test_lock_SOURCES = tests/unit/test-lock.c tests/unit/unit.h tests/unit/fixture.h
tests_unit_test_lock_LDADD = src/lock/liblock.a $(UNIT_MODEL_LIBS) $(YAML_LIBS)
