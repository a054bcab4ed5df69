/* Tests which changes the watch of the specs reports, in real folders. */

#include <sys/stat.h>
#include <unistd.h>

#include "unit.h"
#include "watch/watch.h"

static char folder[] = "/tmp/relman-test-watch-XXXXXX";
static sd_event *event;
static Watch *watch;
static unsigned n_reports;

static void on_watch(void *userdata)
{
        (void)userdata;
        n_reports++;
}

static const char *path_of(const char *name)
{
        static char path[2][200];
        static unsigned turn;
        char *ret = path[turn++ % 2];

        (void)snprintf(ret, sizeof(path[0]), "%s/%s", folder, name);
        return ret;
}

static void touch(const char *name)
{
        FILE *file = fopen(path_of(name), "w");

        assert_non_null(file);
        assert_int_equal(fclose(file), 0);
}

static void make_folder(const char *name)
{
        assert_int_equal(mkdir(path_of(name), 0755), 0);
}

/* Replaces a link, as git-sync does. */
static void link_to(const char *name, const char *target)
{
        assert_int_equal(symlink(target, path_of("next")), 0);
        assert_int_equal(rename(path_of("next"), path_of(name)), 0);
}

/* Watches a root and the folder that it now leads to. */
static int watch_root(const char *root)
{
        const char *items[] = { path_of(root) };
        const Strings folders = { .items = items, .n = 1 };
        Error error = { 0 };
        int r = watch_set(watch, items[0], &folders, &error);

        assert_case(r >= 0, "%s", error_message(&error));
        return r;
}

/* Watches a root that does not lead to a folder. */
static int watch_name(const char *root)
{
        const Strings none = { 0 };

        return watch_set(watch, path_of(root), &none, NULL);
}

/* Returns true if a change is reported within twice the settling time. */
static bool is_reported(void)
{
        n_reports = 0;
        while (n_reports == 0)
                if (sd_event_run(event, 2 * WATCH_SETTLE) <= 0)
                        return false;
        return true;
}

static int set_up(void **state)
{
        Error error = { 0 };

        (void)state;
        memcpy(folder + strlen(folder) - 6, "XXXXXX", 6);
        assert_non_null(mkdtemp(folder));
        assert_true(sd_event_new(&event) >= 0);
        assert_case(watch_new(event, on_watch, NULL, &watch, &error) == 0, "%s",
                    error_message(&error));
        return 0;
}

static int tear_down(void **state)
{
        (void)state;
        watch = watch_free(watch);
        event = sd_event_unref(event);
        return test_remove_tree(folder);
}

static void test_a_file_beside_the_root_is_not_reported(void **state)
{
        (void)state;
        make_folder("specs");
        assert_int_equal(watch_root("specs"), 1);
        touch("beside");
        make_folder("specs-2");
        assert_int_equal(unlink(path_of("beside")), 0);
        assert_false(is_reported());
        touch("specs/a.yaml");
        assert_true(is_reported());
}

static void test_a_root_that_is_replaced_is_reported(void **state)
{
        (void)state;
        make_folder("specs");
        make_folder("other");
        assert_int_equal(watch_root("specs"), 1);
        assert_int_equal(rename(path_of("specs"), path_of("old")), 0);
        assert_true(is_reported());
        assert_int_equal(watch_root("specs"), 0);
        assert_int_equal(rename(path_of("other"), path_of("specs")), 0);
        assert_true(is_reported());
        assert_int_equal(watch_root("specs"), 1);
}

static void test_each_link_of_a_chain_is_watched(void **state)
{
        (void)state;
        make_folder("trees");
        make_folder("trees/one");
        make_folder("trees/one/specs");
        make_folder("trees/two");
        make_folder("trees/two/specs");
        link_to("trees/current", "one");
        link_to("specs", "trees/current/specs");
        assert_int_equal(watch_root("specs"), 1);
        touch("trees/beside");
        touch("trees/one/beside");
        assert_false(is_reported());
        link_to("trees/current", "two");
        assert_true(is_reported());
        assert_int_equal(watch_root("specs"), 1);
        touch("trees/two/specs/a.yaml");
        assert_true(is_reported());
        link_to("specs", "trees/one/specs");
        assert_true(is_reported());
}

static void test_a_root_inside_a_watched_folder_reports_all_names_of_it(void **state)
{
        const char *items[] = { path_of("a"), path_of("a/b") };
        const Strings folders = { .items = items, .n = 2 };
        Error error = { 0 };

        (void)state;
        make_folder("a");
        make_folder("a/b");
        assert_int_equal(watch_set(watch, items[1], &folders, &error), 1);
        touch("a/c.yaml");
        assert_true(is_reported());
}

static void test_links_in_a_circle_and_missing_roots_are_no_errors(void **state)
{
        (void)state;
        link_to("one", "two");
        link_to("two", "one");
        assert_true(watch_name("one") >= 0);
        assert_true(watch_name("one/more") >= 0);
        assert_true(watch_name("missing/specs") >= 0);
        assert_true(watch_name("missing") >= 0);
        make_folder("missing");
        assert_true(is_reported());
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_file_beside_the_root_is_not_reported, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_a_root_that_is_replaced_is_reported, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_each_link_of_a_chain_is_watched, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_root_inside_a_watched_folder_reports_all_names_of_it,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_links_in_a_circle_and_missing_roots_are_no_errors,
                                        set_up, tear_down),
};
TEST_PROGRAM("watch", tests, NULL, NULL)
