# Tests of src/spec in which calls fail or the tree of specs changes. tests/golden tests the rest of src/spec.
check_PROGRAMS += tests/unit/test-tree tests/unit/test-failing-specs
tests_unit_test_tree_SOURCES = tests/unit/test-tree.c tests/unit/unit.h
tests_unit_test_tree_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=syscall,--wrap=suggest_nearest
tests_unit_test_tree_LDADD = src/spec/libspec.a $(UNIT_VERSION_LIBS) $(YAML_LIBS)
tests_unit_test_failing_specs_SOURCES = tests/unit/test-failing-specs.c $(FAILING_SOURCES)
tests_unit_test_failing_specs_LDFLAGS = $(FAILING_LINK)
tests_unit_test_failing_specs_LDADD = src/spec/libspec.a $(UNIT_VERSION_LIBS) $(YAML_LIBS)
