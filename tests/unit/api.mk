# unit tests of src/api
check_PROGRAMS += tests/unit/test-route
tests_unit_test_route_SOURCES = tests/unit/test-route.c tests/unit/unit.h
tests_unit_test_route_CPPFLAGS = $(AM_CPPFLAGS) $(MICROHTTPD_CFLAGS)
tests_unit_test_route_LDADD = src/api/libapi.a $(UNIT_MODEL_LIBS)

# layout of tables of relmanctl
check_PROGRAMS += tests/unit/test-fit
tests_unit_test_fit_SOURCES = tests/unit/test-fit.c tests/unit/unit.h src/ctl/print/fit.c src/ctl/print/fit.h
tests_unit_test_fit_LDADD = $(UNIT_BASE_LIBS)
