/* Tests that a change makes only its dependents due, for any number of objects. The tests count
 * calls; they measure no time. */

#include "reconcile/internal.h"
#include "unit.h"

enum {
        N_COMPONENTS = 1000,
        N_DRAFTS = 10000, /* each component is in ten drafts */
        /* ten environments use each stream; each except the first promotes from the previous one */
        N_STREAMS = 100,
        N_ENVIRONMENTS = 1000,
};

#define N_DRAFTS_OF_ONE       (N_DRAFTS / N_COMPONENTS)
#define N_ENVIRONMENTS_OF_ONE (N_ENVIRONMENTS / N_STREAMS)

typedef struct Objects {
        ComponentSpec components[N_COMPONENTS];
        ReleaseSpec drafts[N_DRAFTS];
        ReleaseItem items[N_DRAFTS];
        StoredObject stored[N_DRAFTS];
        StreamSpec streams[N_STREAMS];
        const char *stream_components[N_STREAMS]; /* the component of each stream */
        const char *sources[N_ENVIRONMENTS];
        EnvironmentSpec environments[N_ENVIRONMENTS];
        char names[N_DRAFTS][12]; /* names of the objects, the same for each kind */
} Objects;

static Objects *objects;
static Objects *objects_read_again;
static Reconciler reconciler;
static ControlCalls calls;

/* Returns a component that was never polled, so that drafts need no request to a registry. */
static bool on_component(void *userdata, const char *component_id, Component *ret)
{
        const Object *object = map_get(&reconciler.control.model->by_id, component_id);

        (void)userdata;
        *ret = (Component){ .id = component_id, .spec = (const ComponentSpec *)object };
        return object != NULL;
}

static void name_object(Object *object, ObjectKind kind, size_t i)
{
        object->kind = kind;
        object->meta.tenant = DEFAULT_TENANT;
        object->meta.name = objects->names[i];
        object->id = object_id(kind, object->meta.tenant, object->meta.name);
}

/* The component is suspended, so that relman sends no request to a registry. */
static void make_component(ComponentSpec *component, size_t i)
{
        name_object(&component->object, KIND_COMPONENT, i);
        component->image_repository = "registry.example.com/app";
        component->suspend = true;
}

static void make_stream(StreamSpec *stream, size_t i)
{
        name_object(&stream->object, KIND_STREAM, i);
        objects->stream_components[i] = objects->names[i];
        stream->components = (Strings){ &objects->stream_components[i], 1 };
}

static void make_objects(void)
{
        for (size_t i = 0; i < N_DRAFTS; i++)
                (void)snprintf(objects->names[i], sizeof(objects->names[i]), "x%zu", i);
        for (size_t i = 0; i < N_COMPONENTS; i++)
                make_component(&objects->components[i], i);
        for (size_t i = 0; i < N_STREAMS; i++)
                make_stream(&objects->streams[i], i);
        for (size_t i = 0; i < N_DRAFTS; i++) {
                ReleaseSpec *draft = &objects->drafts[i];

                name_object(&draft->object, KIND_RELEASE, i);
                objects->items[i].name = objects->names[i % N_COMPONENTS];
                draft->components = (ReleaseItems){ &objects->items[i], 1 };
                objects->stored[i] = (StoredObject){ .kind = KIND_RELEASE,
                                                     .id = draft->object.id.text,
                                                     .status = RELEASE_DRAFT };
        }
        for (size_t i = 0; i < N_ENVIRONMENTS; i++) {
                EnvironmentSpec *environment = &objects->environments[i];

                name_object(&environment->object, KIND_ENVIRONMENT, i);
                environment->stream = objects->names[i % N_STREAMS];
                objects->sources[i] = i > 0 ? objects->names[i - 1] : NULL;
                environment->promotes_from.environments = (Strings){ &objects->sources[i], i > 0 };
        }
}

static Model *make_model(Objects *from)
{
        Model *model = NULL;

        assert_int_equal(model_new(N_DRAFTS, &model), 0);
        for (size_t i = 0; i < N_COMPONENTS; i++)
                assert_int_equal(model_add(model, &from->components[i].object), 0);
        for (size_t i = 0; i < N_DRAFTS; i++)
                assert_int_equal(model_add(model, &from->drafts[i].object), 0);
        for (size_t i = 0; i < N_STREAMS; i++)
                assert_int_equal(model_add(model, &from->streams[i].object), 0);
        for (size_t i = 0; i < N_ENVIRONMENTS; i++)
                assert_int_equal(model_add(model, &from->environments[i].object), 0);
        return model;
}

/* Makes the model of the documents active, as a load of the specs does after it has stored all
 * rows. */
