/* Tests the tree of specs in different states of the file system: links, unreadable folders, and a
 * tree that is replaced while it is read. */

#include <fcntl.h>
#include <linux/openat2.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/limits.h"
#include "spec/report.h"
#include "spec/spec.h"
#include "spec/tree/tree.h"
#include "unit.h"

static char folder[64];

/* --- hooks that make calls fail, or change the tree during them ------------------------------- */

static struct {
        const char *refused; /* opens of paths that contain this text fail */
        int code;
        /* number of opens; act is called before the open with this number */
        size_t n_opens, moment;
        void (*act)(void);
        /* called before and after each open */
        void (*before)(const char *path), (*after)(const char *path);
        bool has_no_openat2;
} hook;

long __real_syscall(long number, ...);
long __wrap_syscall(long number, ...);

static size_t n_suggestions;

const char *__real_suggest_nearest(const char *word, const char *const *candidates, size_t n);
const char *__wrap_suggest_nearest(const char *word, const char *const *candidates, size_t n);

const char *__wrap_suggest_nearest(const char *word, const char *const *candidates, size_t n)
{
        n_suggestions++;
        return __real_suggest_nearest(word, candidates, n);
}

/* Called before each open() for reading. Opens with O_PATH only replace lstat(), and are not
 * counted. */
static bool before_open(const char *path)
{
        if (++hook.n_opens == hook.moment || (hook.moment == SIZE_MAX && hook.act))
                hook.act();
        if (hook.before)
                hook.before(path);
        return !hook.refused || !strstr(path, hook.refused);
}

static long open_beneath(int folder_fd, const char *relative, const struct open_how *how)
{
        bool is_read = !(how->flags & O_PATH);
        char path[4096];
        long fd;

        (void)snprintf(path, sizeof(path), "/%s", relative);
        if (is_read && !before_open(path)) {
                errno = hook.code;
                return -1;
        }
        if (hook.has_no_openat2) {
                errno = ENOSYS;
                return -1;
        }
        fd = __real_syscall(SYS_openat2, folder_fd, relative, how, sizeof(*how));
        if (is_read && hook.after)
                hook.after(path);
        return fd;
}

/* relman opens the files of a tree with openat2(2). The C library has no function for it. */
long __wrap_syscall(long number, ...)
{
        long arguments[6];
        va_list ap;

        va_start(ap, number);
        for (size_t i = 0; i < ARRAY_SIZE(arguments); i++)
                arguments[i] = va_arg(ap, long);
        va_end(ap);
        if (number == SYS_openat2)
                return open_beneath((int)arguments[0], (const char *)arguments[1],
                                    (const struct open_how *)arguments[2]);
        return __real_syscall(number, arguments[0], arguments[1], arguments[2], arguments[3],
                              arguments[4], arguments[5]);
}

/* --- trees ------------------------------------------------------------------------------------ */

static const char *in(const char *name)
{
        static char paths[4][4096];
        static unsigned next;
        char *path = paths[next++ % ARRAY_SIZE(paths)];

        (void)snprintf(path, sizeof(paths[0]), "%s/%s", folder, name);
        return path;
}

static void write_text(const char *name, const char *text)
{
        FILE *file = fopen(in(name), "we");

        assert_non_null(file);
        assert_true(fputs(text, file) >= 0);
        assert_int_equal(fclose(file), 0);
}

static void write_component(const char *file, const char *name)
{
        char text[256];

        (void)snprintf(text, sizeof(text),
                       "{apiVersion: relman/v1, kind: Component, metadata: {name: %s}, "
                       "spec: {imageRepository: r.example.com/a}}\n",
                       name);
        write_text(file, text);
}

static void make_folder(const char *name)
{
        assert_int_equal(mkdir(in(name), 0755), 0);
}

static void make_link(const char *name, const char *target)
{
        assert_int_equal(symlink(target, in(name)), 0);
}

typedef struct Loaded {
        SpecTree *tree;
        Model *model;
        DiagList diags;
        Buffer lines;
        Error error;
        int result;
} Loaded;

static void load(const char *name, Loaded *ret)
{
        *ret = (Loaded){ 0 };
        diag_list_init(&ret->diags);
        buffer_init(&ret->lines, TEST_ARENA_MAX);
        assert_int_equal(spec_tree_new(in(name), &ret->tree, &ret->error), 0);
        ret->result = spec_tree_load(ret->tree, &ret->model, &ret->diags, &ret->error);
        report_write_lines(&ret->diags, &ret->lines);
        (void)buffer_puts(&ret->lines, "");
}

