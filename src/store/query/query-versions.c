/* Reads the tags and versions of a component. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/limits.h"
#include "base/vec.h"
#include "model/enum-names.h"
#include "model/platform.h"
#include "store/pages.h"
#include "store/release-json.h"
#include "store/rows.h"
#include "store/stmt.h"
#include "store/version-pages.h"

int store_sync_state(Store *store, const char *component_id, SyncState *ret, Error *err)
{
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        int r;

        r = stmt_get(store, STMT_SYNC_STATE, &stmt, err);
        if (r < 0)
                return r;
        bind_text(&stmt, ":component", component_id);
        r = stmt_step(&stmt, err);
        if (r < 0)
                return r;
        *ret = (SyncState){ 0 };
        if (r == 0)
                return 0;
        (void)snprintf(ret->list_digest, sizeof(ret->list_digest), "%s", read_static(&stmt));
        (void)snprintf(ret->list_etag, sizeof(ret->list_etag), "%s", read_static(&stmt));
        (void)snprintf(ret->rules_digest, sizeof(ret->rules_digest), "%s", read_static(&stmt));
        ret->n_tags = read_int(&stmt);
        ret->n_missing = read_int(&stmt);
        ret->held_since = (usec_t)read_int(&stmt);
        ret->synced_at = read_time(&stmt);
        return 0;
}

void tag_read(Stmt *stmt, Arena *arena, void *row)
{
        TagRecord *tag = row;

        tag->tag = read_text(stmt, arena);
        tag->digest = read_text(stmt, arena);
        tag->problem = read_text(stmt, arena);
        tag->first_seen_at = (usec_t)read_int(stmt);
        tag->changed_at = (usec_t)read_int(stmt);
        tag->checked_at = (usec_t)read_int(stmt);
        tag->pushed_at = (usec_t)read_int(stmt);
        tag->missing = (unsigned)read_int(stmt);
}

int store_tags_after(Store *store, const char *component_id, const TagFilter *filter, Arena *arena,
                     TagRecords *ret, Error *err)
{
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        int r;

        r = stmt_get(store, STMT_TAGS_AFTER, &stmt, err);
        if (r < 0)
                return r;
        bind_text(&stmt, ":component", component_id);
        bind_text(&stmt, ":after", filter->after);
        bind_int(&stmt, ":limit", (int64_t)filter->limit);
        return rows_read(&stmt, sizeof(TagRecord), tag_read, arena, (Rows *)ret, err);
}

int store_tag(Store *store, const char *component_id, const char *tag, Arena *arena, TagRecord *ret,
              Error *err)
{
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        int r;

        r = stmt_get(store, STMT_TAG, &stmt, err);
        if (r < 0)
                return r;
        bind_text(&stmt, ":component", component_id);
        bind_text(&stmt, ":tag", tag);
        *ret = (TagRecord){ 0 };
        return row_read(&stmt, tag_read, arena, ret, err);
}

static void read_tag_text(Stmt *stmt, Arena *arena, void *row)
{
        *(const char **)row = read_text(stmt, arena);
}

int store_due_tags(Store *store, const char *component_id, const DueFilter *filter, Arena *arena,
                   DueTags *ret, Error *err)
{
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        int r;

        r = stmt_get(store, STMT_DUE_TAGS, &stmt, err);
        if (r < 0)
                return r;
        bind_text(&stmt, ":component", component_id);
        bind_int(&stmt, ":before", (int64_t)filter->before);
        bind_int(&stmt, ":limit", (int64_t)filter->limit);
        return rows_read(&stmt, sizeof(const char *), read_tag_text, arena, (Rows *)ret, err);
}

int store_count_tags(Store *store, const char *component_id, size_t limit, size_t *ret, Error *err)
{
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        int r;

        r = stmt_get(store, STMT_COUNT_TAGS, &stmt, err);
        if (r < 0)
                return r;
        bind_text(&stmt, ":component", component_id);
        bind_int(&stmt, ":limit", (int64_t)limit);
        r = stmt_step(&stmt, err);
        *ret = r > 0 ? (size_t)read_int(&stmt) : 0;
        return MIN(r, 0);
}

void channel_read(Stmt *stmt, Arena *arena, void *row)
{
        Channel *channel = row;

        channel->name = read_text(stmt, arena);
        channel->tag = read_text(stmt, arena);
        channel->digest = read_text(stmt, arena);
        channel->semver = read_text(stmt, arena);
        channel->sort_key = read_key(stmt, arena);
        channel->specificity = (unsigned)read_int(stmt);
        channel->moved_at = read_time(stmt);
}

int store_channels(Store *store, const char *component_id, Arena *arena, Channels *ret, Error *err)
{
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        int r;

        r = stmt_get(store, STMT_CHANNELS, &stmt, err);
        if (r < 0)
                return r;
        bind_text(&stmt, ":component", component_id);
        return rows_read(&stmt, sizeof(Channel), channel_read, arena, (Rows *)ret, err);
}

static void read_component_channel(Stmt *stmt, Arena *arena, void *row)
{
        ComponentChannel *of = row;

        of->id = read_text(stmt, arena);
        channel_read(stmt, arena, &of->channel);
}

int store_page_channels(Store *store, const char *ids, Arena *arena, ComponentChannels *ret,
                        Error *err)
{
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        int r;

        r = stmt_get(store, STMT_PAGE_CHANNELS, &stmt, err);
        if (r < 0)
                return r;
        bind_text(&stmt, ":ids", ids);
        return rows_read(&stmt, sizeof(ComponentChannel), read_component_channel, arena,
                         (Rows *)ret, err);
}

void version_read(Stmt *stmt, Arena *arena, void *row)
{
        VersionMap *version = row;
        const char *source;

        version->id = uuid_of_text(read_static(stmt));
        version->tag = read_text(stmt, arena);
        version->digest = read_text(stmt, arena);
        version->semver = read_text(stmt, arena);
        version->channel = read_text(stmt, arena);
        version->prerelease = read_int(stmt) != 0;
        version->build_metadata = read_text(stmt, arena);
        version->sort_key = read_key(stmt, arena);
        version->specificity = (unsigned)read_int(stmt);
        version->resolved_at = read_time(stmt);
        source = read_static(stmt);
        version->source = streq(source, "manual") ? VERSION_MANUAL : VERSION_AUTO;
        version->vanished = read_int(stmt) != 0;
}

int store_versions(Store *store, const char *component_id, const VersionFilter *filter,
                   Arena *arena, VersionMaps *ret, Error *err)
{
        StmtId id = filter->digest    ? STMT_VERSIONS_DIGEST
                    : filter->tag     ? STMT_VERSIONS_TAG
                    : filter->channel ? STMT_VERSIONS_CHANNEL
                                      : STMT_VERSIONS;
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        Uuid version_id;
        int r;

        r = stmt_get(store, id, &stmt, err);
        if (r < 0)
                return r;
        bind_text(&stmt, ":component", component_id);
        bind_int(&stmt, ":limit", filter->limit > 0 ? (int64_t)filter->limit : INT64_MAX);
        if (id == STMT_VERSIONS_DIGEST) {
                version_id = version_map_id(component_id, filter->digest);
                bind_text(&stmt, ":id", version_id.text);
        }
        if (id == STMT_VERSIONS_TAG)
                bind_text(&stmt, ":tag", filter->tag);
        else if (id == STMT_VERSIONS_CHANNEL)
                bind_text(&stmt, ":channel", filter->channel);
        return rows_read(&stmt, sizeof(VersionMap), version_read, arena, (Rows *)ret, err);
}

typedef struct VersionRow {
        VersionMap version;
        int64_t row;
} VersionRow;

static void read_version_row(Stmt *stmt, Arena *arena, void *row)
{
        VersionRow *of = row;

        version_read(stmt, arena, &of->version);
        of->row = read_int(stmt);
}

static int move_cursor(VersionCursor *cursor, const char *tag, int64_t row, Error *err)
{
        int n = snprintf(cursor->tag, sizeof(cursor->tag), "%s", tag);

        cursor->row = row;
        if (n >= 0 && (size_t)n < sizeof(cursor->tag))
                return 0;
        return error_set(err, ERROR_INTERNAL, -EBADMSG,
                         "a stored version has a tag of more than %d bytes", TAG_MAX);
}

/* Copies the versions of the rows to a new array in the arena. */
static int version_rows_take(const Rows *rows, Arena *arena, VersionMaps *ret, Error *err)
{
        const VersionRow *items = rows->items;

        ret->n = rows->n;
        ret->items = arena_alloc_array(arena, rows->n + 1, sizeof(VersionMap));
        if (!ret->items)
                return error_oom(err);
        for (size_t i = 0; i < rows->n; i++)
                ret->items[i] = items[i].version;
        return 0;
}