static void adopt(Objects *from)
{
        const StoredObjects drafts = { .items = objects->stored, .n = N_DRAFTS };
        Model *model = make_model(from), *old = reconciler.control.model;
        Error error = { 0 };

        poller_adopt(&reconciler.poller, model);
        composer_restart(&reconciler.composer, model);
        assert_int_equal(composer_adopt_drafts(&reconciler.composer, model, &drafts, &error), 0);
        reconciler.control.model = model;
        assert_int_equal(composer_adopt_streams(&reconciler.composer, model, &error), 0);
        assert_int_equal(deployer_adopt(&reconciler.deployer, model, &error), 0);
        model_unref(old);
}

/* Removes all due keys from the queue, so that only a change causes later calls of handlers. */
static void forget_keys(void)
{
        Queue *queue = reconciler.queue;

        for (size_t i = 0; i < N_DRAFTS; i++)
                queue_remove(queue, KEY_DRAFT, objects->drafts[i].object.id.text);
        for (size_t i = 0; i < N_COMPONENTS; i++)
                queue_remove(queue, KEY_COMPONENT, objects->components[i].object.id.text);
        for (size_t i = 0; i < N_STREAMS; i++)
                queue_remove(queue, KEY_STREAM, objects->streams[i].object.id.text);
        for (size_t i = 0; i < N_ENVIRONMENTS; i++) {
                queue_remove(queue, KEY_ENVIRONMENT, objects->environments[i].object.id.text);
                queue_remove(queue, KEY_ROLLBACK, objects->environments[i].object.id.text);
        }
        assert_false(queue_is_due(queue, USEC_INFINITY - 1));
}

static int set_up(void **state)
{
        const QueueOptions options = { .kinds = reconciler_keys,
                                       .n_kinds = KEY_MAX_,
                                       .userdata = &reconciler };
        Control *control = &reconciler.control;
        Error error = { 0 };

        objects = calloc(1, sizeof(*objects));
        objects_read_again = calloc(1, sizeof(*objects));
        assert_non_null(objects);
        assert_non_null(objects_read_again);
        (void)state;
        assert_int_equal(store_open(&(StoreOptions){ .path = ":memory:" }, &control->store, &error),
                         0);
        calls = reconciler_calls;
        calls.component = on_component;
        control->calls = &calls;
        control->userdata = &reconciler;
        control->dependents = &reconciler.dependents;
        assert_true(sd_event_new(&control->event) >= 0);
        assert_int_equal(queue_new(control->event, &options, &reconciler.queue, &error), 0);
        control->queue = reconciler.queue;
        assert_int_equal(http_client_new(control->event, "test", &control->http, &error), 0);
        poller_init(&reconciler.poller, control);
        composer_init(&reconciler.composer, control);
        deployer_init(&reconciler.deployer, control);
        assert_int_equal(publisher_init(&reconciler.publisher, control, NULL), 0);
        make_objects();
        adopt(objects);
        forget_keys();
        return 0;
}

static int tear_down(void **state)
{
        Control *control = &reconciler.control;

        (void)state;
        publisher_done(&reconciler.publisher);
        deployer_done(&reconciler.deployer);
        composer_done(&reconciler.composer);
        poller_done(&reconciler.poller);
        http_client_free(control->http);
        queue_free(reconciler.queue);
        dependents_done(&reconciler.dependents);
        model_unref(control->model);
        store_close(control->store);
        sd_event_unref(control->event);
        free(objects);
        free(objects_read_again);
        return 0;
}

/* Returns how many keys of a kind were handled since the last call. */
static size_t n_handled(ControlKey kind)
{
        static uint64_t before[KEY_MAX_];
        uint64_t now;
        size_t n;

        while (queue_is_due(reconciler.queue, time_monotonic()))
                queue_turn(reconciler.queue, USEC_INFINITY);
        now = queue_n_runs(reconciler.queue, kind);
        n = (size_t)(now - before[kind]);
        before[kind] = now;
        return n;
}

static void commit(Changes *changes)
{
        reconciler_committed(&reconciler, changes);
        changes_done(changes);
}

static void test_a_poll_wakes_the_drafts_that_want_its_component(void **state)
{
        (void)state;
        queue_add(reconciler.queue, KEY_POLLED, objects->components[7].object.id.text, 0, "test");
        assert_int_equal(n_handled(KEY_DRAFT), N_DRAFTS_OF_ONE);
        assert_int_equal(n_handled(KEY_ENVIRONMENT), 0);
}

