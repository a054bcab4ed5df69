#include "trust/statement.h"

#include <errno.h>

#include "base/digest.h"
#include "base/limits-trust.h"
#include "registry/wire/json-keys.h"
#include "trust/json.h"

static int refuse(const char *field, const char *why, Error *err)
{
        return error_set(err, ERROR_INVALID, -EINVAL, "not an in-toto statement: %s %s", field,
                         why);
}

static int read_subject(const cJSON *json, Arena *arena, Statement *statement, Error *err)
{
        const cJSON *digests = cJSON_GetObjectItemCaseSensitive(json, "digest"), *item;

        if (!cJSON_IsObject(digests) || !digests->child)
                return refuse("subject", "has no digest", err);
        cJSON_ArrayForEach(item, digests)
        {
                const char *hex = cJSON_GetStringValue(item), *digest;

                if (!hex)
                        return refuse("digest", "is not text", err);
                digest = arena_printf(arena, "%s:%s", item->string, hex);
                if (!digest || (digest_is_valid(digest) &&
                                map_put(&statement->digests, digest, NULL, NULL) < 0))
                        return error_oom(err);
        }
        return 0;
}

static int read_subjects(const cJSON *list, Arena *arena, Statement *statement, Error *err)
{
        const cJSON *item;
        int r = 0;

        if (!cJSON_IsArray(list) || !list->child)
                return refuse("subject", "is missing or empty", err);
        cJSON_ArrayForEach(item, list)
        {
                r = read_subject(item, arena, statement, err);
                if (r < 0)
                        return r;
                if (statement->digests.n > SUBJECTS_MAX)
                        return refuse("subject", "has too many digests", err);
        }
        return 0;
}

static bool is_type(const char *type, bool is_old_accepted)
{
        return type && (streq(type, STATEMENT_TYPE) ||
                        (is_old_accepted && streq(type, STATEMENT_TYPE_OLD)));
}

static int read_statement(bool is_old_accepted, Arena *arena, Statement *statement, Error *err)
{
        const char *type = trust_text(statement->json, "_type"),
                   *predicate_type = trust_text(statement->json, "predicateType");

        if (!is_type(type, is_old_accepted))
                return refuse("_type", "is not " STATEMENT_TYPE, err);
        if (!predicate_type || !predicate_type[0])
                return refuse("predicateType", "is missing", err);
        statement->predicate_type = arena_strdup(arena, predicate_type);
        if (!statement->predicate_type)
                return error_oom(err);
        statement->predicate = cJSON_GetObjectItemCaseSensitive(statement->json, "predicate");
        if (statement->predicate && !cJSON_IsObject(statement->predicate))
                return refuse("predicate", "is not an object", err);
        return read_subjects(cJSON_GetObjectItemCaseSensitive(statement->json, "subject"), arena,
                             statement, err);
}

static int read_payload(const DsseEnvelope *envelope, bool is_old_accepted, Arena *arena,
                        Statement *ret, Error *err)
{
        static const char *const names[] = { "_type",  "subject",   "name",
                                             "digest", "predicate", "predicateType",
                                             "sha256", "sha512",    NULL };
        static const char *const open[] = { "predicate", "annotations", NULL };
        const JsonKeys keys = { .names = names, .open = open, .complete = true };
        Statement statement = { 0 };
        int r;

        if (!streq(envelope->payload_type, STATEMENT_PAYLOAD_TYPE))
                return refuse("the payload type", "is not " STATEMENT_PAYLOAD_TYPE, err);
        r = json_read(envelope->payload, envelope->payload_size, &keys, &statement.json, err);
        if (r < 0)
                return r;
        r = statement.json ? read_statement(is_old_accepted, arena, &statement, err)
                           : refuse("it", "is not JSON", err);
        if (r < 0)
                statement_done(&statement);
        else
                *ret = statement;
        return r;
}

int statement_read(const DsseEnvelope *envelope, Arena *arena, Statement *ret, Error *err)
{
        return read_payload(envelope, false, arena, ret, err);
}

int statement_read_any(const DsseEnvelope *envelope, Arena *arena, Statement *ret, Error *err)
{
        return read_payload(envelope, true, arena, ret, err);
}

void statement_done(Statement *statement)
{
        map_done(&statement->digests);
        cJSON_Delete(statement->json);
        *statement = (Statement){ 0 };
}