static int newest_cursor_move(NewestCursor *cursor, const VersionRow *last, Error *err)
{
        const VersionMap *version = &last->version;

        cursor->has_begun = true;
        cursor->key.size = version->sort_key.size;
        cursor->key.data =
                arena_memdup(cursor->arena, version->sort_key.data, version->sort_key.size);
        cursor->specificity = version->specificity;
        cursor->tag = arena_strdup(cursor->arena, version->tag);
        cursor->row = last->row;
        return cursor->key.data && cursor->tag ? 0 : error_oom(err);
}

int store_versions_newest(Store *store, const char *component_id, NewestCursor *cursor,
                          Arena *arena, VersionMaps *ret, Error *err)
{
        static const StmtId statements[2][2] = {
                { STMT_VERSIONS, STMT_VERSIONS_BEHIND },
                { STMT_VERSIONS_CHANNEL, STMT_VERSIONS_CHANNEL_BEHIND },
        };
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        Rows rows;
        int r;

        r = stmt_get(store, statements[cursor->channel != NULL][cursor->has_begun], &stmt, err);
        if (r < 0)
                return r;
        bind_text(&stmt, ":component", component_id);
        bind_int(&stmt, ":limit", (int64_t)cursor->limit);
        if (cursor->channel)
                bind_text(&stmt, ":channel", cursor->channel);
        if (cursor->has_begun) {
                bind_key(&stmt, ":key", cursor->key);
                bind_int(&stmt, ":specificity", cursor->specificity);
                bind_text(&stmt, ":tag", cursor->tag);
                bind_int(&stmt, ":row", cursor->row);
        }
        r = rows_read(&stmt, sizeof(VersionRow), read_version_row, arena, &rows, err);
        if (r >= 0)
                r = version_rows_take(&rows, arena, ret, err);
        if (r < 0 || rows.n == 0)
                return r;
        return newest_cursor_move(cursor, &((const VersionRow *)rows.items)[rows.n - 1], err);
}

