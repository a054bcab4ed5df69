noinst_LIBRARIES += %D%/libdeploy.a

%C%_libdeploy_a_CPPFLAGS = $(AM_CPPFLAGS) $(SYSTEMD_CFLAGS)
%C%_libdeploy_a_SOURCES = \
	%D%/command/approve.c %D%/cancel.c \
	%D%/check-ran.c \
	%D%/clock.c \
	%D%/command/commands.c \
	%D%/commands.h \
	%D%/deployer.c \
	%D%/deployer.h \
	%D%/deployment.c \
	%D%/digest-check.c \
	%D%/environment-checks.c %D%/environment-checks.h \
	%D%/gate-events.c %D%/gate-events.h \
	%D%/environment-gates.c \
	%D%/environment-gates.h \
	%D%/environment-facts.c \
	%D%/environment-facts.h \
	%D%/environment-pending.c \
	%D%/environment-reconcile.c \
	%D%/environment-record.c \
	%D%/environment-state.c \
	%D%/environment-wanted.c \
	%D%/environment-wanted.h \
	%D%/environment-why.c \
	%D%/environment-why.h \
	%D%/environments.h \
	%D%/command/promote.c \
	%D%/promoters.c \
	%D%/command/report-check.c \
	%D%/command/rollback.c %D%/command/rollback.h
