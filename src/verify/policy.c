#include "verify/policy.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buffer.h"
#include "base/file.h"
#include "base/limits-trust.h"
#include "base/limits.h"
#include "model/enum-names.h"

#define KEY_FILE_MAX     (64 * 1024)   /* bytes; the largest RSA key takes 1,500 */
#define CERTIFICATES_MAX (1024 * 1024) /* bytes of a file with certificates */
#define SETTLED_AFTER    2             /* seconds; times of files have steps of milliseconds */
/* bytes; each attribute takes at most the text of its identity */
#define SUBJECTS_MEMORY_MAX ((size_t)IDENTITIES_MAX * (DN_ATTRIBUTES_MAX + 1) * TEXT_MAX)
#define RULE_TEXT_MAX       ((size_t)(IDENTITIES_MAX + REQUIRED_MAX + 1) * 4 * TEXT_MAX)
#define POLICY_TEXTS_MAX    (VERIFY_RULES_MAX * RULE_TEXT_MAX)

/* --- keys ------------------------------------------------------------------------------------- */

static int note_files(VerifyDemand *demand, const char *path, size_t n_before, Error *err)
{
        const char **files = reallocarray(demand->files, demand->keys.n + 1, sizeof(*files));

        if (!files)
                return error_oom(err);
        demand->files = files;
        for (size_t i = n_before; i < demand->keys.n; i++)
                files[i] = path;
        return 0;
}

static int read_key(VerifyDemand *demand, const char *path, Error *err)
{
        _cleanup_(freep) char *text = NULL;
        size_t size, n_before = demand->keys.n;
        int r = file_read(path, KEY_FILE_MAX, &text, &size, err);

        if (r >= 0)
                r = trust_keys_read(&demand->keys, path, text, size, err);
        return r < 0 ? r : note_files(demand, path, n_before, err);
}

static int read_keys(const VerifyRule *rule, VerifyDemand *demand, Buffer *all, Error *err)
{
        int r = 0;

        for (size_t i = 0; i < rule->keys.n && r >= 0; i++)
                r = read_key(demand, rule->keys.items[i], err);
        for (size_t i = 0; i < demand->keys.n && r >= 0; i++)
                (void)buffer_printf(all, " %s\n", trust_key_id(demand->keys.items[i]));
        return r;
}

/* --- identities ------------------------------------------------------------------------------- */

/* Appends a text with the NUL at its end, so that two texts are never read as one. */
static void put_text(Buffer *all, const char *text)
{
        (void)buffer_append(all, text ? text : "", text ? strlen(text) + 1 : 1);
}

static int read_identities(const VerifyRule *rule, VerifyDemand *demand, Buffer *all, Error *err)
{
        int r = 0;

        if (rule->identities.n == 0)
                return 0;
        demand->identities = calloc(rule->identities.n, sizeof(*demand->identities));
        if (!demand->identities)
                return error_oom(err);
        for (size_t i = 0; i < rule->identities.n && r >= 0; i++) {
                const VerifyIdentity *from = &rule->identities.items[i];
                IdentityRule *to = &demand->identities[demand->n_identities++];

                *to = (IdentityRule){ .issuer = from->issuer, .subject = from->subject };
                if (from->subject_pattern)
                        r = identity_pattern_new(from->subject_pattern, &to->pattern, err);
                (void)buffer_puts(all, " identity ");
                put_text(all, from->issuer);
                put_text(all, from->subject);
                put_text(all, from->subject_pattern);
        }
        return r;
}

static int read_root(const VerifyRule *rule, VerifyDemand *demand, Buffer *all, Error *err)
{
        _cleanup_(freep) char *text = NULL;
        char digest[DIGEST_SIZE_MAX];
        size_t size;
        int r;

        if (!rule->trusted_root)
                return 0;
        r = file_read(rule->trusted_root, TRUSTED_ROOT_MAX, &text, &size, err);
        if (r < 0)
                return r;
        digest_sha256(text, size, digest);
        (void)buffer_printf(all, " root %s\n", digest);
        if (rule->log == VERIFY_LOG_OPTIONAL)
                (void)buffer_puts(all, " log optional\n");
        r = trusted_root_read(text, size, &demand->root, err);
        if (r >= 0 && rule->log == VERIFY_LOG_OPTIONAL && demand->root->timestampers.n == 0)
                r = error_set(err, ERROR_INVALID, -EINVAL,
                              "it names no authority for time stamps, which transparencyLog: "
                              "optional needs");
        return r < 0 ? error_prefix(err, r, "'%s'", rule->trusted_root) : r;
}

/* --- trust stores ----------------------------------------------------------------------------- */

