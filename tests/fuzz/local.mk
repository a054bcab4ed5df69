# Fuzzers are built with --enable-fuzzing and CC=clang. "make check-fuzz" runs each for FUZZ_SECONDS,
# beginning with its corpus.
FUZZ_SECONDS = 10
FUZZERS = %D%/fuzz-spec %D%/fuzz-answers %D%/fuzz-version %D%/fuzz-lock %D%/fuzz-formats %D%/fuzz-large %D%/fuzz-hook %D%/fuzz-api %D%/fuzz-config %D%/fuzz-calendar %D%/fuzz-connection %D%/fuzz-trust %D%/fuzz-notation %D%/fuzz-edit %D%/fuzz-predicate
EXTRA_DIST += %D%/corpus
if FUZZING
noinst_PROGRAMS = $(FUZZERS)
endif
EXTRA_PROGRAMS += $(FUZZERS)
FUZZER_LINK = $(AM_LDFLAGS) -fsanitize=fuzzer
%C%_fuzz_spec_SOURCES = %D%/fuzz-spec.c %D%/fuzz.h
%C%_fuzz_spec_LDFLAGS = $(FUZZER_LINK)
%C%_fuzz_spec_LDADD = src/spec/libspec.a $(UNIT_VERSION_LIBS) $(YAML_LIBS)
%C%_fuzz_answers_SOURCES = %D%/fuzz-answers.c %D%/fuzz.h
%C%_fuzz_answers_CPPFLAGS = $(AM_CPPFLAGS) $(CURL_CFLAGS) $(SYSTEMD_CFLAGS)
%C%_fuzz_answers_LDFLAGS = $(FUZZER_LINK)
%C%_fuzz_answers_LDADD = src/verify/libverify.a $(UNIT_REGISTRY_LIBS)
%C%_fuzz_version_SOURCES = %D%/fuzz-version.c %D%/fuzz.h
%C%_fuzz_version_LDFLAGS = $(FUZZER_LINK)
%C%_fuzz_version_LDADD = $(UNIT_VERSION_LIBS)
%C%_fuzz_lock_SOURCES = %D%/fuzz-lock.c %D%/fuzz.h
%C%_fuzz_lock_LDFLAGS = $(FUZZER_LINK)
%C%_fuzz_lock_LDADD = src/lock/liblock.a $(UNIT_MODEL_LIBS) $(YAML_LIBS)
%C%_fuzz_formats_SOURCES = %D%/fuzz-formats.c %D%/read-formats.c %D%/read-formats.h %D%/read-admission.c %D%/read-lines.c %D%/read-internal.h %D%/fuzz.h
%C%_fuzz_formats_CPPFLAGS = $(AM_CPPFLAGS) $(YAML_CFLAGS) $(CJSON_CFLAGS)
%C%_fuzz_formats_LDFLAGS = $(FUZZER_LINK)
%C%_fuzz_formats_LDADD = $(%C%_fuzz_lock_LDADD)
%C%_fuzz_large_SOURCES = %D%/fuzz-large.c %D%/fuzz.h
%C%_fuzz_large_LDFLAGS = $(FUZZER_LINK)
%C%_fuzz_large_LDADD = $(%C%_fuzz_spec_LDADD)
%C%_fuzz_hook_SOURCES = %D%/fuzz-hook.c %D%/fuzz.h
%C%_fuzz_hook_LDFLAGS = $(FUZZER_LINK)
%C%_fuzz_hook_LDADD = src/api/libapi.a $(UNIT_MODEL_LIBS)
%C%_fuzz_api_SOURCES = %D%/fuzz-api.c %D%/fuzz.h
%C%_fuzz_api_CPPFLAGS = $(AM_CPPFLAGS) $(SYSTEMD_CFLAGS)
%C%_fuzz_api_LDFLAGS = $(FUZZER_LINK)
%C%_fuzz_api_LDADD = $(ALL_LIBS)
%C%_fuzz_config_SOURCES = %D%/fuzz-config.c %D%/fuzz.h
%C%_fuzz_config_LDFLAGS = $(FUZZER_LINK)
%C%_fuzz_config_LDADD = src/spec/libspec.a $(UNIT_VERSION_LIBS) $(YAML_LIBS)
%C%_fuzz_calendar_SOURCES = %D%/fuzz-calendar.c %D%/fuzz.h
%C%_fuzz_calendar_LDFLAGS = $(FUZZER_LINK)
%C%_fuzz_calendar_LDADD = src/calendar/libcalendar.a $(UNIT_BASE_LIBS)
%C%_fuzz_connection_SOURCES = %D%/fuzz-connection.c %D%/fuzz.h
%C%_fuzz_connection_CPPFLAGS = $(AM_CPPFLAGS) $(SYSTEMD_CFLAGS)
%C%_fuzz_connection_LDFLAGS = $(FUZZER_LINK)
%C%_fuzz_connection_LDADD = $(ALL_LIBS)
%C%_fuzz_trust_SOURCES = %D%/fuzz-trust.c %D%/fuzz.h
%C%_fuzz_trust_LDFLAGS = $(FUZZER_LINK)
%C%_fuzz_trust_LDADD = src/lock/liblock.a $(UNIT_TRUST_LIBS) $(YAML_LIBS)
%C%_fuzz_notation_SOURCES = %D%/fuzz-notation.c %D%/fuzz.h
%C%_fuzz_notation_LDFLAGS = $(FUZZER_LINK)
%C%_fuzz_notation_LDADD = $(UNIT_TRUST_LIBS)
%C%_fuzz_edit_SOURCES = %D%/fuzz-edit.c %D%/fuzz.h
%C%_fuzz_edit_LDFLAGS = $(FUZZER_LINK)
%C%_fuzz_edit_LDADD = src/edit/libedit.a $(UNIT_MODEL_LIBS) $(YAML_LIBS)
%C%_fuzz_predicate_SOURCES = %D%/fuzz-predicate.c %D%/fuzz.h
%C%_fuzz_predicate_CPPFLAGS = $(AM_CPPFLAGS) $(CJSON_CFLAGS)
%C%_fuzz_predicate_LDFLAGS = $(FUZZER_LINK)
%C%_fuzz_predicate_LDADD = $(UNIT_TRUST_LIBS)

