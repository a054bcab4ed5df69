#include "git/step.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "trust/base64.h"

#define WORDS_MAX 48 /* arguments of a command, without those for each commit */

/* A list of words that ends with NULL. */
typedef struct Words {
        const char **items;
        size_t n, max;
        bool failed;
} Words;

static void words_init(Words *words, size_t n, Arena *arena)
{
        *words = (Words){ .items = arena_alloc_array(arena, n + 1, sizeof(*words->items)),
                          .max = n };
        words->failed = !words->items;
}

static void words_add(Words *words, const char *word)
{
        words->failed = words->failed || !word || words->n == words->max;
        if (!words->failed)
                words->items[words->n++] = word;
}

static const char **words_end(const Words *words)
{
        return words->failed ? NULL : words->items;
}

const char *git_step_name(GitStep step)
{
        static const char *const names[GIT_STEP_MAX_] = {
                [GIT_LIST] = "git ls-remote",
                [GIT_INIT] = "git init",
                [GIT_FETCH] = "git fetch",
                [GIT_IMPORT] = "git fast-import",
                [GIT_TREE] = "git ls-tree",
                [GIT_READ] = "git cat-file",
                [GIT_COMPARE] = "git rev-parse",
                [GIT_SIGN] = "git commit-tree",
                [GIT_PUSH] = "git push",
                [GIT_CLEAN] = "git gc",
                [GIT_WIPE] = "rm",
                [GIT_RESOLVE] = "git rev-parse",
                [GIT_CHECK] = "git rev-list",
                [GIT_KEYS] = "gpg --import",
                [GIT_VERIFY] = "git verify-commit",
                [GIT_FILES] = "git ls-tree",
        };

        return names[step];
}

/* --- arguments -------------------------------------------------------------------------------- */

/* Options of every git command: only the schemes of git_url_is_valid(), no hooks, no redirects that
 * could carry a password elsewhere, no process that continues in the background. */
static void add_options(Words *words, const GitRemote *remote, Arena *arena)
{
        static const char *const settings[] = {
                "core.hooksPath=/dev/null",    "protocol.allow=never",
                "protocol.https.allow=always", "protocol.ssh.allow=always",
                "protocol.file.allow=always",  "http.followRedirects=false",
                "credential.helper=",          "gc.autoDetach=false",
                "maintenance.auto=false",      "advice.pushUpdateRejected=false",
        };

        words_add(words, "git");
        words_add(words, arena_printf(arena, "--git-dir=%s", remote->cache));
        for (size_t i = 0; i < ARRAY_SIZE(settings); i++) {
                words_add(words, "-c");
                words_add(words, settings[i]);
        }
}

/* The ids of the parent, of its tree, of the last commit, and of the tree of each commit. */
static void add_compared(Words *words, const GitStepInput *input, Arena *arena)
{
        words_add(words, "rev-parse");
        if (input->parent[0]) {
                words_add(words, arena_printf(arena, "%s^0", input->parent));
                words_add(words, arena_printf(arena, "%s^{tree}", input->parent));
        }
        words_add(words, GIT_LAST_REF);
        for (size_t i = 0; i < input->n_commits; i++)
                if (!input->skip[i])
                        words_add(words, arena_printf(arena, "refs/relman/new/%zu^{tree}", i));
}

static void add_push(Words *words, const GitRemote *remote, const GitStepInput *input, Arena *arena)
{
        words_add(words, "push");
        words_add(words, "--porcelain");
        words_add(words, arena_printf(arena, "--force-with-lease=refs/heads/%s:%s", remote->branch,
                                      input->lease));
        words_add(words, "--");
        words_add(words, remote->url);
        words_add(words, arena_printf(arena, "%s:refs/heads/%s", input->last, remote->branch));
}

/* The message is on standard input; author and date are in the environment. */
static void add_signed(Words *words, const GitRemote *remote, const GitStepInput *input,
                       Arena *arena)
{
        words_add(words, "-c");
        words_add(words, "gpg.format=ssh");
        words_add(words, "-c");
        words_add(words, arena_printf(arena, "user.signingKey=%s", remote->signing_key));
        words_add(words, "commit-tree");
        words_add(words, "-S");
        if (input->before[0]) {
                words_add(words, "-p");
                words_add(words, input->before);
        }
        words_add(words, arena_printf(arena, "refs/relman/new/%zu^{tree}", input->number));
}

