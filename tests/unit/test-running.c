/* Tests the comparison of containers with a release: the output of each tool, and its meaning. */

#include "lock/running.h"
#include "unit.h"

TEST_ARENA(arena, set_up, tear_down)

#define R16(c)    c c c c c c c c c c c c c c c c
#define HEX(c)    R16(c) R16(c) R16(c) R16(c)
#define DIGEST(c) "sha256:" HEX(c)

#define API "registry.example.com/app/api"
#define WEB "docker.io/library/web"

/* api is an index with known configs. web is a single manifest without configs. setup runs before
 * both. The chart has the digest f; no container is compared with it. */
static ReleaseComponents components(void)
{
        static PlatformDigest platforms[] = { { "linux/amd64", DIGEST("b") },
                                              { "linux/arm64", DIGEST("c") } };
        static PlatformDigest configs[] = { { "linux/amd64", DIGEST("d") },
                                            { "linux/arm64", DIGEST("e") } };
        static ReleaseComponent items[] = {
                { .component_name = "api",
                  .repository = API,
                  .digest = DIGEST("a"),
                  .platforms = { platforms, 2 },
                  .configs = { configs, 2 } },
                { .component_name = "chart",
                  .repository = "registry.example.com/app/chart",
                  .digest = DIGEST("f"),
                  .artifact = ARTIFACT_CHART },
                { .component_name = "setup",
                  .repository = API,
                  .digest = DIGEST("a"),
                  .role = ROLE_INIT,
                  .platforms = { platforms, 2 },
                  .configs = { configs, 2 } },
                { .component_name = "web", .repository = "web", .digest = DIGEST("1") },
        };

        return (ReleaseComponents){ items, ARRAY_SIZE(items) };
}

/* Returns a line for each container: NAME: RESULT (COMPONENTS) PLATFORM. The last line lists the
 * components that run. Returns the message if there is an error. */
static const char *compared(const char *json, const char *platform, const char *also)
{
        ReleaseComponents all = components();
        RunningWanted wanted = { &all, platform, { also ? &also : NULL, also ? 1 : 0 } };
        RunningContainers containers;
        RunningReport report;
        const char *text = "";
        Error error = { 0 };

        if (running_read("-", json, strlen(json), &arena, &containers, &error) < 0) {
                text = arena_strdup(&arena, error_message(&error));
                error_done(&error);
                return text;
        }
        assert_int_equal(running_compare(&wanted, &containers, &arena, &report, &error), 0);
        for (size_t i = 0; i < containers.n; i++) {
                const RunningMatch *match = &report.matches[i];

                text = arena_printf(&arena, "%s%s: %s (%s)%s%s\n", text, containers.items[i].name,
                                    running_result_to_string(match->result),
                                    match->components ? match->components : "",
                                    match->platform ? " " : "",
                                    match->platform ? match->platform : "");
        }
        for (size_t i = 0; i < all.n; i++)
                if (report.is_run[i])
                        text = arena_printf(&arena, "%s+%s", text, all.items[i].component_name);
        return text;
}

#define BOTH "api, setup"

#define PODMAN(name, image, id, state)                                                             \
        "{\"Id\":\"" HEX("0") "\",\"Names\":[\"" name "\"],\"Image\":\"" image                     \
                              "\",\"ImageID\":\"" id "\",\"State\":\"" state                       \
                              "\",\"IsInfra\":false,\"PodName\":\"\"}"
#define IMAGE(id, digests) "{\"Id\":\"" id "\",\"RepoDigests\":" digests "}"
#define INSPECT(name, image, id, state)                                                            \
        "{\"Name\":\"/" name "\",\"Image\":\"" id "\",\"State\":{\"Status\":\"" state              \
        "\"},\"Config\":{\"Image\":\"" image "\",\"Labels\":null}}"
#define CRICTL(name, image, image_ref, state)                                                      \
        "{\"metadata\":{\"name\":\"" name "\",\"attempt\":0},\"image\":{\"image\":\"" image        \
        "\"},\"imageRef\":\"" image_ref "\",\"state\":\"" state                                    \
        "\",\"labels\":{\"io.kubernetes.pod.namespace\":\"shop\",\"io.kubernetes.pod.name\":"      \
        "\"api-0\"}}"