static int read_certificates(const Strings *files, TrustStoreType type, VerifyDemand *demand,
                             Buffer *all, Error *err)
{
        for (size_t i = 0; i < files->n; i++) {
                _cleanup_(freep) char *text = NULL;
                char digest[DIGEST_SIZE_MAX];
                size_t size;
                int r = file_read(files->items[i], CERTIFICATES_MAX, &text, &size, err);

                if (r >= 0)
                        r = trust_store_read(&demand->store, type, files->items[i],
                                             (Bytes){ (const unsigned char *)text, size }, err);
                if (r < 0)
                        return r;
                digest_sha256(text, size, digest);
                (void)buffer_printf(all, " store %d %s\n", (int)type, digest);
        }
        return 0;
}

static int read_subjects(const VerifyRule *rule, VerifyDemand *demand, Buffer *all, Error *err)
{
        int r = 0;

        arena_init(&demand->arena, SUBJECTS_MEMORY_MAX);
        demand->subjects = calloc(rule->identities.n + 1, sizeof(*demand->subjects));
        if (!demand->subjects)
                return error_oom(err);
        for (size_t i = 0; i < rule->identities.n && r >= 0; i++) {
                r = subject_rule_read(rule->identities.items[i].subject, &demand->arena,
                                      &demand->subjects[demand->n_subjects++], err);
                (void)buffer_puts(all, " subject ");
                put_text(all, rule->identities.items[i].subject);
        }
        return r;
}

static int read_notation(const VerifyRule *rule, VerifyDemand *demand, Buffer *all, Error *err)
{
        int r = read_certificates(&rule->trust_store, TRUST_STORE_CA, demand, all, err);

        if (r >= 0)
                r = read_certificates(&rule->signing_authorities, TRUST_STORE_SIGNING_AUTHORITY,
                                      demand, all, err);
        if (r >= 0)
                r = read_certificates(&rule->timestamp_authorities, TRUST_STORE_TSA, demand, all,
                                      err);
        return r < 0 ? r : read_subjects(rule, demand, all, err);
}

/* --- rules ------------------------------------------------------------------------------------ */

static int read_signers(const VerifyRule *rule, VerifyDemand *demand, Buffer *all, Error *err)
{
        int r = read_keys(rule, demand, all, err);

        if (r >= 0)
                r = read_identities(rule, demand, all, err);
        return r < 0 ? r : read_root(rule, demand, all, err);
}

static int read_attestation(const VerifyRule *rule, VerifyDemand *demand, Buffer *all, Error *err)
{
        (void)buffer_printf(all, " age %llu predicate ", (unsigned long long)rule->max_age);
        put_text(all, rule->predicate_type);
        for (size_t i = 0; i < rule->require.n; i++) {
                (void)buffer_puts(all, " require ");
                put_text(all, rule->require.items[i].key);
                put_text(all, rule->require.items[i].value);
        }
        return read_signers(rule, demand, all, err);
}

/* Reads what a rule names, and appends to all everything that decides about its result. */
typedef int (*RuleRead)(const VerifyRule *rule, VerifyDemand *demand, Buffer *all, Error *err);

static const RuleRead readers[VERIFY_TYPE_MAX_] = {
        [VERIFY_COSIGN] = read_signers,
        [VERIFY_ATTESTATION] = read_attestation,
        [VERIFY_NOTATION] = read_notation,
};

static int read_demand(const VerifyRule *rule, VerifyDemand *demand, Buffer *all, Error *err)
{
        demand->type = rule->type;
        demand->mode = rule->mode;
        demand->rule = rule;
        (void)buffer_printf(all, "%s%s\n", verify_type_names[rule->type],
                            rule->mode == VERIFY_WARN ? " warn" : "");
        return readers[rule->type](rule, demand, all, err);
}

static void demand_done(VerifyDemand *demand)
{
        trust_keys_done(&demand->keys);
        free(demand->files);
        for (size_t i = 0; i < demand->n_identities; i++)
                regex_free(demand->identities[i].pattern);
        free(demand->identities);
        trusted_root_free(demand->root);
        trust_store_done(&demand->store);
        free(demand->subjects);
        arena_done(&demand->arena);
}

int verify_rule_try(const VerifyRule *rule, Error *err)
{
        _cleanup_(buffer_done) Buffer all = { 0 };
        VerifyDemand demand = { 0 };
        int r;

        buffer_init(&all, RULE_TEXT_MAX);
        r = read_demand(rule, &demand, &all, err);
        demand_done(&demand);
        return r;
}

