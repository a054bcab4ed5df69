# Targets that inject faults into the built programs: check-crash, check-power, check-replay, check-faults,
# check-soak, check-stalls, check-attack. CONTRIBUTING.md has the duration and the settings of each.
FAULT_DRIVERS = %D%/crash.py %D%/power.py %D%/replay.py %D%/faults.py %D%/soak.py %D%/stalls.py %D%/attack.py
EXTRA_DIST += $(FAULT_DRIVERS) %D%/world.py %D%/preload.c %D%/record.c %D%/lsan.supp
FAULT_PRELOADS = %D%/preload.so %D%/record.so
CLEANFILES += $(FAULT_PRELOADS) %D%/replay-*.log
# These libraries are always built without sanitizers, because they are loaded before the libraries of the
# sanitizers.
PRELOAD_COMPILE = $(CC) -D_GNU_SOURCE $(CPPFLAGS) $(SQLITE_CFLAGS) -O1 -g -Wall -Wextra -fPIC -shared
%D%/preload.so: %D%/preload.c
	@$(MKDIR_P) %D%
	$(AM_V_CC)$(PRELOAD_COMPILE) -o $@ $(srcdir)/%D%/preload.c
%D%/record.so: %D%/record.c %D%/oplog.h
	@$(MKDIR_P) %D%
	$(AM_V_CC)$(PRELOAD_COMPILE) -o $@ $(srcdir)/%D%/record.c
# replay computes the states that a power cut may leave, from the log of record.so.
EXTRA_PROGRAMS += %D%/replay
%C%_replay_CPPFLAGS = $(AM_CPPFLAGS) $(SQLITE_CFLAGS)
%C%_replay_SOURCES = %D%/replay.c %D%/truth.c %D%/truth-check.c %D%/truth.h %D%/truth-internal.h %D%/image.c %D%/image.h %D%/disk.c %D%/disk.h %D%/oplog.h
%C%_replay_LDADD = src/store/libstore.a src/lock/liblock.a $(UNIT_MODEL_LIBS) $(SQLITE_LIBS) $(YAML_LIBS)
FAULT_SETTINGS = CRASH_KILLS='$(CRASH_KILLS)' CRASH_POINTS='$(CRASH_POINTS)' POWER_CUTS='$(POWER_CUTS)' FAULTS='$(FAULTS)' \
	FAULT_SAMPLE='$(FAULT_SAMPLE)' FULL_CYCLES='$(FULL_CYCLES)' SOAK_SECONDS='$(SOAK_SECONDS)' STALL_TAGS='$(STALL_TAGS)' FAULT_SEED='$(FAULT_SEED)' \
	ATTACK_TAGS='$(ATTACK_TAGS)' REPLAY_STATES='$(REPLAY_STATES)' REPLAY_SAMPLE='$(REPLAY_SAMPLE)' REPLAY_EVERY='$(REPLAY_EVERY)'
check-crash check-power check-replay check-faults check-soak: $(FAULT_PRELOADS) %D%/replay
check-crash check-power check-replay check-faults check-soak check-stalls check-attack: relmand relmanctl
	$(FAULT_SETTINGS) SRCDIR='$(abs_top_srcdir)' BUILDDIR='$(abs_top_builddir)' \
		$(PYTHON3) $(srcdir)/%D%/`echo $@ | sed 's/check-//'`.py $(FAULT_CASES)
.PHONY: check-crash check-power check-replay check-faults check-soak check-stalls check-attack
