# unit tests of src/lock
check_PROGRAMS += tests/unit/test-lock
tests_unit_test_lock_SOURCES = tests/unit/test-lock.c tests/unit/unit.h tests/unit/fixture.h
tests_unit_test_lock_LDADD = src/lock/liblock.a $(UNIT_MODEL_LIBS) $(YAML_LIBS)
check_PROGRAMS += tests/unit/test-running
tests_unit_test_running_SOURCES = tests/unit/test-running.c tests/unit/unit.h
tests_unit_test_running_LDADD = src/lock/liblock.a $(UNIT_MODEL_LIBS)
check_PROGRAMS += tests/unit/test-failing-locks
tests_unit_test_failing_locks_SOURCES = tests/unit/test-failing-locks.c tests/unit/fixture.h $(FAILING_SOURCES)
tests_unit_test_failing_locks_LDFLAGS = $(FAILING_LINK)
tests_unit_test_failing_locks_LDADD = src/lock/liblock.a $(UNIT_TRUST_LIBS) $(YAML_LIBS)
check_PROGRAMS += tests/unit/test-chain
tests_unit_test_chain_SOURCES = tests/unit/test-chain.c tests/unit/unit.h
tests_unit_test_chain_LDADD = src/lock/liblock.a $(UNIT_TRUST_LIBS) $(YAML_LIBS)
