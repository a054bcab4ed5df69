noinst_LIBRARIES += %D%/libweb.a

# The files of the page. index.html is served at /, all others below /web/HASH.
WEB_FILES = src/web/page/index.html src/web/page/app.css src/web/page/app.js
EXTRA_DIST += src/web/embed $(WEB_FILES)

src/web/files.c: $(WEB_FILES) src/web/embed
	$(AM_V_GEN)$(MKDIR_P) src/web && cd $(srcdir) && \
		$(SHELL) src/web/embed src/web/page $(WEB_FILES) > $(abs_builddir)/$@.tmp && \
		mv $(abs_builddir)/$@.tmp $(abs_builddir)/$@
CLEANFILES += src/web/files.c

%C%_libweb_a_SOURCES = %D%/web.h
nodist_%C%_libweb_a_SOURCES = %D%/files.c