static void loaded_done(Loaded *loaded)
{
        buffer_done(&loaded->lines);
        diag_list_done(&loaded->diags);
        model_unref(loaded->model);
        spec_tree_free(loaded->tree);
        error_done(&loaded->error);
}

static bool has_component(const Model *model, const char *name)
{
        return model_find(model, KIND_COMPONENT, "default", name);
}

static const Broken *find_broken(const Model *model, const char *file)
{
        for (size_t i = 0; i < model->brokens.n; i++)
                if (streq(model->brokens.items[i].file, in(file)))
                        return &model->brokens.items[i];
        return NULL;
}

static int set_up(void **state)
{
        (void)state;
        memset(&hook, 0, sizeof(hook));
        (void)snprintf(folder, sizeof(folder), "/tmp/relman-test-tree-XXXXXX");
        assert_non_null(mkdtemp(folder));
        assert_int_equal(chmod(folder, 0755), 0);
        make_folder("specs");
        return 0;
}

static int tear_down(void **state)
{
        (void)state;
        memset(&hook, 0, sizeof(hook));
        return test_remove_tree(folder);
}

/* --- links ------------------------------------------------------------------------------------ */

/* Each folder has two names for the next folder. So 2^24 paths lead to the last folder. */
static void test_a_folder_is_read_once_whatever_ways_lead_to_it(void **state)
{
        Loaded loaded;

        (void)state;
        for (unsigned i = 0; i < 25; i++) {
                char name[32], target[32];

                (void)snprintf(name, sizeof(name), "specs/d%02u", i);
                make_folder(name);
                (void)snprintf(target, sizeof(target), "../d%02u", i + 1);
                (void)snprintf(name, sizeof(name), "specs/d%02u/a", i);
                make_link(name, i < 24 ? target : "..");
                (void)snprintf(name, sizeof(name), "specs/d%02u/b", i);
                make_link(name, i < 24 ? target : "../d00");
        }
        write_component("specs/d24/c.yaml", "one");
        load("specs", &loaded);
        assert_int_equal(loaded.result, 0);
        assert_int_equal(spec_tree_folders(loaded.tree)->n, 26);
        assert_int_equal(loaded.model->n_files, 1);
        assert_true(has_component(loaded.model, "one"));
        assert_int_equal(loaded.diags.n, 0);
        /* the place has the path without links */
        assert_string_equal(loaded.model->components.items[0]->object.place.file,
                            in("specs/d24/c.yaml"));
        loaded_done(&loaded);
}

static void test_links_inside_the_tree_are_followed(void **state)
{
        Loaded loaded;

        (void)state;
        make_folder("specs/..one"); /* the form in which Kubernetes mounts a ConfigMap */
        make_folder("specs/..one/sub");
        write_component("specs/..one/a.yaml", "a");
        write_component("specs/..one/sub/b.yaml", "b");
        make_link("specs/..data", "..one");
        make_link("specs/a.yaml", "..data/a.yaml");
        make_link("specs/sub", "..data/sub");
        make_link("specs/absolute", in("specs/..one/sub")); /* the same folder */
        make_link("specs/again.yaml", "a.yaml");            /* the same file */
        /* the form in which git-sync publishes */
        make_link("current", "specs");
        load("current", &loaded);
        assert_int_equal(loaded.result, 0);
        assert_int_equal(loaded.diags.n, 0);
        assert_int_equal(loaded.model->n_files, 2);
        assert_true(has_component(loaded.model, "a") && has_component(loaded.model, "b"));
        assert_string_equal(loaded.model->components.items[0]->object.place.file,
                            in("current/a.yaml"));
        loaded_done(&loaded);
}