int verify_policy_read(const ComponentSpec *component, const VerifyRules *rules, VerifyPolicy *ret,
                       Error *err)
{
        _cleanup_(buffer_done) Buffer all = { 0 };
        int r = 0;

        *ret = (VerifyPolicy){ 0 };
        if (rules->n == 0)
                return 0;
        buffer_init(&all, POLICY_TEXTS_MAX);
        ret->items = calloc(rules->n, sizeof(*ret->items));
        if (!ret->items)
                return error_oom(err);
        ret->n = rules->n;
        for (size_t i = 0; i < rules->n && r >= 0; i++)
                r = read_demand(&rules->items[i], &ret->items[i], &all, err);
        if (r < 0)
                return error_prefix(err, r, "component '%s': verify", component->object.meta.name);
        if (all.failed)
                return error_oom(err);
        digest_sha256(all.data, all.size, ret->digest);
        return 0;
}

void verify_policy_done(VerifyPolicy *policy)
{
        for (size_t i = 0; i < policy->n; i++)
                demand_done(&policy->items[i]);
        free(policy->items);
        *policy = (VerifyPolicy){ 0 };
}

/* --- memory ----------------------------------------------------------------------------------- */

/* Appends what changes with the file. Returns false if it may change without a trace: if it does
 * not exist, or was changed so shortly ago that another change would have the same time. */
static bool put_file(Buffer *all, const char *path, usec_t now)
{
        struct stat st;

        if (!path)
                return true;
        if (stat(path, &st) < 0)
                return false;
        put_text(all, path);
        (void)buffer_printf(all, "%ju %ju %jd %jd.%09ld %jd.%09ld\n", (uintmax_t)st.st_dev,
                            (uintmax_t)st.st_ino, (intmax_t)st.st_size, (intmax_t)st.st_mtim.tv_sec,
                            st.st_mtim.tv_nsec, (intmax_t)st.st_ctim.tv_sec, st.st_ctim.tv_nsec);
        return ((usec_t)st.st_ctim.tv_sec + SETTLED_AFTER) * USEC_PER_SEC <= now;
}

static bool put_files(Buffer *all, const Strings *paths, usec_t now)
{
        bool is_settled = true;

        for (size_t i = 0; i < paths->n; i++)
                is_settled = put_file(all, paths->items[i], now) && is_settled;
        return is_settled;
}

/* Sets ret to a digest of what decides about the policy; "" if the files must be read. */
static void make_stamp(const VerifyRules *rules, const char *documents, char ret[DIGEST_SIZE_MAX])
{
        _cleanup_(buffer_done) Buffer all = { 0 };
        usec_t now = time_wall();
        bool is_settled = true;

        buffer_init(&all, POLICY_TEXTS_MAX);
        put_text(&all, documents);
        for (size_t i = 0; i < rules->n; i++) {
                const VerifyRule *rule = &rules->items[i];

                is_settled = put_files(&all, &rule->keys, now) && is_settled;
                is_settled = put_files(&all, &rule->trust_store, now) && is_settled;
                is_settled = put_files(&all, &rule->signing_authorities, now) && is_settled;
                is_settled = put_files(&all, &rule->timestamp_authorities, now) && is_settled;
                is_settled = put_file(&all, rule->trusted_root, now) && is_settled;
        }
        ret[0] = '\0';
        if (is_settled && !all.failed)
                digest_sha256(all.data, all.size, ret);
}

int verify_policy_recall(const ComponentSpec *component, const VerifyRules *rules,
                         const char *documents, VerifyMemory *memory, VerifyPolicy *ret, Error *err)
{
        char stamp[DIGEST_SIZE_MAX];
        int r;

        *ret = (VerifyPolicy){ 0 };
        if (rules->n == 0)
                return 0;
        make_stamp(rules, documents, stamp); /* before the files are read */
        if (stamp[0] && streq(stamp, memory->stamp)) {
                memcpy(ret->digest, memory->digest, sizeof(ret->digest));
                return 0;
        }
        r = verify_policy_read(component, rules, ret, err);
        memcpy(memory->stamp, r < 0 ? "" : stamp, r < 0 ? 1 : sizeof(stamp));
        memcpy(memory->digest, ret->digest, sizeof(ret->digest));
        return r;
}

int verify_policy_complete(const ComponentSpec *component, const VerifyRules *rules,
                           VerifyPolicy *policy, Error *err)
{
        int r = policy->items ? 0 : verify_policy_read(component, rules, policy, err);

        if (r < 0)
                verify_policy_done(policy);
        return r;
}

void verify_policy_digest(const ComponentSpec *component, const VerifyRules *rules,
                          char ret[DIGEST_SIZE_MAX])
{
        VerifyPolicy policy;
        int r = verify_policy_read(component, rules, &policy, NULL);

        memcpy(ret, r < 0 ? "" : policy.digest, r < 0 ? 1 : sizeof(policy.digest));
        verify_policy_done(&policy);
}

bool verify_policy_made(const VerifyPolicy *policy, const Signature *signature)
{
        return signature->policy && streq(signature->policy, policy->digest);
}
