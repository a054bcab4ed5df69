#include "lock/chain.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/limits-trust.h"
#include "lock/promotion.h"
#include "trust/json.h"
#include "trust/statement.h"

/* The members of a statement that the chain needs. Texts are borrowed from its JSON. */
typedef struct Link {
        int64_t number, n_unsigned;
        const char *previous; /* NULL: none */
        const char *tenant, *name, *id;
        const char *status, *release;
        char digest[DIGEST_SIZE_MAX];
} Link;

static int refuse(Error *err, const char *what)
{
        return error_set(err, ERROR_HOSTILE, -EBADMSG, "%s", what);
}

/* --- signature -------------------------------------------------------------------------------- */

static bool has_key(const TrustKeys *keys, const char *id)
{
        for (size_t i = 0; i < keys->n; i++)
                if (streq(trust_key_id(keys->items[i]), id))
                        return true;
        return false;
}

/* Says why no signature is valid. The key id is not authenticated, so it only helps people. */
static int refuse_signature(const TrustKeys *keys, const DsseEnvelope *envelope, Error *err)
{
        const char *id = envelope->signatures[0].key_id;

        if (has_key(keys, id))
                return error_set(err, ERROR_HOSTILE, -EBADMSG,
                                 "was altered: its signature is not valid under key %s", id);
        return error_set(err, ERROR_HOSTILE, -EBADMSG,
                         "is signed with key %s, which is none of the given keys",
                         id[0] ? id : "without an id");
}

static int read_envelope(const StatementChain *chain, const char *text, size_t size, Arena *arena,
                         DsseEnvelope *ret, Error *err)
{
        const TrustKey *key;
        int r;

        r = dsse_read(text, size, arena, ret, err);
        if (r < 0)
                return r;
        r = dsse_verify(ret, chain->keys, &key, err);
        return r == 0 ? refuse_signature(chain->keys, ret, err) : MIN(r, 0);
}

/* --- content ---------------------------------------------------------------------------------- */

static const cJSON *member(const cJSON *object, const char *name)
{
        return cJSON_GetObjectItemCaseSensitive(object, name);
}

static int read_link(const Statement *statement, Link *ret, Error *err)
{
        const cJSON *predicate = statement->predicate,
                    *environment = member(predicate, "environment");

        if (!streq(statement->predicate_type, PROMOTION_PREDICATE_TYPE))
                return refuse(err, "is not about a promotion: its predicateType is "
                                   "not " PROMOTION_PREDICATE_TYPE);
        ret->previous = trust_text(predicate, "previous");
        ret->tenant = trust_text(environment, "tenant");
        ret->name = trust_text(environment, "name");
        ret->id = trust_text(environment, "id");
        ret->status = trust_text(predicate, "status");
        ret->release = trust_text(member(predicate, "release"), "name");
        if (trust_integer(member(predicate, "number"), &ret->number) < 0 || ret->number < 1 ||
            trust_integer(member(predicate, "unsigned"), &ret->n_unsigned) < 0)
                return refuse(err, "has no valid number");
        if (!ret->tenant || !ret->name || !ret->id || !name_is_valid(ret->name) ||
            !name_is_valid(ret->tenant))
                return refuse(err, "does not name its environment");
        if (!ret->status || strlen(ret->status) > NAME_MAX_ || !ret->release ||
            strlen(ret->release) > NAME_MAX_)
                return refuse(err, "does not name its release and status");
        return 0;
}

/* --- place in the chain ----------------------------------------------------------------------- */

static int check_environment(const StatementChain *chain, const Link *link, Error *err)
{
        const char *name = chain->n > 0 ? chain->name : chain->environment,
                   *tenant = chain->n > 0 ? chain->tenant : link->tenant;
        const Uuid id = object_id(KIND_ENVIRONMENT, link->tenant, link->name);

        if (name && (!streq(link->name, name) || !streq(link->tenant, tenant)))
                return error_set(err, ERROR_HOSTILE, -EBADMSG,
                                 "is about environment '%s' of tenant '%s', not about '%s'",
                                 link->name, link->tenant, name);
        return streq(link->id, id.text) ? 0 : refuse(err, "has the id of another environment");
}