#define STATUS(name, image, id, state)                                                             \
        "{\"name\":\"" name "\",\"image\":\"" image "\",\"imageID\":\"" id "\",\"state\":{" state  \
        "}}"
#define UP       "\"running\":{\"startedAt\":\"2026-11-28T12:00:00Z\"}"
#define WAITS    "\"waiting\":{\"reason\":\"CrashLoopBackOff\"}"
#define FINISHED "\"terminated\":{\"exitCode\":0}"
#define POD(phase, spec, statuses)                                                                 \
        "{\"kind\":\"Pod\",\"metadata\":{\"namespace\":\"shop\",\"name\":\"p\"},\"spec\":{" spec   \
        "},\"status\":{\"phase\":\"" phase "\"" statuses "}}"
#define SPEC(name, image) "\"containers\":[{\"name\":\"" name "\",\"image\":\"" image "\"}]"

typedef struct Case {
        const char *json, *wanted;
} Case;

static void check(const Case *cases, size_t n)
{
        for (size_t i = 0; i < n; i++) {
                const char *got = compared(cases[i].json, NULL, NULL);

                assert_case(streq(got, cases[i].wanted), "case %zu: %s\nwanted %s\ngot    %s", i,
                            cases[i].json, cases[i].wanted, got);
        }
}

static void test_containers_of_podman(void **state)
{
        static const Case cases[] = {
                /* the image id is the digest of the config */
                { "[" PODMAN("a", API ":1", HEX("d"), "running") "]",
                  "a: right (" BOTH ") linux/amd64\n+api+setup" },
                { "[" PODMAN("a", API "@" DIGEST("a"), HEX("9"), "running") "]",
                  "a: right (" BOTH ")\n+api+setup" },
                { "[" PODMAN("a", API ":1", HEX("9"), "running") "]",
                  "a: unknown digest (" BOTH ")\n" },
                { "[" PODMAN("a", "quay.io/x/y:1", HEX("9"), "running") "]",
                  "a: unknown image ()\n" },
                /* the lockfile has no configs of web */
                { "[" PODMAN("w", WEB ":1", HEX("9"), "running") "]", "w: undecided (web)\n" },
                /* a list of images gives the digests of the manifests */
                { "[" PODMAN("w", WEB ":1", HEX("9"), "running") "][" IMAGE(
                          HEX("9"), "[\"mirror:5000/web@" DIGEST("1") "\"]") "]",
                  "w: right (web)\n+web" },
                { "[" IMAGE(HEX("9"), "[\"" WEB "@" DIGEST("2") "\"]") "] [" PODMAN(
                          "w", WEB ":1", HEX("9"), "running") "]",
                  "w: unknown digest (web)\n" },
                { "[" PODMAN("w", WEB ":1", HEX("9"), "running") "][" IMAGE(HEX("9"), "null") "]",
                  "w: undecided (web)\n" },
                { "[" PODMAN("a", API ":1", HEX("d"), "exited") "," PODMAN(
                          "b", API ":1", HEX("d"),
                          "paused") "," PODMAN("c", API ":1", HEX("9"),
                                               "created") "," PODMAN("d", API ":1", HEX("d"),
                                                                     "stopping") "]",
                  "a: not running (" BOTH ") linux/amd64\nb: right (" BOTH ") linux/amd64\n"
                  "c: not running (" BOTH ")\nd: right (" BOTH ") linux/amd64\n+api+setup" },
                /* an image without a name */
                { "[" PODMAN("a", "", HEX("d"), "running") "," PODMAN("b", "<none>", HEX("9"),
                                                                      "running") "]",
                  "a: right (" BOTH ") linux/amd64\nb: undecided ()\n+api+setup" },
                { "[{\"Names\":[\"0-infra\"],\"ImageID\":\"\",\"IsInfra\":true}]", "" },
                { "[]", "" },
                /* the API of docker, with the image store of containerd */
                { "[{\"Names\":[\"/a\"],\"ImageID\":\"" DIGEST(
                          "a") "\",\"Image\":\"" API
                               "\",\"State\":\"running\",\"ImageManifestDescriptor\":{\"digest\":\"" DIGEST(
                                       "c") "\"}}]",
                  "a: right (" BOTH ") linux/arm64\n+api+setup" },
                { "[{\"Names\":[\"a\\u001b[2J\"],\"ImageID\":\"" HEX(
                          "d") "\",\"Image\":\"x\","
                               "\"State\":\"running\",\"PodName\":\"shop\"}]",
                  "shop/a\\x1B[2J: right (" BOTH ") linux/amd64\n+api+setup" },
        };

        (void)state;
        check(cases, ARRAY_SIZE(cases));
}