static void test_links_that_leave_the_tree_are_named_and_never_read(void **state)
{
        static const char *const targets[] = { "/proc/self", "/sys", "/" };
        char name[32];
        Loaded loaded;

        (void)state;
        write_text("secret", "root:*:20228:0:99999:7::\n");
        make_folder("other");
        write_component("other/c.yaml", "elsewhere");
        make_folder("specs2"); /* the name begins with the name of the tree */
        write_component("specs2/c.yaml", "beside");
        write_component("specs/good.yaml", "good");
        make_link("specs/shadow.yaml", "../secret");
        /* ignored, because it is not the name of a spec file */
        make_link("specs/README.md", "../secret");
        make_link("specs/other", in("other"));
        make_link("specs/beside", "../specs2");
        make_link("specs/hop", "other"); /* a link to another link */
        for (unsigned i = 0; i < ARRAY_SIZE(targets); i++) {
                (void)snprintf(name, sizeof(name), "specs/system%u", i);
                make_link(name, targets[i]);
        }
        load("specs", &loaded);
        assert_int_equal(loaded.result, 0);
        assert_int_equal(loaded.model->components.n, 1);
        assert_true(has_component(loaded.model, "good"));
        assert_null(strstr(loaded.lines.data, "20228"));
        assert_int_equal(loaded.diags.n_errors, 7);
        assert_non_null(strstr(loaded.lines.data, in("specs/shadow.yaml")));
        assert_non_null(strstr(loaded.lines.data, in("secret")));
        assert_non_null(strstr(loaded.lines.data, in("other")));
        /* objects that were declared behind these links are not removed */
        assert_non_null(find_broken(loaded.model, "specs/shadow.yaml"));
        assert_non_null(find_broken(loaded.model, "specs/other/"));
        assert_non_null(find_broken(loaded.model, "specs/beside/"));
        assert_non_null(find_broken(loaded.model, "specs/hop/"));
        assert_non_null(find_broken(loaded.model, "specs/system1/"));
        for (size_t i = 0; i < loaded.model->brokens.n; i++)
                assert_false(loaded.model->brokens.items[i].is_unread);
        loaded_done(&loaded);
}

static void test_a_link_to_nowhere_keeps_what_it_led_to(void **state)
{
        Loaded loaded;

        (void)state;
        make_link("specs/team", "../unmounted");
        make_link("specs/a.yaml", "../unmounted/a.yaml");
        make_link("specs/ring", "ring");
        load("specs", &loaded);
        assert_int_equal(loaded.result, 0);
        assert_non_null(find_broken(loaded.model, "specs/team/"));
        assert_non_null(find_broken(loaded.model, "specs/a.yaml"));
        assert_non_null(find_broken(loaded.model, "specs/ring/"));
        assert_int_equal(loaded.diags.n_errors, 1); /* only the ring of links is an error */
        assert_int_equal(loaded.diags.n, 3);
        loaded_done(&loaded);
}

static void test_no_specs_are_read_from_proc_and_sys(void **state)
{
        Loaded loaded;

        (void)state;
        make_link("proc", "/proc/self");
        load("proc", &loaded);
        assert_int_equal(loaded.result, -EACCES);
        assert_non_null(strstr(error_message(&loaded.error), "/proc or /sys"));
        loaded_done(&loaded);
        make_link("status.yaml", "/proc/self/status");
        load("status.yaml", &loaded);
        assert_int_equal(loaded.result, 0);
        assert_non_null(strstr(loaded.lines.data, "it is part of /proc or /sys"));
        assert_null(strstr(loaded.lines.data, "VmPeak"));
        loaded_done(&loaded);
}

static void test_the_name_of_a_file_is_escaped(void **state)
{
        Loaded loaded;

        (void)state;
        write_text("specs/\x1b[31mred\n.yaml", "x: 1\n");
        load("specs", &loaded);
        assert_int_equal(loaded.result, 0);
        assert_non_null(strstr(loaded.lines.data, "/\\x1B[31mred\\n.yaml:1:1: error: "));
        assert_null(strchr(loaded.lines.data, '\x1b'));
        loaded_done(&loaded);
}

/* --- files and folders that cannot be read ---------------------------------------------------- */

static void make_team(void)
{
        write_component("specs/a.yaml", "a");
        make_folder("specs/team");
        make_folder("specs/team/deep");
        write_component("specs/team/b.yaml", "b");
        write_component("specs/team/deep/c.yaml", "c");
}

static void check_unread(const char *file, const char *why, bool has_b)
{
        const Broken *broken;
        Loaded loaded;

        load("specs", &loaded);
        assert_int_equal(loaded.result, 0);
        assert_true(has_component(loaded.model, "a"));
        assert_int_equal(has_component(loaded.model, "b"), has_b);
        broken = find_broken(loaded.model, file);
        assert_non_null(broken);
        assert_true(broken->is_unread);
        assert_non_null(strstr(broken->message, why));
        assert_true(loaded.diags.n_errors > 0);
        /* the next load reads the file again, although its times did not change */
        if (hook.refused) {
                Model *again = NULL;

                hook.refused = NULL;
                diag_list_clear(&loaded.diags);
                assert_int_equal(spec_tree_load(loaded.tree, &again, &loaded.diags, &loaded.error),
                                 0);
                assert_int_equal(again->components.n, 3);
                assert_int_equal(again->brokens.n, 0);
                model_unref(again);
        }
        loaded_done(&loaded);
}

