/* Tests the names that git gets, its input, and what is read from its output. */

#include "git/answer.h"
#include "git/change.h"
#include "git/import.h"
#include "git/step.h"
#include "model/git/git-name.h"
#include "unit.h"

#define A "4f1c2d3e5a6b7c8d9e0f4f1c2d3e5a6b7c8d9e0f"
#define B "0a1b2c3d4e5f60718293a4b5c6d7e8f901234567"

TEST_ARENA(arena, set_up, tear_down)

static void assert_names(bool (*is_valid)(const char *), const char *const *names, bool wanted)
{
        for (; *names; names++)
                if (is_valid(*names) != wanted)
                        fail_msg("'%s' is %s", *names, wanted ? "refused" : "accepted");
}

#define NAMES(...) ((const char *const[]){ __VA_ARGS__, NULL })

static void test_names_that_git_gets(void **state)
{
        (void)state;
        assert_names(git_url_is_valid,
                     NAMES("https://git.example/team/deploy.git", "https://h:8443/a/b",
                           "ssh://git@h/x.git", "ssh://h:22/~anna/x", "file:///srv/git/x.git",
                           "https://[::1]:8443/x"),
                     true);
        assert_names(git_url_is_valid,
                     NAMES("", "x", "/srv/x", "git@h:x.git", "http://h/x", "git://h/x",
                           "ext::sh -c id", "https://u:p@h/x", "https://u@h/x", "ssh://u:p@h/x",
                           "ssh://@h/x", "ssh://git@/x", "ssh://-oProxyCommand=id/x",
                           "ssh://git@-oProxyCommand=id/x", "https://h", "https://h/", "https:///x",
                           "https://h/x?y", "https://h/x#y", "https://h/a b", "https://h/a'b",
                           "https://h/a\nb", "file://", "file:///", "file://h/x"),
                     false);
        assert_names(git_branch_is_valid, NAMES("main", "deploy/prod", "v1.2-x_y", "a"), true);
        assert_names(git_branch_is_valid,
                     NAMES("", "-x", "/a", "a/", "a//b", "a..b", ".a", "a/.b", "a.lock", "a.lock/b",
                           "a.", "a b", "a~1", "a^", "a:b", "a*", "@{u}", "a\\b"),
                     false);
        assert_names(git_path_is_valid, NAMES("a", "a/b.yaml", "apps/prod env/ü.yaml", ".github/x"),
                     true);
        assert_names(git_path_is_valid,
                     NAMES("", "/a", "a/", "a//b", ".", "..", "a/../b", "./a", ".git/config",
                           "a/.GIT/hooks", "a\nM 100644 inline x", "\"a\"", "a\\b", "a\x7f"),
                     false);
        assert_names(git_pointer_is_valid, NAMES("/a", "/a/0", "/a~1b/[name=x]", "/ü"), true);
        assert_names(git_pointer_is_valid, NAMES("", "a", "/", "a/b", "/a~2b", "/a~", "/a\nb"),
                     false);
        assert_names(git_author_is_valid, NAMES("relman <relman@localhost>", "A B <a@b>"), true);
        assert_names(git_author_is_valid,
                     NAMES("", "me", "<a@b>", " <a@b>", "a<a@b>", "a <>", "a <a b>", "a <a@b> x",
                           "a <a@b", "a\nb <a@b>", "a > <a@b>"),
                     false);
}

static void test_commits_as_fast_import_reads_them(void **state)
{
        GitFile files[] = { { .path = "a/b c", .data = "x\ny", .size = 3 }, { .path = "gone" } };
        GitFile program = { .path = "run", .data = "x", .size = 1, .is_executable = true };
        GitCommit items[] = { { .message = "one\n", .at = 5 * USEC_PER_SEC, .n_files = 2 },
                              { .message = "two\n", .at = 6 * USEC_PER_SEC, .n_files = 1 },
                              { .message = "three\n", .at = 7 * USEC_PER_SEC, .n_files = 1 } };
        const GitCommits commits = { items, 3 };
        const bool skip[] = { false, true, false };
        _cleanup_(buffer_done) Buffer out;

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(items); i++) {
                items[i].author = "n <e>";
                items[i].files = i == 2 ? &program : files;
        }
        buffer_init(&out, IMPORT_MAX);
        assert_int_equal(import_write(&commits, A, skip, &out), 0);
        assert_string_equal(out.data,
                            "feature done\n"
                            "reset refs/relman/new/0\n\ncommit refs/relman/new/0\nmark :1\n"
                            "author n <e> 5 +0000\ncommitter n <e> 5 +0000\ndata 4\none\n\n"
                            "from " A "\nM 100644 inline a/b c\ndata 3\nx\ny\nD gone\n\n"
                            "reset refs/relman/new/2\n\ncommit refs/relman/new/2\nmark :3\n"
                            "author n <e> 7 +0000\ncommitter n <e> 7 +0000\ndata 6\nthree\n\n"
                            "from :1\nM 100755 inline run\ndata 1\nx\n\n"
                            "reset refs/relman/new/last\nfrom :3\n\ndone\n");
        buffer_clear(&out);
        assert_int_equal(import_write(&commits, "", NULL, &out), 0);
        assert_null(strstr(out.data, "from " A));
        assert_non_null(strstr(out.data, "reset refs/relman/new/last\nfrom :3\n"));
}

