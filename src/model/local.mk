noinst_LIBRARIES += %D%/libmodel.a

%C%_libmodel_a_CPPFLAGS = $(AM_CPPFLAGS) $(CJSON_CFLAGS)
%C%_libmodel_a_SOURCES = \
	%D%/artifact.h \
	%D%/audit.c %D%/audit.h \
	%D%/calendar.h \
	%D%/channel-name.c %D%/channel-name.h \
	%D%/check-run.c \
	%D%/check-run.h \
	%D%/check.h \
	%D%/changes/changes.c %D%/changes/changes-checks.c %D%/changes/changes-checks.h %D%/changes/changes-gates.c %D%/changes/changes-images.c %D%/changes/changes-images.h %D%/changes/changes-statements.c %D%/changes/changes-statements.h %D%/changes/changes-text.c %D%/changes/internal.h %D%/changes/changes.h \
	%D%/component.h \
	%D%/signature.c %D%/signature.h \
	%D%/schema/component-check.c %D%/schema/component-check.h \
	%D%/schema/verify-check.c %D%/schema/verify-check.h \
	%D%/condition.h \
	%D%/schema/decode.c %D%/schema/decode.h \
	%D%/schema/document-diff.c %D%/schema/document-diff.h \
	%D%/schema/document.c %D%/environment.c %D%/environment.h %D%/lock-format.h %D%/git/message-template.c %D%/git/message-template.h %D%/name-template.c %D%/name-template.h %D%/schema/schema-environment.c %D%/schema/schema-check-run.c \
	%D%/schema/encode.c %D%/schema/encode.h %D%/schema/event-body.c %D%/schema/event-body.h \
	%D%/event.h \
	%D%/grant.c %D%/grant.h \
	%D%/group.h %D%/people.c %D%/people.h \
	%D%/image/host.c %D%/image/host.h \
	%D%/schema/json-schema.c %D%/schema/json-schema.h \
	%D%/schema/json-writer.c %D%/schema/json-writer.h \
	%D%/image/image.c %D%/image/image.h \
	%D%/git/git-name.c %D%/git/git-name.h \
	%D%/image-change.c %D%/image-change.h \
	%D%/image-facts.c %D%/image-facts.h \
	%D%/tag-past.h \
	%D%/source.c %D%/source.h \
	%D%/mirror-check.c %D%/mirror-check.h \
	%D%/image/mirror-name.c %D%/image/mirror-name.h \
	%D%/json.c %D%/json.h \
	%D%/model.c %D%/model.h \
	%D%/enum-names.c %D%/enum-names.h \
	%D%/document-node.c %D%/document-node.h \
	%D%/object.c %D%/object.h \
	%D%/output.h %D%/output-run.h %D%/pull-request.h \
	%D%/specs-git.h \
	%D%/person.c %D%/person.h \
	%D%/platform.c %D%/platform.h \
	%D%/receiver.c %D%/receiver.h \
	%D%/registry.c %D%/registry.h \
	%D%/release.c %D%/release.h \
	%D%/replaces.c %D%/replaces.h \
	%D%/selection.c %D%/selection.h \
	%D%/schema/schema.c %D%/schema/schema.h %D%/socket-role.c %D%/socket-role.h \
	%D%/proxy-auth.h \
	%D%/schema/schema-component.c \
	%D%/schema/schema-registry.c \
	%D%/schema/schema-release.c %D%/schema/schema-resolve.c %D%/schema/schema-verify.c %D%/verify-rule.h %D%/resolve.h \
	%D%/statement-row.h \
	%D%/version-map.c %D%/version-map.h
