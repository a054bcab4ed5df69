/* Tests waiters for a component. A completion may cancel other waiters and add new waiters. */

#include "sync/state.h"
#include "unit.h"

#define N_WAITERS 4

typedef struct Waiting {
        SyncWaiter *waiter;
        Assigning *assigning;
        unsigned n_completed;
        void (*then)(void);
} Waiting;

static Control control;
static Poller poller;
static ComponentSpec spec;
static ComponentState component;
static Waiting waiting[N_WAITERS];

static void complete(Waiting *one)
{
        one->waiter = NULL;
        one->assigning = NULL;
        one->n_completed++;
        if (one->then)
                one->then();
}

/* --- waiters for a sync ----------------------------------------------------------------------- */

static void on_synced(const Error *error, void *userdata)
{
        (void)error;
        complete(userdata);
}

static void wait_for_sync(Waiting *one)
{
        const SyncCommand command = { .done = on_synced, .userdata = one };
        Error error = { 0 };

        assert_int_equal(poller_sync(&poller, component.id.text, &command, &one->waiter, &error),
                         0);
}

static void replace_waiter(void)
{
        waiting[0].waiter = sync_waiter_cancel(waiting[0].waiter);
        wait_for_sync(&waiting[3]);
}

static void test_a_waiter_may_cancel_and_add_others(void **state)
{
        (void)state;
        /* any pointer can stand for a sync in progress, because it is only compared with NULL */
        component.sync = (Sync *)&component;
        for (size_t i = 0; i < 3; i++)
                wait_for_sync(&waiting[i]);
        waiting[2].then = replace_waiter; /* the newest waiter is the first in the list */
        sync_waiters_tell(&component, NULL);
        /* a sync that began before they waited does not complete them */
        for (size_t i = 0; i < N_WAITERS; i++)
                assert_int_equal(waiting[i].n_completed, 0);
        sync_waiters_tell(&component, NULL);
        assert_int_equal(waiting[0].n_completed, 0);
        assert_int_equal(waiting[1].n_completed, 1);
        assert_int_equal(waiting[2].n_completed, 1);
        assert_int_equal(waiting[3].n_completed, 0);
        sync_waiters_tell(&component, NULL);
        sync_waiters_tell(&component, NULL);
        assert_int_equal(waiting[3].n_completed, 1);
        assert_null(component.waiters);
}

/* --- waiters for an assignment ---------------------------------------------------------------- */

static void on_assigned(const char *version_id, const Error *error, void *userdata)
{
        assert_null(version_id);
        assert_non_null(error);
        complete(userdata);
}

static void assign(Waiting *one)
{
        const Actor actor = { .tenant = "default",
                              .principal = "uid:0",
                              .origin = "unix",
                              .action = "POST /api/v1/version-maps" };
        const AssignCommand command = { .tag = "nightly",
                                        .semver = "1.0.0",
                                        .channel = "stable",
                                        .actor = &actor,
                                        .done = on_assigned,
                                        .userdata = one };
        Error error = { 0 };

        assert_int_equal(
                poller_assign(&poller, component.id.text, &command, &one->assigning, &error), 0);
}

static void replace_assignment(void)
{
        waiting[0].assigning = assigning_cancel(waiting[0].assigning);
        assign(&waiting[3]);
}

static void test_a_failed_assignment_may_cancel_and_add_others(void **state)
{
        const RegistrySpec registry_spec = {
                .object = { .meta = { .tenant = "default", .name = "r" } },
                .url = "oci-layout:/nowhere",
                .limits = { .concurrency = 1, .timeout = USEC_PER_SEC }
        };
        RegistryState registry = { 0 };
        Error error = { 0 };

        (void)state;
        assert_true(sd_event_new(&control.event) >= 0);
        assert_int_equal(http_client_new(control.event, "test", &control.http, &error), 0);
        assert_int_equal(
                registry_new(control.http, &registry_spec, NULL, NULL, &registry.client, &error),
                0);
        component.registry = &registry;
        for (size_t i = 0; i < 3; i++)
                assign(&waiting[i]);
        waiting[2].then = replace_assignment;
        (void)error_set(&error, ERROR_CONFLICT, -ECANCELED, "ask again");
        assignings_fail(&component, &error);
        assert_int_equal(waiting[0].n_completed, 0);
        assert_int_equal(waiting[1].n_completed, 1);
        assert_int_equal(waiting[2].n_completed, 1);
        assert_int_equal(waiting[3].n_completed, 0);
        assignings_fail(&component, &error);
        assert_int_equal(waiting[3].n_completed, 1);
        assert_null(component.assigning);
        error_done(&error);
        version_policy_free(component.policy);
        registry_free(registry.client);
        http_client_free(control.http);
        sd_event_unref(control.event);
}

static int set_up(void **state)
{
        (void)state;
        control = (Control){ 0 };
        poller = (Poller){ .control = &control };
        spec = (ComponentSpec){ .default_channel = "stable" };
        component = (ComponentState){ .poller = &poller,
                                      .id = { "8d1e0000-0000-5000-8000-000000000001" },
                                      .spec = &spec,
                                      .repository = "app/api" };
        memset(waiting, 0, sizeof(waiting));
        return map_put(&poller.components, component.id.text, &component, NULL) < 0;
}

static int tear_down(void **state)
{
        (void)state;
        map_done(&poller.components);
        return 0;
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_waiter_may_cancel_and_add_others, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_failed_assignment_may_cancel_and_add_others, set_up,
                                        tear_down),
};
TEST_PROGRAM("waiters", tests, NULL, NULL)
