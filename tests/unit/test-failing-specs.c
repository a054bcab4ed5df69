/* Reads, decodes, checks and explains specs while allocations or calls on files fail. The result
 * must be the same model or an error, without leaks. */

#include <glob.h>
#include <sys/stat.h>
#include <unistd.h>

#include "calendar/zone.h"
#include "failing.h"
#include "model/json.h"
#include "model/schema/decode.h"
#include "model/schema/document-diff.h"
#include "model/schema/encode.h"
#include "model/schema/json-schema.h"
#include "spec/check.h"
#include "spec/config/config.h"
#include "spec/report.h"
#include "spec/spec.h"
#include "unit.h"
#include "version/explain.h"

static const char *source_folder(void)
{
        const char *folder = getenv("SRCDIR");

        return folder ? folder : ".";
}

/* True if a diagnostic reports the failed call. Such a result counts as an error. */
static bool reports_refusal(const DiagList *diags)
{
        for (size_t i = 0; i < diags->n; i++)
                if (strstr(diags->items[i].message, "out of memory") ||
                    strstr(diags->items[i].message, "cannot read") ||
                    strstr(diags->items[i].message, "cannot open") ||
                    strstr(diags->items[i].message, "cannot look up"))
                        return true;
        return diags->failed;
}

static int report(const Model *model, const DiagList *diags, Buffer *out, Error *err)
{
        if (reports_refusal(diags))
                return error_set(err, ERROR_INTERNAL, -EIO, "reported in a diagnostic");
        for (size_t i = 0; i < model->brokens.n; i++) {
                const char *message = model->brokens.items[i].message;

                /* there was no memory for the diagnostic */
                if (streq(message, "it could not be read"))
                        return error_oom(err);
                (void)buffer_printf(out, "broken: %s\n", message);
        }
        for (size_t i = 0; i < model->components.n; i++)
                (void)buffer_printf(out, "%s\n", model->components.items[i]->object.digest);
        (void)report_write_text(diags, model, out);
        return report_write_json(diags, model, out);
}

/* --- trees of specs --------------------------------------------------------------------------- */

/* Loads the specs twice, because the second load does not parse unchanged files. */
static int load_tree(const void *input, Buffer *out, Error *err)
{
        _cleanup_(spec_tree_freep) SpecTree *tree = NULL;
        int r;

        r = spec_tree_new(input, &tree, err);
        for (unsigned i = 0; i < 2 && r >= 0; i++) {
                _cleanup_(model_unrefp) Model *model = NULL;
                _cleanup_(diag_list_done) DiagList diags;

                diag_list_init(&diags);
                r = spec_tree_load(tree, &model, &diags, err);
                if (r >= 0)
                        r = report(model, &diags, out, err);
        }
        if (r >= 0)
                for (size_t i = 0; i < spec_tree_folders(tree)->n; i++)
                        (void)buffer_printf(out, "%s\n", spec_tree_folders(tree)->items[i]);
        return r;
}

/* Uses each spec of tests/golden/lint. A lack of memory must not be reported as an error in the
 * file. */
static void test_a_spec_is_read_completely_or_not_at_all(void **state)
{
        char pattern[4096];
        glob_t found;
        size_t n_faults = 0;

        (void)state;
        (void)snprintf(pattern, sizeof(pattern), "%s/tests/golden/lint/*.yaml", source_folder());
        assert_int_equal(glob(pattern, 0, NULL, &found), 0);
        assert_true(found.gl_pathc > 50);
        for (size_t i = 0; i < found.gl_pathc; i++) {
                const FailingJob job = { .name = found.gl_pathv[i],
                                         .run = load_tree,
                                         .input = found.gl_pathv[i] };

                n_faults += failing_sweep(FAILING_ALLOCATIONS, &job);
        }
        globfree(&found);
        print_message("# %zu faults\n", n_faults);
}