static void test_containers_of_docker(void **state)
{
        static const Case cases[] = {
                { "[" INSPECT("a", "registry.example.com/app/api", DIGEST("e"), "running") "]",
                  "a: right (" BOTH ") linux/arm64\n+api+setup" },
                { "[" INSPECT("w", "web:1", DIGEST("9"),
                              "running") "][" IMAGE(DIGEST("9"), "[\"web@" DIGEST("1") "\"]") "]",
                  "w: right (web)\n+web" },
                /* with the image store of containerd the image id is the digest of the index */
                { "[" INSPECT("a", API ":1", DIGEST("a"), "running") "]",
                  "a: right (" BOTH ")\n+api+setup" },
                { "[" INSPECT("a", API ":1", DIGEST("d"),
                              "dead") "," INSPECT("b", API ":1", DIGEST("d"), "restarting") "]",
                  "a: not running (" BOTH ") linux/amd64\nb: right (" BOTH ") linux/amd64\n"
                  "+api+setup" },
                { "[{\"Name\":\"/k8s_POD_x\",\"Image\":\"" DIGEST(
                          "9") "\",\"State\":{},\"Config\":"
                               "{\"Labels\":{\"io.kubernetes.docker.type\":\"podsandbox\"}}}]",
                  "" },
                /* podman inspect: ImageDigest may come from another pull */
                { "[{\"Name\":\"a\",\"Image\":\"" HEX("9") "\",\"ImageDigest\":\"" DIGEST(
                          "a") "\",\"ImageName\":\"" API
                               ":1\",\"State\":{\"Status\":\"running\"}}]",
                  "a: unknown digest (" BOTH ")\n" },
        };

        (void)state;
        check(cases, ARRAY_SIZE(cases));
}

static void test_containers_of_crictl(void **state)
{
        static const Case cases[] = {
                /* with containerd, the reference is an image id */
                { "{\"containers\":[" CRICTL("api", DIGEST("d"), DIGEST("d"),
                                             "CONTAINER_RUNNING") "]}",
                  "shop/api-0/api: right (" BOTH ") linux/amd64\n+api+setup" },
                /* with CRI-O, the reference is a name */
                { "{\"containers\":[" CRICTL("api", HEX("9"), API "@" DIGEST("c"),
                                             "CONTAINER_RUNNING") "]}",
                  "shop/api-0/api: right (" BOTH ") linux/arm64\n+api+setup" },
                { "{\"containers\":[" CRICTL(
                          "w", DIGEST("9"), DIGEST("9"),
                          "CONTAINER_RUNNING") "]}\n{\"images\":[{\"id\":\"" DIGEST("9") "\",\"repoTags\":[],\"repoDigests\":[\"" WEB
                                                                                         "@" DIGEST(
                                                                                                 "1") "\"]}]}",
                  "shop/api-0/w: right (web)\n+web" },
                { "{\"containers\":[" CRICTL(
                          "w", DIGEST("9"), DIGEST("9"),
                          "CONTAINER_RUNNING") "," CRICTL("old", DIGEST("9"), DIGEST("9"),
                                                          "CONTAINER_EXITED") "]}",
                  "shop/api-0/w: undecided ()\nshop/api-0/old: not running ()\n" },
                /* newer CRI-O: both are the image id without its algorithm */
                { "{\"containers\":[" CRICTL("api", HEX("d"), HEX("d"), "CONTAINER_RUNNING") "]}",
                  "shop/api-0/api: right (" BOTH ") linux/amd64\n+api+setup" },
                /* a container that crictl made has no labels of a pod */
                { "{\"containers\":[{\"metadata\":{\"name\":\"w\"},\"image\":{\"image\":\"web:1\","
                  "\"userSpecifiedImage\":\"web:1\"},\"imageRef\":\"" DIGEST(
                          "9") "\",\"state\":\"CONTAINER_RUNNING\",\"labels\":{}}]}",
                  "w: undecided (web)\n" },
                { "{\"containers\":null}", "" },
        };

        (void)state;
        check(cases, ARRAY_SIZE(cases));
}

