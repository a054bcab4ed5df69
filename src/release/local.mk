noinst_LIBRARIES += %D%/librelease.a

%C%_librelease_a_SOURCES = \
	%D%/admission.c %D%/admission.h \
	%D%/compose.c %D%/compose.h \
	%D%/diff.c %D%/diff.h \
	%D%/fallback.c %D%/fallback.h \
	%D%/promotion.c %D%/promotion.h \
	%D%/approvals.c %D%/approvals.h %D%/promotion-approvals.c \
	%D%/checks.c %D%/checks.h %D%/promotion-checks.c \
	%D%/promotion-answer.c \
	%D%/promotion-gates.h \
	%D%/promotion-source.c \
	%D%/promotion-windows.c %D%/promotion-windows.h \
	%D%/status.c %D%/status.h \
	%D%/tag-guard.c %D%/tag-guard.h
