#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/text.h"
#include "ctl/lock/lock-files.h"
#include "ctl/lock/registry-check.h"
#include "model/enum-names.h"
#include "model/object.h"
#include "spec/spec.h"

#define LOCK_ARENA_MAX ((size_t)256 * 1024 * 1024)

typedef struct Verify {
        bool registry;     /* --registry: check the registries too */
        const char *at;    /* the mirror to check instead; NULL: none */
        const char *specs; /* folder of Registry objects; NULL: anonymous access */
        Model *model;
        TrustKeys keys; /* the keys of --key; empty: do not check signatures */
} Verify;

static int ask_registries(const Verify *check, const char *path, const Release *release, Error *err)
{
        CheckCounts counts;
        int r;

        r = ctl_registry_check(&(CheckInput){ release, check->model, check->at }, &counts, err);
        if (r < 0)
                return r;
        printf("%s: %zu of %zu digest%s %s served", path, counts.n_good, release->components.n,
               text_plural(release->components.n), release->components.n == 1 ? "is" : "are");
        if (counts.n_bad > 0)
                printf(", %zu %s not", counts.n_bad, counts.n_bad == 1 ? "is" : "are");
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
        if (r >= 0 && check->keys.n > 0)
                r = lock_verify_signature(&(SignedLock){ path, data, size, &lock, &check->keys },
                                          &arena, err);
        if (r < 0)
                return err->kind == ERROR_HOSTILE ? CTL_ALTERED : CTL_USAGE;
        printf("%s: good: release %s, %zu component%s, lockDigest %s\n", path, lock.release.name,
               lock.release.components.n, text_plural(lock.release.components.n), lock.lock_digest);
        if (!check->registry)
                return CTL_OK;
        r = ask_registries(check, path, &lock.release, err);
        return r < 0 ? CTL_USAGE : r;
}

/* Returns the worse of two results. The verb returns the worst result of all files. */
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

/* --- the verb
 * ------------------------------------------------------------------------------------- */

/* Recognizes ENVIRONMENT FILE: the first argument is not a file, and the second is one. */
static bool names_environment(const CtlOptions *options)
{
        return options->n_names == 2 && access(options->names[0], F_OK) < 0 &&
               access(options->names[1], F_OK) >= 0 && name_is_valid(options->names[0]);
}

/* Refuses options that cannot be combined. */
static int check_options(const CtlOptions *options, Error *err)
{
        const struct {
                const char *name;
                bool is_set, is_running; /* is_running: the option needs --running */
        } each[] = {
                { "registry", options->registry, false },
                { "at", options->at, false },
                { "specs", options->specs, false },
                { "key", options->key, false },
                { "platform", options->platform, true },
                { "allow-also", options->allow_also, true },
                { "all", options->all, true },
                { "output json", options->output == OUTPUT_JSON, true },
        };

        for (size_t i = 0; i < ARRAY_SIZE(each); i++)
                if (each[i].is_set && each[i].is_running != !!options->running)
                        return error_set(err, ERROR_INVALID, -EINVAL,
                                         "--%s does not go with%s --running", each[i].name,
                                         each[i].is_running ? "out" : "");
        if (options->at && !options->registry)
                return error_set(err, ERROR_INVALID, -EINVAL,
                                 "--at names the mirror that --registry asks: give both");
        if (options->running && options->n_names > 1)
                return error_set(err, ERROR_INVALID, -EINVAL,
                                 "--running compares one lockfile, environment or release");
        return 0;
}

/* Handles --running. Returns CTL_ALTERED if the lockfile was altered. */
static int compare_running(CtlOptions *options, Error *err)
{
        int r = verify_running(options, err);

        if (r >= 0 || err->kind != ERROR_HOSTILE)
                return r;
        log_error("%s", error_message(err));
        return CTL_ALTERED;
}

int verb_verify(const CtlCall *call, Error *err)
{
        static const char *const takes_options[] = { "registry",   "at",      "specs",
                                                     "key",        "running", "platform",
                                                     "allow-also", "all",     NULL };
        const CtlTakes takes = {
                takes_options, 1, 10000,
                "[ENVIRONMENT] FILE... [--key FILE] [--registry [--at MIRROR]] [--specs DIR], or "
                "verify ENVIRONMENT|FILE --running FILE|-"
        };
        _cleanup_(ctl_options_done) CtlOptions options;
        Verify check = { 0 };
        int status = CTL_OK, r;

        r = ctl_options_parse(call, &takes, &options, err);
        if (r >= 0)
                r = check_options(&options, err);
        if (r < 0)
                return r;
        if (options.running)
                return compare_running(&options, err);
        if (names_environment(&options)) {
                status = verify_environment(&options, options.names[0], options.names[1], err);
                if (status != CTL_OK || !(options.registry || options.key))
                        return status;
                options.names++; /* skips the name of the environment, because the other arguments
                                    are files */
                options.n_names--;
        }
        check.registry = options.registry;
        check.specs = options.specs;
        check.at = options.at;
        r = options.key ? lock_keys_read(options.key, &check.keys, err) : 0;
        if (r >= 0)
                r = load_model(&check, err);
        for (int i = 0; i < options.n_names && r >= 0; i++) {
                _cleanup_(error_done) Error error = { 0 };

                status = worse(status, verify(&check, options.names[i], &error));
                if (error.kind != ERROR_NONE)
                        log_error("%s", error_message(&error));
        }
        model_unref(check.model);
        trust_keys_done(&check.keys);
        return r < 0 ? r : status;
}
