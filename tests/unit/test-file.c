/* Tests atomic replacement of files, locks, digests and ids. */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/file.h"
#include "base/uuid.h"
#include "unit.h"

static char folder[] = "/tmp/relman-test-file-XXXXXX";

/* The calls of fsync() by the tested code. Records their paths, and makes the call with number
 * fails_at fail. */
static struct {
        unsigned n, fails_at; /* number of calls; number of the call that fails, 0: none */
        char paths[8][PATH_MAX];
} syncs;

int __real_fsync(int fd);
int __wrap_fsync(int fd);

int __wrap_fsync(int fd)
{
        char link[40];
        ssize_t n;

        if (syncs.n < ARRAY_SIZE(syncs.paths)) {
                (void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
                n = readlink(link, syncs.paths[syncs.n], PATH_MAX - 1);
                syncs.paths[syncs.n][n > 0 ? n : 0] = '\0';
        }
        if (++syncs.n == syncs.fails_at) {
                errno = EIO;
                return -1;
        }
        return __real_fsync(fd);
}

static void fail_sync(unsigned n)
{
        syncs.n = 0;
        syncs.fails_at = n;
}

static const char *in(const char *name)
{
        static char path[4][200];
        static unsigned turn;

        turn = (turn + 1) % 4;
        (void)snprintf(path[turn], sizeof(path[turn]), "%s/%s", folder, name);
        return path[turn];
}

static int set_up(void **state)
{
        (void)state;
        return mkdtemp(folder) ? 0 : -1;
}

static int tear_down(void **state)
{
        (void)state;
        return test_remove_tree(folder);
}

static void assert_content(const char *path, const char *wanted)
{
        Error error = { 0 };
        char *data;
        size_t size;

        assert_int_equal(file_read(path, 1000, &data, &size, &error), 0);
        assert_string_equal(data, wanted);
        free(data);
}

static void test_a_file_is_replaced_completely_with_its_mode(void **state)
{
        const char *path = in("replaced");
        Error error = { 0 };
        struct stat st;

        (void)state;
        (void)umask(0);
        assert_int_equal(file_replace(path, "old", 3, 0644, &error), 0);
        assert_int_equal(file_replace(path, "newer", 5, 0640, &error), 0);
        assert_content(path, "newer");
        assert_int_equal(stat(path, &st), 0);
        assert_int_equal(st.st_mode & 0777, 0640);
}

static void test_equal_bytes_are_not_written_again(void **state)
{
        const char *path = in("updated");
        Error error = { 0 };
        struct stat before, after;

        (void)state;
        assert_int_equal(file_update(path, "same", 4, FILE_ACCESS(0644), &error), 1);
        assert_int_equal(stat(path, &before), 0);
        assert_int_equal(file_update(path, "same", 4, FILE_ACCESS(0644), &error), 0);
        assert_int_equal(stat(path, &after), 0);
        assert_int_equal(before.st_ino, after.st_ino);
        assert_int_equal(file_update(path, "same", 4, FILE_ACCESS(0600), &error), 1);
        assert_int_equal(stat(path, &after), 0);
        assert_int_equal(after.st_mode & 0777, 0600);
        assert_int_equal(file_update(path, "others", 6, FILE_ACCESS(0644), &error), 1);
        assert_content(path, "others");
}

static void test_a_link_is_replaced_and_nothing_else(void **state)
{
        const char *path = in("latest");
        Error error = { 0 };
        char target[16] = "";

        (void)state;
        assert_int_equal(file_link(path, "a", &error), 1);
        assert_int_equal(file_link(path, "a", &error), 0);
        assert_int_equal(file_link(path, "b", &error), 1);
        assert_int_equal(readlink(path, target, sizeof(target)), 1);
        assert_string_equal(target, "b");
        assert_int_equal(file_replace(in("no-link"), "x", 1, 0644, &error), 0);
        assert_int_equal(file_link(in("no-link"), "a", &error), -EEXIST);
        assert_content(in("no-link"), "x");
        error_done(&error);
}

static size_t count_entries(const char *path)
{
        DIR *dir = opendir(path);
        size_t n = 0;

        assert_non_null(dir);
        while (readdir(dir))
                n++;
        assert_int_equal(closedir(dir), 0);
        return n - 2; /* without the entries . and .. */
}

static void test_a_failed_replace_leaves_the_old_file_and_no_other(void **state)
{
        Error error = { 0 };

        (void)state;
        assert_int_equal(mkdir(in("folder"), 0755), 0);
        assert_int_equal(mkdir(in("folder/target"), 0755), 0);
        assert_int_equal(file_replace(in("folder/target/x"), "old", 3, 0644, &error), 0);
        assert_true(file_replace(in("folder/target"), "new", 3, 0644, &error) < 0);
        assert_non_null(strstr(error_message(&error), "folder/target"));
        error_done(&error);
        assert_content(in("folder/target/x"), "old");
        assert_int_equal(count_entries(in("folder")), 1);
        assert_true(file_replace(in("nowhere/x"), "new", 3, 0644, &error) < 0);
        error_done(&error);
}

static ino_t inode_of(const char *path)
{
        struct stat st;

        assert_int_equal(lstat(path, &st), 0);
        return st.st_ino;
}

static void assert_mode(const char *path, mode_t wanted)
{
        struct stat st;

        assert_int_equal(stat(path, &st), 0);
        assert_int_equal(st.st_mode & 07777, wanted);
}

static void test_a_file_that_cannot_be_synced_leaves_the_old_one(void **state)
{
        Error error = { 0 };

        (void)state;
        assert_int_equal(mkdir(in("sync"), 0755), 0);
        fail_sync(0);
        assert_int_equal(file_update(in("sync/f"), "old", 3, FILE_ACCESS(0644), &error), 1);
        assert_int_equal(syncs.n, 2); /* one fsync() of the file and one of the folder */
        fail_sync(1);
        assert_int_equal(file_update(in("sync/f"), "new", 3, FILE_ACCESS(0644), &error), -EIO);
        assert_non_null(strstr(error_message(&error), "sync/f"));
        error_done(&error);
        assert_content(in("sync/f"), "old");
        assert_int_equal(count_entries(in("sync")), 1);
        assert_int_equal(file_update(in("sync/f"), "new", 3, FILE_ACCESS(0644), &error), 1);
        assert_content(in("sync/f"), "new");
}

static void test_a_file_whose_folder_was_not_synced_is_written_again(void **state)
{
        Error error = { 0 };
        ino_t unsynced;

        (void)state;
        assert_int_equal(mkdir(in("unsynced"), 0755), 0);
        fail_sync(2);
        assert_int_equal(file_update(in("unsynced/f"), "new", 3, FILE_ACCESS(0644), &error), -EIO);
        error_done(&error);
        /* the new file may be visible already, and is complete */
        assert_content(in("unsynced/f"), "new");
        unsynced = inode_of(in("unsynced/f"));
        fail_sync(0);
        assert_int_equal(file_update(in("unsynced/f"), "new", 3, FILE_ACCESS(0644), &error), 1);
        assert_int_equal(syncs.n, 2);
        assert_true(inode_of(in("unsynced/f")) != unsynced);
        assert_mode(in("unsynced/f"), 0644);
        assert_int_equal(file_update(in("unsynced/f"), "new", 3, FILE_ACCESS(0644), &error), 0);
        assert_int_equal(count_entries(in("unsynced")), 1);
}

static void test_a_link_whose_folder_was_not_synced_is_made_again(void **state)
{
        Error error = { 0 };

        (void)state;
        assert_int_equal(mkdir(in("links"), 0755), 0);
        for (size_t i = 0; i < 2; i++) { /* a new link, then a link with another target */
                const char *target = i == 0 ? "a" : "b";

                fail_sync(1);
                assert_int_equal(file_link(in("links/l"), target, &error), -EIO);
                error_done(&error);
                fail_sync(0);
                assert_int_equal(file_link(in("links/l"), target, &error), 1);
                assert_int_equal(syncs.n, 1);
                assert_int_equal(file_link(in("links/l"), target, &error), 0);
                assert_int_equal(count_entries(in("links")), 1);
        }
}

static void test_folders_are_durable_where_they_are_made(void **state)
{
        Error error = { 0 };

        (void)state;
        fail_sync(0);
        assert_int_equal(file_make_folder(in("made/by/us"), 0755, &error), 0);
        assert_int_equal(syncs.n, 3);
        assert_string_equal(syncs.paths[0], folder);
        assert_string_equal(syncs.paths[1], in("made"));
        assert_string_equal(syncs.paths[2], in("made/by"));
        fail_sync(0);
        assert_int_equal(file_make_folder(in("made/by/us"), 0755, &error), 0);
        assert_int_equal(syncs.n, 0);
        /* the first call cannot sync the parent folder; the second call syncs the parent folder
         * again */
        for (size_t i = 0; i < 2; i++) {
                fail_sync(2);
                assert_int_equal(file_make_folder(in("twice/failed"), 0755, &error),
                                 i == 0 ? -EIO : 0);
                error_done(&error);
                assert_int_equal(syncs.n, i == 0 ? 2 : 1);
        }
        fail_sync(0);
        assert_int_equal(access(in("twice/failed"), F_OK), 0);
}

static void test_what_is_no_plain_file_or_too_large_is_refused(void **state)
{
        Error error = { 0 };
        char *data;
        size_t size;

        (void)state;
        assert_int_equal(mkfifo(in("fifo"), 0644), 0);
        assert_true(file_read(in("fifo"), 100, &data, &size, &error) < 0);
        error_done(&error);
        assert_true(file_read(folder, 100, &data, &size, &error) < 0);
        error_done(&error);
        assert_true(file_read("/dev/zero", 100, &data, &size, &error) < 0);
        error_done(&error);
        assert_true(file_read(in("missing"), 100, &data, &size, &error) == -ENOENT);
        assert_int_equal(error.kind, ERROR_NOT_FOUND);
        error_done(&error);
        assert_int_equal(file_replace(in("large"), "0123456789", 10, 0644, &error), 0);
        assert_true(file_read(in("large"), 9, &data, &size, &error) < 0);
        error_done(&error);
        assert_int_equal(file_read(in("large"), 10, &data, &size, &error), 0);
        free(data);
}

static void test_left_overs_of_a_killed_process_are_swept(void **state)
{
        Error error = { 0 };

        (void)state;
        assert_int_equal(mkdir(in("sweep"), 0755), 0);
        assert_int_equal(file_replace(in("sweep/a.lock.yaml"), "x", 1, 0644, &error), 0);
        assert_int_equal(file_replace(in("sweep/.a.lock.yaml.tmp.AbCdEf"), "x", 1, 0644, &error),
                         0);
        assert_int_equal(file_replace(in("sweep/.hidden"), "x", 1, 0644, &error), 0);
        assert_true(file_sweep(in("sweep"), &error) >= 0);
        assert_int_equal(access(in("sweep/.a.lock.yaml.tmp.AbCdEf"), F_OK), -1);
        assert_int_equal(access(in("sweep/a.lock.yaml"), F_OK), 0);
        assert_int_equal(access(in("sweep/.hidden"), F_OK), 0);
        assert_int_equal(file_remove(in("sweep/a.lock.yaml"), &error), 1);
        assert_int_equal(file_remove(in("sweep/a.lock.yaml"), &error), 0);
}

static void test_a_lock_names_its_holder(void **state)
{
        Error error = { 0 };
        char pid[40];
        int fd = -1, other = -1;

        (void)state;
        assert_int_equal(file_lock(in("lock"), &fd, &error), 0);
        assert_int_equal(file_lock(in("lock"), &other, &error), -EWOULDBLOCK);
        (void)snprintf(pid, sizeof(pid), "pid %d", getpid());
        assert_non_null(strstr(error_message(&error), pid));
        error_done(&error);
        close_fd(&fd);
        assert_int_equal(file_lock(in("lock"), &other, &error), 0);
        close_fd(&other);
}

static void test_digests_are_those_of_the_oci_spec(void **state)
{
        static const char empty[] =
                "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        char digest[DIGEST_SIZE_MAX];
        DigestStream *stream;

        (void)state;
        digest_sha256("", 0, digest);
        assert_string_equal(digest, empty);
        assert_true(digest_matches(empty, "", 0));
        assert_false(digest_matches(empty, "x", 1));
        stream = digest_stream_new();
        digest_stream_add(stream, "ab", 2);
        digest_stream_add(stream, "c", 1);
        digest_stream_end(stream, digest);
        digest_stream_free(stream);
        assert_true(digest_matches(digest, "abc", 3));
        assert_true(digest_matches(
                "sha512:ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
                "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
                "abc", 3));
}

static void test_what_is_no_digest_is_refused(void **state)
{
        static const char *const cases[] = {
                "",
                "sha256:",
                "sha256:e3b0",
                "SHA256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
                "sha256:E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855",
                "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b85",
                "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b8555",
                "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b85 ",
                "sha384:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
                "md5:d41d8cd98f00b204e9800998ecf8427e",
                "blake3:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
                "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
                "sha256:../../x",
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
                assert_case(!digest_is_valid(cases[i]), "'%s'", cases[i]);
}

static void test_a_digest_may_be_named_by_its_beginning(void **state)
{
        static const char *const good[] = { "sha256:01234567", "sha512:0123456789abcdef",
                                            "deadbeef" };
        static const char *const bad[] = { "",         "deadbee",      "sha256:deadbee",
                                           "DEADBEEF", "md5:deadbeef", "sha256:deadbeefg",
                                           "sha256:",  "deadbeef:" };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(good); i++)
                assert_case(digest_is_prefix(good[i]), "'%s'", good[i]);
        for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
                assert_case(!digest_is_prefix(bad[i]), "'%s'", bad[i]);
}

static void test_a_digest_is_compared_with_its_beginning(void **state)
{
        static const char digest[] = "sha256:0123456789abcdef";

        (void)state;
        assert_true(digest_has_prefix(digest, "sha256:01234567"));
        assert_true(digest_has_prefix(digest, "01234567"));
        assert_true(digest_has_prefix(digest, digest));
        assert_false(digest_has_prefix(digest, "12345678"));
        assert_false(digest_has_prefix(digest, "sha512:01234567"));
        assert_false(digest_has_prefix(digest, "sha256:0123456789abcdef0"));
        assert_false(digest_has_prefix("", "01234567"));
}

static void test_ids_follow_from_names_and_new_ones_from_time(void **state)
{
        Uuid a = uuid_of((const char *[]){ "default", "Component", "api", NULL });
        Uuid b = uuid_of((const char *[]){ "default", "Component", "api", NULL });
        Uuid shifted = uuid_of((const char *[]){ "default", "Componenta", "pi", NULL });
        Uuid before, after;

        (void)state;
        assert_string_equal(a.text, b.text);
        assert_string_not_equal(a.text, shifted.text);
        assert_true(uuid_is_valid(a.text));
        assert_int_equal(a.text[14], '5');
        before = uuid_new(1700000000 * USEC_PER_SEC);
        after = uuid_new(1700000001 * USEC_PER_SEC);
        assert_int_equal(before.text[14], '7');
        assert_true(strcmp(before.text, after.text) < 0);
        assert_false(uuid_is_valid("489F6DCE-8557-525F-BED2-72F083F18098"));
        assert_false(uuid_is_valid("489f6dce-8557-525f-bed2-72f083f1809"));
        assert_false(uuid_is_valid("489f6dce-8557-525f-bed2_72f083f18098"));
}

static void test_errors_gather_context_from_the_inside_out(void **state)
{
        Error error = { 0 }, moved = { 0 };

        (void)state;
        assert_int_equal(error_set(&error, ERROR_NOT_FOUND, -ENOENT, "no file '%s'", "x"), -ENOENT);
        assert_int_equal(error_prefix(&error, -ENOENT, "release '%s'", "r"), -ENOENT);
        assert_string_equal(error_message(&error), "release 'r': no file 'x'");
        assert_string_equal(error_kind_to_string(error.kind), "not-found");
        error_move(&moved, &error);
        assert_int_equal(error.kind, ERROR_NONE);
        error_done(&moved);
        assert_non_null(error_message(&moved));
        assert_int_equal(error_set(NULL, ERROR_INVALID, -EINVAL, "nobody listens"), -EINVAL);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_file_is_replaced_completely_with_its_mode),
        cmocka_unit_test(test_equal_bytes_are_not_written_again),
        cmocka_unit_test(test_a_link_is_replaced_and_nothing_else),
        cmocka_unit_test(test_a_failed_replace_leaves_the_old_file_and_no_other),
        cmocka_unit_test(test_a_file_that_cannot_be_synced_leaves_the_old_one),
        cmocka_unit_test(test_a_file_whose_folder_was_not_synced_is_written_again),
        cmocka_unit_test(test_a_link_whose_folder_was_not_synced_is_made_again),
        cmocka_unit_test(test_folders_are_durable_where_they_are_made),
        cmocka_unit_test(test_what_is_no_plain_file_or_too_large_is_refused),
        cmocka_unit_test(test_left_overs_of_a_killed_process_are_swept),
        cmocka_unit_test(test_a_lock_names_its_holder),
        cmocka_unit_test(test_digests_are_those_of_the_oci_spec),
        cmocka_unit_test(test_what_is_no_digest_is_refused),
        cmocka_unit_test(test_a_digest_may_be_named_by_its_beginning),
        cmocka_unit_test(test_a_digest_is_compared_with_its_beginning),
        cmocka_unit_test(test_ids_follow_from_names_and_new_ones_from_time),
        cmocka_unit_test(test_errors_gather_context_from_the_inside_out),
};
TEST_PROGRAM("file", tests, set_up, tear_down)