int store_versions_count(Store *store, const char *component_id, VersionCursor *cursor,
                         int64_t *ret_n, Error *err)
{
        _cleanup_(stmt_done) Stmt skip = { 0 }, rest = { 0 };
        int r;

        r = stmt_get(store, STMT_VERSIONS_SKIP, &skip, err);
        if (r < 0)
                return r;
        bind_text(&skip, ":component", component_id);
        bind_text(&skip, ":after", cursor->tag);
        bind_int(&skip, ":row", cursor->row);
        bind_int(&skip, ":skip", (int64_t)cursor->limit - 1);
        r = stmt_step(&skip, err);
        if (r > 0) {
                const char *tag = read_static(&skip);

                *ret_n = (int64_t)cursor->limit;
                r = move_cursor(cursor, tag, read_int(&skip), err);
                return r < 0 ? r : 1;
        }
        if (r >= 0)
                r = stmt_get(store, STMT_VERSIONS_REST, &rest, err);
        if (r < 0)
                return r;
        bind_text(&rest, ":component", component_id);
        bind_text(&rest, ":after", cursor->tag);
        bind_int(&rest, ":row", cursor->row);
        r = stmt_step(&rest, err);
        *ret_n = r > 0 ? read_int(&rest) : 0;
        return MIN(r, 0);
}

