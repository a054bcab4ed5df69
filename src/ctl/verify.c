#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/log.h"
#include "ctl/options.h"
#include "ctl/registry-check.h"
#include "lock/lock.h"
#include "spec/spec.h"

#define LOCK_ARENA_MAX ((size_t)256 * 1024 * 1024)

typedef struct Verify {
        bool registry;     /* ask the registries too */
        const char *specs; /* of Registry objects to ask by; NULL: anonymously */
        Model *model;
} Verify;

static int ask_registries(const Verify *check, const char *path, const Release *release, Error *err)
{
        CheckCounts counts;
        int r;

        r = ctl_registry_check(release, check->model, &counts, err);
        if (r < 0)
                return r;
        printf("%s: %zu of %zu digests are served", path, counts.n_good, release->components.n);
        if (counts.n_bad > 0)
                printf(", %zu are not", counts.n_bad);
        if (counts.n_unreachable > 0)
                printf(", %zu could not be asked for", counts.n_unreachable);
        printf("\n");
        return counts.n_bad > 0 ? CTL_MISSING : counts.n_unreachable > 0 ? CTL_UNREACHABLE : CTL_OK;
}

static int verify(const Verify *check, const char *path, Error *err)
{
        _cleanup_(arena_done) Arena arena;
        _cleanup_(freep) char *data = NULL;
        size_t size = 0;
        Lock lock;
        int r;

        arena_init(&arena, LOCK_ARENA_MAX);
        r = file_read(path, LOCK_FILE_MAX, &data, &size, err);
        if (r >= 0)
                r = lock_read_native(path, data, size, &arena, &lock, err);
        if (r < 0)
                return err->kind == ERROR_HOSTILE ? CTL_ALTERED : CTL_USAGE;
        printf("%s: good: release %s, %zu components, lockDigest %s\n", path, lock.release.name,
               lock.release.components.n, lock.lock_digest);
        if (!check->registry)
                return CTL_OK;
        r = ask_registries(check, path, &lock.release, err);
        return r < 0 ? CTL_USAGE : r;
}

/* One exit status for several files: what is worst for a deployer. */
static int worse(int a, int b)
{
        static const int order[] = { CTL_ALTERED, CTL_MISSING, CTL_UNREACHABLE, CTL_USAGE };

        for (size_t i = 0; i < ARRAY_SIZE(order); i++)
                if (a == order[i] || b == order[i])
                        return order[i];
        return CTL_OK;
}

static int load_model(Verify *check, Error *err)
{
        _cleanup_(spec_tree_freep) SpecTree *tree = NULL;
        _cleanup_(diag_list_done) DiagList diags = { 0 };
        int r;

        if (!check->specs)
                return 0;
        diag_list_init(&diags);
        r = spec_tree_new(check->specs, &tree, err);
        return r < 0 ? r : spec_tree_load(tree, &check->model, &diags, err);
}

int verb_verify(const CtlCall *call, Error *err)
{
        static const char *const takes_options[] = { "registry", "specs", NULL };
        const CtlTakes takes = { takes_options, 1, 10000, "FILE... [--registry] [--specs DIR]" };
        _cleanup_(ctl_options_done) CtlOptions options;
        Verify check = { 0 };
        int status = CTL_OK, r;

        r = ctl_options_parse(call, &takes, &options, err);
        if (r < 0)
                return r;
        check.registry = options.registry;
        check.specs = options.specs;
        if (load_model(&check, err) < 0)
                return -EINVAL;
        for (int i = 0; i < options.n_names; i++) {
                _cleanup_(error_done) Error error = { 0 };

                status = worse(status, verify(&check, options.names[i], &error));
                if (error.kind != ERROR_NONE)
                        log_error("%s", error_message(&error));
        }
        model_unref(check.model);
        return status;
}
