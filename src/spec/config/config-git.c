#include "spec/config/config-git.h"

#include <errno.h>

#include "base/text.h"
#include "model/git/git-name.h"
#include "model/git/message-template.h"
#include "spec/config/config-pull-request.h"

#define EDITS_MAX 200 /* of one output */

/* clang-format off */
static const char *const edit_value_names[] = { "image", "digest", "tag", NULL };

static const Field git_edit_fields[] = {
        { .name = "file", .type = FIELD_STRING, .offset = offsetof(GitEdit, file), .required = true,
          .doc = "The path of the YAML file in the repository." },
        { .name = "kind", .type = FIELD_STRING, .offset = offsetof(GitEdit, kind),
          .doc = "In a file of several documents, the kind of the document." },
        { .name = "name", .type = FIELD_STRING, .offset = offsetof(GitEdit, name),
          .doc = "The metadata.name of the document." },
        { .name = "namespace", .type = FIELD_STRING, .offset = offsetof(GitEdit, name_space),
          .doc = "The metadata.namespace of the document." },
        { .name = "pointer", .type = FIELD_STRING, .offset = offsetof(GitEdit, pointer), .required = true,
          .doc = "The place of the value, as a JSON pointer: /spec/template/spec/containers/0/image. An item of a list may be named by a field: /spec/template/spec/containers/[name=api]/image." },
        { .name = "component", .type = FIELD_STRING, .offset = offsetof(GitEdit, component), .required = true,
          .doc = "The component of the release whose image is written." },
        { .name = "value", .type = FIELD_ENUM, .offset = offsetof(GitEdit, value), .names = edit_value_names, .default_value = "image",
          .doc = "What is written: image (REPOSITORY@DIGEST), digest, or tag. A tag may move later; a digest never does." },
        { 0 },
};
static const Schema git_edit_schema = {
        .name = "edit", .fields = git_edit_fields, .size = sizeof(GitEdit), .has_place = true,
        .doc = "A value in a YAML file that relmand sets in place.",
};

static const char *const signing_format_names[] = { "ssh", NULL };

static const Field git_signing_fields[] = {
        { .name = "format", .type = FIELD_ENUM, .offset = offsetof(GitSigning, format), .names = signing_format_names, .default_value = "ssh",
          .doc = "The format of the signatures: ssh, as git makes them with gpg.format ssh." },
        { .name = "credential", .type = FIELD_STRING, .format = FORMAT_CREDENTIAL, .offset = offsetof(GitSigning, credential), .required = true,
          .doc = "The systemd credential with a private SSH key without a passphrase, as ssh-keygen -t ed25519 makes it." },
        { 0 },
};
static const Schema git_signing_schema = {
        .name = "signing", .fields = git_signing_fields, .size = sizeof(GitSigning),
        .doc = "The key that signs the commits.",
};

static const Field git_output_fields[] = {
        { .name = "url", .type = FIELD_STRING, .offset = offsetof(GitOutput, url), .required = true,
          .doc = "The repository: https://HOST/..., ssh://[USER@]HOST/... or file:///..., without a password." },
        { .name = "branch", .type = FIELD_STRING, .offset = offsetof(GitOutput, branch), .default_value = "main",
          .doc = "The branch that relmand pushes to. It makes the branch if it does not exist, and never overwrites commits of others." },
        { .name = "path", .type = FIELD_STRING, .offset = offsetof(GitOutput, path),
          .doc = "The path of the file in the repository; with kustomize and quadlet the folder for their files." },
        { .name = "edit", .type = FIELD_LIST, .schema = &git_edit_schema, .offset = offsetof(GitOutput, edits),
          .doc = "Instead of path: values in YAML files of the branch to set in place. All other bytes of the files stay." },
        { .name = "author", .type = FIELD_STRING, .offset = offsetof(GitOutput, author), .default_value = "relman <relman@localhost>",
          .doc = "Author and committer of the commits: NAME <EMAIL>." },
        { .name = "credential", .type = FIELD_STRING, .format = FORMAT_CREDENTIAL, .offset = offsetof(GitOutput, credential),
          .doc = "The systemd credential for the server: with https USER:PASSWORD (a token is a password), with ssh a private key without a passphrase." },
        { .name = "message", .type = FIELD_STRING, .format = FORMAT_ARGUMENT, .offset = offsetof(GitOutput, message),
          .doc = "The message of the commits, with {environment}, {release}, {displayName}, {components}, {previous}, {promotedBy} and {lockDigest}. Default: the environment and the release, the components that changed, and a trailer for each of the others." },
        { .name = "signing", .type = FIELD_OBJECT, .schema = &git_signing_schema, .offset = offsetof(GitOutput, signing),
          .doc = "The key that signs the commits. relmand runs ssh-keygen(1). Default: they are not signed." },
        { .name = "knownHosts", .type = FIELD_STRING, .format = FORMAT_ABSOLUTE_PATH, .offset = offsetof(GitOutput, known_hosts),
          .doc = "With ssh, and required there: a file with the server's public keys, as ssh-keyscan(1) prints them." },
        { .name = "caFile", .type = FIELD_STRING, .format = FORMAT_ABSOLUTE_PATH, .offset = offsetof(GitOutput, ca_file),
          .doc = "With https: a PEM file with the certificates to trust instead of those of the system." },
        { .name = "pullRequest", .type = FIELD_OBJECT, .schema = &pull_request_schema, .offset = offsetof(GitOutput, pull_request),
          .doc = "A pull request from the branch to another branch, which relmand makes and keeps up to date. The branch begins at that other branch, and has one environment." },
        { 0 },
};
/* clang-format on */

