# src/spec is tested whole: tests/golden. What is refused while it works:
check_PROGRAMS += tests/unit/test-failing-specs
tests_unit_test_failing_specs_SOURCES = tests/unit/test-failing-specs.c $(FAILING_SOURCES)
tests_unit_test_failing_specs_LDFLAGS = $(FAILING_LINK)
tests_unit_test_failing_specs_LDADD = src/spec/libspec.a $(UNIT_VERSION_LIBS) $(YAML_LIBS)