/* Appends an "x" to a file, or fails for the file "bad". */
static int append_x(GitFile *file, const GitFile *old, Arena *to, Error *err)
{
        if (streq(file->path, "bad"))
                return error_set(err, ERROR_INVALID, -EINVAL, "bad content");
        file->data = arena_printf(to, "%.*sx", (int)old->size, old->data);
        file->size = old->size + 1;
        return 0;
}

static void test_each_commit_changes_the_files_of_the_one_before(void **state)
{
        GitFile both[] = { { .path = "a", .change = append_x },
                           { .path = "bad", .change = append_x } };
        GitFile first = both[0], last = both[0];
        GitFile missing[] = { { .path = "new", .change = append_x },
                              { .path = "link", .change = append_x } };
        GitCommit items[] = { { .files = &first, .n_files = 1 },
                              { .files = both, .n_files = 2 },
                              { .files = &last, .n_files = 1 },
                              { .files = &missing[0], .n_files = 1 },
                              { .files = &missing[1], .n_files = 1 } };
        const GitCommits commits = { items, ARRAY_SIZE(items) };
        static const char tree[] = "100755 blob " A "\ta\000100644 blob " B "\tbad\000"
                                   "120000 blob " A "\tlink\000100644 blob " A "\tother";
        static const char blobs[] = A " blob 2\nü\n" B " blob 0\n\n";
        _cleanup_(buffer_done) Buffer request;
        BranchFiles files;

        (void)state;
        buffer_init(&request, 1024);
        assert_int_equal(change_find_files(&commits, &arena, &files), 0);
        assert_int_equal(files.n, 4);
        change_read_tree(&files, tree, sizeof(tree));
        assert_int_equal(change_request(&files, &request), 0);
        assert_string_equal(request.data, A "\n" B "\n");
        for (size_t n = 0; n < strlen(blobs); n++)
                assert_int_equal(change_read_blobs(&files, blobs, n, &arena), -EBADMSG);
        assert_int_equal(change_read_blobs(&files, blobs, strlen(blobs), &arena), 0);
        assert_int_equal(change_make(&commits, &files, &arena), 0);
        assert_string_equal(first.data, "üx");
        assert_string_equal(items[1].problem, "bad content");
        assert_string_equal(last.data, "üxx");
        assert_true(last.is_executable);
        assert_string_equal(items[3].problem,
                            "file 'new' is not on the branch; commit it there first");
        assert_string_equal(items[4].problem,
                            "file 'link' is a symbolic link; name the file that it points to");
}

static void test_what_a_server_lists(void **state)
{
        static const char listed[] = "warning: something\n" A "\trefs/heads/main-old\n" B
                                     "\trefs/heads/main\n" A "\trefs/heads/x/refs/heads/main\n";
        char head[GIT_COMMIT_MAX];
        char ids[2][GIT_COMMIT_MAX];

        (void)state;
        answer_find_head(listed, strlen(listed), "main", head);
        assert_string_equal(head, B);
        answer_find_head(listed, strlen(listed), "mai", head);
        assert_string_equal(head, "");
        answer_find_head("", 0, "main", head);
        assert_string_equal(head, "");
        answer_find_head(A A "\trefs/heads/main", 96, "main", head); /* an id of 80 digits */
        assert_string_equal(head, "");
        assert_true(answer_read_ids(A "\n" B "\n", 82, ids, 2));
        assert_string_equal(ids[1], B);
        assert_false(answer_read_ids(A "\n" B "\n", 82, ids, 1));
        assert_false(answer_read_ids(A "\n", 41, ids, 2));
        assert_false(answer_read_ids(A "^{tree}\n", 48, ids, 1));
        assert_false(answer_read_ids("\n", 1, ids, 1));
}

static void test_why_a_push_failed(void **state)
{
        static const struct {
                const char *output;
                PushFault fault;
                const char *reason;
        } cases[] = {
                { "To https://h/x\n!\tr:refs/heads/main\t[rejected] (stale info)\nDone\n"
                  "error: failed to push some refs to 'https://h/x'\n",
                  PUSH_MOVED, "!\tr:refs/heads/main\t[rejected] (stale info)" },
                { "!\tr:refs/heads/main\t[remote rejected] (cannot lock ref 'refs/heads/main': is "
                  "at 1 but expected 2)\n",
                  PUSH_MOVED, NULL },
                { "remote: no thanks        \n!\tr:refs/heads/main\t[remote rejected] "
                  "(pre-receive hook declined)\n",
                  PUSH_REFUSED, NULL },
                { "fatal: the receiving end does not support this repository's hash algorithm\n"
                  "fatal: the remote end hung up unexpectedly\n",
                  PUSH_FORMAT,
                  "fatal: the receiving end does not support this repository's hash algorithm" },
                { "fatal: unable to access 'https://h/x/': Could not resolve host: h\n",
                  PUSH_FAILED,
                  "fatal: unable to access 'https://h/x/': Could not resolve host: h" },
                { "", PUSH_FAILED, "no reason given" },
                { "@@@\nHost key verification failed.\n", PUSH_FAILED,
                  "the key of the server is not in knownHosts" },
                { "a\x1b[31mb\xff\n", PUSH_FAILED, "a?[31mb?" },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                const char *output = cases[i].output;
                const char *reason = answer_reason(output, strlen(output), &arena);

                assert_int_equal(answer_push_fault(output, strlen(output)), cases[i].fault);
                assert_non_null(reason);
                if (cases[i].reason && i > 0)
                        assert_string_equal(reason, cases[i].reason);
        }
}

