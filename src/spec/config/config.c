#include "spec/config/config.h"

#include <errno.h>
#include <limits.h>
#include <netdb.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/map.h"
#include "base/parse.h"
#include "model/enum-names.h"
#include "model/event.h"
#include "model/schema/decode.h"
#include "spec/check.h"
#include "spec/config/config-checks.h"
#include "spec/config/config-git.h"
#include "spec/config/config-outputs.h"
#include "spec/config/config-people.h"
#include "spec/config/config-proxy.h"
#include "spec/config/config-roles.h"
#include "spec/config/config-specs.h"
#include "spec/config/config-webhooks.h"
#include "spec/tree/yaml.h"

/* clang-format off */
static const char *const log_level_names[] = { "error", "warning", "notice", "info", "debug", NULL };

static const Field specs_fields[] = {
        { .name = "path", .type = FIELD_STRING, .offset = offsetof(Config, specs_path), .default_value = RELMAN_SYSCONFDIR "/relman/specs",
          .doc = "The folder of specs, watched with all its subfolders, or one file." },
        { .name = "git", .type = FIELD_OBJECT, .schema = &specs_git_schema, .offset = offsetof(Config, specs_git),
          .doc = "A branch of a Git repository that has the specs, instead of path." },
        { 0 },
};
static const Field state_fields[] = {
        { .name = "path", .type = FIELD_STRING, .offset = offsetof(Config, state_path), .default_value = RELMAN_STATEDIR "/state.db",
          .doc = "The database." },
        { 0 },
};
static const Field locks_fields[] = {
        { .name = "path", .type = FIELD_STRING, .offset = offsetof(Config, locks_path), .default_value = RELMAN_STATEDIR "/locks",
          .doc = "The folder of lockfiles." },
        { .name = "formats", .type = FIELD_STRINGS, .format = FORMAT_LOCK_FORMAT, .offset = offsetof(Config, lock_formats),
          .doc = "The formats of lockfiles besides the native one: json, kustomize, compose, helm, images-lock, dotenv, quadlet, flux, argocd, regsync, skopeo-sync, and for environments policy-json, kyverno, vap (see relman-lock(5)). lock.formats of an Environment replaces them." },
        { 0 },
};
static const Field output_fields[] = {
        { .name = "environment", .type = FIELD_STRING, .offset = offsetof(OutputSpec, environment), .required = true,
          .doc = "The Environment: NAME, or TENANT/NAME." },
        { .name = "format", .type = FIELD_ENUM, .offset = offsetof(OutputSpec, format), .names = lock_format_names, .default_value = "yaml",
          .doc = "The format of the file." },
        { .name = "path", .type = FIELD_STRING, .format = FORMAT_ABSOLUTE_PATH, .offset = offsetof(OutputSpec, path),
          .doc = "The file to write; with kustomize and quadlet the folder for their files. Default: the one in the lock folder. Two outputs must not have the same path." },
        { .name = "owner", .type = FIELD_STRING, .offset = offsetof(OutputSpec, owner),
          .doc = "The owner of the file, by name or number; relmand needs CAP_CHOWN to change it." },
        { .name = "group", .type = FIELD_STRING, .offset = offsetof(OutputSpec, group),
          .doc = "The group of the file, by name or number: one that relmand is in (SupplementaryGroups= of its unit)." },
        { .name = "mode", .type = FIELD_STRING, .offset = offsetof(OutputSpec, mode), .default_value = "0644",
          .doc = "Its permissions in octal, as for chmod." },
        { .name = "exec", .type = FIELD_STRINGS, .format = FORMAT_ARGUMENT, .offset = offsetof(OutputSpec, exec),
          .doc = "A program and its arguments, run without a shell when the file changed, until it exits with 0. RELMAN_ variables describe the release, and standard input has the JSON format; see relmand(8)." },
        { .name = "timeout", .type = FIELD_DURATION, .offset = offsetof(OutputSpec, timeout), .positive = true, .default_value = "5m",
          .doc = "After that time the program is killed, and run again later; with git, each command." },
        { .name = "git", .type = FIELD_OBJECT, .schema = &git_output_schema, .offset = offsetof(OutputSpec, git),
          .doc = "A branch of a Git repository to write the file to, instead of path and exec." },
        { 0 },
};
static const Schema output_schema = {
        .name = "outputs", .fields = output_fields, .size = sizeof(OutputSpec), .has_place = true,
        .doc = "A further place for an environment's lockfile, its readers, and a program to run.",
};
static const Field grant_fields[] = {
        { .name = "name", .type = FIELD_STRING, .offset = offsetof(CredentialGrant, name), .required = true,
          .doc = "The secret, as Registries name it: the name of a systemd credential (passwordCredential, secretCredential), an absolute path (passwordFile, tokenFile, dockerConfig, secretFile, keyFile) or the name of a credential helper." },
        { .name = "tenants", .type = FIELD_STRINGS, .offset = offsetof(CredentialGrant, tenants), .required = true,
          .doc = "The tenants whose Registries may use it; '*' is every tenant." },
        { .name = "hosts", .type = FIELD_STRINGS, .offset = offsetof(CredentialGrant, hosts), .required = true,
          .doc = "The hosts that may receive it, HOST or HOST:PORT as in url, a mirror's url, realm and, for an http url, proxy; '*' is every host." },
        { 0 },
};
static const Schema grant_schema = {
        .name = "credentials", .fields = grant_fields, .size = sizeof(CredentialGrant), .has_place = true,
        .doc = "Which Registry may use which secret of relmand.",
};
static const Field poll_fields[] = {
        { .name = "interval", .type = FIELD_DURATION, .offset = offsetof(Config, poll_interval), .positive = true, .default_value = "5m",
          .doc = "How often the registry of a component is polled, unless the component overrides it." },
        { .name = "jitter", .type = FIELD_PERCENT, .offset = offsetof(Config, poll_jitter), .default_value = "10%",
          .doc = "Polls are spread over this part of the interval, so that they do not start together." },
        { .name = "recheckInterval", .type = FIELD_DURATION, .offset = offsetof(Config, poll_recheck_interval), .positive = true, .default_value = "24h",
          .doc = "Within this time the digest of every known tag is requested again; those of channel heads and live releases at every poll." },
        { 0 },
};
static const Field hooks_fields[] = {
        { .name = "socket", .type = FIELD_STRING, .format = FORMAT_ABSOLUTE_PATH, .offset = offsetof(Config, api_hooks_socket),
          .doc = "A unix socket only for push webhooks, to which every local account may connect. A socket that systemd passes by the name hooks (relmand-hooks.socket) replaces it." },
        { .name = "listen", .type = FIELD_STRINGS, .offset = offsetof(Config, api_hooks_listen),
          .doc = "Addresses and ports only for push webhooks. certFile and keyFile apply to them." },
        { 0 },
};
static const Schema hooks_schema = {
        .name = "hooks", .fields = hooks_fields, .size = sizeof(Config),
        .doc = "A listener that answers push webhooks and nothing else.",
};
static const Field proxy_fields[] = {
        { .name = "user", .type = FIELD_STRING, .offset = offsetof(Config, api_proxy_auth.user),
          .doc = "The account of the proxy, by name or number. Only this peer of the unix socket may send the headers, and it must." },
        { .name = "header", .type = FIELD_STRING, .offset = offsetof(Config, api_proxy_auth.header),
          .doc = "The header with the name of the user, such as X-Forwarded-User. The user is also the person whose approvals count." },
        { .name = "groupsHeader", .type = FIELD_STRING, .offset = offsetof(Config, api_proxy_auth.groups_header),
          .doc = "The header with the groups of the user, with commas between them, such as X-Forwarded-Groups." },
        { .name = "groups", .type = FIELD_PAIRS, .single = true, .offset = offsetof(Config, api_proxy_groups),
          .doc = "The roles of groups, GROUP: read, write or admin; the group '*' is every user. The highest role of the user's groups counts, but at most the role of the proxy's account in socketRoles, and only its tenant. A user without a role is refused." },
        { 0 },
};
static const Schema proxy_schema = {
        .name = "proxyAuth", .fields = proxy_fields, .size = sizeof(Config),
        .doc = "A reverse proxy that has logged users in, for example oauth2-proxy.",
};
static const Field api_fields[] = {
        { .name = "socket", .type = FIELD_STRING, .offset = offsetof(Config, api_socket), .default_value = RELMAN_SOCKET,
          .doc = "The unix socket of the API, and of push webhooks unless hooks sets another one; an empty text is none. A socket that systemd passes (relmand.socket) replaces it." },
        { .name = "tokenFile", .type = FIELD_STRING, .offset = offsetof(Config, api_token_file), .default_value = RELMAN_SYSCONFDIR "/relman/tokens",
          .doc = "The bearer tokens for TCP, hashed (relmanctl token makes them): one in a line, NAME TENANT ROLE SHA256 [EXPIRES] [person=PERSON]. It is read at each request, so that removing a line revokes a token." },
        { .name = "certFile", .type = FIELD_STRING, .format = FORMAT_ABSOLUTE_PATH, .offset = offsetof(Config, api_cert_file),
          .doc = "PEM file with the server's certificate and the intermediate certificates, for listen; goes with keyFile. Without it listen speaks plain HTTP." },
        { .name = "keyFile", .type = FIELD_STRING, .format = FORMAT_ABSOLUTE_PATH, .offset = offsetof(Config, api_key_file),
          .doc = "PEM file with the key of certFile." },
        { .name = "hooks", .type = FIELD_OBJECT, .schema = &hooks_schema,
          .doc = "A socket or addresses that answer push webhooks (/hooks/...) and nothing else, for a reverse proxy. If one is given, the other sockets and addresses of the API do not answer webhooks." },
        { .name = "listen", .type = FIELD_STRINGS, .offset = offsetof(Config, api_listen),
          .doc = "Further addresses and ports to listen on, such as 127.0.0.1:8080 or [::1]:8080. Without a tokenFile they answer only hooks and /healthz, and relmand warns." },
        { .name = "socketRoles", .type = FIELD_LIST, .schema = &socket_role_schema, .offset = offsetof(Config, api_socket_roles),
          .doc = "The rights of users on the unix socket. The first entry that matches a user decides; a user that matches none is refused. Without entries everybody who can open the socket (root and the group relman) is administrator of all tenants." },
        { .name = "proxyAuth", .type = FIELD_OBJECT, .schema = &proxy_schema,
          .doc = "A reverse proxy on the unix socket that names users in headers. Off by default." },
        { .name = "web", .type = FIELD_BOOL, .offset = offsetof(Config, api_web), .default_value = "true",
          .doc = "Serve the page at /. It shows what the caller may read; its files contain no data and need no token." },
        { .name = "people", .type = FIELD_PAIRS, .single = true, .offset = offsetof(Config, api_people_pairs),
          .doc = "The persons behind local users, whose approvals count: USER: PERSON or 'uid:NUMBER': PERSON. The person of a token is its person=PERSON. Approvals of one person count once, whichever user and tokens gave them. Default: a user's name. An approval keeps the person of the time when it was given: after a change, withdraw those whose person changed (relmanctl approve --withdraw)." },
        { 0 },
};
static const Field events_fields[] = {
        { .name = "journal", .type = FIELD_BOOL, .offset = offsetof(Config, events_journal), .default_value = "true",
          .doc = "Also write events to the journal, with fields and message ids (journalctl -x explains them), but not the versions of a first sync." },
        { .name = "keep", .type = FIELD_DURATION, .offset = offsetof(Config, events_keep), .default_value = "90d",
          .doc = "How long events are kept after all receivers got them. 0s: indefinitely." },
        { .name = "webhooks", .type = FIELD_LIST, .schema = &config_webhook_schema, .offset = offsetof(Config, receivers),
          .doc = "Receivers of events." },
        { 0 },
};
static const Field log_fields[] = {
        { .name = "level", .type = FIELD_ENUM, .offset = offsetof(Config, log_level), .names = log_level_names, .default_value = "info",
          .doc = "The least important level that is logged." },
        { 0 },
};