static void test_a_head_that_moved_wakes_what_wants_its_component(void **state)
{
        const Channel channel = { .name = "stable", .tag = "1", .digest = "sha256:0" };
        Changes changes;

        (void)state;
        changes_init(&changes);
        changes_put_channel(&changes, objects->components[7].object.id.text, &channel);
        commit(&changes);
        assert_int_equal(n_handled(KEY_DRAFT), N_DRAFTS_OF_ONE);
        assert_int_equal(n_handled(KEY_ENVIRONMENT), 0);
}

static void test_a_release_wakes_what_follows_its_stream(void **state)
{
        const Uuid stream = object_id(KIND_STREAM, DEFAULT_TENANT, objects->names[7]);
        const Release release = { .id = object_id(KIND_RELEASE, DEFAULT_TENANT, "new"),
                                  .tenant = DEFAULT_TENANT,
                                  .name = "new",
                                  .stream_id = stream.text };
        Changes changes;

        (void)state;
        changes_init(&changes);
        changes_put_release(&changes, &release, NULL);
        commit(&changes);
        assert_int_equal(n_handled(KEY_ENVIRONMENT), N_ENVIRONMENTS_OF_ONE);
        assert_int_equal(n_handled(KEY_DRAFT), 0);
        assert_int_equal(n_handled(KEY_RELEASE_LOCK), 1);
        assert_int_equal(n_handled(KEY_STREAM_LINKS), 1);
        assert_int_equal(n_handled(KEY_ENVIRONMENT_LOCK), 0);
}

static void test_a_deployment_wakes_its_environment_and_what_promotes_from_it(void **state)
{
        const Deployment deployment = { .tenant_id = "",
                                        .environment_id = objects->environments[7].object.id.text,
                                        .release_id = "",
                                        .release_name = "",
                                        .by = "",
                                        .promotion_id = "" };
        Changes changes;

        (void)state;
        changes_init(&changes);
        changes_put_deployment(&changes, &deployment);
        commit(&changes);
        assert_int_equal(n_handled(KEY_ENVIRONMENT), 2);
        assert_int_equal(n_handled(KEY_ROLLBACK), 1);
        assert_int_equal(n_handled(KEY_DRAFT), 0);
        assert_int_equal(n_handled(KEY_ENVIRONMENT_LOCK), 1);
        assert_int_equal(n_handled(KEY_RELEASE_LOCK), 0);
}

static void test_digests_that_were_deleted_wake_every_environment_once(void **state)
{
        const char *component = objects->components[7].object.id.text;
        const Drift moved = { .tag = "1", .released_digest = "sha256:0", .digest = "sha256:1" },
                    gone = { .tag = "1", .released_digest = "sha256:0", .digest = "" },
                    found = { .tag = "2", .released_digest = "sha256:2", .digest = "" };
        Changes changes;

        (void)state;
        changes_init(&changes);
        changes_put_drift(&changes, component, &moved);
        commit(&changes);
        assert_int_equal(queue_at(reconciler.queue, KEY_ROLLBACK, ""), USEC_INFINITY);
        changes_init(&changes);
        changes_put_drift(&changes, component, &gone);
        changes_delete_drift(&changes, component, &found);
        commit(&changes);
        assert_int_not_equal(queue_at(reconciler.queue, KEY_ROLLBACK, ""), USEC_INFINITY);
        assert_int_equal(n_handled(KEY_ROLLBACK), 0); /* waits, because more digests may be
                                                       * deleted */
        queue_add(reconciler.queue, KEY_ROLLBACK, "", 0, "test");
        assert_int_equal(n_handled(KEY_ROLLBACK), 1 + N_ENVIRONMENTS);
}

static void test_an_approval_wakes_its_environment_alone(void **state)
{
        const Approval approval = { .environment_id = objects->environments[7].object.id.text,
                                    .release_id = "",
                                    .by = "",
                                    .person = "" };
        Changes changes;

        (void)state;
        changes_init(&changes);
        changes_set_approval(&changes, &approval, true);
        commit(&changes);
        assert_int_equal(n_handled(KEY_ENVIRONMENT), 1);
        changes_init(&changes);
        changes_set_approval(&changes, &approval, false);
        commit(&changes);
        assert_int_equal(n_handled(KEY_ENVIRONMENT), 1);
}

static void test_a_component_that_is_deleted_wakes_nothing_by_itself(void **state)
{
        Changes changes;

        (void)state;
        changes_init(&changes);
        changes_delete_object(&changes, KIND_COMPONENT, objects->components[7].object.id.text);
        commit(&changes);
        assert_int_equal(n_handled(KEY_DRAFT), 0); /* the next load makes the drafts due */
        assert_int_equal(n_handled(KEY_ENVIRONMENT), 0);
}

/* --- loads ------------------------------------------------------------------------------------ */

