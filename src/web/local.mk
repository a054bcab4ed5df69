noinst_LIBRARIES += %D%/libweb.a

# The files of the page. index.html is served at /, all others below /web/HASH.
WEB_FILES = src/web/page/index.html src/web/page/style.css src/web/page/app.js \
	src/web/page/actions.js src/web/page/api.js src/web/page/diff.js src/web/page/drawer.js src/web/page/format.js \
	src/web/page/live.js src/web/page/login.js src/web/page/matrix.js src/web/page/matrix-model.js \
	src/web/page/release.js src/web/page/route.js src/web/page/ui.js \
	src/web/page/component.js src/web/page/component-model.js src/web/page/event-text.js src/web/page/events.js \
	src/web/page/field.js src/web/page/flow.js src/web/page/flow-model.js src/web/page/pages.js src/web/page/plot.js \
	src/web/page/registries.js src/web/page/registries-model.js \
	src/web/page/tags.js src/web/page/timeline.js src/web/page/timeline-model.js src/web/page/views.css \
	src/web/page/lib.js src/web/page/vendor/htm.umd.js \
	src/web/page/vendor/preact.umd.js src/web/page/vendor/hooks.umd.js src/web/page/vendor/uPlot.iife.min.js \
	src/web/page/vendor/uPlot.min.css
# The licences of src/web/page/vendor; tests/web/vendor.py compares the files with the npm registry.
EXTRA_DIST += src/web/page/vendor/LICENSE.htm src/web/page/vendor/LICENSE.preact src/web/page/vendor/LICENSE.uPlot
EXTRA_DIST += src/web/embed $(WEB_FILES)

src/web/files.c: $(WEB_FILES) src/web/embed
	$(AM_V_GEN)$(MKDIR_P) src/web && cd $(srcdir) && \
		$(SHELL) src/web/embed src/web/page $(WEB_FILES) > $(abs_builddir)/$@.tmp && \
		mv $(abs_builddir)/$@.tmp $(abs_builddir)/$@
CLEANFILES += src/web/files.c

%C%_libweb_a_SOURCES = %D%/web.h
nodist_%C%_libweb_a_SOURCES = %D%/files.c
