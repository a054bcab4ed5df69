#pragma once

/* The daemon's configuration file, relmand.yaml. Every key has a default and a line in
 * relmand.yaml(5). */

#include "base/diag.h"
#include "base/digest.h"
#include "base/error.h"
#include "base/time.h"
#include "model/check-run.h"
#include "model/grant.h"
#include "model/object.h"
#include "model/output.h"
#include "model/person.h"
#include "model/proxy-auth.h"
#include "model/receiver.h"
#include "model/schema/schema.h"
#include "model/socket-role.h"
#include "model/specs-git.h"
#include "spec/config/config-signing.h"

typedef struct Config {
        Arena arena;
        const char *file;             /* NULL: no file, only defaults */
        char digest[DIGEST_SIZE_MAX]; /* digest of the file's bytes */
        const char *specs_path;       /* not used with specs_git */
        SpecsGit specs_git;
        const char *state_path;
        const char *locks_path;
        Strings lock_formats;
        OutputSpecs outputs;
        CheckRunSpecs checks;
        CredentialGrants credentials;
        SigningSpec signing;
        usec_t poll_interval;
        int64_t poll_jitter; /* percentage */
        usec_t poll_recheck_interval;
        const char *api_socket; /* "": no socket */
        Strings api_listen;
        const char *api_hooks_socket; /* NULL: none */
        Strings api_hooks_listen;
        SocketRoles api_socket_roles;
        Pairs api_people_pairs; /* api.people as written in the file */
        LocalPeople api_people;
        ProxyAuth api_proxy_auth;
        Pairs api_proxy_groups; /* api.proxyAuth.groups as written in the file */
        const char *api_token_file, *api_cert_file, *api_key_file;
        bool api_web;
        bool events_journal;
        usec_t events_keep;
        ReceiverSpecs receivers;
        int log_level; /* index in the list error, warning, notice, info, debug */
} Config;

extern const Schema config_schema;

/* Returns the path of the file to read: `given` if it is not NULL, otherwise the standard path if a
 * file exists there, otherwise NULL. */
const char *config_find(const char *given);

/* Reads the file; if path is NULL, uses only defaults. Adds diagnostics to diags, and fails if one
 * is an error. ERROR_NOT_FOUND: the file does not exist. */
int config_load(const char *path, Config **ret, DiagList *diags, Error *err);
Config *config_free(Config *config);
DEFINE_FREEP(Config, config_free)