/* A folder of several files. One file is behind a link, and one is in a subfolder. */
static char folder[] = "/tmp/relman-test-specs-XXXXXX";

static void write_file(const char *name, const char *text)
{
        char path[4096];
        FILE *file;

        (void)snprintf(path, sizeof(path), "%s/%s", folder, name);
        file = fopen(path, "we");
        assert_non_null(file);
        assert_true(fputs(text, file) >= 0);
        assert_int_equal(fclose(file), 0);
}

static int make_folder(void **state)
{
        static const char component[] =
                "{apiVersion: relman/v1, kind: Component, metadata: {name: %s}, spec: {imageRepository: r.example.com/a/%s}}\n";
        char text[400], path[4096];

        (void)state;
        assert_non_null(mkdtemp(folder));
        (void)snprintf(path, sizeof(path), "%s/sub", folder);
        assert_int_equal(mkdir(path, 0700), 0);
        (void)snprintf(text, sizeof(text), component, "api", "api");
        write_file("a.yaml", text);
        (void)snprintf(text, sizeof(text), component, "worker", "worker");
        write_file("sub/b.yml", text);
        write_file(
                "c.yaml",
                "{apiVersion: relman/v1, kind: Registry, metadata: {name: r}, spec: {url: 'https://r.example.com'}}\n"
                "---\n{apiVersion: relman/v1, kind: ReleaseStream, metadata: {name: s}, spec: {components: [api, worker]}}\n"
                "---\n{apiVersion: relman/v1, kind: Environment, metadata: {name: e}, spec: {stream: s}}\n"
                "---\n{apiVersion: relman/v1, kind: Environment, metadata: {name: f}, spec: {stream: s, promotesFrom: e}}\n"
                "---\n{apiVersion: relman/v1, kind: Release, metadata: {name: one},\n"
                "     spec: {mode: pinned, components: [{name: api, version: '^1'}, {name: worker, tag: v1}]}}\n");
        write_file(
                "d.yaml",
                "{apiVersion: relman/v1, kind: Component, metadata: {name: api}, spec: {imageRepository: r.example.com/a/other}}\n");
        (void)snprintf(path, sizeof(path), "%s/linked.yaml", folder);
        assert_int_equal(symlink("sub/b.yml", path), 0);
        return 0;
}

static int remove_folder(void **state)
{
        (void)state;
        return test_remove_tree(folder);
}

static void test_a_tree_is_read_completely_or_not_at_all(void **state)
{
        const FailingJob job = { .name = "tree", .run = load_tree, .input = folder };
        size_t n_allocations, n_calls;

        (void)state;
        n_allocations = failing_sweep(FAILING_ALLOCATIONS, &job);
        n_calls = failing_sweep(FAILING_CALLS, &job);
        print_message("# %zu allocations, %zu calls\n", n_allocations, n_calls);
}

/* Loads a file with a zone while each call fails in turn, and then without failures. The second
 * load must read the zone, although the file did not change. */
