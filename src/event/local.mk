noinst_LIBRARIES += %D%/libevent.a

%C%_libevent_a_CPPFLAGS = $(AM_CPPFLAGS) $(SYSTEMD_CFLAGS) $(CRYPTO_CFLAGS)
%C%_libevent_a_SOURCES = \
	%D%/chat.c \
	%D%/cloudevent.c \
	%D%/deployment-record.c \
	%D%/event.h \
	%D%/filter.c \
	%D%/internal.h \
	%D%/journal.c \
	%D%/mail.c \
	%D%/message.c \
	%D%/parsed-event.c \
	%D%/pump.c \
	%D%/receiver.c \
	%D%/send.c \
	%D%/signature.c \
	%D%/template.c