static void add_setting(Words *words, const char *setting)
{
        words_add(words, "-c");
        words_add(words, setting);
}

/* Only the demanded kind of signature counts: the programs for the others fail. */
static void add_verify(Words *words, const GitStepInput *input, Arena *arena)
{
        const GitVerify *verify = input->verify;

        add_setting(words, "gpg.x509.program=/bin/false");
        if (verify->ssh_signers) {
                add_setting(words, "gpg.program=/bin/false");
                add_setting(words, arena_printf(arena, "gpg.ssh.allowedSignersFile=%s",
                                                verify->ssh_signers));
        } else
                add_setting(words, "gpg.ssh.program=/bin/false");
        if (verify->ssh_revoked)
                add_setting(words,
                            arena_printf(arena, "gpg.ssh.revocationFile=%s", verify->ssh_revoked));
        words_add(words, "verify-commit");
        words_add(words, "--");
        words_add(words, input->id);
}

static void add_texts(Words *words, const char *const *texts)
{
        for (; *texts; texts++)
                words_add(words, *texts);
}

#define ADD_TEXTS(words, ...) add_texts(words, (const char *const[]){ __VA_ARGS__, NULL })

const char *git_keyring(const GitRemote *remote, Arena *arena)
{
        return arena_printf(arena, "%s/gnupg", remote->cache);
}

/* Adds the command of a step that only a fetch has. */
static void add_of_fetch(Words *words, GitStep step, const GitStepInput *input, Arena *arena)
{
        switch (step) {
        case GIT_RESOLVE:
                ADD_TEXTS(words, "rev-parse", "--verify", "--end-of-options",
                          arena_printf(arena, "%s^{commit}", input->revision));
                break;
        case GIT_CHECK:
                ADD_TEXTS(words, "rev-list", "--quiet", "--objects", input->revision, "--");
                break;
        case GIT_VERIFY: add_verify(words, input, arena); break;
        case GIT_FILES:
                ADD_TEXTS(words, "ls-tree", "-r", "-z", "-l", "--full-tree", input->id, "--");
                if (input->path)
                        words_add(words, input->path);
                break;
        default: break;
        }
}

const char **git_step_arguments(GitStep step, const GitRemote *remote, const GitStepInput *input,
                                Arena *arena)
{
        const char *head = arena_printf(arena, "refs/heads/%s", remote->branch);
        size_t n_files = step == GIT_TREE ? input->files->n : 0;
        Words words;

        words_init(&words, WORDS_MAX + input->n_commits + n_files, arena);
        if (step == GIT_WIPE)
                ADD_TEXTS(&words, "rm", "-rf", "--", remote->cache);
        else if (step == GIT_KEYS)
                ADD_TEXTS(&words, "gpg", "--homedir", git_keyring(remote, arena), "--batch",
                          "--quiet", "--import", "--", input->verify->gpg_keys);
        else
                add_options(&words, remote, arena);
        switch (step) {
        case GIT_LIST:
                ADD_TEXTS(&words, "ls-remote", "--", remote->url, head);
                if (remote->base)
                        words_add(&words, arena_printf(arena, "refs/heads/%s", remote->base));
                break;
        case GIT_INIT:
                ADD_TEXTS(&words, "init", "--quiet", "--bare",
                          "--template=", arena_printf(arena, "--object-format=%s", input->format));
                break;
        case GIT_FETCH:
                ADD_TEXTS(&words, "fetch", "--quiet", "--depth=1", "--no-tags",
                          "--no-write-fetch-head", "--", remote->url,
                          arena_printf(arena, "+refs/heads/%s:" GIT_BASE_REF,
                                       input->source ? input->source : remote->branch));
                break;
        case GIT_TREE:
                ADD_TEXTS(&words, "ls-tree", "-z", GIT_BASE_REF, "--");
                for (size_t i = 0; i < input->files->n; i++)
                        words_add(&words, input->files->items[i].path);
                break;
        case GIT_READ: ADD_TEXTS(&words, "cat-file", "--batch"); break;
        case GIT_IMPORT: ADD_TEXTS(&words, "fast-import", "--quiet", "--force"); break;
        case GIT_COMPARE: add_compared(&words, input, arena); break;
        case GIT_SIGN: add_signed(&words, remote, input, arena); break;
        case GIT_PUSH: add_push(&words, remote, input, arena); break;
        case GIT_CLEAN: ADD_TEXTS(&words, "gc", "--auto", "--quiet"); break;
        case GIT_RESOLVE:
        case GIT_CHECK:
        case GIT_VERIFY:
        case GIT_FILES: add_of_fetch(&words, step, input, arena); break;
        case GIT_WIPE:
        case GIT_KEYS:
        case GIT_STEP_MAX_: break;
        }
        return words_end(&words);
}

