#include "git/remote.h"

#include "base/digest.h"
#include "base/secret.h"
#include "base/text.h"

const char *git_cache_path(const char *state_path, const char *text, Arena *arena)
{
        const char *slash = strrchr(state_path, '/');
        char digest[DIGEST_SIZE_MAX];

        digest_sha256(text, strlen(text), digest);
        return arena_printf(arena, "%.*s/git/%.16s", slash ? (int)(slash - state_path) : 1,
                            slash ? state_path : ".", digest + strlen("sha256:"));
}

int git_remote_add_secrets(GitRemote *remote, const GitCredentials *credentials, Arena *arena,
                           Error *err)
{
        bool is_ssh = text_begins_with(remote->url, "ssh:");
        _cleanup_(secret_forget) char *secret = NULL, *key = NULL;
        int r;

        r = secret_read(&(SecretPlace){ .credential = credentials->credential,
                                        .folder = credentials->folder,
                                        .has_lines = is_ssh },
                        &secret, err);
        if (r >= 0)
                r = secret_read(&(SecretPlace){ .credential = credentials->signing,
                                                .folder = credentials->folder,
                                                .has_lines = true },
                                &key, err);
        if (r < 0)
                return error_prefix(err, r, "branch '%s' of %s", remote->branch, remote->url);
        /* ssh and ssh-keygen read the files of keys themselves */
        if (secret && is_ssh)
                remote->key_file =
                        arena_printf(arena, "%s/%s", credentials->folder, credentials->credential);
        else if (secret)
                remote->password = arena_strdup(arena, secret);
        if (key)
                remote->signing_key =
                        arena_printf(arena, "%s/%s", credentials->folder, credentials->signing);
        return arena->failed ? error_oom(err) : 0;
}