const Schema git_output_schema = {
        .name = "git",
        .fields = git_output_fields,
        .size = sizeof(GitOutput),
        .has_place = true,
        .doc = "A file on a branch of a Git repository, or values in files there. relmand runs git(1), and ssh(1) for ssh.",
};

/* GIT_SSH_COMMAND and ssh's options split paths at these characters. */
static bool is_path_for_ssh(const char *path)
{
        return !strpbrk(path, " \t\n\"'\\%$~");
}

int config_check_url(Place place, const char *url, DiagList *diags)
{
        return git_url_is_valid(url)
                       ? 0
                       : config_refuse(place, diags, "url", url,
                                       "not https://HOST/PATH, ssh://[USER@]HOST/PATH or "
                                       "file:///PATH without a password; put that into a "
                                       "credential");
}

int config_check_branch(Place place, const char *branch, DiagList *diags)
{
        return git_branch_is_valid(branch) ? 0
                                           : config_refuse(place, diags, "branch", branch,
                                                           "not a branch such as main or "
                                                           "deploy/prod");
}

int config_check_transport(const GitTransport *git, DiagList *diags)
{
        bool is_ssh = text_begins_with(git->url, "ssh:");

        if (is_ssh && !git->known_hosts)
                return config_refuse(
                        git->place, diags, "knownHosts", "",
                        "missing; ssh needs the keys of the server: ssh-keyscan HOST > "
                        "FILE, compared with those that the server's operator publishes");
        if (is_ssh && !is_path_for_ssh(git->known_hosts))
                return config_refuse(git->place, diags, "knownHosts", git->known_hosts,
                                     "a path with spaces, quotes, % or $, which ssh cannot take");
        if (!is_ssh && git->known_hosts)
                return config_refuse(git->place, diags, "knownHosts", git->known_hosts,
                                     "of no use: only ssh:// has known hosts");
        if (git->ca_file && !text_begins_with(git->url, "https:"))
                return config_refuse(git->place, diags, "caFile", git->ca_file,
                                     "of no use: only https:// has certificates");
        if (git->credential && text_begins_with(git->url, "file:"))
                return config_refuse(git->place, diags, "credential", git->credential,
                                     "of no use: file:// has no passwords");
        return 0;
}

static int git_check_edit(const GitEdit *edit, DiagList *diags)
{
        int r = 0;

        if (!git_path_is_valid(edit->file))
                r = config_refuse(edit->place, diags, "file", edit->file,
                                  "not a path in a repository such as apps/prod/api.yaml");
        if (!git_pointer_is_valid(edit->pointer))
                r = config_refuse(edit->place, diags, "pointer", edit->pointer,
                                  "not a JSON pointer such as /spec/containers/0/image");
        if (!name_is_valid(edit->component))
                r = config_refuse(edit->place, diags, "component", edit->component,
                                  "not the name of a Component");
        return r;
}

/* Checks what the output writes: one path, or edits. */
static int git_check_content(const GitOutput *git, DiagList *diags)
{
        int r = 0;

        if (!git->path && git->edits.n == 0)
                return config_refuse(git->place, diags, "path", "",
                                     "missing, and edit too: give one of them");
        if (git->path && git->edits.n > 0)
                r = config_refuse(git->place, diags, "path", git->path,
                                  "not possible beside edit; make it another output");
        else if (git->path && !git_path_is_valid(git->path))
                r = config_refuse(git->place, diags, "path", git->path,
                                  "not a path in a repository such as apps/prod/images.yaml");
        if (git->edits.n > EDITS_MAX)
                r = config_refuse(git->place, diags, "edit", git->edits.items[0].file,
                                  "the first of more than 200 edits; make further outputs");
        for (size_t i = 0; i < git->edits.n; i++)
                r = MIN(r, git_check_edit(&git->edits.items[i], diags));
        return r;
}

static int git_check_message(const GitOutput *git, DiagList *diags)
{
        _cleanup_(error_done) Error error = { 0 };

        if (!git->message || message_template_check(git->message, &error) >= 0)
                return 0;
        diag_error(diags, git->place, "field \"message\": %s", error_message(&error));
        return -EINVAL;
}

int config_check_git(const OutputSpec *output, DiagList *diags)
{
        const GitOutput *git = &output->git;
        int r = 0;

        if (git->place.line == 0)
                return 0;
        if (output->path || output->exec.n > 0)
                r = config_refuse(git->place, diags, output->path ? "path" : "exec",
                                  output->path ? output->path : output->exec.items[0],
                                  "not possible beside git; make it another output");
        if (config_check_url(git->place, git->url, diags) < 0)
                return -EINVAL;
        if (config_check_branch(git->place, git->branch, diags) < 0)
                r = -EINVAL;
        r = MIN(r, git_check_content(git, diags));
        r = MIN(r, git_check_message(git, diags));
        if (!git_author_is_valid(git->author))
                r = config_refuse(git->place, diags, "author", git->author, "not NAME <EMAIL>");
        r = MIN(r, config_check_transport(&(GitTransport){ git->place, git->url, git->credential,
                                                           git->known_hosts, git->ca_file },
                                          diags));
        return MIN(r, config_check_pull_request(git, diags));
}