#define SECTION(name_, fields_, doc_) \
        static const Schema name_##_schema = { .name = #name_, .fields = fields_, .size = sizeof(Config), .doc = doc_ };
SECTION(specs, specs_fields, "The location of specs.")
SECTION(state, state_fields, "The database.")
SECTION(locks, locks_fields, "The lockfiles.")
SECTION(poll, poll_fields, "How often registries are polled.")
SECTION(api, api_fields, "The sockets and addresses of the API.")
SECTION(events, events_fields, "Events and their receivers.")
SECTION(log, log_fields, "The log.")

/* The fields of all sections are members of Config, so the offset of a section is 0. */
static const Field config_fields[] = {
        { .name = "specs", .type = FIELD_OBJECT, .schema = &specs_schema, .doc = "The location of specs." },
        { .name = "state", .type = FIELD_OBJECT, .schema = &state_schema, .doc = "The database." },
        { .name = "locks", .type = FIELD_OBJECT, .schema = &locks_schema, .doc = "The lockfiles." },
        { .name = "outputs", .type = FIELD_LIST, .schema = &output_schema, .offset = offsetof(Config, outputs), .doc = "Lockfiles of environments in other places, and programs to run when they change. Only this file declares them: authors of specs must not write files or run programs as relmand." },
        { .name = "checks", .type = FIELD_LIST, .schema = &check_run_schema, .offset = offsetof(Config, checks), .doc = "Checks that relmand runs itself, for checks of Environments that name one in their field run. Only this file declares them: authors of specs must not run programs as relmand." },
        { .name = "credentials", .type = FIELD_LIST, .schema = &grant_schema, .offset = offsetof(Config, credentials), .doc = "Which Registry may use which secret of relmand. With this section, also an empty one, a Registry whose tenant and host have no entry for each of its secrets is not polled (condition Stalled, reason CredentialNotGranted). Without it every Registry may use every secret; relmand warns of that if there is more than one tenant." },
        { .name = "signing", .type = FIELD_OBJECT, .schema = &signing_schema, .offset = offsetof(Config, signing), .doc = "The key that signs lockfiles. With it each lockfile NAME.lock.yaml has a signed statement NAME.lock.intoto.json beside it, which relmanctl verify --key checks." },
        { .name = "poll", .type = FIELD_OBJECT, .schema = &poll_schema, .doc = "How often registries are polled." },
        { .name = "api", .type = FIELD_OBJECT, .schema = &api_schema, .doc = "The sockets and addresses of the API." },
        { .name = "events", .type = FIELD_OBJECT, .schema = &events_schema, .doc = "Events and their receivers." },
        { .name = "log", .type = FIELD_OBJECT, .schema = &log_schema, .doc = "The log." },
        { 0 },
};
/* clang-format on */

