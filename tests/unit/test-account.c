/* Tests lookups of account names. The test replaces the directory service. */

#include <errno.h>
#include <pwd.h>

#include "base/account.h"
#include "base/limits.h"
#include "unit.h"

/* The answer of the directory service, and the size of the buffer that it needs. */
static struct {
        int error;
        const char *name; /* NULL: the account does not exist */
        size_t size;
} service;

int __wrap_getpwuid_r(uid_t uid, struct passwd *user, char *texts, size_t size,
                      struct passwd **ret);

int __wrap_getpwuid_r(uid_t uid, struct passwd *user, char *texts, size_t size, struct passwd **ret)
{
        *ret = NULL;
        if (service.error != 0 || !service.name)
                return service.error;
        if (size < service.size)
                return ERANGE;
        (void)snprintf(texts, size, "%s", service.name);
        *user = (struct passwd){ .pw_name = texts, .pw_uid = uid };
        *ret = user;
        return 0;
}

static int find_name(const char **ret)
{
        static Arena arena;

        arena_done(&arena);
        arena_init(&arena, 1024);
        return account_find_name(1000, &arena, ret);
}

static void test_a_user_has_a_name_or_none(void **state)
{
        static const int absent[] = { 0, ENOENT, ESRCH, EBADF, EPERM };
        const char *name;

        (void)state;
        service.name = "anna";
        assert_int_equal(find_name(&name), 0);
        assert_string_equal(name, "anna");
        service.name = NULL;
        for (size_t i = 0; i < ARRAY_SIZE(absent); i++) {
                service.error = absent[i];
                assert_int_equal(find_name(&name), -ENOENT);
        }
        service.error = 0;
}

static void test_a_service_that_fails_is_no_answer(void **state)
{
        static const int failures[] = { EIO, EMFILE, ENOMEM, ECONNREFUSED, ETIMEDOUT, ERANGE };
        const char *name;

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(failures); i++) {
                service.error = failures[i];
                assert_int_equal(find_name(&name), -failures[i]);
        }
        service.error = 0;
}

static void test_a_long_account_is_read(void **state)
{
        const char *name;

        (void)state;
        service.name = "anna";
        service.size = ACCOUNT_MAX * 20;
        assert_int_equal(find_name(&name), 0);
        assert_string_equal(name, "anna");
        service.size = ACCOUNT_OF_SERVICE_MAX + 1;
        assert_int_equal(find_name(&name), -ERANGE);
        service.size = 0;
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_user_has_a_name_or_none),
        cmocka_unit_test(test_a_service_that_fails_is_no_answer),
        cmocka_unit_test(test_a_long_account_is_read),
};

TEST_PROGRAM("account", tests, NULL, NULL)