static void test_a_disk_that_fails_keeps_what_was_declared_there(void **state)
{
        static const struct {
                const char *refused, *broken;
                int code;
                bool has_b;
        } cases[] = {
                { "/team", "specs/team/", EIO, false },
                { "/deep", "specs/team/deep/", EIO, true },
                { "/b.yaml", "specs/team/b.yaml", EIO, false },
                { "/b.yaml", "specs/team/b.yaml", EMFILE, false },
                { "/team", "specs/team/", EACCES, false },
        };

        (void)state;
        make_team();
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                hook.refused = cases[i].refused;
                hook.code = cases[i].code;
                check_unread(cases[i].broken, strerror(cases[i].code), cases[i].has_b);
        }
}

/* Loads with another user if the test runs as root, because root may read everything. */
static void load_as_nobody(const char *file, mode_t mode)
{
        bool is_root = getuid() == 0;

        assert_int_equal(chmod(in("specs/team"), mode), 0);
        if (is_root)
                assert_int_equal(seteuid(65534), 0);
        check_unread(file, "Permission denied", false);
        if (is_root)
                assert_int_equal(seteuid(0), 0);
        assert_int_equal(chmod(in("specs/team"), 0755), 0);
}

static void test_what_permissions_hide_keeps_what_was_declared_there(void **state)
{
        (void)state;
        make_team();
        load_as_nobody("specs/team/", 0);
        /* the names in the folder can be read, but no file can be opened */
        load_as_nobody("specs/team/b.yaml", 0644);
        load_as_nobody("specs/team/deep/", 0644);
}

static void test_the_folder_of_fsck_is_none_of_specs(void **state)
{
        Loaded loaded;

        (void)state;
        make_folder("specs/lost+found");
        write_component("specs/a.yaml", "a");
        hook.refused = "/lost+found";
        hook.code = EACCES;
        load("specs", &loaded);
        assert_int_equal(loaded.result, 0);
        assert_int_equal(loaded.diags.n, 0);
        assert_int_equal(loaded.model->brokens.n, 0);
        loaded_done(&loaded);
}

static void test_what_is_nested_too_deeply_keeps_what_was_declared_there(void **state)
{
        char name[256] = "specs";
        size_t size = 5;

        (void)state;
        write_component("specs/a.yaml", "a");
        for (unsigned i = 0; i < SPEC_DEPTH_MAX; i++) {
                size += (size_t)snprintf(name + size, sizeof(name) - size, "/d");
                make_folder(name);
        }
        (void)snprintf(name + size, sizeof(name) - size, "/");
        check_unread(name, "nested too deeply", false);
}

/* --- a tree that is replaced while it is read ------------------------------------------------- */

static void publish(const char *target)
{
        make_link("next", target);
        assert_int_equal(rename(in("next"), in("current")), 0);
}

static void publish_b(void)
{
        publish("b");
}

/* Makes two trees with the same documents. One document is in a file whose name differs. */
static void make_two_commits(void)
{
        static const char *const trees[] = { "a", "b" };

        for (unsigned i = 0; i < 2; i++) {
                char name[64];

                make_folder(trees[i]);
                for (unsigned k = 0; k < 6; k++) {
                        (void)snprintf(name, sizeof(name), "%s/m%u.yaml", trees[i], k);
                        write_component(name,
                                        (const char *[]){ "c0", "c1", "c2", "c3", "c4", "c5" }[k]);
                }
                (void)snprintf(name, sizeof(name), "%s/%s.yaml", trees[i], i == 0 ? "z" : "a");
                write_component(name, "moved");
        }
}

static void check_one_commit(const Loaded *loaded)
{
        if (loaded->result != 0)
                print_error("%s\n", error_message(&loaded->error));
        assert_int_equal(loaded->result, 0);
        assert_int_equal(loaded->diags.n, 0);
        assert_int_equal(loaded->model->components.n, 7);
        assert_int_equal(loaded->model->brokens.n, 0);
}

