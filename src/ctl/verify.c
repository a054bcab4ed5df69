#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/log.h"
#include "ctl/ctl.h"
#include "ctl/registry-check.h"
#include "lock/lock.h"
#include "spec/spec.h"

#define LOCK_ARENA_MAX ((size_t)256 * 1024 * 1024)

typedef struct VerifyCall {
        bool registry;     /* ask the registries too */
        const char *specs; /* of Registry objects to ask by; NULL: anonymously */
        Model *model;
} VerifyCall;

static int ask_registries(const VerifyCall *call, const char *path, const Release *release,
                          Error *err)
{
        CheckCounts counts;
        int r;

        r = ctl_registry_check(release, call->model, &counts, err);
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

static int verify(const VerifyCall *call, const char *path, Error *err)
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
        if (!call->registry)
                return CTL_OK;
        r = ask_registries(call, path, &lock.release, err);
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

static int load_model(VerifyCall *call, Error *err)
{
        _cleanup_(spec_tree_freep) SpecTree *tree = NULL;
        _cleanup_(diag_list_done) DiagList diags = { 0 };
        int r;

        if (!call->specs)
                return 0;
        diag_list_init(&diags);
        r = spec_tree_new(call->specs, &tree, err);
        return r < 0 ? r : spec_tree_load(tree, &call->model, &diags, err);
}

int verb_verify(int argc, char **argv, Error *err)
{
        static const struct option options[] = { { "registry", no_argument, NULL, 'r' },
                                                 { "specs", required_argument, NULL, 's' },
                                                 { 0 } };
        static const char *const names[] = { "registry", "specs" };
        VerifyCall call = { 0 };
        int c, status = CTL_OK;

        opterr = 0;
        while ((c = getopt_long(argc, argv, ":", options, NULL)) >= 0) {
                if (c == 'r')
                        call.registry = true;
                else if (c == 's')
                        call.specs = optarg;
                else
                        return ctl_unknown("option of verify, or a value is missing:",
                                           argv[optind - 1] + strspn(argv[optind - 1], "-"), names,
                                           ARRAY_SIZE(names), err);
        }
        if (optind == argc)
                return error_set(err, ERROR_INVALID, -EINVAL,
                                 "verify takes the lockfiles to check");
        if (load_model(&call, err) < 0)
                return -EINVAL;
        for (int i = optind; i < argc; i++) {
                _cleanup_(error_done) Error error = { 0 };

                status = worse(status, verify(&call, argv[i], &error));
                if (error.kind != ERROR_NONE)
                        log_error("%s", error_message(&error));
        }
        model_unref(call.model);
        return status;
}
