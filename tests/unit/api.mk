# unit tests of src/api
check_PROGRAMS += tests/unit/test-route
tests_unit_test_route_SOURCES = tests/unit/test-route.c tests/unit/unit.h
tests_unit_test_route_CPPFLAGS = $(AM_CPPFLAGS) $(MICROHTTPD_CFLAGS)
tests_unit_test_route_LDADD = src/api/libapi.a $(UNIT_MODEL_LIBS)

# work of the hooks endpoint
check_PROGRAMS += tests/unit/test-hook
tests_unit_test_hook_SOURCES = tests/unit/test-hook.c tests/unit/unit.h
tests_unit_test_hook_CPPFLAGS = $(AM_CPPFLAGS) $(MICROHTTPD_CFLAGS) $(SYSTEMD_CFLAGS) $(CRYPTO_CFLAGS)
tests_unit_test_hook_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=secret_read,--wrap=digest_sha256,--wrap=HMAC,--wrap=reconciler_find_registry,--wrap=reconciler_first_hook \
	-Wl,--wrap=request_header,--wrap=request_query,--wrap=request_parameter,--wrap=request_challenge
tests_unit_test_hook_LDADD = $(ALL_LIBS) $(CMOCKA_LIBS)

# layout of tables of relmanctl
check_PROGRAMS += tests/unit/test-fit
tests_unit_test_fit_SOURCES = tests/unit/test-fit.c tests/unit/unit.h src/ctl/print/fit.c src/ctl/print/fit.h
tests_unit_test_fit_LDADD = $(UNIT_BASE_LIBS)
