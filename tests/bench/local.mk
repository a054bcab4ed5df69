# "make bench" needs a build for speed (CFLAGS=-O2, no sanitizers).
bench_programs = %D%/bench-rules %D%/yaml-scan %D%/head-floor %D%/bench-catalog %D%/bench-gates %D%/bench-images %D%/bench-trust %D%/usage
EXTRA_PROGRAMS += $(bench_programs)
%C%_bench_catalog_SOURCES = %D%/bench-catalog.c
%C%_bench_catalog_CPPFLAGS = $(AM_CPPFLAGS) $(SQLITE_CFLAGS)
%C%_bench_catalog_LDADD = src/store/libstore.a src/release/librelease.a $(UNIT_VERSION_LIBS) $(SQLITE_LIBS)
%C%_bench_images_SOURCES = %D%/bench-images.c
%C%_bench_images_CPPFLAGS = $(AM_CPPFLAGS) $(SQLITE_CFLAGS)
%C%_bench_images_LDADD = src/store/libstore.a $(UNIT_VERSION_LIBS) $(SQLITE_LIBS)
%C%_bench_trust_SOURCES = %D%/bench-trust.c tests/unit/notation-maker.c tests/unit/notation-maker.h \
	tests/unit/sigstore-maker.c tests/unit/sigstore-maker.h tests/unit/unit.h
%C%_bench_trust_LDADD = $(UNIT_TRUST_LIBS)
%C%_bench_gates_SOURCES = %D%/bench-gates.c tests/unit/world.h tests/unit/layout.h tests/unit/unit.h
%C%_bench_gates_CPPFLAGS = $(AM_CPPFLAGS) $(SYSTEMD_CFLAGS)
%C%_bench_gates_LDADD = $(UNIT_RECONCILE_LIBS)
%C%_head_floor_SOURCES = %D%/head-floor.c
%C%_head_floor_CPPFLAGS = $(AM_CPPFLAGS) $(CURL_CFLAGS)
%C%_head_floor_LDADD = $(UNIT_BASE_LIBS) $(CURL_LIBS)
%C%_bench_rules_SOURCES = %D%/bench-rules.c
%C%_bench_rules_LDADD = $(UNIT_VERSION_LIBS)
%C%_usage_SOURCES = %D%/usage.c
%C%_usage_LDADD = $(UNIT_BASE_LIBS)
%C%_yaml_scan_SOURCES = %D%/yaml-scan.c
%C%_yaml_scan_CPPFLAGS = $(AM_CPPFLAGS) $(YAML_CFLAGS)
%C%_yaml_scan_LDADD = $(YAML_LIBS)
CLEANFILES += %D%/go-scan
EXTRA_DIST += %D%/bench.py %D%/branch.py %D%/cold.py %D%/first.py %D%/go-scan.go %D%/measure.py %D%/pushes.py %D%/rows.py \
	%D%/sizing.py %D%/table.py %D%/notes.md
# To measure less: make bench BENCH='--rows cold,load --sizes 2 --runs 3'
BENCH = --write '$(abs_top_srcdir)/doc/benchmarks.md' --plots '$(abs_top_srcdir)/doc'
bench: relmand relmanctl $(bench_programs)
	SRCDIR='$(abs_top_srcdir)' BUILDDIR='$(abs_top_builddir)' $(PYTHON3) $(srcdir)/%D%/bench.py $(BENCH)
.PHONY: bench
