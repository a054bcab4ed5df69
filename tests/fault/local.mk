# Faults done to what was built: make check-crash, check-power, check-faults, check-soak. CONTRIBUTING.md says how long each
# takes and what its settings are.
FAULT_DRIVERS = %D%/crash.py %D%/power.py %D%/faults.py %D%/soak.py
EXTRA_DIST += $(FAULT_DRIVERS) %D%/world.py %D%/preload.c %D%/lsan.supp
CLEANFILES += %D%/preload.so
# Plain, whatever the program is built with: it is loaded before the sanitizers' own library.
%D%/preload.so: %D%/preload.c
	@$(MKDIR_P) %D%
	$(AM_V_CC)$(CC) -D_GNU_SOURCE $(CPPFLAGS) $(SQLITE_CFLAGS) -O1 -g -Wall -Wextra -fPIC -shared -o $@ $(srcdir)/%D%/preload.c
FAULT_SETTINGS = CRASH_KILLS='$(CRASH_KILLS)' CRASH_POINTS='$(CRASH_POINTS)' POWER_CUTS='$(POWER_CUTS)' FAULTS='$(FAULTS)' \
	FAULT_SAMPLE='$(FAULT_SAMPLE)' FULL_CYCLES='$(FULL_CYCLES)' SOAK_SECONDS='$(SOAK_SECONDS)' FAULT_SEED='$(FAULT_SEED)'
check-crash check-power check-faults check-soak: relmand relmanctl %D%/preload.so
	$(FAULT_SETTINGS) SRCDIR='$(abs_top_srcdir)' BUILDDIR='$(abs_top_builddir)' \
		$(PYTHON3) $(srcdir)/%D%/`echo $@ | sed 's/check-//'`.py $(FAULT_CASES)
.PHONY: check-crash check-power check-faults check-soak