static void test_a_zone_that_could_not_be_read_is_read_by_the_next_load(void **state)
{
        static const FailingWhat whats[] = { FAILING_ALLOCATIONS, FAILING_CALLS };
        size_t n_refused = 0;
        char path[4096];

        (void)state;
        if (access(ZONE_FOLDER "/Europe/Berlin", R_OK) < 0)
                skip();
        (void)snprintf(path, sizeof(path), "%s/windows.yaml", folder);
        write_file("windows.yaml",
                   "{apiVersion: relman/v1, kind: Environment, metadata: {name: w},\n"
                   "  spec: {windows: [{allow: 'Mon 09:00..10:00', zone: Europe/Berlin}]}}\n");
        for (size_t i = 0, n = 1; i < ARRAY_SIZE(whats); n++) {
                _cleanup_(spec_tree_freep) SpecTree *tree = NULL;
                size_t n_calls = n;

                for (unsigned k = 0; k < 2; k++) {
                        _cleanup_(model_unrefp) Model *model = NULL;
                        _cleanup_(diag_list_done) DiagList diags;
                        _cleanup_(error_done) Error error = { 0 };
                        int r;

                        diag_list_init(&diags);
                        if (!tree)
                                assert_int_equal(spec_tree_new(path, &tree, &error), 0);
                        if (k == 0)
                                failing_arm(whats[i], n, false);
                        r = spec_tree_load(tree, &model, &diags, &error);
                        if (k == 0)
                                n_calls = failing_disarm();
                        n_refused += k == 0 && (r < 0 || diags.n_errors > 0);
                        if (k == 0 && r >= 0 && whats[i] == FAILING_ALLOCATIONS)
                                assert_int_equal(diags.n_errors, 0);
                        if (k > 0 && (r < 0 || diags.n_errors > 0 || model->environments.n != 1))
                                fail_msg("%zu of kind %d: %s", n, (int)whats[i],
                                         diags.n > 0 ? diags.items[0].message
                                                     : error_message(&error));
                }
                if (n_calls < n) {
                        i++;
                        n = 0;
                }
        }
        assert_true(n_refused > 10);
}

/* --- the configuration file ------------------------------------------------------------------- */

static int load_config(const void *input, Buffer *out, Error *err)
{
        _cleanup_(config_freep) Config *config = NULL;
        _cleanup_(diag_list_done) DiagList diags;
        int r;

        diag_list_init(&diags);
        r = config_load(input, &config, &diags, err);
        if (r == -EINVAL && !reports_refusal(&diags)) {
                error_done(err); /* the errors in the file are the expected result */
                report_write_lines(&diags, out);
                return 0;
        }
        if (r < 0)
                return r;
        report_write_lines(&diags, out);
        (void)buffer_printf(out, "%s %s %zu %zu", config->digest, config->api_socket,
                            config->outputs.n, config->receivers.n);
        for (size_t i = 0; i < config->receivers.n; i++)
                (void)buffer_printf(out, " %s", config->receivers.items[i].name);
        return 0;
}

static void test_a_configuration_is_read_completely_or_not_at_all(void **state)
{
        static const char *const texts[] = {
                "specs: {path: /etc/relman/specs}\npoll: {interval: 2m, jitter: 5%}\nlocks: {formats: [compose, helm]}\n"
                "api: {listen: ['[::]:8443', '127.0.0.1:80'], certFile: /a/cert.pem, keyFile: /a/key.pem}\n"
                "events:\n  webhooks:\n    - {name: chat, urlCredential: chat-url, format: slack, types: [release.deployed, drift.detected]}\n"
                "    - {name: deployer, url: 'https://deploy.example.com/relman', secretCredential: deployer, labels: {a: b}, types: ['release.*']}\n"
                "outputs:\n  - {environment: prod, format: compose, path: /srv/shop/compose.override.yaml, owner: root, group: root, mode: '0640', exec: [/bin/true, x]}\n"
                "log: {level: notice}\n",
                "specs: {pth: /x}\napi: {listen: [8443]}\nlog: {level: loud}\npoll: {interval: 0s}\n"
                "events: {webhooks: [{name: a, url: 'x'}, {name: a, urlFile: /x, urlCredential: y, types: [no.such]}]}\n"
                "outputs: [{environment: prod, format: compose, path: x, mode: '99', owner: nobody-here}]\n",
                "- a list\n",
                "specs: {path: [\n",
                "",
        };
        char path[4096];

        (void)state;
        (void)snprintf(path, sizeof(path), "%s/config", folder);
        for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
                const FailingJob job = { .name = texts[i], .run = load_config, .input = path };

                write_file("config", texts[i]);
                (void)failing_sweep(FAILING_ALLOCATIONS, &job);
                (void)failing_sweep(FAILING_CALLS, &job);
        }
}

/* --- documents -------------------------------------------------------------------------------- */

