noinst_LIBRARIES += %D%/libhttp.a

%C%_libhttp_a_CPPFLAGS = $(AM_CPPFLAGS) $(CURL_CFLAGS) $(SYSTEMD_CFLAGS)
%C%_libhttp_a_SOURCES = \
	%D%/address.c %D%/address.h \
	%D%/budget.c %D%/budget.h \
	%D%/call.c \
	%D%/client.c \
	%D%/failure.c \
	%D%/host-pause.c \
	%D%/http.h \
	%D%/internal.h \
	%D%/latency.c %D%/lazy-timer.c %D%/lazy-timer.h \
	%D%/pool.c \
	%D%/proxy.c %D%/proxy.h \
	%D%/rate-limit.c %D%/rate-limit.h \
	%D%/redirect.c \
	%D%/retry-after.c \
	%D%/sockets.c %D%/sockets.h \
	%D%/transfer.c \
	%D%/url.c
