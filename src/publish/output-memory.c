#include "publish/output-memory.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/buffer.h"
#include "publish/output.h"
#include "store/events.h"
#include "store/releases.h"

#define RETRY_MIN (10 * USEC_PER_SEC)
#define RETRY_MAX (10 * USEC_PER_MIN)

/* --- queue key -------------------------------------------------------------------------------- */

void output_id(const Output *output, char ret[OUTPUT_ID_SIZE])
{
        (void)snprintf(ret, OUTPUT_ID_SIZE, "%s/%zu", output->environment->id.text,
                       (size_t)(output - output->environment->outputs));
}

void output_add(const Output *output, usec_t at, const char *cause)
{
        char id[OUTPUT_ID_SIZE];

        output_id(output, id);
        queue_add(output->environment->publisher->control->queue, KEY_OUTPUT, id, at, cause);
}

/* --- conditions ------------------------------------------------------------------------------ */

static bool others_are_healthy(const Output *output)
{
        const EnvironmentLock *environment = output->environment;

        for (size_t i = 0; i < environment->publisher->control->options.outputs->n; i++)
                if (&environment->outputs[i] != output &&
                    environment->outputs[i].memory.n_failures > 0)
                        return false;
        return true;
}

/* Resets the count of failures. Removes the warning if no other output has failed. */
static void forget_failures(Output *output, Changes *changes)
{
        if (output->memory.n_failures > 0 && others_are_healthy(output))
                changes_clear_condition(changes, KIND_ENVIRONMENT, output->environment->id.text,
                                        CONDITION_WARNING);
        output->memory.n_failures = 0;
        output->memory.retry_at = 0;
        free(output->memory.problem);
        output->memory.problem = NULL;
}

/* The output has what it is to have, without an attempt: it did not fail, or its lock changed
 * back. */
static int output_is_healthy(Output *output, Error *err)
{
        _cleanup_(changes_done) Changes changes;

        changes_init(&changes);
        forget_failures(output, &changes);
        return MIN(control_apply(output->environment->publisher->control, &changes, err), 0);
}

/* --- what an output has ----------------------------------------------------------------------- */

static void write_edit(const GitEdit *edit, Buffer *text)
{
        (void)buffer_printf(text, "edit %s\n%s\n%s\n%s\n", edit->file, edit->kind ? edit->kind : "",
                            edit->name ? edit->name : "", edit->name_space ? edit->name_space : "");
        (void)buffer_printf(text, "%s\n%s\n%d\n", edit->pointer, edit->component, (int)edit->value);
}

/* Makes the key from the command or the branch, so that the output is due again after a change of
 * its configuration. */
static int make_key(const OutputSpec *spec, char ret[DIGEST_SIZE_MAX])
{
        const GitOutput *git = &spec->git;
        _cleanup_(buffer_done) Buffer text;

        buffer_init(&text, 1024 * 1024);
        (void)buffer_printf(&text, "%d\n%s\n", (int)spec->format, spec->path ? spec->path : "");
        for (size_t i = 0; i < spec->exec.n; i++)
                (void)buffer_printf(&text, "%s\n", spec->exec.items[i]);
        if (git->place.line > 0)
                (void)buffer_printf(&text, "git %s %s %s\n", git->url, git->branch,
                                    git->path ? git->path : "");
        for (size_t i = 0; i < git->edits.n; i++)
                write_edit(&git->edits.items[i], &text);
        if (text.failed)
                return -ENOMEM;
        digest_sha256(text.data, text.size, ret);
        return 0;
}

/* Returns 1 if an output of the environment failed before relmand started: only outputs give an
 * environment a warning. */
static int has_failed_before(const EnvironmentLock *environment, Arena *arena, Error *err)
{
        Conditions conditions;
        int r;

        r = store_conditions(environment->publisher->control->store, KIND_ENVIRONMENT,
                             environment->id.text, arena, &conditions, err);
        return r < 0 ? r : conditions_find(&conditions, CONDITION_WARNING) != NULL;
}

int output_last_run(const Output *output, Arena *arena, OutputRun *ret, Error *err)
{
        char key[DIGEST_SIZE_MAX];

        if (make_key(output->spec, key) < 0)
                return error_oom(err);
        return store_output_run(output->environment->publisher->control->store,
                                output->environment->id.text, key, arena, ret, err);
}

