/* verify --running: compares the containers of a host with a lockfile from a file or the daemon. */

#include <cjson/cJSON.h>
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/digest.h"
#include "base/map.h"
#include "base/text.h"
#include "ctl/input.h"
#include "ctl/lock/lock-files.h"
#include "lock/running.h"
#include "model/json.h"
#include "model/platform.h"

/* limit for the list of containers of a host; a pod takes about 10 KiB */
#define RUNNING_FILE_MAX ((size_t)128 * 1024 * 1024)

typedef struct Check {
        CtlOptions *options;
        bool asks_daemon; /* the lockfile is from the daemon, which can also find other releases */
        Lock lock;
        RunningContainers containers;
        RunningReport report;
        char platform[PLATFORM_SIZE_MAX]; /* platform of the host; "": any */
        Map owners; /* digest → text about its releases, "" if there is none */
        size_t n_up, n_wrong, n_undecided;
        Table table;
        cJSON *list; /* the containers, with -o json; NULL: they are in `table` */
} Check;

/* --- the lockfile and the host ---------------------------------------------------------------- */

/* True if the argument is a path, and not the name of an environment or a release. */
static bool names_file(const char *name)
{
        struct stat st;

        return (stat(name, &st) == 0 && !S_ISDIR(st.st_mode)) || text_ends_with(name, ".yaml");
}

static int read_lock(Check *check, Error *err)
{
        const char *name = check->options->names[0];
        int r;

        check->asks_daemon = !names_file(name);
        if (!check->asks_daemon)
                return lock_file_read(name, &check->options->arena, &check->lock, err);
        r = lock_fetch(check->options, &(LockQuery){ .name = name }, &check->lock, err);
        return MIN(r, 0);
}

static int read_containers(Check *check, Error *err)
{
        const char *path = check->options->running;
        _cleanup_(buffer_done) Buffer text;
        int r;

        buffer_init(&text, RUNNING_FILE_MAX);
        r = ctl_read_input(path, &text, err);
        return r < 0 ? r
                     : running_read(path, text.data, text.size, &check->options->arena,
                                    &check->containers, err);
}

/* Converts a platform to its normal form. Refuses a misspelt platform, which no image would
 * match. */
static int take_platform(const char *text, char ret[PLATFORM_SIZE_MAX], Error *err)
{
        char near[PLATFORM_SIZE_MAX] = "linux/amd64";

        if (platform_normalize(text, ret)) {
                if (platform_is_known(ret))
                        return 0;
                (void)platform_suggest(ret, near);
        }
        return error_set(err, ERROR_INVALID, -EINVAL,
                         "--platform takes a platform such as %s, not '%s'", near, text);
}

static int compare(Check *check, Error *err)
{
        CtlOptions *options = check->options;
        RunningWanted wanted = { .components = &check->lock.release.components };
        int r;

        if (options->platform) {
                r = take_platform(options->platform, check->platform, err);
                if (r < 0)
                        return r;
                wanted.platform = check->platform;
        }
        if (options->allow_also &&
            ctl_split_commas(options->allow_also, &options->arena, &wanted.also) < 0)
                return error_oom(err);
        return running_compare(&wanted, &check->containers, &options->arena, &check->report, err);
}

/* --- other releases --------------------------------------------------------------------------- */

/* Asks the daemon which release has the digest. Returns a text about the release, in the arena; ""
 * if no release has the digest; NULL with err set after a failure. */
static char *ask_owner(Check *check, const char *digest, Error *err)
{
        static const AnswerShape shape = { .members = { "digest", "releases[]",
                                                        "environments[]" } };
        Arena *arena = &check->options->arena;
        const char *const parts[] = { "/digests/", digest, NULL };
        ClientAnswer answer = { .shape = &shape };
        const Node *releases, *environments;
        char *text;

        if (ctl_fetch(check->options, ctl_path(check->options, parts), &answer, err) < 0)
                return NULL;
        releases = node_list(answer.json, "releases");
        environments = node_list(answer.json, "environments");
        if (environments->n > 0)
                text = arena_printf(arena, "release '%s' of environment '%s'",
                                    node_text(environments->items[0], "release"),
                                    node_text(environments->items[0], "environment"));
        else if (releases->n > 0)
                text = arena_printf(arena, "release '%s'",
                                    node_text(releases->items[0], "release"));
        else
                text = arena_strdup(arena, "");
        if (text && map_put(&check->owners, digest, text, NULL) >= 0)
                return text;
        (void)error_oom(err);
        return NULL;
}

