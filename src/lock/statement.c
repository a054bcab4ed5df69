#include "lock/statement.h"

#include <errno.h>

#include "base/limits-trust.h"
#include "model/schema/json-writer.h"
#include "trust/json.h"

#define NAME_SIZE_MAX ((size_t)4 * 1024) /* the name of a subject: a component and a platform */

/* --- writing ---------------------------------------------------------------------------------- */

static void subject(Json *json, const char *name, const char *digest)
{
        const char *colon = strchr(digest, ':');
        char algorithm[DIGEST_SIZE_MAX];

        (void)snprintf(algorithm, sizeof(algorithm), "%.*s", (int)(colon - digest), digest);
        json_begin(json, NULL, '{');
        json_text(json, "name", name);
        json_begin(json, "digest", '{');
        json_text(json, algorithm, colon + 1);
        json_end(json, '}');
        json_end(json, '}');
}

/* Writes the subjects of a component. Names of subjects must be unique, so the name for a platform
 * begins with the name of the component. */
static void subjects_of(Json *json, const ReleaseComponent *component)
{
        char name[NAME_SIZE_MAX];

        subject(json, component->component_name, component->digest);
        for (size_t i = 0; i < component->platforms.n; i++) {
                const PlatformDigest *item = &component->platforms.items[i];

                (void)snprintf(name, sizeof(name), "%s %s", component->component_name,
                               item->platform);
                subject(json, name, item->digest);
        }
}

static void predicate(Json *json, const Lock *lock)
{
        json_begin(json, "predicate", '{');
        json_begin(json, "release", '{');
        json_text(json, "tenant", lock->release.tenant);
        json_text(json, "name", lock->release.name);
        json_text(json, "id", lock->release.id.text);
        json_time(json, "createdAt", lock->release.created_at);
        json_end(json, '}');
        json_some(json, "environment", lock->environment);
        json_some(json, "specDigest", lock->release.spec_digest);
        json_text(json, "lockDigest", lock->lock_digest);
        json_end(json, '}');
}

void lock_statement_subjects(Json *json, const Lock *lock, const char *data, size_t size)
{
        char digest[DIGEST_SIZE_MAX], name[NAME_SIZE_MAX];

        digest_sha256(data, size, digest);
        (void)snprintf(name, sizeof(name), "%s" LOCK_SUFFIX,
                       lock->environment ? lock->environment : lock->release.name);
        json_text(json, "_type", STATEMENT_TYPE);
        json_begin(json, "subject", '[');
        subject(json, name, digest);
        for (size_t i = 0; i < lock->release.components.n; i++)
                subjects_of(json, &lock->release.components.items[i]);
        json_end(json, ']');
}

int lock_statement_write(const Lock *lock, const char *data, size_t size, Buffer *out, Error *err)
{
        Json json = { .out = out };

        json_begin(&json, NULL, '{');
        lock_statement_subjects(&json, lock, data, size);
        json_text(&json, "predicateType", LOCK_STATEMENT_PREDICATE_TYPE);
        predicate(&json, lock);
        json_end(&json, '}');
        return out->failed ? error_oom(err) : 0;
}

/* --- checking --------------------------------------------------------------------------------- */

static int check_digest(const Statement *statement, const char *name, const char *digest,
                        Error *err)
{
        return map_has(&statement->digests, digest)
                       ? 0
                       : error_set(err, ERROR_HOSTILE, -EBADMSG,
                                   "the statement does not name %s, the digest of %s", digest,
                                   name);
}

/* Compares the first subject with the bytes of the lockfile, and the digest of the lock. The other
 * subjects do not show which file was signed: a registry decides about the digests in them. */
static int check_file(const Statement *statement, const SignedLock *item, Error *err)
{
        const cJSON *subjects = cJSON_GetObjectItemCaseSensitive(statement->json, "subject");
        const cJSON *digests =
                cJSON_GetObjectItemCaseSensitive(cJSON_GetArrayItem(subjects, 0), "digest");
        const char *sha256 = trust_text(digests, "sha256");
        const char *lock = trust_text(statement->predicate, "lockDigest");
        char digest[DIGEST_SIZE_MAX];

        digest_sha256(item->data, item->size, digest);
        if (sha256 && streq(sha256, strchr(digest, ':') + 1) && lock &&
            streq(lock, item->lock->lock_digest))
                return 0;
        return error_set(err, ERROR_HOSTILE, -EBADMSG,
                         "the statement is about another lockfile: this one is %s", digest);
}

static int check_statement(const Statement *statement, const SignedLock *item, Error *err)
{
        const Lock *lock = item->lock;
        int r;

        if (!streq(statement->predicate_type, LOCK_STATEMENT_PREDICATE_TYPE))
                return error_set(
                        err, ERROR_HOSTILE, -EBADMSG,
                        "the statement is not about a lockfile: its predicateType is not " LOCK_STATEMENT_PREDICATE_TYPE);
        r = check_file(statement, item, err);
        for (size_t i = 0; r >= 0 && i < lock->release.components.n; i++) {
                const ReleaseComponent *component = &lock->release.components.items[i];

                r = check_digest(statement, component->component_name, component->digest, err);
                for (size_t j = 0; r >= 0 && j < component->platforms.n; j++)
                        r = check_digest(statement, component->component_name,
                                         component->platforms.items[j].digest, err);
        }
        return r;
}

int lock_statement_verify(const SignedLock *item, const char *text, size_t size, Arena *arena,
                          const TrustKey **ret_key, Error *err)
{
        _cleanup_(statement_done) Statement statement = { 0 };
        DsseEnvelope envelope;
        int r;

        r = dsse_read(text, size, arena, &envelope, err);
        if (r >= 0)
                r = dsse_verify(&envelope, item->keys, ret_key, err);
        if (r == 0)
                return error_set(err, ERROR_HOSTILE, -EBADMSG,
                                 "no signature is valid under the keys; the statement names key %s",
                                 envelope.signatures[0].key_id[0] ? envelope.signatures[0].key_id
                                                                  : "none");
        if (r >= 0)
                r = statement_read(&envelope, arena, &statement, err);
        return r < 0 ? r : check_statement(&statement, item, err);
}

bool lock_statement_is_ours(const char *text, size_t size)
{
        _cleanup_(statement_done) Statement statement = { 0 };
        _cleanup_(error_done) Error ignored = { 0 };
        _cleanup_(arena_done) Arena arena;
        DsseEnvelope envelope;

        arena_init(&arena, (size_t)4 * ENVELOPE_MAX);
        return dsse_read(text, size, &arena, &envelope, &ignored) >= 0 &&
               statement_read(&envelope, &arena, &statement, &ignored) >= 0 &&
               streq(statement.predicate_type, LOCK_STATEMENT_PREDICATE_TYPE);
}