const Schema config_schema = {
        .name = "relmand.yaml",
        .fields = config_fields,
        .size = sizeof(Config),
        .doc = "The daemon's configuration.",
};

Config *config_free(Config *config)
{
        if (!config)
                return NULL;
        arena_done(&config->arena);
        free(config);
        return NULL;
}

/* --- rules that a schema cannot express ------------------------------------------------------- */

static int check_grants(Config *config, const Node *credentials, DiagList *diags)
{
        int r = 0;

        config->credentials.given = credentials != NULL;
        for (size_t i = 0; i < config->credentials.n; i++) {
                const CredentialGrant *grant = &config->credentials.items[i];

                if (grant->name[0] && grant->tenants.n > 0 && grant->hosts.n > 0)
                        continue;
                diag_error(diags, grant->place,
                           "credentials: \"%s\" needs a name, tenants and hosts: without them it "
                           "grants nothing",
                           grant->name);
                r = -EINVAL;
        }
        return r;
}

/* Checks a text ADDRESS:PORT. Returns 0, -EINVAL or -ENOMEM. */
static int check_address(const char *text)
{
        const struct addrinfo hints = { .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV };
        char host[ADDRESS_HOST_MAX];
        struct addrinfo *found;
        const char *port;
        int code;

        if (parse_address(text, host, &port) < 0)
                return -EINVAL;
        code = getaddrinfo(host, port, &hints, &found);
        if (code == EAI_MEMORY || code == EAI_SYSTEM)
                /* the address may be valid: memory or the system failed */
                return -ENOMEM;
        if (code != 0)
                return -EINVAL;
        freeaddrinfo(found);
        return 0;
}