/* Same as ask_owner(), but sends only one request for each digest. */
static const char *owner_of(Check *check, const char *digest, Error *err)
{
        const char *known = map_get(&check->owners, digest);

        return known ? known : ask_owner(check, digest, err);
}

/* Finds the release to which a wrong container belongs. *ret is "" if there is none, or the daemon
 * is not used. */
static int find_owner(Check *check, const RunningContainer *container, const char **ret, Error *err)
{
        const char *owner = "";

        if (check->asks_daemon && container->id)
                owner = owner_of(check, container->id, err);
        for (size_t i = 0; check->asks_daemon && i < container->digests.n && owner && !owner[0];
             i++)
                owner = owner_of(check, container->digests.items[i], err);
        *ret = owner;
        return owner ? 0 : -EREMOTEIO;
}

/* --- printing --------------------------------------------------------------------------------- */

static int explain(Check *check, const RunningContainer *container, const RunningMatch *match,
                   const char *cells[2], Error *err)
{
        const char *digest = container->digests.n > 0 ? container->digests.items[0] : container->id;
        const char *owner = "";
        int r;

        cells[0] = running_result_to_string(match->result);
        cells[1] = match->platform;
        if (match->result == RUNNING_OTHER_PLATFORM)
                cells[1] = arena_printf(&check->options->arena, "image for %s, not for %s",
                                        match->platform, check->platform);
        if (match->result <= RUNNING_OTHER_PLATFORM)
                return cells[1] || !match->platform ? 0 : error_oom(err);
        r = find_owner(check, container, &owner, err);
        if (r < 0)
                return r;
        if (owner[0])
                cells[0] = "other release";
        cells[1] = owner[0] ? owner : digest;
        check->n_undecided += match->result == RUNNING_UNDECIDED && !owner[0];
        return 0;
}

static bool put_text(cJSON *object, const char *name, const char *text)
{
        return text ? cJSON_AddStringToObject(object, name, text) != NULL
                    : cJSON_AddNullToObject(object, name) != NULL;
}

/* Adds a container to the JSON list. */
static int add_object(const Check *check, const RunningContainer *container,
                      const RunningMatch *match, const char *const detail[2], Error *err)
{
        cJSON *object = cJSON_CreateObject(), *digests;

        if (!cJSON_AddItemToArray(check->list, object)) {
                cJSON_Delete(object);
                return error_oom(err);
        }
        digests = container->digests.n > 0 ? cJSON_CreateStringArray(container->digests.items,
                                                                     (int)container->digests.n)
                                           : cJSON_CreateArray();
        if (!cJSON_AddItemToObject(object, "digests", digests)) {
                cJSON_Delete(digests);
                return error_oom(err);
        }
        return put_text(object, "name", container->name) && put_text(object, "result", detail[0]) &&
                               put_text(object, "components", match->components) &&
                               put_text(object, "image", container->image) &&
                               put_text(object, "imageId", container->id) &&
                               put_text(object, "platform", match->platform) &&
                               put_text(object, "message", detail[1])
                       ? 0
                       : error_oom(err);
}

static int add_row(Check *check, const RunningContainer *container, const RunningMatch *match,
                   const char *const detail[2], Error *err)
{
        if (check->list)
                return add_object(check, container, match, detail, err);
        return table_add(&check->table,
                         (const char *[]){ container->name, detail[0], match->components,
                                           container->image, detail[1] }) < 0
                       ? error_oom(err)
                       : 0;
}

/* Adds the rows of the wrong containers. wrong false: adds the rows of the others. */
static int add_rows(Check *check, bool wrong, Error *err)
{
        for (size_t i = 0; i < check->containers.n; i++) {
                const RunningContainer *container = &check->containers.items[i];
                const RunningMatch *match = &check->report.matches[i];
                const char *detail[2];
                int r;

                if (running_is_wrong(match->result) != wrong)
                        continue;
                check->n_wrong += wrong;
                check->n_up += container->state == RUNNING_UP;
                r = explain(check, container, match, detail, err);
                if (r >= 0)
                        r = add_row(check, container, match, detail, err);
                if (r < 0)
                        return r;
        }
        return 0;
}

/* True if the component must run, and no container runs it. */
static bool is_missing(const Check *check, size_t i)
{
        return !check->report.is_run[i] &&
               running_is_needed(&check->lock.release.components.items[i]);
}

static size_t count_missing(const Check *check)
{
        size_t n = 0;

        for (size_t i = 0; i < check->lock.release.components.n; i++)
                n += is_missing(check, i);
        return n;
}