int store_versions_after(Store *store, const char *component_id, VersionCursor *cursor,
                         Arena *arena, VersionMaps *ret, Error *err)
{
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        const VersionRow *last;
        Rows rows;
        int r;

        r = stmt_get(store, STMT_VERSIONS_AFTER, &stmt, err);
        if (r < 0)
                return r;
        bind_text(&stmt, ":component", component_id);
        bind_text(&stmt, ":after", cursor->tag);
        bind_int(&stmt, ":row", cursor->row);
        bind_int(&stmt, ":limit", (int64_t)cursor->limit);
        r = rows_read(&stmt, sizeof(VersionRow), read_version_row, arena, &rows, err);
        if (r >= 0)
                r = version_rows_take(&rows, arena, ret, err);
        if (r < 0 || rows.n == 0)
                return r;
        last = &((const VersionRow *)rows.items)[rows.n - 1];
        return move_cursor(cursor, last->version.tag, last->row, err);
}

/* Reads a manifest. If the platforms cannot be read, sets stmt->failed, so that rows_read()
 * fails. */
void manifest_read(Stmt *stmt, Arena *arena, void *row)
{
        Manifest *manifest = row;
        _cleanup_(error_done) Error error = { 0 };
        const char *platforms;

        manifest->digest = read_text(stmt, arena);
        manifest->media_type = read_text(stmt, arena);
        manifest->size = read_int(stmt);
        platforms = read_static(stmt);
        if (manifest->digest &&
            platforms_from_json(platforms, arena, &manifest->platforms, &error) < 0)
                stmt->failed = error.code;
        else if (platform_digests_normalize(&manifest->platforms, arena) <
                 0) /* an older relman did not normalize */
                stmt->failed = -ENOMEM;
        manifest->created = read_int(stmt);
        manifest->artifact = read_text(stmt, arena);
        manifest->checked_at = read_time(stmt);
        manifest->signature.result = signature_result_of(read_static(stmt));
        manifest->signature.policy = read_text(stmt, arena);
        manifest->signature.detail = read_text(stmt, arena);
        manifest->signature.at = read_time(stmt);
        manifest->signature.until = read_time(stmt);
        manifest->signature.is_tolerated = read_int(stmt) != 0;
}

static void read_tag_facts(Stmt *stmt, Arena *arena, void *row)
{
        TagFacts *facts = row;

        tag_read(stmt, arena, &facts->tag);
        manifest_read(stmt, arena, &facts->manifest);
        facts->keeps = read_text(stmt, arena);
}

int store_tag_facts_after(Store *store, const char *component_id, const TagFilter *filter,
                          Arena *arena, TagFactsList *ret, Error *err)
{
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        int r;

        r = stmt_get(store, STMT_TAG_FACTS_AFTER, &stmt, err);
        if (r < 0)
                return r;
        bind_text(&stmt, ":component", component_id);
        bind_text(&stmt, ":after", filter->after);
        bind_int(&stmt, ":limit", (int64_t)filter->limit);
        return rows_read(&stmt, sizeof(TagFacts), read_tag_facts, arena, (Rows *)ret, err);
}

int store_manifest(Store *store, const char *component_id, const char *digest, Arena *arena,
                   Manifest *ret, Error *err)
{
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        int r;

        r = stmt_get(store, STMT_MANIFEST, &stmt, err);
        if (r < 0)
                return r;
        bind_text(&stmt, ":component", component_id);
        bind_text(&stmt, ":digest", digest);
        *ret = (Manifest){ 0 };
        return row_read(&stmt, manifest_read, arena, ret, err);
}

int store_manifests_of(Store *store, const char *component_id, const Strings *digests, Arena *arena,
                       Manifests *ret, Error *err)
{
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        _cleanup_(buffer_done) Buffer list;
        int r;

        buffer_init(&list, (digests->n + 1) * (DIGEST_SIZE_MAX + 3));
        for (size_t i = 0; i < digests->n; i++) /* digests have no character to escape */
                (void)buffer_printf(&list, "%s\"%s\"", i > 0 ? "," : "[", digests->items[i]);
        if (buffer_puts(&list, digests->n > 0 ? "]" : "[]") < 0)
                return error_oom(err);
        r = stmt_get(store, STMT_MANIFESTS_OF, &stmt, err);
        if (r < 0)
                return r;
        bind_text(&stmt, ":component", component_id);
        bind_text(&stmt, ":digests", list.data);
        return rows_read(&stmt, sizeof(Manifest), manifest_read, arena, (Rows *)ret, err);
}

