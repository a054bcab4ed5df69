noinst_LIBRARIES += %D%/libcalendar.a

%C%_libcalendar_a_SOURCES = \
	%D%/calendar.c %D%/calendar.h \
	%D%/civil.c %D%/civil.h \
	%D%/expression.c %D%/expression.h \
	%D%/window.c %D%/window.h \
	%D%/zone.c %D%/zone.h %D%/zones.c \
	%D%/zone-rule.c %D%/zone-rule.h