# "make check" runs each corpus once. Builds with --enable-fuzzing are excluded, because libFuzzer defines
# main().
if !FUZZING
check_PROGRAMS += %D%/replay-spec %D%/replay-answers %D%/replay-version %D%/replay-lock %D%/replay-formats %D%/replay-large %D%/replay-hook %D%/replay-api %D%/replay-config %D%/replay-calendar %D%/replay-connection %D%/replay-trust %D%/replay-notation %D%/replay-edit %D%/replay-predicate
%C%_replay_spec_SOURCES = %D%/fuzz-spec.c %D%/replay.c %D%/fuzz.h
%C%_replay_spec_LDADD = $(%C%_fuzz_spec_LDADD)
%C%_replay_answers_SOURCES = %D%/fuzz-answers.c %D%/replay.c %D%/fuzz.h
%C%_replay_answers_CPPFLAGS = $(%C%_fuzz_answers_CPPFLAGS)
%C%_replay_answers_LDADD = $(%C%_fuzz_answers_LDADD)
%C%_replay_version_SOURCES = %D%/fuzz-version.c %D%/replay.c %D%/fuzz.h
%C%_replay_version_LDADD = $(%C%_fuzz_version_LDADD)
%C%_replay_lock_SOURCES = %D%/fuzz-lock.c %D%/replay.c %D%/fuzz.h
%C%_replay_lock_LDADD = $(%C%_fuzz_lock_LDADD)
%C%_replay_formats_SOURCES = %D%/fuzz-formats.c %D%/read-formats.c %D%/read-formats.h %D%/read-admission.c %D%/read-lines.c %D%/read-internal.h %D%/replay.c %D%/fuzz.h
%C%_replay_formats_CPPFLAGS = $(%C%_fuzz_formats_CPPFLAGS)
%C%_replay_formats_LDADD = $(%C%_fuzz_formats_LDADD)
%C%_replay_large_SOURCES = %D%/fuzz-large.c %D%/replay.c %D%/fuzz.h
%C%_replay_large_LDADD = $(%C%_fuzz_large_LDADD)
%C%_replay_hook_SOURCES = %D%/fuzz-hook.c %D%/replay.c %D%/fuzz.h
%C%_replay_hook_LDADD = $(%C%_fuzz_hook_LDADD)
%C%_replay_api_SOURCES = %D%/fuzz-api.c %D%/replay.c %D%/fuzz.h
%C%_replay_api_CPPFLAGS = $(%C%_fuzz_api_CPPFLAGS)
%C%_replay_api_LDADD = $(%C%_fuzz_api_LDADD)
%C%_replay_config_SOURCES = %D%/fuzz-config.c %D%/replay.c %D%/fuzz.h
%C%_replay_config_LDADD = $(%C%_fuzz_config_LDADD)
%C%_replay_calendar_SOURCES = %D%/fuzz-calendar.c %D%/replay.c %D%/fuzz.h
%C%_replay_calendar_LDADD = $(%C%_fuzz_calendar_LDADD)
%C%_replay_connection_SOURCES = %D%/fuzz-connection.c %D%/replay.c %D%/fuzz.h
%C%_replay_connection_CPPFLAGS = $(%C%_fuzz_connection_CPPFLAGS)
%C%_replay_connection_LDADD = $(%C%_fuzz_connection_LDADD)
%C%_replay_trust_SOURCES = %D%/fuzz-trust.c %D%/replay.c %D%/fuzz.h
%C%_replay_trust_LDADD = $(%C%_fuzz_trust_LDADD)
%C%_replay_notation_SOURCES = %D%/fuzz-notation.c %D%/replay.c %D%/fuzz.h
%C%_replay_notation_LDADD = $(%C%_fuzz_notation_LDADD)
%C%_replay_edit_SOURCES = %D%/fuzz-edit.c %D%/replay.c %D%/fuzz.h
%C%_replay_edit_LDADD = $(%C%_fuzz_edit_LDADD)
%C%_replay_predicate_SOURCES = %D%/fuzz-predicate.c %D%/replay.c %D%/fuzz.h
%C%_replay_predicate_CPPFLAGS = $(%C%_fuzz_predicate_CPPFLAGS)
%C%_replay_predicate_LDADD = $(%C%_fuzz_predicate_LDADD)
endif

# New inputs are written to the build folder; the corpus in the source tree is only read.
check-fuzz: $(FUZZERS)
	@status=0; for fuzzer in $(FUZZERS); do \
		name=`basename $$fuzzer`; found=fuzz-found/$$name; $(MKDIR_P) $$found; \
		if ./$$fuzzer -max_total_time=$(FUZZ_SECONDS) -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
			-artifact_prefix=$$found/crash- $$found $(srcdir)/tests/fuzz/corpus/$$name >$$found.log 2>&1; then \
			echo "ok - $$name"; \
			sed -n -E '/number_of_executed_units|new_units_added/s/^/# /p' $$found.log; \
		else \
			status=1; echo "not ok - $$name"; tail -n 40 $$found.log | sed 's/^/# /'; \
		fi; \
	done; exit $$status
.PHONY: check-fuzz