static const char whole_component[] =
        "{\"apiVersion\":\"relman/v1\",\"kind\":\"Component\",\"metadata\":{\"name\":\"api\",\"displayName\":\"A \\u00fc\",\"labels\":{\"team\":\"core\"}},"
        "\"spec\":{\"imageRepository\":\"r.example.com/a/api\",\"versioningStrategy\":{\"type\":\"semver\",\"tagPattern\":\"^v\",\"semverExtract\":\"$1.$2.$3\"},"
        "\"defaultChannel\":\"stable\",\"versionRules\":[{\"pattern\":\"^v(\\\\d+)\\\\.(\\\\d+)\\\\.(\\\\d+)$\",\"channel\":\"stable\"},"
        "{\"pattern\":\"^v(\\\\d+)\\\\.(\\\\d+)\\\\.(\\\\d+)-rc\",\"channel\":\"rc\",\"prereleasePattern\":\"-rc\"}],"
        "\"platforms\":[\"linux/amd64\"],\"ignoreTags\":[\"^sha-\"],\"replaces\":[\"api\",\"api.image\"],"
        "\"versions\":[{\"tag\":\"hotfix\",\"semver\":\"2.3.2\",\"channel\":\"stable\"}],"
        "\"deny\":[{\"version\":\"^1\",\"reason\":\"old\"}],\"interval\":\"5m\",\"maxVersions\":3}}";

static int decode_and_encode(const void *input, Buffer *out, Error *err)
{
        _cleanup_(arena_done) Arena arena;
        Object *object;
        int r;

        arena_init(&arena, TEST_ARENA_MAX);
        r = spec_decode_json(input, strlen(input), &arena, &object, err);
        if (r < 0)
                return r;
        (void)buffer_printf(out, "%s\n", object->digest);
        return encode_document(object, ENCODE_NO_DEFAULTS, out);
}

static void test_a_document_survives_a_round_trip_or_says_why_not(void **state)
{
        static const char *const texts[] = {
                whole_component,
                "{\"apiVersion\":\"relman/v1\",\"kind\":\"Registry\",\"metadata\":{\"name\":\"r\"},\"spec\":{\"url\":\"https://r.example.com\",\"type\":\"harbor\","
                "\"auth\":{\"username\":\"u\",\"passwordCredential\":\"p\"},\"tls\":{\"caFile\":\"/ca\"},\"limits\":{\"concurrency\":2,\"timeout\":\"3s\"},"
                "\"mirrors\":[{\"url\":\"https://m.example.com\",\"auth\":{\"tokenFile\":\"/t\"}}],\"hook\":{\"secretFile\":\"/h\"}}}",
                "{\"apiVersion\":\"relman/v1\",\"kind\":\"Release\",\"metadata\":{\"name\":\"one\",\"annotations\":{\"a\":\"b\"}},\"spec\":{\"mode\":\"partial\",\"pinFrom\":{\"environment\":\"prod\"},"
                "\"components\":[{\"name\":\"api\",\"digest\":\"sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\",\"role\":\"init\"}],\"sourceRef\":{\"commitSha\":\"4f\"},\"sameVersion\":true}}",
                "{\"apiVersion\":\"relman/v1\",\"kind\":\"ReleaseStream\",\"metadata\":{\"name\":\"s\",\"tenant\":\"t\"},\"spec\":{\"components\":[\"a\",\"b\"],\"nameTemplate\":\"{stream}-{date}-{version:a}\",\"keep\":7}}",
                "{\"apiVersion\":\"relman/v1\",\"kind\":\"Environment\",\"metadata\":{\"name\":\"e\"},\"spec\":{\"stream\":\"s\",\"promotesFrom\":\"d\",\"confirm\":\"manual\",\"approvals\":2,\"lock\":{\"formats\":[\"helm\"]}}}",
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
                const FailingJob job = { .name = texts[i],
                                         .run = decode_and_encode,
                                         .input = texts[i] };

                (void)failing_sweep(FAILING_ALLOCATIONS, &job);
        }
}