static void test_containers_of_pods(void **state)
{
        static const Case cases[] = {
                { "{\"kind\":\"List\",\"items\":[" POD(
                          "Running", SPEC("api", API ":1"),
                          ",\"containerStatuses\":[" STATUS("api", API ":1", API "@" DIGEST("a"),
                                                            UP) "]") "]}",
                  "shop/p/api: right (" BOTH ")\n+api+setup" },
                { POD("Running", SPEC("api", API ":1"),
                      ",\"containerStatuses\":[" STATUS(
                              "api", API ":1", "docker-pullable://" API "@" DIGEST("b"), UP) "]"),
                  "shop/p/api: right (" BOTH ") linux/amd64\n+api+setup" },
                { POD("Running", SPEC("api", API ":1"),
                      ",\"containerStatuses\":[" STATUS("api", API ":1", "docker://" DIGEST("d"),
                                                        UP) "]"),
                  "shop/p/api: right (" BOTH ") linux/amd64\n+api+setup" },
                { POD("Running", SPEC("api", API ":1"),
                      ",\"containerStatuses\":[" STATUS("api", API ":1", DIGEST("d"), WAITS) "]"),
                  "shop/p/api: right (" BOTH ") linux/amd64\n+api+setup" },
                { POD("Running", SPEC("w", "web"),
                      ",\"containerStatuses\":[" STATUS("w", WEB ":latest", DIGEST("9"), UP) "]"),
                  "shop/p/w: undecided (web)\n" },
                { POD("Pending", SPEC("api", API ":1"),
                      ",\"containerStatuses\":[" STATUS("api", API ":1", "", WAITS) "]"),
                  "shop/p/api: pending (" BOTH ")\n" },
                { POD("Pending", SPEC("api", API ":1"), ""), "shop/p/api: pending (" BOTH ")\n" },
                { POD("Failed", SPEC("api", API ":1"), ""),
                  "shop/p/api: not running (" BOTH ")\n" },
                /* the pod is initialized, and a debug container was added */
                { POD("Running", SPEC("w", "web"),
                      ",\"initContainerStatuses\":[" STATUS(
                              "setup", API ":1", API "@" DIGEST("a"),
                              FINISHED) "],"
                                        "\"containerStatuses\":[" STATUS(
                                                "w", WEB, WEB "@" DIGEST("1"),
                                                UP) "],"
                                                    "\"ephemeralContainerStatuses\":[" STATUS(
                                                            "debug", "docker.io/library/busybox:1",
                                                            "docker.io/library/busybox@" DIGEST(
                                                                    "9"),
                                                            UP) "]"),
                  "shop/p/setup: not running (" BOTH ")\nshop/p/w: right (web)\n"
                  "shop/p/debug: unknown image ()\n+web" },
                { "{\"kind\":\"PodList\",\"items\":[]}", "" },
        };

        (void)state;
        check(cases, ARRAY_SIZE(cases));
}