static int output_know(Output *output, Error *err)
{
        OutputMemory *memory = &output->memory;
        _cleanup_(arena_done) Arena arena;
        OutputRun run;
        int r;

        arena_init(&arena, (size_t)1024 * 1024);
        if (make_key(output->spec, memory->key) < 0)
                return error_oom(err);
        r = output_last_run(output, &arena, &run, err);
        if (r < 0)
                return r;
        (void)snprintf(memory->done, sizeof(memory->done), "%s", r > 0 ? run.lock_digest : "");
        r = has_failed_before(output->environment, &arena, err);
        if (r < 0)
                return r;
        memory->n_failures = (unsigned)r;
        memory->known = true;
        return 0;
}

int output_lock(const Output *output, const Deployment *deployment, Arena *arena, Lock *ret,
                Error *err)
{
        int r;

        r = environment_lock(output->environment, deployment, arena, ret, err);
        return r >= 0 && lock_format_is_admission(output->spec->format)
                       ? environment_admission(output->environment, arena, ret, err)
                       : r;
}

void output_digest(const Output *output, const Lock *lock, char ret[DIGEST_SIZE_MAX])
{
        if (lock_format_is_admission(output->spec->format))
                lock_admission_digest(lock, ret);
        else
                (void)snprintf(ret, DIGEST_SIZE_MAX, "%s", lock->lock_digest);
}

int output_want(Output *output, const Lock *lock, Error *err)
{
        OutputMemory *memory = &output->memory;
        int r;

        output_digest(output, lock, memory->wanted);
        (void)snprintf(memory->release, sizeof(memory->release), "%s", lock->release.name);
        r = memory->known ? 0 : output_know(output, err);
        if (r < 0)
                return r;
        if (!streq(memory->done, memory->wanted))
                return memory->retry_at <= time_monotonic();
        return memory->n_failures > 0 ? output_is_healthy(output, err) : 0;
}

/* --- results ---------------------------------------------------------------------------------- */

static void add_event(const Output *output, const OutputAttempt *attempt, Changes *changes)
{
        const Subject subject = subject_of(&output->environment->spec->object);
        const char *target = output_target(output, &changes->arena);
        const char *const data[] = { "environment", subject.name,
                                     "release",     attempt->release,
                                     "output",      target ? target : "",
                                     "lockDigest",  attempt->problem ? NULL : attempt->lock_digest,
                                     "commit",      attempt->commit,
                                     "message",     attempt->problem,
                                     NULL };

        report_event(changes, attempt->problem ? EVENT_OUTPUT_FAILED : EVENT_OUTPUT_WRITTEN,
                     subject, time_wall(), data);
}

static void output_succeeded(Output *output, const OutputAttempt *attempt, Changes *changes)
{
        OutputMemory *memory = &output->memory;

        (void)snprintf(memory->done, sizeof(memory->done), "%s", attempt->lock_digest);
        changes_put_output_run(changes, output->environment->id.text, memory->key,
                               &(OutputRun){ .lock_digest = memory->done,
                                             .release = attempt->release,
                                             .commit = attempt->commit,
                                             .at = time_wall() });
        forget_failures(output, changes);
        if (!streq(memory->wanted, memory->done))
                output_add(output, 0, "the lockfile changed meanwhile");
}

static void output_failed(Output *output, const OutputAttempt *attempt, Changes *changes)
{
        OutputMemory *memory = &output->memory;
        usec_t wait = MIN(RETRY_MIN << MIN(memory->n_failures, 6U), RETRY_MAX);

        if (!memory->problem)
                memory->failed_at = time_wall();
        free(memory->problem);
        memory->problem = strdup(attempt->problem);
        memory->n_failures++;
        memory->retry_at = time_monotonic() + wait;
        output->environment->publisher->n_outputs_failed++;
        report_condition(changes, subject_of(&output->environment->spec->object),
                         (Told){ CONDITION_WARNING, CONDITION_TRUE, attempt->reason, time_wall() },
                         "%s; next attempt in %llu s", attempt->problem,
                         (unsigned long long)(wait / USEC_PER_SEC));
        output_add(output, memory->retry_at, "it failed");
}

void output_ended(Output *output, const OutputAttempt *attempt, Changes *changes)
{
        if (!attempt->problem || output->memory.n_failures == 0)
                add_event(output, attempt, changes);
        if (attempt->problem)
                output_failed(output, attempt, changes);
        else
                output_succeeded(output, attempt, changes);
}

int output_written(Output *output, Error *err)
{
        const OutputAttempt attempt = { .release = output->memory.release,
                                        .lock_digest = output->memory.wanted };
        _cleanup_(changes_done) Changes changes;

        changes_init(&changes);
        output_succeeded(output, &attempt, &changes);
        return MIN(control_apply(output->environment->publisher->control, &changes, err), 0);
}
