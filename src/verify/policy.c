#include "verify/policy.h"

#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/file.h"
#include "base/limits-trust.h"
#include "model/enum-names.h"

#define KEY_FILE_MAX  (64 * 1024) /* bytes; the largest RSA key takes 1,500 */
#define KEY_TEXTS_MAX ((size_t)VERIFY_RULES_MAX * TRUST_KEYS_MAX * DIGEST_SIZE_MAX)

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

static int read_file(VerifyDemand *demand, const char *path, Error *err)
{
        _cleanup_(freep) char *text = NULL;
        size_t size, n_before = demand->keys.n;
        int r = file_read(path, KEY_FILE_MAX, &text, &size, err);

        if (r >= 0)
                r = trust_keys_read(&demand->keys, path, text, size, err);
        return r < 0 ? r : note_files(demand, path, n_before, err);
}

static int read_demand(const VerifyRule *rule, VerifyDemand *demand, Buffer *all, Error *err)
{
        int r = 0;

        (void)buffer_printf(all, "%s\n", verify_type_names[rule->type]);
        for (size_t i = 0; i < rule->keys.n && r >= 0; i++)
                r = read_file(demand, rule->keys.items[i], err);
        for (size_t i = 0; i < demand->keys.n && r >= 0; i++)
                (void)buffer_printf(all, " %s\n", trust_key_id(demand->keys.items[i]));
        return r;
}

int verify_policy_read(const ComponentSpec *component, VerifyPolicy *ret, Error *err)
{
        const VerifyRules *rules = &component->verify;
        _cleanup_(buffer_done) Buffer all = { 0 };
        int r = 0;

        *ret = (VerifyPolicy){ 0 };
        if (rules->n == 0)
                return 0;
        buffer_init(&all, KEY_TEXTS_MAX);
        ret->items = calloc(rules->n, sizeof(*ret->items));
        if (!ret->items)
                return error_oom(err);
        ret->n = rules->n;
        for (size_t i = 0; i < rules->n && r >= 0; i++)
                r = read_demand(&rules->items[i], &ret->items[i], &all, err);
        if (r < 0)
                return error_prefix(err, r, "component '%s': verify: cannot read a key",
                                    component->object.meta.name);
        if (all.failed)
                return error_oom(err);
        digest_sha256(all.data, all.size, ret->digest);
        return 0;
}

void verify_policy_done(VerifyPolicy *policy)
{
        for (size_t i = 0; i < policy->n; i++) {
                trust_keys_done(&policy->items[i].keys);
                free(policy->items[i].files);
        }
        free(policy->items);
        *policy = (VerifyPolicy){ 0 };
}

void verify_policy_digest(const ComponentSpec *component, char ret[DIGEST_SIZE_MAX])
{
        VerifyPolicy policy;
        int r = verify_policy_read(component, &policy, NULL);

        memcpy(ret, r < 0 ? "" : policy.digest, r < 0 ? 1 : sizeof(policy.digest));
        verify_policy_done(&policy);
}

bool verify_policy_made(const VerifyPolicy *policy, const Signature *signature)
{
        return signature->policy && streq(signature->policy, policy->digest);
}