/* Warns of an invalid token file. This is not an error: hooks and /healthz need no token, and each
 * request reads the file again. */
static void check_tokens(const Config *config, const Node *listen, DiagList *diags)
{
        const char *path = config->api_token_file;

        if (!listen || config->api_listen.n == 0)
                return;
        if (!path || !path[0])
                diag_warning(
                        diags, listen->place,
                        "field \"listen\": nobody can log in there without a tokenFile, only hooks "
                        "and /healthz are answered; name one, relmanctl token makes its lines");
        else if (access(path, R_OK) < 0)
                diag_warning(
                        diags, listen->place,
                        "field \"listen\": nobody can log in there, only hooks and /healthz are "
                        "answered: tokenFile '%s' cannot be read (%s); relmanctl token makes its "
                        "lines",
                        path, strerror(errno));
}

static int check_addresses(const Strings *addresses, const Node *listen, DiagList *diags)
{
        int r = 0;

        for (size_t i = 0; listen && i < addresses->n; i++) {
                int one = check_address(addresses->items[i]);

                if (one == -ENOMEM)
                        return one;
                if (one < 0) {
                        diag_error(diags, i < listen->n ? listen->items[i]->place : listen->place,
                                   "field \"listen\": \"%s\" is no address and port such as "
                                   "127.0.0.1:8443 or [::1]:8443",
                                   addresses->items[i]);
                        r = one;
                }
        }
        return r;
}

