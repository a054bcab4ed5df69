/* verify --running: compares the containers of a host with a lockfile from a file or the daemon. */

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/digest.h"
#include "base/map.h"
#include "base/text.h"
#include "ctl/input.h"
#include "ctl/lock/lock-files.h"
#include "lock/running.h"
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

/* Splits a list at commas. */
static int split_patterns(const char *text, Arena *arena, Strings *ret)
{
        ret->items = arena_alloc_array(arena, strlen(text) + 1, sizeof(*ret->items));
        if (!ret->items)
                return -ENOMEM;
        while (*text) {
                size_t size = strcspn(text, ",");

                if (size > 0) {
                        ret->items[ret->n] = arena_strndup(arena, text, size);
                        if (!ret->items[ret->n++])
                                return -ENOMEM;
                }
                text += size + (text[size] == ',');
        }
        return 0;
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
            split_patterns(options->allow_also, &options->arena, &wanted.also) < 0)
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

/* Adds the rows of the wrong containers. wrong false: adds the rows of the others. */
static int add_rows(Check *check, Table *table, bool wrong, Error *err)
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
                if (r < 0)
                        return r;
                r = table_add(table,
                              (const char *[]){ container->name, detail[0], match->components,
                                                container->image, detail[1] });
                if (r < 0)
                        return error_oom(err);
        }
        return 0;
}

/* Prints the needed components that no container runs. Returns their number. */
static size_t print_missing(const Check *check)
{
        const ReleaseComponents *components = &check->lock.release.components;
        size_t n = 0;

        for (size_t i = 0; i < components->n; i++) {
                if (check->report.is_run[i] || !running_is_needed(&components->items[i]))
                        continue;
                printf("%s%s", n++ == 0 ? "no container runs: " : ", ",
                       components->items[i].component_name);
        }
        if (n > 0)
                printf("\n");
        return n;
}

static bool runs_any(const Check *check)
{
        for (size_t i = 0; i < check->lock.release.components.n; i++)
                if (check->report.is_run[i])
                        return true;
        return false;
}

static int print_summary(const Check *check)
{
        const char *path = check->options->running, *release = check->lock.release.name;
        size_t n_missing = print_missing(check);

        if (check->n_undecided > 0)
                printf("undecided: the host gives an image id alone, and the lockfile has no "
                       "configs to compare it with; add the host's images to the input: podman "
                       "images --format json, docker image inspect or crictl images -o json\n");
        if (check->n_wrong > 0) {
                printf("%s: %zu of %zu running container%s %s not what release '%s' has\n", path,
                       check->n_wrong, check->n_up, text_plural(check->n_up),
                       check->n_wrong == 1 ? "is" : "are", release);
                return CTL_FOUND;
        }
        if (!runs_any(check)) {
                printf("%s: nothing of release '%s' runs\n", path, release);
                return CTL_FOUND;
        }
        if (check->options->all && n_missing > 0) {
                printf("%s: %zu component%s of release '%s' %s not run\n", path, n_missing,
                       text_plural(n_missing), release, n_missing == 1 ? "does" : "do");
                return CTL_FOUND;
        }
        printf("%s: good: %zu running container%s, release '%s'\n", path, check->n_up,
               text_plural(check->n_up), release);
        return CTL_OK;
}

/* Prints the wrong containers first. */
static int print_report(Check *check, Error *err)
{
        static const char *const columns[] = { "CONTAINER", "RESULT",  "COMPONENT",
                                               "IMAGE",     "MESSAGE", NULL };
        _cleanup_(table_done) Table table = { 0 };
        int r = table_of(&table, check->options, columns) < 0 ? error_oom(err) : 0;

        if (r >= 0)
                r = add_rows(check, &table, true, err);
        if (r >= 0)
                r = add_rows(check, &table, false, err);
        if (r < 0)
                return r;
        if (check->containers.n > 0)
                table_print(&table);
        return print_summary(check);
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
