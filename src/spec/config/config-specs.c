#include "spec/config/config-specs.h"

#include <errno.h>

#include "model/git/git-name.h"
#include "spec/config/config-git.h"

/* clang-format off */
static const Field verify_fields[] = {
        { .name = "sshSigners", .type = FIELD_STRING, .format = FORMAT_ABSOLUTE_PATH, .offset = offsetof(SpecsVerify, ssh_signers),
          .doc = "A file with the SSH keys that may sign, a line for each: PRINCIPAL namespaces=\"git\" KEY (allowed signers of ssh-keygen(1))." },
        { .name = "sshRevoked", .type = FIELD_STRING, .format = FORMAT_ABSOLUTE_PATH, .offset = offsetof(SpecsVerify, ssh_revoked),
          .doc = "A file with revoked SSH keys, one in a line, or a KRL. Removing a line of sshSigners has the same effect for new commits." },
        { .name = "gpgKeys", .type = FIELD_STRING, .format = FORMAT_ABSOLUTE_PATH, .offset = offsetof(SpecsVerify, gpg_keys),
          .doc = "Instead of sshSigners: a file with the OpenPGP public keys that may sign, as gpg --export prints them. relmand runs gpg(1)." },
        { 0 },
};
static const Schema verify_schema = {
        .name = "verify", .fields = verify_fields, .size = sizeof(SpecsVerify), .has_place = true,
        .doc = "Who may sign the commits. A commit without such a signature changes nothing.",
};

static const Field git_fields[] = {
        { .name = "url", .type = FIELD_STRING, .offset = offsetof(SpecsGit, url), .required = true,
          .doc = "The repository: https://HOST/..., ssh://[USER@]HOST/... or file:///..., without a password." },
        { .name = "branch", .type = FIELD_STRING, .offset = offsetof(SpecsGit, branch), .default_value = "main",
          .doc = "The branch that has the specs." },
        { .name = "path", .type = FIELD_STRING, .offset = offsetof(SpecsGit, path),
          .doc = "The folder of specs in the repository, or one file. Default: the complete repository." },
        { .name = "interval", .type = FIELD_DURATION, .offset = offsetof(SpecsGit, interval), .positive = true, .default_value = "1m",
          .doc = "How often relmand asks the server for the commit of the branch. Nothing is fetched if it is the same." },
        { .name = "timeout", .type = FIELD_DURATION, .offset = offsetof(SpecsGit, timeout), .positive = true, .default_value = "1m",
          .doc = "After that time each command of git is killed, and run again later." },
        { .name = "credential", .type = FIELD_STRING, .format = FORMAT_CREDENTIAL, .offset = offsetof(SpecsGit, credential),
          .doc = "The systemd credential for the server: with https USER:PASSWORD (a token is a password), with ssh a private key without a passphrase." },
        { .name = "hookCredential", .type = FIELD_STRING, .format = FORMAT_CREDENTIAL, .offset = offsetof(SpecsGit, hook_credential),
          .doc = "The systemd credential with the secret of push webhooks, which GitHub, GitLab and Gitea send to /hooks/specs. Default: relmand answers none." },
        { .name = "knownHosts", .type = FIELD_STRING, .format = FORMAT_ABSOLUTE_PATH, .offset = offsetof(SpecsGit, known_hosts),
          .doc = "With ssh, and required there: a file with the server's public keys, as ssh-keyscan(1) prints them." },
        { .name = "caFile", .type = FIELD_STRING, .format = FORMAT_ABSOLUTE_PATH, .offset = offsetof(SpecsGit, ca_file),
          .doc = "With https: a PEM file with the certificates to trust instead of those of the system." },
        { .name = "verify", .type = FIELD_OBJECT, .schema = &verify_schema, .offset = offsetof(SpecsGit, verify),
          .doc = "Who may sign the commits. Default: signatures are not checked." },
        { 0 },
};
/* clang-format on */

const Schema specs_git_schema = {
        .name = "git",
        .fields = git_fields,
        .size = sizeof(SpecsGit),
        .has_place = true,
        .doc = "A branch of a Git repository that has the specs. relmand runs git(1), and ssh(1) for ssh.",
};

static int check_verify(const SpecsVerify *verify, DiagList *diags)
{
        if (verify->place.line == 0)
                return 0;
        if (!verify->ssh_signers == !verify->gpg_keys)
                return config_refuse(verify->place, diags, "verify",
                                     verify->gpg_keys ? verify->gpg_keys : "",
                                     "not clear: give sshSigners or gpgKeys, one of them");
        if (verify->ssh_revoked && !verify->ssh_signers)
                return config_refuse(verify->place, diags, "sshRevoked", verify->ssh_revoked,
                                     "of no use without sshSigners");
        return 0;
}

int config_check_specs(const SpecsGit *git, const Node *specs, DiagList *diags)
{
        const Node *path = specs ? node_get(specs, "path") : NULL;
        int r = 0, of_verify, of_transport;

        if (git->place.line == 0)
                return 0;
        if (path)
                r = config_refuse(path->place, diags, "path", node_get_text(specs, "path"),
                                  "not possible beside git; remove one of them");
        if (config_check_url(git->place, git->url, diags) < 0)
                return -EINVAL;
        if (config_check_branch(git->place, git->branch, diags) < 0)
                r = -EINVAL;
        if (git->path && !git_path_is_valid(git->path))
                r = config_refuse(git->place, diags, "path", git->path,
                                  "not a path in a repository such as deploy/specs");
        of_verify = check_verify(&git->verify, diags);
        of_transport =
                config_check_transport(&(GitTransport){ git->place, git->url, git->credential,
                                                        git->known_hosts, git->ca_file },
                                       diags);
        r = MIN(r, of_verify);
        return MIN(r, of_transport);
}