/* Adds an error if hooks and the API have the same socket. */
static int check_hooks_socket(Config *config, const Node *hooks, DiagList *diags)
{
        const char *of_api, *of_hooks;

        if (!config->api_hooks_socket || !config->api_socket[0])
                return 0;
        of_api = config_real_path(config->api_socket, &config->arena);
        of_hooks = config_real_path(config->api_hooks_socket, &config->arena);
        if (!of_api || !of_hooks)
                return -ENOMEM;
        if (!streq(of_api, of_hooks))
                return 0;
        diag_error(diags, hooks->place,
                   "field \"hooks\": socket \"%s\" is the API's own; give hooks another socket",
                   config->api_hooks_socket);
        return -EINVAL;
}

static int check_api(Config *config, const Node *api, DiagList *diags)
{
        const Node *listen, *hooks;
        int r, of_hooks;

        if (!api)
                return 0; /* all settings have their defaults */
        listen = node_get(api, "listen");
        hooks = node_get(api, "hooks");
        r = check_addresses(&config->api_listen, listen, diags);
        of_hooks = check_addresses(&config->api_hooks_listen,
                                   hooks ? node_get(hooks, "listen") : NULL, diags);
        r = MIN(r, of_hooks);
        of_hooks = hooks ? check_hooks_socket(config, hooks, diags) : 0;
        r = MIN(r, of_hooks);
        if (r == -ENOMEM)
                return r;
        check_tokens(config, listen, diags);
        of_hooks = config_check_people(&config->api_people_pairs, node_get(api, "people"),
                                       &config->arena, &config->api_people, diags);
        if (of_hooks == -ENOMEM)
                return of_hooks;
        r = MIN(r, of_hooks);
        if (config_check_roles(&config->api_socket_roles, diags) < 0)
                r = -EINVAL;
        of_hooks = config_check_proxy(&config->api_proxy_groups, node_get(api, "proxyAuth"),
                                      &config->arena, &config->api_proxy_auth, diags);
        if (of_hooks == -ENOMEM)
                return of_hooks;
        r = MIN(r, of_hooks);
        if (!config->api_cert_file != !config->api_key_file) {
                diag_error(diags, api->place, "certFile and keyFile go together");
                r = -EINVAL;
        }
        return r;
}

