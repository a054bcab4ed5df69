/* Writes, reads and signs lockfiles while allocations fail. The result must be complete or an
 * error. If the lockfile itself has an error, relman must still report that error. */

#include "failing.h"
#include "fixture.h"
#include "lock/format.h"
#include "lock/statement.h"
#include "unit.h"

#define RESULT_MAX ((size_t)1024 * 1024)

static char *native;

/* Reads a lockfile and writes it in every format. */
static int read_and_write(const void *input, Buffer *out, Error *err)
{
        _cleanup_(arena_done) Arena arena;
        Lock lock;
        int r;

        arena_init(&arena, TEST_ARENA_MAX);
        r = lock_read_native("one.lock.yaml", input, strlen(input), &arena, &lock, err);
        if (r < 0 && err->message && err->kind != ERROR_INTERNAL) {
                /* the lockfile itself is invalid, which is the expected result */
                (void)buffer_puts(out, error_message(err));
                error_done(err);
                return 0;
        }
        if (r >= 0)
                r = lock_write_native(&lock.release, lock.environment, out, err);
        for (LockFormat format = 0; format < LOCK_FORMAT_MAX_ && r >= 0; format++) {
                LockFiles files;

                r = lock_format_write(&lock, format, &arena, &files, err);
                for (size_t i = 0; r >= 0 && i < files.n; i++) {
                        (void)buffer_printf(out, "--- %s\n", files.items[i].name);
                        (void)buffer_append(out, files.items[i].data, files.items[i].size);
                }
        }
        return r;
}

static void test_a_lockfile_is_read_and_written_completely_or_not_at_all(void **state)
{
        const FailingJob job = { .name = "lockfile", .run = read_and_write, .input = native };

        (void)state;
        print_message("# %zu faults\n", failing_sweep(FAILING_ALLOCATIONS, &job));
}

/* Removes each line of a lockfile, repeats it, and gives it other values. */
static void test_a_fault_of_a_lockfile_is_reported_as_one(void **state)
{
        size_t n = 0;

        (void)state;
        for (const char *line = native; *line; line = strchr(line, '\n') + 1) {
                size_t before = (size_t)(line - native), size = strcspn(line, "\n") + 1;
                size_t colon = strcspn(line, ":\n");
                char *texts[4] = { NULL };

                assert_true(asprintf(&texts[0], "%.*s%s", (int)before, native, line + size) > 0);
                assert_true(asprintf(&texts[1], "%.*s%s", (int)(before + size), native, line) > 0);
                assert_true(asprintf(&texts[2], "%.*s: [x, {y: ~}]\n%s", (int)(before + colon),
                                     native, line + size) > 0);
                assert_true(asprintf(&texts[3], "%.*s: 'no \"such'\n%s", (int)(before + colon),
                                     native, line + size) > 0);
                for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
                        const FailingJob job = { .name = texts[i],
                                                 .run = read_and_write,
                                                 .input = texts[i] };

                        n += failing_sweep(FAILING_ALLOCATIONS, &job);
                        free(texts[i]);
                }
        }
        print_message("# %zu faults\n", n);
}

/* Reads an envelope, verifies it, and checks that it belongs to the lockfile. */
static int check_envelope(const Buffer *envelope, const TrustKeys *keys, const Lock *lock,
                          Arena *arena, Error *err)
{
        const SignedLock item = { NULL, native, strlen(native), lock, keys };
        const TrustKey *found = NULL;
        int r;

        r = lock_statement_verify(&item, envelope->data, envelope->size, arena, &found, err);
        if (r >= 0)
                assert_ptr_equal(found, keys->items[0]);
        return r;
}

/* Signs the statement of a lockfile and verifies it. input has the keys. */
static int sign_and_verify(const void *input, Buffer *out, Error *err)
{
        const TrustKeys *keys = input;
        _cleanup_(buffer_done) Buffer payload;
        _cleanup_(arena_done) Arena arena;
        Lock lock;
        int r;

        arena_init(&arena, TEST_ARENA_MAX);
        buffer_init(&payload, RESULT_MAX);
        r = lock_read_native("prod.lock.yaml", native, strlen(native), &arena, &lock, err);
        if (r >= 0)
                r = lock_statement_write(&lock, native, strlen(native), &payload, err);
        if (r >= 0)
                r = dsse_sign(keys->items[0], STATEMENT_PAYLOAD_TYPE, &payload, out, err);
        return r < 0 ? r : check_envelope(out, keys, &lock, &arena, err);
}

static void test_a_statement_is_signed_and_verified_completely_or_not_at_all(void **state)
{
        TrustKeys keys = { 0 };
        const FailingJob job = { .name = "statement", .run = sign_and_verify, .input = &keys };
        TrustKey *key = NULL;
        Error error = { 0 };

        (void)state;
        assert_int_equal(trust_key_generate(KEY_TYPE_ED25519, &key, &error), 0);
        assert_int_equal(trust_keys_add(&keys, key, &error), 0);
        print_message("# %zu faults\n", failing_sweep(FAILING_ALLOCATIONS, &job));
        trust_keys_done(&keys);
}

static int make_native(void **state)
{
        static const char *replaces[] = { "api", "api.image", "web.tag={tag}@{digest}" };
        Release release = fixture_release();
        Error error = { 0 };
        Buffer out;

        (void)state;
        release.components.items[0].replaces = (Strings){ replaces, ARRAY_SIZE(replaces) };
        buffer_init(&out, RESULT_MAX);
        assert_case(lock_write_native(&release, "prod", &out, &error) == 0, "%s",
                    error_message(&error));
        native = buffer_take(&out);
        return native ? 0 : -1;
}

static int free_native(void **state)
{
        (void)state;
        free(native);
        return 0;
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_lockfile_is_read_and_written_completely_or_not_at_all),
        cmocka_unit_test(test_a_fault_of_a_lockfile_is_reported_as_one),
        cmocka_unit_test(test_a_statement_is_signed_and_verified_completely_or_not_at_all),
};
TEST_PROGRAM("failing-locks", tests, make_native, free_native)