/* Repeats the load, and exchanges the link before a different open() each time. */
static void test_a_load_is_of_one_commit_whenever_the_link_is_swapped(void **state)
{
        size_t n_opens;

        (void)state;
        make_two_commits();
        make_link("current", "a");
        for (n_opens = 1;; n_opens++) {
                Loaded loaded;

                publish("a");
                hook.n_opens = 0;
                hook.moment = n_opens;
                hook.act = publish_b;
                load("current", &loaded);
                check_one_commit(&loaded);
                loaded_done(&loaded);
                if (hook.n_opens < n_opens)
                        break; /* the load has fewer calls of open() */
        }
        assert_true(n_opens > 7);
}

static void swap_data(void)
{
        make_link("specs/..data_tmp", "..two");
        assert_int_equal(rename(in("specs/..data_tmp"), in("specs/..data")), 0);
}

static void test_a_load_is_of_one_config_map_whenever_its_data_is_swapped(void **state)
{
        (void)state;
        make_folder("specs/..one");
        make_folder("specs/..two");
        make_link("specs/..data", "..one");
        make_link("specs/a.yaml", "..data/a.yaml");
        make_link("specs/b.yaml", "..data/b.yaml");
        write_component("specs/..one/a.yaml", "one");
        write_component("specs/..one/b.yaml", "two");
        write_component("specs/..two/a.yaml", "two");
        write_component("specs/..two/b.yaml", "one");
        for (size_t moment = 1; moment <= 3; moment++) {
                Loaded loaded;

                hook.n_opens = 0;
                hook.moment = moment;
                hook.act = swap_data;
                load("specs", &loaded);
                assert_int_equal(loaded.result, 0);
                assert_int_equal(loaded.diags.n, 0);
                assert_int_equal(loaded.model->components.n, 2);
                loaded_done(&loaded);
                hook.moment = 0;
                make_link("specs/..data_tmp", "..one");
                assert_int_equal(rename(in("specs/..data_tmp"), in("specs/..data")), 0);
        }
}

static void swap_folders(void)
{
        assert_int_equal(rename(in("specs"), in("old")), 0);
        assert_int_equal(rename(in("b"), in("specs")), 0);
}

static void rename_file(void)
{
        assert_int_equal(rename(in("specs/z.yaml"), in("specs/a.yaml")), 0);
}

static void rewrite_file(void)
{
        write_component("specs/z.yaml", "another-one");
}

static void test_a_folder_that_changes_while_it_is_read_is_read_again(void **state)
{
        static const struct {
                void (*act)(void);
                size_t moment;
                const char *name;
        } cases[] = {
                { swap_folders, 2, "c0" },
                { rename_file, 2, "moved" },
                { rename_file, 3, "moved" },
                { rewrite_file, 2, "another-one" },
        };

        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                Loaded loaded;

                make_two_commits();
                assert_int_equal(test_remove_tree(in("specs")), 0);
                assert_int_equal(rename(in("a"), in("specs")), 0);
                hook.n_opens = 0;
                hook.moment = cases[i].moment;
                hook.act = cases[i].act;
                load("specs", &loaded);
                check_one_commit(&loaded);
                assert_true(has_component(loaded.model, cases[i].name));
                loaded_done(&loaded);
                (void)tear_down(state);
                (void)set_up(state);
        }
}

/* Attack: a folder of the tree is replaced by a link that leads out of the tree, and restored. */

static bool is_swapped;

static void set_swapped(bool swapped)
{
        if (swapped == is_swapped)
                return;
        if (!swapped)
                assert_int_equal(unlink(in("specs/a/b")), 0);
        assert_int_equal(
                swapped ? rename(in("specs/a/b"), in("b")) : rename(in("b"), in("specs/a/b")), 0);
        if (swapped)
                make_link("specs/a/b", "../../outside");
        is_swapped = swapped;
}

/* Replaces the folder after its names were read, and restores it after the file was found. */
static void swap_before_the_file_is_found(const char *path)
{
        if (streq(path, "/a/b"))
                set_swapped(true);
        else if (streq(path, "/a/b/x.yaml") || streq(path, "/."))
                set_swapped(false);
}

static void swap_before_the_file_is_opened(const char *path)
{
        if (streq(path, "/a/b/x.yaml"))
                set_swapped(true);
        else if (streq(path, "/."))
                set_swapped(false);
}

