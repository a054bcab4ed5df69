# unit tests of src/calendar
check_PROGRAMS += tests/unit/test-calendar tests/unit/test-zone
tests_unit_test_calendar_SOURCES = tests/unit/test-calendar.c tests/unit/unit.h
tests_unit_test_calendar_LDADD = src/calendar/libcalendar.a $(UNIT_BASE_LIBS)
tests_unit_test_zone_SOURCES = tests/unit/test-zone.c tests/unit/unit.h
tests_unit_test_zone_LDADD = src/calendar/libcalendar.a $(UNIT_BASE_LIBS)