/* Prints the needed components that no container runs. */
static void print_missing(const Check *check)
{
        const ReleaseComponents *components = &check->lock.release.components;
        size_t n = 0;

        for (size_t i = 0; i < components->n; i++)
                if (is_missing(check, i))
                        printf("%s%s", n++ == 0 ? "no container runs: " : ", ",
                               components->items[i].component_name);
        if (n > 0)
                printf("\n");
}

static bool runs_any(const Check *check)
{
        for (size_t i = 0; i < check->lock.release.components.n; i++)
                if (check->report.is_run[i])
                        return true;
        return false;
}

static bool is_good(const Check *check)
{
        return check->n_wrong == 0 && runs_any(check) &&
               !(check->options->all && count_missing(check) > 0);
}

static void print_summary(const Check *check)
{
        const char *path = check->options->running, *release = check->lock.release.name;
        size_t n_missing = count_missing(check);

        print_missing(check);
        if (check->n_undecided > 0)
                printf("undecided: the host gives an image id alone, and the lockfile has no "
                       "configs to compare it with; add the host's images to the input: podman "
                       "images --format json, docker image inspect or crictl images -o json\n");
        if (check->n_wrong > 0)
                printf("%s: %zu of %zu running container%s %s not what release '%s' has\n", path,
                       check->n_wrong, check->n_up, text_plural(check->n_up),
                       check->n_wrong == 1 ? "is" : "are", release);
        else if (!runs_any(check))
                printf("%s: nothing of release '%s' runs\n", path, release);
        else if (!is_good(check))
                printf("%s: %zu component%s of release '%s' %s not run\n", path, n_missing,
                       text_plural(n_missing), release, n_missing == 1 ? "does" : "do");
        else
                printf("%s: good: %zu running container%s, release '%s'\n", path, check->n_up,
                       text_plural(check->n_up), release);
}

/* Adds the summary to the JSON document. Returns false if memory ran out. */
static bool put_summary(const Check *check, cJSON *root)
{
        const ReleaseComponents *components = &check->lock.release.components;
        cJSON *missing = cJSON_AddArrayToObject(root, "notRunning");

        for (size_t i = 0; i < components->n && missing; i++)
                if (is_missing(check, i) &&
                    !cJSON_AddItemToArray(missing,
                                          cJSON_CreateString(components->items[i].component_name)))
                        return false;
        return missing && put_text(root, "release", check->lock.release.name) &&
               cJSON_AddNumberToObject(root, "running", (double)check->n_up) &&
               cJSON_AddNumberToObject(root, "wrong", (double)check->n_wrong) &&
               cJSON_AddNumberToObject(root, "undecided", (double)check->n_undecided) &&
               cJSON_AddBoolToObject(root, "good", is_good(check));
}

/* Adds the wrong containers first. */
static int add_all(Check *check, Error *err)
{
        int r = add_rows(check, true, err);

        return r < 0 ? r : add_rows(check, false, err);
}

static int print_json(Check *check, Error *err)
{
        _cleanup_(json_free) cJSON *root = cJSON_CreateObject();
        char *text;
        int r;

        check->list = cJSON_AddArrayToObject(root, "containers");
        if (!check->list)
                return error_oom(err);
        r = add_all(check, err);
        if (r < 0)
                return r;
        text = put_summary(check, root) ? cJSON_Print(root) : NULL;
        if (!text)
                return error_oom(err);
        printf("%s\n", text);
        cJSON_free(text);
        return 0;
}

static int print_table(Check *check, Error *err)
{
        static const char *const columns[] = { "CONTAINER", "RESULT",  "COMPONENT",
                                               "IMAGE",     "MESSAGE", NULL };
        int r = table_of(&check->table, check->options, columns) < 0 ? error_oom(err) : 0;

        if (r >= 0)
                r = add_all(check, err);
        if (r < 0)
                return r;
        if (check->containers.n > 0)
                table_print(&check->table);
        print_summary(check);
        return 0;
}

static int print_report(Check *check, Error *err)
{
        int r = check->options->output == OUTPUT_JSON ? print_json(check, err)
                                                      : print_table(check, err);

        table_done(&check->table);
        return r < 0 ? r : is_good(check) ? CTL_OK : CTL_FOUND;
}

int verify_running(CtlOptions *options, Error *err)
{
        Check check = { .options = options };
        int r = read_lock(&check, err);

        if (r >= 0)
                r = read_containers(&check, err);
        if (r >= 0)
                r = compare(&check, err);
        if (r >= 0)
                r = print_report(&check, err);
        map_done(&check.owners);
        return r;
}
