# unit tests of src/store
check_PROGRAMS += tests/unit/test-store
tests_unit_test_store_SOURCES = tests/unit/test-store.c tests/unit/unit.h tests/unit/fixture.h
tests_unit_test_store_CPPFLAGS = $(AM_CPPFLAGS) $(SQLITE_CFLAGS)
tests_unit_test_store_LDADD = src/store/libstore.a $(UNIT_MODEL_LIBS) $(SQLITE_LIBS)

check_PROGRAMS += tests/unit/test-stmt-driver
tests_unit_test_stmt_driver_SOURCES = tests/unit/test-stmt-driver.c tests/unit/unit.h tests/unit/fixture.h
tests_unit_test_stmt_driver_LDADD = src/store/libstore.a $(UNIT_MODEL_LIBS) $(SQLITE_LIBS)

check_PROGRAMS += tests/unit/test-upgrade
tests_unit_test_upgrade_SOURCES = tests/unit/test-upgrade.c tests/unit/unit.h
tests_unit_test_upgrade_CPPFLAGS = $(AM_CPPFLAGS) $(SQLITE_CFLAGS)
tests_unit_test_upgrade_LDADD = src/store/libstore.a $(UNIT_MODEL_LIBS) $(SQLITE_LIBS)

check_PROGRAMS += tests/unit/test-disk
tests_unit_test_disk_SOURCES = tests/unit/test-disk.c tests/unit/unit.h tests/unit/fixture.h
tests_unit_test_disk_CPPFLAGS = $(AM_CPPFLAGS) $(SQLITE_CFLAGS)
tests_unit_test_disk_LDADD = src/store/libstore.a $(UNIT_MODEL_LIBS) $(SQLITE_LIBS)

check_PROGRAMS += tests/unit/test-scarce
tests_unit_test_scarce_SOURCES = tests/unit/test-scarce.c tests/unit/unit.h tests/unit/fixture.h
tests_unit_test_scarce_CPPFLAGS = $(AM_CPPFLAGS) $(SQLITE_CFLAGS) $(CJSON_CFLAGS)
tests_unit_test_scarce_LDADD = src/store/libstore.a $(UNIT_MODEL_LIBS) $(SQLITE_LIBS)
# The test makes allocations fail.
tests_unit_test_scarce_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=malloc -Wl,--wrap=calloc -Wl,--wrap=realloc

check_PROGRAMS += tests/unit/test-failing-store
tests_unit_test_failing_store_SOURCES = tests/unit/test-failing-store.c tests/unit/fixture.h $(FAILING_SOURCES)
tests_unit_test_failing_store_CPPFLAGS = $(AM_CPPFLAGS) $(SQLITE_CFLAGS)
tests_unit_test_failing_store_LDFLAGS = $(FAILING_LINK) -Wl,--wrap=sqlite3_step
tests_unit_test_failing_store_LDADD = src/store/libstore.a $(UNIT_MODEL_LIBS) $(SQLITE_LIBS)

check_PROGRAMS += tests/unit/test-image-uses
tests_unit_test_image_uses_SOURCES = tests/unit/test-image-uses.c tests/unit/unit.h tests/unit/fixture.h
tests_unit_test_image_uses_CPPFLAGS = $(AM_CPPFLAGS) $(SQLITE_CFLAGS)
tests_unit_test_image_uses_LDADD = src/store/libstore.a $(UNIT_MODEL_LIBS) $(SQLITE_LIBS)

check_PROGRAMS += tests/unit/test-past
tests_unit_test_past_SOURCES = tests/unit/test-past.c tests/unit/unit.h tests/unit/fixture.h
tests_unit_test_past_CPPFLAGS = $(AM_CPPFLAGS) $(SQLITE_CFLAGS)
tests_unit_test_past_LDADD = src/store/libstore.a $(UNIT_MODEL_LIBS) $(SQLITE_LIBS)