static bool has_word(const char **words, const char *text)
{
        for (; *words; words++)
                if (strstr(*words, text))
                        return true;
        return false;
}

static void test_a_password_is_in_no_argument(void **state)
{
        const GitRemote remote = { .url = "https://h/x",
                                   .branch = "main",
                                   .cache = "/c",
                                   .password = "u:s3cret",
                                   .signing_key = "/k" };
        const bool skip = false;
        const BranchFiles files = { 0 };
        const GitCommit commit = { .message = "m", .author = "n <e>", .at = 5 * USEC_PER_SEC };
        const GitVerify verify = { .ssh_signers = "/s", .ssh_revoked = "/r" };
        const GitStepInput input = { .format = "sha1",
                                     .files = &files,
                                     .parent = A,
                                     .n_commits = 1,
                                     .skip = &skip,
                                     .commit = &commit,
                                     .before = A,
                                     .last = GIT_LAST_REF,
                                     .lease = A,
                                     .revision = GIT_BASE_REF,
                                     .id = A,
                                     .path = "specs",
                                     .verify = &verify };
        const char **environment = git_step_environment(&remote, &input, &arena);

        (void)state;
        for (GitStep step = 0; step < GIT_STEP_MAX_; step++) {
                const char **arguments = git_step_arguments(step, &remote, &input, &arena);

                assert_non_null(arguments);
                assert_false(has_word(arguments, "s3cret"));
                assert_non_null(git_step_name(step));
        }
        assert_true(has_word(environment, "GIT_CONFIG_KEY_0=http.https://h/x.extraHeader"));
        assert_true(has_word(environment, "Authorization: Basic dTpzM2NyZXQ="));
        assert_true(has_word(environment, "GIT_TERMINAL_PROMPT=0"));
}

static void test_entries_of_a_tree(void **state)
{
        static const char output[] = "100644 blob " A "      12\tspecs/a b.yaml\0"
                                     "120000 blob " A "       2\tlink\0"
                                     "160000 commit " A "       -\tmodule";
        const struct {
                GitEntryType type;
                uint64_t size;
                const char *path;
        } entries[] = { { GIT_ENTRY_FILE, 12, "specs/a b.yaml" },
                        { GIT_ENTRY_LINK, 2, "link" },
                        { GIT_ENTRY_SUBMODULE, 0, "module" } };
        char id[GIT_COMMIT_MAX] = "";
        size_t at = 0;

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(entries); i++) {
                GitEntry entry = { 0 };
                size_t n = answer_read_entry(output + at, sizeof(output) - at, &entry, id);

                assert_true(n > 0);
                at += n;
                assert_int_equal(entry.type, entries[i].type);
                assert_int_equal(entry.size, entries[i].size);
                assert_string_equal(entry.path, entries[i].path);
                assert_string_equal(entry.id, A);
        }
        assert_int_equal(at, sizeof(output));
        /* the end of the output is missing */
        for (size_t size = 0; size < strlen(output) + 1; size++) {
                GitEntry entry = { 0 };

                assert_int_equal(answer_read_entry(output, size, &entry, id), 0);
        }
}

static void test_bytes_of_an_object(void **state)
{
        static const char output[] = A " blob 5\na\nb\0c\n" A " missing\n";
        const size_t size = sizeof(output) - 1, n = strlen(A " blob 5\n") + 6;
        const char *data = NULL;
        size_t n_data = 0;

        (void)state;
        assert_int_equal(answer_read_blob(A, output, size, &data, &n_data), n);
        assert_memory_equal(data, "a\nb\0c", 5);
        assert_int_equal(n_data, 5);
        assert_int_equal(answer_read_blob(A, output + n, size - n, &data, &n_data), 0);
        assert_int_equal(answer_read_blob("0" A, output, size, &data, &n_data), 0);
        for (size_t short_size = 0; short_size < n; short_size++)
                assert_int_equal(answer_read_blob(A, output, short_size, &data, &n_data), 0);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_entries_of_a_tree),
        cmocka_unit_test(test_bytes_of_an_object),
        cmocka_unit_test(test_names_that_git_gets),
        cmocka_unit_test(test_commits_as_fast_import_reads_them),
        cmocka_unit_test(test_each_commit_changes_the_files_of_the_one_before),
        cmocka_unit_test(test_what_a_server_lists),
        cmocka_unit_test(test_why_a_push_failed),
        cmocka_unit_test(test_a_password_is_in_no_argument),
};

TEST_PROGRAM("git", tests, set_up, tear_down)