static void test_a_folder_that_becomes_a_link_leads_nowhere(void **state)
{
        static const struct {
                void (*before)(const char *path), (*after)(const char *path);
                bool has_no_openat2;
        } cases[] = {
                { NULL, swap_before_the_file_is_found, false },
                { swap_before_the_file_is_opened, NULL, false },
                { swap_before_the_file_is_opened, NULL, true },
        };

        (void)state;
        make_folder("specs/a");
        make_folder("specs/a/b");
        make_folder("outside");
        write_component("specs/a/b/x.yaml", "inside");
        write_component("outside/x.yaml", "leak");
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                Loaded loaded;

                hook.has_no_openat2 = cases[i].has_no_openat2;
                load("specs", &loaded);
                assert_int_equal(loaded.result, 0);
                assert_int_equal(loaded.diags.n, 0);
                assert_true(has_component(loaded.model, "inside"));
                loaded_done(&loaded);
                hook.before = cases[i].before;
                hook.after = cases[i].after;
                load("specs", &loaded);
                assert_true(!loaded.model || !has_component(loaded.model, "leak"));
                assert_int_equal(loaded.result, -ESTALE);
                loaded_done(&loaded);
                hook.before = hook.after = NULL;
                set_swapped(false);
        }
}

/* Tests with openat2(2), then without it. */
static void test_no_link_in_a_path_is_followed(void **state)
{
        _cleanup_(close_fd) int base_fd = open(in("specs"), O_PATH | O_DIRECTORY | O_CLOEXEC);

        (void)state;
        make_folder("specs/real");
        make_folder("specs/real/deep");
        make_folder("outside");
        write_component("specs/real/deep/x.yaml", "inside");
        write_component("outside/x.yaml", "leak");
        make_link("specs/out", "../outside");
        make_link("specs/deep", "real/deep");
        make_link("specs/real/x.yaml", "../../outside/x.yaml");
        for (unsigned i = 0; i < 2; i++) {
                int fd = tree_open_beneath(base_fd, "real/deep/x.yaml", O_RDONLY);

                assert_true(fd >= 0);
                close_fd(&fd);
                fd = tree_open_beneath(base_fd, "real/x.yaml", O_PATH); /* the link itself */
                assert_true(fd >= 0);
                close_fd(&fd);
                assert_true(tree_open_beneath(base_fd, "out/x.yaml", O_RDONLY) < 0);
                assert_true(tree_open_beneath(base_fd, "out/x.yaml", O_PATH) < 0);
                assert_true(tree_open_beneath(base_fd, "deep/x.yaml", O_RDONLY) < 0);
                assert_int_equal(tree_open_beneath(base_fd, "real/x.yaml", O_RDONLY), -ELOOP);
                assert_int_equal(tree_open_beneath(base_fd, "../outside/x.yaml", O_RDONLY), -EXDEV);
                assert_int_equal(tree_open_beneath(base_fd, "..", O_PATH), -EXDEV);
                hook.has_no_openat2 = true;
        }
}

static void swap_again(void)
{
        static bool odd;

        /* a load opens a folder and seven files; the link is exchanged once in each */
        if (hook.n_opens % 8 != 4)
                return;
        odd = !odd;
        publish(odd ? "b" : "a");
}

static void test_a_tree_that_never_rests_is_not_loaded(void **state)
{
        Loaded loaded;

        (void)state;
        make_two_commits();
        make_link("current", "a");
        hook.moment = SIZE_MAX; /* before every open() */
        hook.act = swap_again;
        load("current", &loaded);
        assert_int_equal(loaded.result, -ESTALE);
        assert_null(loaded.model);
        assert_int_equal(hook.n_opens, 8 * SPEC_LOADS_MAX);
        loaded_done(&loaded);
}

/* --- cost of a file --------------------------------------------------------------------------- */

/* Returns the processor time for loading a file: the text head, then n lines of the format. In each
 * line, # is replaced by the number of the line. */
static double cost(const char *head, const char *format, unsigned n, size_t *ret_errors)
{
        FILE *file = fopen(in("specs/big.yaml"), "we");
        struct timespec before, after;
        Loaded loaded;

        assert_non_null(file);
        assert_true(fputs(head, file) >= 0);
        for (unsigned i = 0; i < n; i++) {
                for (const char *p = format; *p; p++)
                        assert_true(*p == '#' ? fprintf(file, "%06d", (int)i) > 0
                                              : fputc(*p, file) != EOF);
        }
        assert_int_equal(fclose(file), 0);
        assert_int_equal(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &before), 0);
        load("specs", &loaded);
        assert_int_equal(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &after), 0);
        assert_int_equal(loaded.result, 0);
        *ret_errors = loaded.diags.n_errors;
        loaded_done(&loaded);
        return (double)(after.tv_sec - before.tv_sec) +
               (double)(after.tv_nsec - before.tv_nsec) / 1e9;
}