int store_manifests(Store *store, const char *component_id, Arena *arena, Manifests *ret,
                    Error *err)
{
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        int r;

        r = stmt_get(store, STMT_MANIFESTS, &stmt, err);
        if (r < 0)
                return r;
        bind_text(&stmt, ":component", component_id);
        return rows_read(&stmt, sizeof(Manifest), manifest_read, arena, (Rows *)ret, err);
}

static void read_digest(Stmt *stmt, Arena *arena, void *row)
{
        *(TagDigest *)row = (TagDigest){ .digest = read_text(stmt, arena) };
}

int store_used_digests(Store *store, const char *component_id, Arena *arena, TagDigests *ret,
                       Error *err)
{
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        int r;

        r = stmt_get(store, STMT_USED_DIGESTS, &stmt, err);
        if (r < 0)
                return r;
        bind_text(&stmt, ":component", component_id);
        return rows_read(&stmt, sizeof(TagDigest), read_digest, arena, (Rows *)ret, err);
}

static void read_drift(Stmt *stmt, Arena *arena, void *row)
{
        Drift *drift = row;

        drift->tag = read_text(stmt, arena);
        drift->released_digest = read_text(stmt, arena);
        drift->digest = read_text(stmt, arena);
        drift->since = read_time(stmt);
        drift->is_live = read_int(stmt) != 0;
        drift->change = image_change_from_string(read_static(stmt));
}

int store_drift(Store *store, const char *component_id, Arena *arena, Drifts *ret, Error *err)
{
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        int r;

        r = stmt_get(store, STMT_DRIFT, &stmt, err);
        if (r < 0)
                return r;
        bind_text(&stmt, ":component", component_id);
        return rows_read(&stmt, sizeof(Drift), read_drift, arena, (Rows *)ret, err);
}

static void read_assignment(Stmt *stmt, Arena *arena, void *row)
{
        Assignment *assignment = row;

        assignment->digest = read_text(stmt, arena);
        assignment->tag = read_text(stmt, arena);
        assignment->semver = read_text(stmt, arena);
        assignment->channel = read_text(stmt, arena);
        assignment->by = read_text(stmt, arena);
        assignment->at = read_time(stmt);
}

int store_assignments(Store *store, const char *component_id, Arena *arena, Assignments *ret,
                      Error *err)
{
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        int r;

        r = stmt_get(store, STMT_ASSIGNMENTS, &stmt, err);
        if (r < 0)
                return r;
        bind_text(&stmt, ":component", component_id);
        return rows_read(&stmt, sizeof(Assignment), read_assignment, arena, (Rows *)ret, err);
}

typedef struct OwnedVersion {
        VersionMap version;
        const char *component_id;
} OwnedVersion;

static void read_owned(Stmt *stmt, Arena *arena, void *row)
{
        OwnedVersion *owned = row;

        version_read(stmt, arena, &owned->version);
        owned->component_id = read_text(stmt, arena);
}

int store_version(Store *store, const char *id, Arena *arena, VersionMap *ret,
                  const char **ret_component_id, Error *err)
{
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        OwnedVersion owned;
        int r;

        r = stmt_get(store, STMT_VERSION_BY_ID, &stmt, err);
        if (r < 0)
                return r;
        bind_text(&stmt, ":id", id);
        r = row_read(&stmt, read_owned, arena, &owned, err);
        if (r > 0) {
                *ret = owned.version;
                *ret_component_id = owned.component_id;
        }
        return r;
}

static void read_drift_count(Stmt *stmt, Arena *arena, void *row)
{
        DriftCount *count = row;

        count->component_id = read_text(stmt, arena);
        count->n = read_int(stmt);
}

int store_drift_counts(Store *store, Arena *arena, DriftCounts *ret, Error *err)
{
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        int r;

        r = stmt_get(store, STMT_DRIFT_COUNTS, &stmt, err);
        return r < 0 ? r
                     : rows_read(&stmt, sizeof(DriftCount), read_drift_count, arena, (Rows *)ret,
                                 err);
}