/* --- environment ------------------------------------------------------------------------------ */

/* Returns the command for ssh. git gives it to a shell; the paths have no quotes (the configuration
 * refuses them). */
static const char *ssh_command(const GitRemote *remote, Arena *arena)
{
        return arena_printf(arena,
                            "GIT_SSH_COMMAND=ssh -F none -o BatchMode=yes -o IdentitiesOnly=yes -o "
                            "StrictHostKeyChecking=yes -o GlobalKnownHostsFile=/dev/null -o "
                            "UserKnownHostsFile='%s'%s%s%s",
                            remote->known_hosts ? remote->known_hosts : "/dev/null",
                            remote->key_file ? " -i '" : "",
                            remote->key_file ? remote->key_file : "", remote->key_file ? "'" : "");
}

/* Sends the password to this URL only. The environment of a process is readable by its user
 * alone. */
static void add_password(Words *words, const GitRemote *remote, Arena *arena)
{
        _cleanup_(buffer_done) Buffer text;

        buffer_init(&text, 64 * 1024);
        base64_encode(remote->password, strlen(remote->password), &text);
        words_add(words, "GIT_CONFIG_COUNT=1");
        words_add(words, arena_printf(arena, "GIT_CONFIG_KEY_0=http.%s.extraHeader", remote->url));
        words_add(words, text.failed
                                 ? NULL
                                 : arena_printf(arena, "GIT_CONFIG_VALUE_0=Authorization: Basic %s",
                                                text.data));
        explicit_bzero(text.data, text.size);
}

static void add_person(Words *words, const char *who, const GitCommit *commit, Arena *arena)
{
        const char *open = strchr(commit->author, '<');
        int n_name = open ? (int)(open - commit->author) - 1 : 0;

        words_add(words, arena_printf(arena, "GIT_%s_NAME=%.*s", who, n_name, commit->author));
        words_add(words,
                  arena_printf(arena, "GIT_%s_EMAIL=%.*s", who,
                               open ? (int)strcspn(open + 1, ">") : 0, open ? open + 1 : ""));
        words_add(words, arena_printf(arena, "GIT_%s_DATE=@%llu +0000", who,
                                      (unsigned long long)(commit->at / USEC_PER_SEC)));
}

const char **git_step_environment(const GitRemote *remote, const GitStepInput *input, Arena *arena)
{
        const char *path = getenv("PATH");
        Words words;

        words_init(&words, WORDS_MAX, arena);
        words_add(&words, arena_printf(arena, "PATH=%s", path ? path : "/usr/bin:/bin"));
        /* no file of the user or of the machine changes what the commands do */
        words_add(&words, arena_printf(arena, "HOME=%s", remote->cache));
        ADD_TEXTS(&words, "LC_ALL=C", "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=/dev/null",
                  "GIT_ATTR_NOSYSTEM=1", "GIT_TERMINAL_PROMPT=0", "GIT_LITERAL_PATHSPECS=1",
                  "GIT_SSH_VARIANT=ssh", ssh_command(remote, arena));
        /* a key with a passphrase fails at once; ssh-keygen must not wait for a person */
        ADD_TEXTS(&words, "SSH_ASKPASS=/bin/false", "SSH_ASKPASS_REQUIRE=force");
        words_add(&words, arena_printf(arena, "TMPDIR=%s", remote->cache));
        if (input->verify && input->verify->gpg_keys)
                words_add(&words, arena_printf(arena, "GNUPGHOME=%s", git_keyring(remote, arena)));
        if (input->commit) {
                add_person(&words, "AUTHOR", input->commit, arena);
                add_person(&words, "COMMITTER", input->commit, arena);
        }
        if (remote->ca_file)
                words_add(&words, arena_printf(arena, "GIT_SSL_CAINFO=%s", remote->ca_file));
        if (remote->password)
                add_password(&words, remote, arena);
        return words_end(&words);
}