/* A file of eight times the size must take less than 32 times the time. Quadratic work takes 64
 * times the time. Linear work takes 8 times, or more because of caches and busy machines. */
static void test_what_a_file_costs_grows_with_its_size_not_with_its_square(void **state)
{
        static const char component[] =
                "apiVersion: relman/v1\nkind: Component\nspec: {imageRepository: r.example.com/a}\n"
                "metadata:\n  name: a\n  labels:\n";
        static const struct {
                const char *name, *head, *format;
                unsigned few;
                bool wrong;
        } cases[] = {
                { "labels", component, "    k#: v\n", 6000, false },
                { "unknown fields", "apiVersion: relman/v1\n", "versioningStrat#: v\n", 5000,
                  true },
                { "missing components", "",
                  "---\n{apiVersion: relman/v1, kind: ReleaseStream, metadata: {name: s#}, spec: {components: [c#]}}\n",
                  1000, true },
                { "versions",
                  "apiVersion: relman/v1\nkind: Component\nmetadata: {name: a}\nspec:\n  imageRepository: r.example.com/a\n  versions:\n",
                  "    - {tag: t#, semver: 1.0.0, channel: stable}\n", 1500, false },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                const unsigned few = cases[i].few, many = 8 * few;
                size_t n_few, n_many;
                double small = cost(cases[i].head, cases[i].format, few, &n_few);
                double large = cost(cases[i].head, cases[i].format, many, &n_many);

                assert_case((n_few > 0) == cases[i].wrong && (n_many > 0) == cases[i].wrong,
                            "%s: %zu errors, then %zu", cases[i].name, n_few, n_many);
                assert_case(large < small * 32 + 0.02, "%s: %.3f s of processor, then %.3f",
                            cases[i].name, small, large);
        }
}

static void test_documents_of_a_file_are_counted(void **state)
{
        size_t n_errors;
        Loaded loaded;

        (void)state;
        (void)cost("", "a\n---\n", 100000, &n_errors);
        load("specs", &loaded);
        assert_non_null(
                strstr(loaded.lines.data, ":40001:1: error: too many documents in one file"));
        assert_int_equal(loaded.model->brokens.n, 1);
        loaded_done(&loaded);
}

/* A step without time does the minimum: some events of the parser, or one object. */
static void test_a_large_file_is_read_in_many_steps(void **state)
{
        enum {
                N_DOCUMENTS = 100
        };
        FILE *file = fopen(in("specs/a.yaml"), "we");
        SpecLoad *steps = NULL;
        size_t n_steps = 0;
        Loaded loaded;
        int r;

        (void)state;
        assert_non_null(file);
        for (unsigned i = 0; i < N_DOCUMENTS; i++)
                fprintf(file,
                        "---\n{apiVersion: relman/v1, kind: Component, metadata: {name: c%u}, "
                        "spec: {imageRepository: r.example.com/a}}\n",
                        i);
        assert_int_equal(fclose(file), 0);
        load("specs", &loaded);
        loaded.model = model_unref(loaded.model);
        write_component("specs/b.yaml", "b");
        /* the changed time makes relman parse the file again */
        assert_int_equal(utimensat(AT_FDCWD, in("specs/a.yaml"), NULL, 0), 0);
        assert_int_equal(spec_load_new(loaded.tree, &steps, &loaded.error), 0);
        while ((r = spec_load_step(steps, 0, &loaded.model, &loaded.diags, &loaded.error)) > 0)
                n_steps++;
        assert_int_equal(r, 0);
        assert_true(n_steps > N_DOCUMENTS + N_DOCUMENTS / 2);
        assert_int_equal(loaded.model->components.n, N_DOCUMENTS + 1);
        spec_load_free(steps);
        loaded_done(&loaded);
}

