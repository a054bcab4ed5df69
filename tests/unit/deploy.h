#pragma once

/* Helpers for tests of environments: documents, commands by persons, and the state of
 * environments. */

#include <errno.h>

#include "deploy/environment-wanted.h"
#include "world.h"

#define RELEASES                                                                                   \
        "---\n{apiVersion: relman/v1, kind: Release, metadata: {name: one}, spec: {mode: pinned, " \
        "components: [{name: c0, tag: v1.0.0}]}}\n"                                                \
        "---\n{apiVersion: relman/v1, kind: Release, metadata: {name: two}, spec: {mode: pinned, " \
        "components: [{name: c0, tag: v1.1.0}]}}\n"
#define STREAM                                                                                     \
        "---\n{apiVersion: relman/v1, kind: ReleaseStream, metadata: {name: s}, spec: "            \
        "{nameTemplate: 's-{seq}', settle: 0s}}\n"
#define ENVIRONMENT(name, spec)                                                                    \
        "---\n{apiVersion: relman/v1, kind: Environment, metadata: {name: " name "}, spec: {" spec \
        "}}\n"

static const Actor anna = { .tenant = DEFAULT_TENANT,
                            .principal = "token:anna",
                            .person = "anna",
                            .origin = "unix",
                            .action = "test" };
static const Actor bert = { .tenant = DEFAULT_TENANT,
                            .principal = "token:bert",
                            .person = "bert",
                            .origin = "unix",
                            .action = "test" };
static World world;

/* --- setup ------------------------------------------------------------------------------------ */

static inline int set_up(void **state)
{
        (void)state;
        world_init(&world);
        return 0;
}

static inline int tear_down(void **state)
{
        (void)state;
        world_done(&world);
        return 0;
}

static inline void load(const char *documents)
{
        world_load(&world, 1, documents);
        world_run(&world);
}

static inline const char *environment_id(const char *name)
{
        static Uuid id;

        id = object_id(KIND_ENVIRONMENT, DEFAULT_TENANT, name);
        return id.text;
}

static inline const char *release_id(const char *name)
{
        static Uuid id;

        id = object_id(KIND_RELEASE, DEFAULT_TENANT, name);
        return id.text;
}

static inline Deployer *deployer(void)
{
        return &world.reconciler->deployer;
}

/* Returns "RELEASE STATUS" of the deployment of an environment; "nothing" if there is none. */
static inline const char *has(const char *environment)
{
        Deployment deployment;
        Error error = { 0 };
        int r;

        r = store_deployment(world.store, environment_id(environment), &world.arena, &deployment,
                             &error);
        assert_true(r >= 0);
        return r == 0 ? "nothing"
                      : arena_printf(&world.arena, "%s %s", deployment.release_name,
                                     deployment_status_to_string(deployment.status));
}

/* Returns the reason for which an environment waits; "" if nothing is pending. */
static inline const char *waits(const char *environment)
{
        Pending pending = { 0 };
        Error error = { 0 };
        int r = deployer_pending(deployer(), environment_id(environment), &world.arena, &pending,
                                 &error);

        assert_true(r >= 0);
        return r > 0 ? pending.reason : "";
}

static inline const char *wanted(const char *name)
{
        EnvironmentState *environment;
        Error error = { 0 };
        Wanted wanted;

        assert_int_equal(
                deployer_find_environment(deployer(), environment_id(name), &environment, &error),
                0);
        assert_true(environment_wanted(environment, &world.arena, &wanted, &error) >= 0);
        return wanted.has_release ? wanted.release.name : wanted.missing;
}

static inline void confirm(const char *environment, DeploymentStatus status, const char *reason)
{
        const ConfirmCommand command = { .status = status, .reason = reason, .actor = &anna };
        Error error = { 0 };

        assert_case(deployer_confirm(deployer(), environment_id(environment), &command, &error) >=
                            0,
                    "%s", error_message(&error));
        world_run(&world);
}

typedef struct Answer {
        unsigned n;
        bool failed;
        char text[400]; /* text of the refusal or the error */
        bool is_unwanted;
} Answer;

static inline void on_promoted(const Promoted *promoted, const Error *error, void *userdata)
{
        Answer *answer = userdata;

        answer->n++;
        answer->failed = error != NULL;
        (void)snprintf(answer->text, sizeof(answer->text), "%s",
                       error               ? error_message(error)
                       : promoted->refusal ? promoted->refusal
                                           : "");
}

static inline bool is_wanted(void *userdata)
{
        const Answer *answer = userdata;

        return !answer->is_unwanted;
}

static inline int promote(const char *release, bool dry_run, Answer *answer)
{
        const PromoteCommand command = { .actor = &anna,
                                         .dry_run = dry_run,
                                         .done = on_promoted,
                                         .is_wanted = is_wanted,
                                         .userdata = answer };
        _cleanup_(error_done) Error error = { 0 };
        Promoting *promoting;
        int r = deployer_promote(deployer(), environment_id("prod"), release_id(release), &command,
                                 &promoting, &error);

        if (r < 0)
                (void)snprintf(answer->text, sizeof(answer->text), "%s", error_message(&error));
        return r;
}