/* Compares two documents in both directions, so that items are added, removed and changed. */
static int compare_documents(const void *input, Buffer *out, Error *err)
{
        static const char other[] =
                "{\"apiVersion\":\"relman/v1\",\"kind\":\"Component\",\"metadata\":{\"name\":\"api\"},\"spec\":{\"defaultChannel\":\"rc\",\"versionRules\":[1,null,true],\"new\":{\"a\":\"b\"}}}";
        _cleanup_(arena_done) Arena arena;
        Node *a, *b;
        int r;

        arena_init(&arena, TEST_ARENA_MAX);
        r = json_to_node(input, strlen(input), &arena, &a, err);
        if (r >= 0)
                r = json_to_node(other, strlen(other), &arena, &b, err);
        for (unsigned i = 0; i < 2 && r >= 0; i++) {
                DocumentChanges changes;

                r = i == 0 ? document_diff(a, b, &arena, &changes)
                           : document_diff(b, a, &arena, &changes);
                if (r < 0)
                        return error_set(err, ERROR_INTERNAL, r, "no comparison");
                for (size_t k = 0; k < changes.n; k++)
                        (void)buffer_printf(out, "%s: %s -> %s\n", changes.items[k].path,
                                            changes.items[k].from ? changes.items[k].from : "-",
                                            changes.items[k].to ? changes.items[k].to : "-");
        }
        return r;
}

static void test_documents_are_compared_completely_or_not_at_all(void **state)
{
        const FailingJob job = { .name = "comparison",
                                 .run = compare_documents,
                                 .input = whole_component };

        (void)state;
        (void)failing_sweep(FAILING_ALLOCATIONS, &job);
}

/* --- explanations ----------------------------------------------------------------------------- */

typedef struct Explained {
        const char *spec;
        const char *channel, *range;
} Explained;

static int explain(const void *input, Buffer *out, Error *err)
{
        static const char *items[] = { "v1.2.3",      "v1.2.4-rc.1", "v1.2",
                                       "latest",      "sha-1234",    "hotfix",
                                       "2026.01.05",  "2026-13-01",  "17",
                                       "4.0.12.2823", "v1.2.3_b7",   "01.2.3",
                                       "20260105-2",  "26.1",        "v99999999999999999999.0.1" };
        static const Strings tags = { items, ARRAY_SIZE(items) };
        const Explained *explained = input;
        const ExplainOptions options = { .channel = explained->channel, .range = explained->range };
        _cleanup_(arena_done) Arena arena;
        Explanation explanation;
        Object *object;
        int r;

        arena_init(&arena, TEST_ARENA_MAX);
        r = spec_decode_json(explained->spec, strlen(explained->spec), &arena, &object, err);
        if (r < 0)
                return r;
        r = explain_tags((const ComponentSpec *)(const void *)object, &tags, &options, &arena,
                         &explanation, err);
        if (r < 0)
                return r;
        for (size_t i = 0; i < explanation.n_tags; i++) {
                const ExplainedTag *tag = &explanation.tags[i];

                (void)buffer_printf(out, "%s %d %d %s %s %s\n", tag->tag, tag->is.eligible,
                                    tag->is.rule, tag->is.eligible ? tag->is.version.text : "-",
                                    tag->is.eligible ? tag->is.channel : "-",
                                    tag->is.reason ? tag->is.reason : "-");
        }
        for (size_t i = 0; i < explanation.n_heads; i++)
                (void)buffer_printf(out, "%s: %s, %s\n", explanation.heads[i].channel,
                                    explanation.heads[i].head->tag, explanation.heads[i].reason);
        return buffer_printf(out, "selected: %s %s\n",
                             explanation.selected ? explanation.selected->tag : "-",
                             explanation.selected_reason ? explanation.selected_reason : "-");
}