static void test_platforms_and_patterns(void **state)
{
        static const struct {
                const char *json, *wanted, *platform, *also;
        } cases[] = {
                { "[{\"Name\":\"/a\",\"Image\":\"" DIGEST(
                          "a") "\",\"State\":{\"Status\":"
                               "\"running\"},\"Config\":{\"Image\":\"" API
                               "\"},\"ImageManifestDescriptor\":"
                               "{\"digest\":\"" DIGEST("c") "\"}}]",
                  "a: other platform (" BOTH ") linux/arm64\n+api+setup", "linux/amd64", NULL },
                { "[" PODMAN("a", API, HEX("d"), "running") "]",
                  "a: right (" BOTH ") linux/amd64\n+api+setup", "linux/amd64", NULL },
                { "[" PODMAN("a", API, HEX("e"), "running") "]",
                  "a: other platform (" BOTH ") linux/arm64\n+api+setup", "linux/amd64", NULL },
                { "[" PODMAN("a", API, HEX("e"),
                             "running") "][" IMAGE(HEX("e"), "[\"" API "@" DIGEST("a") "\"]") "]",
                  "a: other platform (" BOTH ") linux/arm64\n+api+setup", "linux/amd64", NULL },
                /* the platform of an index is not known */
                { "[" PODMAN("a", API "@" DIGEST("a"), HEX("9"), "running") "]",
                  "a: right (" BOTH ")\n+api+setup", "linux/amd64", NULL },
                { "[" PODMAN("p", "docker.io/library/postgres:16", HEX("9"), "running") "]",
                  "p: allowed ()\n", NULL, "docker.io/library/*" },
                /* a pattern must not hide a wrong image of a component */
                { "[" PODMAN("a", API, HEX("9"), "running") "]", "a: unknown digest (" BOTH ")\n",
                  NULL, "*" },
                { "[" PODMAN("b", "", HEX("9"), "running") "]", "b: undecided ()\n", NULL, "*" },
                /* a container cannot run a chart */
                { "[" PODMAN("c", "registry.example.com/app/chart@" DIGEST("f"), HEX("9"),
                             "running") "]",
                  "c: unknown image ()\n", NULL, NULL },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                const char *got = compared(cases[i].json, cases[i].platform, cases[i].also);

                assert_case(streq(got, cases[i].wanted), "case %zu: %s\nwanted %s\ngot    %s", i,
                            cases[i].json, cases[i].wanted, got);
        }
}

static void test_other_input_is_refused(void **state)
{
        static const struct {
                const char *json, *said;
        } cases[] = {
                { "", "'-' is empty; pass the output of podman ps" },
                { " \n", "'-' is empty" },
                { "CONTAINER ID  IMAGE\n", "JSON value 1: it is not valid JSON; pass the output" },
                { "[] [", "JSON value 2: it is not valid JSON" },
                { "[1]", "not a list of objects" },
                { "\"x\"", "neither a list nor an object" },
                { "{\"a\":1}", "it has no container, pod or image" },
                { "[{\"Id\":\"x\",\"Driver\":\"bridge\"}]", "it has no container, pod or image" },
                { "{\"ID\":\"1\",\"Image\":\"web\",\"Names\":\"w\",\"State\":\"running\"}",
                  "docker ps prints no digests of images; pass the output of podman ps" },
                { "{\"kind\":\"List\",\"items\":[{\"kind\":\"Deployment\"}]}",
                  "it lists objects that are no pods, such as a Deployment" },
                { "{\"kind\":\"Pod\",\"metadata\":{}}", "a pod has no spec or status" },
                { "{\"containers\":{}}", "not a list: containers" },
                { "{\"containers\":[{\"state\":\"CONTAINER_RUNNING\"}]}", "no text imageRef" },
                { "[{\"ImageID\":7,\"State\":\"running\"}]", "no text ImageID" },
                { "[" IMAGE(HEX("9"), "[]") "]", "it has images but no container" },
                { "[" IMAGE("9", "[]") "]", "an image has no complete digest as Id" },
                { "[" IMAGE(HEX("9"), "[1]") "]", "not a list of texts: RepoDigests" },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                const char *got = compared(cases[i].json, NULL, NULL);

                assert_case(strstr(got, cases[i].said), "case %zu: %s", i, got);
        }
}

static void test_which_components_a_release_needs(void **state)
{
        ReleaseComponents all = components();

        (void)state;
        assert_true(running_is_needed(&all.items[0]));
        assert_false(running_is_needed(&all.items[1])); /* a chart */
        assert_false(running_is_needed(&all.items[2])); /* role init */
        assert_true(running_is_needed(&all.items[3]));
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_containers_of_podman),
        cmocka_unit_test(test_containers_of_docker),
        cmocka_unit_test(test_containers_of_crictl),
        cmocka_unit_test(test_containers_of_pods),
        cmocka_unit_test(test_platforms_and_patterns),
        cmocka_unit_test(test_other_input_is_refused),
        cmocka_unit_test(test_which_components_a_release_needs),
};
TEST_PROGRAM("running", tests, set_up, tear_down)