static int decode(Config *config, const Node *document, DiagList *diags)
{
        int r = decode_object(&config_schema, document, &config->arena, config, diags);
        int receivers, grants, api, runs, signing, specs,
                formats = check_formats(&config_schema, document, NULL, diags);

        r = MIN(r, formats);
        if (r < 0)
                return r;
        r = config_check_outputs(&config->outputs, &config->arena, diags);
        runs = config_check_runs(&config->checks, diags);
        r = MIN(r, runs);
        receivers = config_check_webhooks(&config->receivers, diags);
        r = MIN(r, receivers);
        grants = check_grants(config, node_get(document, "credentials"), diags);
        r = MIN(r, grants);
        signing = config_check_signing(&config->signing, diags);
        r = MIN(r, signing);
        specs = config_check_specs(&config->specs_git, node_get(document, "specs"), diags);
        r = MIN(r, specs);
        api = check_api(config, node_get(document, "api"), diags);
        return MIN(r, api);
}

static int read_text(Config *config, const char *data, size_t size, DiagList *diags)
{
        _cleanup_(arena_done) Arena arena;
        YamlDocuments documents;
        int r;

        arena_init(&arena, 16 * 1024 * 1024);
        r = yaml_read(config->file, data, size, &arena, &documents, diags);
        if (r < 0)
                return r;
        if (documents.n > 1) {
                diag_error(diags, documents.items[1]->place,
                           "a configuration file holds one document, this is a second");
                return -EINVAL;
        }
        return documents.n == 0 ? 0 : decode(config, documents.items[0], diags);
}

const char *config_find(const char *given)
{
        static const char standard[] = RELMAN_SYSCONFDIR "/relman/relmand.yaml";

        if (given)
                return given;
        return access(standard, F_OK) == 0 ? standard : NULL;
}

int config_load(const char *path, Config **ret, DiagList *diags, Error *err)
{
        _cleanup_(config_freep) Config *config = calloc(1, sizeof(*config));
        _cleanup_(freep) char *data = NULL;
        size_t size = 0;
        int r;

        if (!config)
                return error_oom(err);
        arena_init(&config->arena, 4 * 1024 * 1024);
        r = decode_defaults(&config_schema, &config->arena, config);
        if (r >= 0 && path) {
                r = file_read(path, CONFIG_FILE_MAX, &data, &size, err);
                if (r < 0)
                        return r;
                digest_sha256(data, size, config->digest);
                config->file = arena_strdup(&config->arena, path);
                r = config->file ? read_text(config, data, size, diags) : -ENOMEM;
                /* a diagnostic could not be stored: fails, because it must not be lost */
                if (diags->failed)
                        r = diags->failed;
        }
        if (r == -ENOMEM)
                return error_set(err, ERROR_INTERNAL, r,
                                 "cannot read configuration '%s': out of memory",
                                 path ? path : "built in");
        if (r < 0)
                return error_set(err, ERROR_INVALID, r, "configuration '%s' has errors", path);
        *ret = TAKE(config);
        return 0;
}
