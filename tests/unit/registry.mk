# unit tests of src/http and src/registry
UNIT_REGISTRY_LIBS = src/registry/libregistry.a src/http/libhttp.a $(UNIT_MODEL_LIBS) $(CURL_LIBS) $(PSL_LIBS)
check_PROGRAMS += tests/unit/test-answers
tests_unit_test_answers_SOURCES = tests/unit/test-answers.c tests/unit/unit.h
tests_unit_test_answers_CPPFLAGS = $(AM_CPPFLAGS) $(CURL_CFLAGS) $(SYSTEMD_CFLAGS)
tests_unit_test_answers_LDADD = $(UNIT_REGISTRY_LIBS)
check_PROGRAMS += tests/unit/test-failing-answers
tests_unit_test_failing_answers_SOURCES = tests/unit/test-failing-answers.c $(FAILING_SOURCES)
tests_unit_test_failing_answers_CPPFLAGS = $(AM_CPPFLAGS) $(CURL_CFLAGS) $(SYSTEMD_CFLAGS)
tests_unit_test_failing_answers_LDFLAGS = $(FAILING_LINK)
tests_unit_test_failing_answers_LDADD = $(UNIT_REGISTRY_LIBS)
check_PROGRAMS += tests/unit/test-artifact
tests_unit_test_artifact_SOURCES = tests/unit/test-artifact.c tests/unit/unit.h
tests_unit_test_artifact_CPPFLAGS = $(AM_CPPFLAGS) $(SYSTEMD_CFLAGS)
tests_unit_test_artifact_LDADD = $(UNIT_REGISTRY_LIBS)
check_PROGRAMS += tests/unit/test-http
tests_unit_test_http_SOURCES = tests/unit/test-http.c tests/unit/unit.h
tests_unit_test_http_CPPFLAGS = $(AM_CPPFLAGS) $(SYSTEMD_CFLAGS)
tests_unit_test_http_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=address_kind
tests_unit_test_http_LDADD = $(UNIT_REGISTRY_LIBS)
check_PROGRAMS += tests/unit/test-pool
tests_unit_test_pool_SOURCES = tests/unit/test-pool.c tests/unit/host.h tests/unit/unit.h
tests_unit_test_pool_CPPFLAGS = $(AM_CPPFLAGS) $(SYSTEMD_CFLAGS)
tests_unit_test_pool_LDADD = $(UNIT_REGISTRY_LIBS)
check_PROGRAMS += tests/unit/test-calls
tests_unit_test_calls_SOURCES = tests/unit/test-calls.c tests/unit/unit.h
tests_unit_test_calls_CPPFLAGS = $(AM_CPPFLAGS) $(SYSTEMD_CFLAGS)
tests_unit_test_calls_LDADD = $(UNIT_REGISTRY_LIBS)

check_PROGRAMS += tests/unit/test-manifest-walk
tests_unit_test_manifest_walk_SOURCES = tests/unit/test-manifest-walk.c tests/unit/unit.h
tests_unit_test_manifest_walk_LDADD = $(tests_unit_test_artifact_LDADD)

# The JSON of facts is that of the store.
check_PROGRAMS += tests/unit/test-image-facts
tests_unit_test_image_facts_SOURCES = tests/unit/test-image-facts.c tests/unit/unit.h
tests_unit_test_image_facts_LDADD = src/store/libstore.a $(tests_unit_test_artifact_LDADD)
