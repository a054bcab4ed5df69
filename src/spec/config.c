#include "spec/config.h"

#include <errno.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/log.h"
#include "model/decode.h"
#include "spec/yaml.h"

/* clang-format off */
static const char *const log_level_names[] = { "error", "warning", "notice", "info", "debug", NULL };

static const Field specs_fields[] = {
        { .name = "path", .type = FIELD_STRING, .offset = offsetof(Config, specs_path), .default_value = RELMAN_SYSCONFDIR "/relman/specs",
          .doc = "The folder of specs, watched with all below it, or one file." },
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
        { 0 },
};
static const Field poll_fields[] = {
        { .name = "interval", .type = FIELD_DURATION, .offset = offsetof(Config, poll_interval), .positive = true, .default_value = "5m",
          .doc = "How often a component's registry is asked, unless the component says otherwise." },
        { .name = "jitter", .type = FIELD_PERCENT, .offset = offsetof(Config, poll_jitter), .default_value = "10%",
          .doc = "By how much of the interval polls are spread, so that they do not all come at once." },
        { .name = "recheckInterval", .type = FIELD_DURATION, .offset = offsetof(Config, poll_recheck_interval), .positive = true, .default_value = "24h",
          .doc = "Within this time the digest of every known tag is asked for again; those of channel heads and live releases at every poll." },
        { 0 },
};
static const Field api_fields[] = {
        { .name = "socket", .type = FIELD_STRING, .offset = offsetof(Config, api_socket), .default_value = RELMAN_SOCKET,
          .doc = "The unix socket of the API and of hooks; an empty text is none. A socket that systemd passes (relmand.socket) takes its place." },
        { .name = "tokenFile", .type = FIELD_STRING, .offset = offsetof(Config, api_token_file), .default_value = RELMAN_SYSCONFDIR "/relman/tokens",
          .doc = "The bearer tokens that count over TCP, hashed (relmanctl token makes them): a line each, NAME TENANT ROLE SHA256 [EXPIRES]. It is read at each request, so that a line taken out is a token revoked." },
        { .name = "certFile", .type = FIELD_STRING, .format = FORMAT_ABSOLUTE_PATH, .offset = offsetof(Config, api_cert_file),
          .doc = "PEM file with the server's certificate and those above it, for listen; goes with keyFile. Without it listen speaks plain HTTP." },
        { .name = "keyFile", .type = FIELD_STRING, .format = FORMAT_ABSOLUTE_PATH, .offset = offsetof(Config, api_key_file),
          .doc = "PEM file with the key of certFile." },
        { .name = "listen", .type = FIELD_STRINGS, .offset = offsetof(Config, api_listen),
          .doc = "Addresses and ports to listen on as well, such as 127.0.0.1:8080 or [::1]:8080." },
        { 0 },
};
static const Field log_fields[] = {
        { .name = "level", .type = FIELD_ENUM, .offset = offsetof(Config, log_level), .names = log_level_names, .default_value = "info",
          .doc = "The least important messages that are logged." },
        { 0 },
};

#define SECTION(name_, fields_, doc_) \
        static const Schema name_##_schema = { .name = #name_, .fields = fields_, .size = sizeof(Config), .doc = doc_ };
SECTION(specs, specs_fields, "Where the specs are.")
SECTION(state, state_fields, "What relman remembers.")
SECTION(locks, locks_fields, "What relman writes.")
SECTION(poll, poll_fields, "How often registries are asked.")
SECTION(api, api_fields, "Where relman is asked.")
SECTION(log, log_fields, "What is logged.")

/* Every section is a part of the one struct, hence offset 0. */
static const Field config_fields[] = {
        { .name = "specs", .type = FIELD_OBJECT, .schema = &specs_schema, .doc = "Where the specs are." },
        { .name = "state", .type = FIELD_OBJECT, .schema = &state_schema, .doc = "What relman remembers." },
        { .name = "locks", .type = FIELD_OBJECT, .schema = &locks_schema, .doc = "What relman writes." },
        { .name = "poll", .type = FIELD_OBJECT, .schema = &poll_schema, .doc = "How often registries are asked." },
        { .name = "api", .type = FIELD_OBJECT, .schema = &api_schema, .doc = "Where relman is asked." },
        { .name = "log", .type = FIELD_OBJECT, .schema = &log_schema, .doc = "What is logged." },
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
        return documents.n == 0 ? 0
                                : decode_object(&config_schema, documents.items[0], &config->arena,
                                                config, diags);
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
                config->file = arena_strdup(&config->arena, path);
                r = config->file ? read_text(config, data, size, diags) : -ENOMEM;
        }
        if (r < 0)
                return error_set(err, r == -ENOMEM ? ERROR_INTERNAL : ERROR_INVALID, r,
                                 "configuration '%s' has errors", path ? path : "built in");
        *ret = TAKE(config);
        return 0;
}