/* Only diagnostics that are kept get a suggestion, but all are counted. */
static void test_thousands_of_unknown_platforms_are_counted_and_few_compared(void **state)
{
        enum {
                N_PLATFORMS = 30000
        };
        _cleanup_(buffer_done) Buffer text;
        Loaded loaded;

        (void)state;
        buffer_init(&text, TEST_ARENA_MAX);
        (void)buffer_puts(&text, "apiVersion: relman/v1\nkind: Component\nmetadata: {name: api}\n"
                                 "spec:\n  imageRepository: registry.example.com/api\n"
                                 "  platforms:\n");
        for (unsigned i = 0; i < N_PLATFORMS; i++)
                (void)buffer_printf(&text, "  - linux/amd6%u\n", 10 + i);
        write_text("specs/a.yaml", text.data);
        n_suggestions = 0;
        load("specs", &loaded);
        assert_int_equal(loaded.diags.n, DIAG_MAX);
        assert_int_equal(diag_list_n_warnings(&loaded.diags), N_PLATFORMS);
        assert_int_equal(n_suggestions, DIAG_MAX);
        assert_non_null(
                strstr(loaded.lines.data, "no platform \"linux/amd610\" is known; did you mean "));
        loaded_done(&loaded);
}

static void test_a_folder_of_many_files_is_walked_in_many_steps(void **state)
{
        enum {
                N_FILES = 100
        };
        TreeFiles files = { .base_fd = -1 };
        TreeWalk *walk = NULL;
        Error error = { 0 };
        size_t n_steps = 0;
        DiagList diags;
        Arena arena;
        int r;

        (void)state;
        arena_init(&arena, TEST_ARENA_MAX);
        diag_list_init(&diags);
        for (unsigned i = 0; i < N_FILES; i++) {
                char name[64];

                (void)snprintf(name, sizeof(name), "specs/%u.yaml", i);
                write_component(name, "a");
        }
        make_link("specs/link.yaml", "1.yaml");
        assert_int_equal(tree_walk_new(in("specs"), &arena, &diags, &walk, &error), 0);
        while ((r = tree_walk_step(walk, 0, &files, &error)) > 0)
                n_steps++;
        assert_int_equal(r, 0);
        assert_true(n_steps > N_FILES);
        assert_int_equal(files.n, N_FILES);
        tree_walk_free(walk);
        tree_files_done(&files);
        /* a walk that is freed before its end */
        assert_int_equal(tree_walk_new(in("specs"), &arena, &diags, &walk, &error), 0);
        assert_int_equal(tree_walk_step(walk, 0, &files, &error), 1);
        tree_walk_free(walk);
        diag_list_done(&diags);
        arena_done(&arena);
}

static void test_keys_are_distinguished_however_many_there_are(void **state)
{
        char text[4096] = "x:\n";
        size_t size = strlen(text);
        Loaded loaded;

        (void)state;
        for (unsigned i = 0; i < 100; i++)
                size += (size_t)snprintf(text + size, sizeof(text) - size, "  k%u: v\n", i);
        (void)snprintf(text + size, sizeof(text) - size, "  k50: w\n  k99: w\n");
        write_text("specs/a.yaml", text);
        load("specs", &loaded);
        assert_non_null(
                strstr(loaded.lines.data,
                       ":102:3: error: repeated key \"k50\"; it stands at line 52, column 3"));
        assert_non_null(strstr(loaded.lines.data,
                               ":103:3: error: repeated key \"k99\"; it stands at line 101"));
        loaded_done(&loaded);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_folder_is_read_once_whatever_ways_lead_to_it, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_links_inside_the_tree_are_followed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_links_that_leave_the_tree_are_named_and_never_read,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_link_to_nowhere_keeps_what_it_led_to, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_no_specs_are_read_from_proc_and_sys, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_the_name_of_a_file_is_escaped, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_disk_that_fails_keeps_what_was_declared_there,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_what_permissions_hide_keeps_what_was_declared_there,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(
                test_what_is_nested_too_deeply_keeps_what_was_declared_there, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_load_is_of_one_commit_whenever_the_link_is_swapped,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(
                test_a_load_is_of_one_config_map_whenever_its_data_is_swapped, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_folder_that_changes_while_it_is_read_is_read_again,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_folder_that_becomes_a_link_leads_nowhere, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_no_link_in_a_path_is_followed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_tree_that_never_rests_is_not_loaded, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(
                test_what_a_file_costs_grows_with_its_size_not_with_its_square, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_the_folder_of_fsck_is_none_of_specs, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(
                test_thousands_of_unknown_platforms_are_counted_and_few_compared, set_up,
                tear_down),
        cmocka_unit_test_setup_teardown(test_documents_of_a_file_are_counted, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_large_file_is_read_in_many_steps, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_folder_of_many_files_is_walked_in_many_steps, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_keys_are_distinguished_however_many_there_are, set_up,
                                        tear_down),
};
TEST_PROGRAM("tree", tests, NULL, NULL)
