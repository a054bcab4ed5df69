# make bench: on a build for speed (CFLAGS=-O2, no sanitizers)
EXTRA_PROGRAMS += %D%/bench-rules %D%/yaml-scan
%C%_bench_rules_SOURCES = %D%/bench-rules.c
%C%_bench_rules_LDADD = $(UNIT_VERSION_LIBS)
%C%_yaml_scan_SOURCES = %D%/yaml-scan.c
%C%_yaml_scan_CPPFLAGS = $(AM_CPPFLAGS) $(YAML_CFLAGS)
%C%_yaml_scan_LDADD = $(YAML_LIBS)
EXTRA_DIST += %D%/bench.py
bench: relmand relmanctl %D%/bench-rules %D%/yaml-scan
	SRCDIR='$(abs_top_srcdir)' BUILDDIR='$(abs_top_builddir)' $(PYTHON3) $(srcdir)/%D%/bench.py
.PHONY: bench
