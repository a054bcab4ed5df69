noinst_LIBRARIES += %D%/libreconcile.a

%C%_libreconcile_a_CPPFLAGS = $(AM_CPPFLAGS) $(SYSTEMD_CFLAGS)
%C%_libreconcile_a_SOURCES = \
	%D%/assign.c \
	%D%/catalog.c %D%/catalog.h \
	%D%/command.c %D%/command.h \
	%D%/command-cancel.c \
	%D%/command-components.c \
	%D%/command-create.c \
	%D%/command-events.c \
	%D%/command-internal.h \
	%D%/command-promote.c \
	%D%/command-releases.c \
	%D%/deployment.c \
	%D%/drafts.c %D%/drafts.h \
	%D%/due-heap.c %D%/due-heap.h \
	%D%/environment-check.c \
	%D%/environments.c %D%/environments.h \
	%D%/environment-look.c \
	%D%/environment-pending.c \
	%D%/environment-wanted.c %D%/environment-wanted.h \
	%D%/internal.h \
	%D%/judge.c %D%/judge.h \
	%D%/load.c \
	%D%/objects.c \
	%D%/output.c %D%/output-hook.c %D%/output-hook.h %D%/output-run.c %D%/output-run.h \
	%D%/publish.h %D%/publish-files.c %D%/publish-streams.c \
	%D%/loop.c %D%/loop.h \
	%D%/look.c \
	%D%/plan-specs.c %D%/plan-specs.h \
	%D%/plan-versions.c %D%/plan-versions.h \
	%D%/preview.c %D%/preview.h \
	%D%/preview-heads.c \
	%D%/preview-releases.c %D%/preview-internal.h \
	%D%/publish.c \
	%D%/publish-environment.c %D%/publish-check.c \
	%D%/reconcile.c %D%/reconcile.h \
	%D%/release-problems.c \
	%D%/release-task.c %D%/release-task.h \
	%D%/report.c %D%/report.h \
	%D%/schedule.c \
	%D%/streams.c %D%/streams.h \
	%D%/sync.c %D%/sync.h \
	%D%/sync-drift.c \
	%D%/sync-end.c \
	%D%/sync-flips.c \
	%D%/sync-inspect.c \
	%D%/sync-notes.c \
	%D%/sync-slices.c \
	%D%/sync-wait.c \
	%D%/sync-tags.c \
	%D%/sync-write.c \
	%D%/tag-load.c %D%/tag-load.h \
	%D%/tag-set.c %D%/tag-set.h \
	%D%/turns.c %D%/turns.h \
	%D%/watch.c %D%/watch.h