/* Reads all documents again. The caller may change the model before it is adopted. */
static Objects *read_again(void)
{
        Objects *again = objects_read_again, *before = objects;

        memcpy(again->components, before->components, sizeof(again->components));
        memcpy(again->drafts, before->drafts, sizeof(again->drafts));
        memcpy(again->streams, before->streams, sizeof(again->streams));
        memcpy(again->environments, before->environments, sizeof(again->environments));
        return again;
}

static void edit_document(Object *object)
{
        (void)snprintf(object->digest, sizeof(object->digest), "sha256:changed");
}

/* Makes the original documents active again for the next test. */
static void read_as_before(void)
{
        adopt(objects);
        forget_keys();
        for (ControlKey kind = 0; kind < KEY_MAX_; kind++)
                (void)n_handled(kind);
}

static void test_documents_that_are_read_again_and_are_the_same_wake_nothing(void **state)
{
        (void)state;
        adopt(read_again());
        assert_false(queue_is_due(reconciler.queue, USEC_INFINITY - 1));
        read_as_before();
}

static void test_a_component_whose_document_changed_wakes_what_wants_it(void **state)
{
        Objects *again = read_again();
        const char *id = again->components[7].object.id.text;

        (void)state;
        read_as_before();
        edit_document(&again->components[7].object);
        adopt(again);
        assert_true(queue_at(reconciler.queue, KEY_COMPONENT, id) < USEC_INFINITY);
        /* removed, because a poll would make the drafts due again */
        queue_remove(reconciler.queue, KEY_COMPONENT, id);
        assert_int_equal(n_handled(KEY_DRAFT), N_DRAFTS_OF_ONE);
        assert_int_equal(n_handled(KEY_STREAM), 1);
        assert_int_equal(n_handled(KEY_ENVIRONMENT), 0);
        assert_int_equal(n_handled(KEY_COMPONENT), 0);
        read_as_before();
}

static void test_an_environment_whose_document_changed_wakes_what_promotes_from_it(void **state)
{
        Objects *again = read_again();

        (void)state;
        read_as_before();
        edit_document(&again->environments[7].object);
        adopt(again);
        assert_int_equal(n_handled(KEY_ENVIRONMENT), 2);
        assert_int_equal(n_handled(KEY_STREAM), 0);
        assert_int_equal(n_handled(KEY_DRAFT), 0);
        read_as_before();
}

static void test_a_stream_whose_document_changed_wakes_what_follows_it(void **state)
{
        Objects *again = read_again();

        (void)state;
        read_as_before();
        edit_document(&again->streams[7].object);
        adopt(again);
        assert_int_equal(n_handled(KEY_STREAM), 1);
        assert_int_equal(n_handled(KEY_ENVIRONMENT), N_ENVIRONMENTS_OF_ONE);
        assert_int_equal(n_handled(KEY_DRAFT), 0);
        read_as_before();
}

static void test_a_component_that_goes_wakes_what_wants_it(void **state)
{
        Objects *again = read_again();
        Object *object = &again->components[7].object;

        (void)state;
        read_as_before();
        object->id = object_id(KIND_COMPONENT, DEFAULT_TENANT, "other");
        object->meta.name = "other";
        adopt(again);
        assert_int_equal(n_handled(KEY_DRAFT), N_DRAFTS_OF_ONE);
        assert_int_equal(n_handled(KEY_STREAM), 1);
        assert_int_equal(n_handled(KEY_ENVIRONMENT), 0);
        read_as_before();
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_poll_wakes_the_drafts_that_want_its_component),
        cmocka_unit_test(test_a_head_that_moved_wakes_what_wants_its_component),
        cmocka_unit_test(test_a_release_wakes_what_follows_its_stream),
        cmocka_unit_test(test_a_deployment_wakes_its_environment_and_what_promotes_from_it),
        cmocka_unit_test(test_digests_that_were_deleted_wake_every_environment_once),
        cmocka_unit_test(test_an_approval_wakes_its_environment_alone),
        cmocka_unit_test(test_a_component_that_is_deleted_wakes_nothing_by_itself),
        cmocka_unit_test(test_documents_that_are_read_again_and_are_the_same_wake_nothing),
        cmocka_unit_test(test_a_component_whose_document_changed_wakes_what_wants_it),
        cmocka_unit_test(test_an_environment_whose_document_changed_wakes_what_promotes_from_it),
        cmocka_unit_test(test_a_stream_whose_document_changed_wakes_what_follows_it),
        cmocka_unit_test(test_a_component_that_goes_wakes_what_wants_it),
};

TEST_PROGRAM("due", tests, set_up, tear_down)