static int check_number(const StatementChain *chain, const Link *link, Error *err)
{
        const long long number = (long long)link->number, before = (long long)chain->n;

        if (number == before + 1)
                return 0;
        if (number <= before)
                return error_set(err, ERROR_HOSTILE, -EBADMSG,
                                 "has number %lld and stands after number %lld: it is repeated, or "
                                 "the order was changed",
                                 number, before);
        if (number == before + 2)
                return error_set(err, ERROR_HOSTILE, -EBADMSG,
                                 "has number %lld: statement %lld is missing", number, before + 1);
        return error_set(err, ERROR_HOSTILE, -EBADMSG,
                         "has number %lld: statements %lld to %lld are missing", number, before + 1,
                         number - 1);
}

static int check_previous(const StatementChain *chain, const Link *link, Error *err)
{
        if (chain->n == 0)
                return link->previous ? refuse(err, "is the first, and names one before it") : 0;
        if (link->previous && streq(link->previous, chain->digest))
                return 0;
        return error_set(err, ERROR_HOSTILE, -EBADMSG,
                         "follows statement %s, but the one before it is %s: one of them was "
                         "replaced",
                         link->previous ? link->previous : "none", chain->digest);
}

static void take(StatementChain *chain, const Link *link)
{
        chain->n++;
        chain->n_unsigned += link->n_unsigned;
        (void)snprintf(chain->digest, sizeof(chain->digest), "%s", link->digest);
        (void)snprintf(chain->name, sizeof(chain->name), "%s", link->name);
        (void)snprintf(chain->tenant, sizeof(chain->tenant), "%s", link->tenant);
        (void)snprintf(chain->status, sizeof(chain->status), "%s", link->status);
        (void)snprintf(chain->release, sizeof(chain->release), "%s", link->release);
        chain->has_head = chain->has_head || (chain->head && streq(chain->head, chain->digest));
}

static int add(StatementChain *chain, const char *text, size_t size, Arena *arena, Error *err)
{
        _cleanup_(statement_done) Statement statement = { 0 };
        DsseEnvelope envelope;
        Link link = { 0 };
        int r;

        r = read_envelope(chain, text, size, arena, &envelope, err);
        if (r >= 0)
                r = statement_read(&envelope, arena, &statement, err);
        if (r >= 0)
                r = read_link(&statement, &link, err);
        if (r >= 0)
                r = check_environment(chain, &link, err);
        if (r >= 0)
                r = check_number(chain, &link, err);
        if (r >= 0)
                r = check_previous(chain, &link, err);
        if (r < 0)
                return r;
        digest_sha256(envelope.payload, envelope.payload_size, link.digest);
        take(chain, &link);
        return 0;
}

int chain_add(StatementChain *chain, const char *text, size_t size, Error *err)
{
        _cleanup_(arena_done) Arena arena;
        int r;

        arena_init(&arena, (size_t)4 * ENVELOPE_MAX);
        r = add(chain, text, size, &arena, err);
        if (r >= 0)
                return 0;
        if (err->code != -ENOMEM) /* whatever is wrong with it, the history is not proved */
                err->kind = ERROR_HOSTILE;
        return error_prefix(err, r, "statement %lld", (long long)chain->n + 1);
}

int chain_end(const StatementChain *chain, Error *err)
{
        if (chain->n == 0)
                return refuse(err, "there is no statement");
        if (!chain->head || chain->has_head)
                return 0;
        return error_set(
                err, ERROR_HOSTILE, -EBADMSG,
                "%s is not in the history, which ends with statement %lld, %s: its end was "
                "cut off, or the database was replaced",
                chain->head, (long long)chain->n, chain->digest);
}