static void test_tags_are_explained_completely_or_not_at_all(void **state)
{
#define COMPONENT(words)                                                                           \
        "{\"apiVersion\":\"relman/v1\",\"kind\":\"Component\",\"metadata\":{\"name\":\"api\"},"    \
        "\"spec\":{\"imageRepository\":\"r.example.com/a/api\"," words "}}"
        static const Explained cases[] = {
                { whole_component, NULL, "^1.2" },
                { COMPONENT("\"versioningStrategy\":{\"type\":\"semver\"}"), NULL,
                  ">=1.2.0-0 <3 || 17.x" },
                { COMPONENT("\"versioningStrategy\":{\"type\":\"date\"}"), NULL, NULL },
                { COMPONENT(
                          "\"versioningStrategy\":{\"type\":\"date\"},\"versionRules\":[{\"pattern\":\"^(?<year>\\\\d{4})[.](?<month>\\\\d\\\\d)[.](?<day>\\\\d\\\\d)$\",\"channel\":\"daily\"}]"),
                  "daily", NULL },
                { COMPONENT("\"versioningStrategy\":{\"type\":\"sequential\"}"), NULL, NULL },
                { COMPONENT("\"versioningStrategy\":{\"type\":\"numeric\"}"), NULL, NULL },
                { COMPONENT("\"versioningStrategy\":{\"type\":\"lexical\"}"), NULL, NULL },
                { COMPONENT("\"versioningStrategy\":{\"type\":\"manual\",\"follow\":\"latest\"}"),
                  NULL, NULL },
                { COMPONENT(
                          "\"versioningStrategy\":{\"type\":\"manual\"},\"versions\":[{\"tag\":\"hotfix\",\"semver\":\"1.0.0\",\"channel\":\"x\"}]"),
                  "stable", NULL },
                { COMPONENT(
                          "\"versioningStrategy\":{\"semverExtract\":\"$1.$2.0\"},\"versionRules\":[{\"pattern\":\"^v(\\\\d+)[.](\\\\d+)$\",\"channel\":\"stable\"}]"),
                  NULL, "1.x" },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                const FailingJob job = { .name = cases[i].spec,
                                         .run = explain,
                                         .input = &cases[i] };

                (void)failing_sweep(FAILING_ALLOCATIONS, &job);
        }
}

/* --- the harness itself ----------------------------------------------------------------------- */

static int swallow(const void *input, Buffer *out, Error *err)
{
        _cleanup_(freep) void *text = malloc(1);

        (void)err;
        return buffer_puts(out, text ? input : "nothing");
}

static int be_mute(const void *input, Buffer *out, Error *err)
{
        _cleanup_(freep) void *text = malloc(1);

        (void)err;
        return text ? buffer_puts(out, input) : -ENOMEM;
}

static void test_control_a_failure_that_is_swallowed_or_mute_is_seen(void **state)
{
        FailingJob job = { .name = "control", .input = "text", .is_control = true };

        (void)state;
        job.run = swallow;
        (void)failing_sweep(FAILING_ALLOCATIONS, &job);
        job.run = be_mute;
        (void)failing_sweep(FAILING_ALLOCATIONS, &job);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_control_a_failure_that_is_swallowed_or_mute_is_seen),
        cmocka_unit_test(test_a_spec_is_read_completely_or_not_at_all),
        cmocka_unit_test(test_a_tree_is_read_completely_or_not_at_all),
        cmocka_unit_test(test_a_configuration_is_read_completely_or_not_at_all),
        cmocka_unit_test(test_a_document_survives_a_round_trip_or_says_why_not),
        cmocka_unit_test(test_documents_are_compared_completely_or_not_at_all),
        cmocka_unit_test(test_tags_are_explained_completely_or_not_at_all),
        cmocka_unit_test(test_a_zone_that_could_not_be_read_is_read_by_the_next_load),
};
TEST_PROGRAM("failing-specs", tests, make_folder, remove_folder)
