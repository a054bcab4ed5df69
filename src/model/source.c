#include "model/source.h"

#include <stdio.h>
#include <strings.h>

#include "base/macros.h"
#include "base/parse.h"
#include "base/text.h"

#define SEGMENTS_MAX 32

typedef enum Forge {
        FORGE_UNKNOWN,
        FORGE_GITHUB,
        FORGE_GITLAB,
        FORGE_GITEA,
        FORGE_BITBUCKET,
        FORGE_BITBUCKET_SERVER,
        FORGE_AZURE,
        FORGE_MAX_,
} Forge;

/* A parsed repository. Its texts are in `buffer`. */
typedef struct Location {
        const char *scheme; /* static */
        char host[SOURCE_REPOSITORY_MAX + 1];
        char buffer[SOURCE_REPOSITORY_MAX + 1];
        const char *segments[SEGMENTS_MAX]; /* of the path, without empty ones */
        size_t n;
} Location;

/* --- characters ------------------------------------------------------------------------------- */

static bool is_word(char c)
{
        return text_is_lower_or_digit(text_lower(c));
}

static bool is_one_of(char c, const char *set)
{
        return c && strchr(set, c);
}

/* True for a segment of a path that no browser reads as something else. */
static bool segment_is_valid(const char *segment)
{
        if (streq(segment, ".") || streq(segment, ".."))
                return false;
        for (const char *p = segment; *p; p++) {
                /* not an escape of a control character, or of one of another script */
                if (*p == '%' && p[1] >= '2' && p[1] <= '7' && parse_hex_digit(p[2]) >= 0)
                        p += 2;
                else if (!is_word(*p) && !is_one_of(*p, "._~+-@"))
                        return false;
        }
        return true;
}

static bool host_is_valid(const char *host)
{
        size_t n = 0;

        while (is_word(host[n]) || (n > 0 && is_one_of(host[n], ".-")))
                n++;
        if (n == 0)
                return false;
        if (!host[n])
                return true;
        return host[n] == ':' && host[n + 1] && strlen(host + n + 1) <= 5 &&
               strspn(host + n + 1, "0123456789") == strlen(host + n + 1);
}

bool source_revision_is_valid(const char *text)
{
        size_t n = 0;

        while (n <= SOURCE_REVISION_MAX && (is_word(text[n]) || is_one_of(text[n], "._/+-")))
                n++;
        return n > 0 && n <= SOURCE_REVISION_MAX && !text[n];
}

static bool is_commit(const char *revision)
{
        size_t n = 0;

        while (revision && parse_hex_digit(revision[n]) >= 0)
                n++;
        return n >= 7 && n <= 64 && !revision[n];
}

/* --- forges ----------------------------------------------------------------------------------- */

/* Returns the index of a segment; location->n: there is none. */
static size_t find_segment(const Location *location, const char *segment)
{
        size_t i = 0;

        while (i < location->n && !streq(location->segments[i], segment))
                i++;
        return i;
}

static bool is_bitbucket_server(const Location *location)
{
        return location->n >= 4 && streq(location->segments[2], "repos") &&
               (streq(location->segments[0], "projects") || streq(location->segments[0], "users"));
}

/* Returns the forge of a host, or of a path that only one forge has. */
static Forge find_forge(const Location *location)
{
        static const struct {
                const char *host;
                bool is_first_label;
                Forge forge;
        } forges[] = {
                { "github.com", false, FORGE_GITHUB },       { "github.", true, FORGE_GITHUB },
                { "gitlab.com", false, FORGE_GITLAB },       { "gitlab.", true, FORGE_GITLAB },
                { "codeberg.org", false, FORGE_GITEA },      { "gitea.", true, FORGE_GITEA },
                { "code.forgejo.org", false, FORGE_GITEA },  { "forgejo.", true, FORGE_GITEA },
                { "bitbucket.org", false, FORGE_BITBUCKET },
        };
        size_t git = find_segment(location, "_git");

        if (git >= 1 && git + 1 < location->n)
                return FORGE_AZURE;
        if (streq(location->host, "dev.azure.com"))
                return FORGE_UNKNOWN;
        for (size_t i = 0; i < ARRAY_SIZE(forges); i++)
                if (forges[i].is_first_label ? text_begins_with(location->host, forges[i].host)
                                             : streq(location->host, forges[i].host))
                        return location->n >= 2 ? forges[i].forge : FORGE_UNKNOWN;
        return is_bitbucket_server(location) ? FORGE_BITBUCKET_SERVER : FORGE_UNKNOWN;
}

/* --- reading ---------------------------------------------------------------------------------- */

/* Splits location->buffer into segments. Returns false if one is not valid. */
static bool split_path(Location *location, char *path)
{
        char *save = NULL;

        path[strcspn(path, "?#")] = '\0';
        for (char *segment = strtok_r(path, "/", &save); segment;
             segment = strtok_r(NULL, "/", &save)) {
                if (location->n == SEGMENTS_MAX || !segment_is_valid(segment))
                        return false;
                location->segments[location->n++] = segment;
        }
        return location->n > 0;
}

/* Removes the port that the scheme has by default; without_port: any port. */
static void cut_port(Location *location, bool without_port)
{
        char *colon = strchr(location->host, ':');

        if (colon &&
            (without_port || streq(colon, streq(location->scheme, "http") ? ":80" : ":443")))
                *colon = '\0';
}

static bool take_host(Location *location, const char *host, bool is_ssh)
{
        size_t n = strlen(host);

        if (n > SOURCE_REPOSITORY_MAX || !host_is_valid(host))
                return false;
        for (size_t i = 0; i <= n; i++)
                location->host[i] = text_lower(host[i]);
        cut_port(location, is_ssh);
        return true;
}

/* Reads USER@HOST:PATH, which git and ssh accept. */
static bool parse_scp(Location *location)
{
        char *at = strchr(location->buffer, '@'), *colon = at ? strchr(at, ':') : NULL;

        location->scheme = "https";
        if (!colon || strcspn(location->buffer, "/") < (size_t)(colon - location->buffer))
                return false;
        *colon = '\0';
        return take_host(location, at + 1, true) && split_path(location, colon + 1);
}

/* Reads SCHEME://[USER[:PASSWORD]@]HOST[:PORT]/PATH. */
static bool parse_url(Location *location)
{
        static const char *const schemes[][2] = { { "https://", "https" },
                                                  { "http://", "http" },
                                                  { "ssh://", "https" } };

        for (size_t i = 0; i < ARRAY_SIZE(schemes); i++) {
                size_t n = strlen(schemes[i][0]);
                char *host = location->buffer + n, *path, *at;

                if (strncasecmp(location->buffer, schemes[i][0], n) != 0)
                        continue;
                location->scheme = schemes[i][1];
                path = strchr(host, '/');
                if (!path)
                        return false;
                *path = '\0';
                at = strrchr(host, '@');
                return take_host(location, at ? at + 1 : host,
                                 text_begins_with(schemes[i][0], "ssh")) &&
                       split_path(location, path + 1);
        }
        return !strstr(location->buffer, "://") && parse_scp(location);
}

/* Replaces hosts that serve only SSH by those of the pages, and the path for SSH of Azure. */
static void replace_ssh_host(Location *location)
{
        static const char *const hosts[][2] = { { "ssh.github.com", "github.com" },
                                                { "www.github.com", "github.com" },
                                                { "altssh.gitlab.com", "gitlab.com" },
                                                { "altssh.bitbucket.org", "bitbucket.org" } };
        bool is_azure = streq(location->host, "ssh.dev.azure.com") ||
                        streq(location->host, "vs-ssh.visualstudio.com");

        for (size_t i = 0; i < ARRAY_SIZE(hosts); i++)
                if (streq(location->host, hosts[i][0]))
                        (void)snprintf(location->host, sizeof(location->host), "%s", hosts[i][1]);
        if (!is_azure || location->n != 4 || !streq(location->segments[0], "v3"))
                return;
        (void)snprintf(location->host, sizeof(location->host), "dev.azure.com");
        location->segments[0] = location->segments[1];
        location->segments[1] = location->segments[2];
        location->segments[2] = "_git";
}

/* Replaces the path by which git clones from Bitbucket Server by that of the pages. */
static void replace_scm(Location *location)
{
        if (location->n != 3 || !streq(location->segments[0], "scm") ||
            !text_ends_with(location->segments[2], ".git"))
                return;
        location->segments[3] = location->segments[2];
        location->segments[2] = "repos";
        location->segments[0] = "projects";
        if (location->segments[1][0] == '~') {
                location->segments[0] = "users";
                location->segments[1]++;
        }
        location->n = 4;
}

/* Returns the number of segments of the repository. Others name a part of it, such as a branch. */
static size_t count_segments(const Location *location, Forge forge)
{
        static const char *const parts[] = { "-", "tree", "blob", "commit", "commits" };
        size_t n = location->n;

        switch (forge) {
        case FORGE_GITHUB:
        case FORGE_GITEA:
        case FORGE_BITBUCKET: return 2;
        case FORGE_BITBUCKET_SERVER: return 4;
        case FORGE_AZURE: return find_segment(location, "_git") + 2;
        case FORGE_GITLAB:
                for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
                        for (size_t j = 2; j < n; j++)
                                if (streq(location->segments[j], parts[i]))
                                        n = j;
                return n;
        case FORGE_UNKNOWN:
        case FORGE_MAX_: break;
        }
        return n;
}

static bool parse(const char *text, Location *ret)
{
        size_t size = strlen(text);

        *ret = (Location){ 0 };
        if (size > SOURCE_REPOSITORY_MAX)
                return false;
        memcpy(ret->buffer, text, size);
        if (!parse_url(ret))
                return false;
        replace_ssh_host(ret);
        replace_scm(ret);
        ret->n = count_segments(ret, find_forge(ret));
        return true;
}

/* Writes the URL to ret. Returns false if the text names no repository. */
static bool normalize(const char *text, char ret[SOURCE_REPOSITORY_MAX + 1])
{
        Location location;
        size_t size;

        if (!parse(text, &location))
                return false;
        size = (size_t)snprintf(ret, SOURCE_REPOSITORY_MAX + 1, "%s://%s", location.scheme,
                                location.host);
        for (size_t i = 0; i < location.n && size <= SOURCE_REPOSITORY_MAX; i++)
                size += (size_t)snprintf(ret + size, SOURCE_REPOSITORY_MAX + 1 - size, "/%s",
                                         location.segments[i]);
        if (size > SOURCE_REPOSITORY_MAX)
                return false;
        if (text_ends_with(ret, ".git") && ret[size - 5] != '/')
                ret[size - 4] = '\0';
        return true;
}

const char *source_repository(const char *text, Arena *arena)
{
        char url[SOURCE_REPOSITORY_MAX + 1];

        return normalize(text, url) ? arena_strdup(arena, url) : NULL;
}

bool source_repository_is_valid(const char *text)
{
        char url[SOURCE_REPOSITORY_MAX + 1];

        return normalize(text, url) && streq(url, text);
}

/* --- facts ------------------------------------------------------------------------------------ */

/* Returns the first of the texts that exists, by keys in order of their priority. */
static const char *get_text(const ImageFacts *facts, const char *oci, const char *schema)
{
        const char *text = image_facts_get(facts, oci);

        return text ? text : image_facts_get(facts, schema);
}

static const char *find_repository(const ImageFacts *facts, Arena *arena)
{
        const char *source =
                get_text(facts, "org.opencontainers.image.source", "org.label-schema.vcs-url");
        const char *url = get_text(facts, "org.opencontainers.image.url", "org.label-schema.url");
        const char *repository = source ? source_repository(source, arena) : NULL;
        Location location;

        /* the URL is often that of a site, so it counts only if it is a repository of a forge */
        if (!repository && url && parse(url, &location) && find_forge(&location) != FORGE_UNKNOWN)
                repository = source_repository(url, arena);
        return repository;
}

void source_add_facts(const ImageFacts *facts, Arena *arena, ComponentSource *ret, bool *conflict)
{
        const char *revision =
                get_text(facts, "org.opencontainers.image.revision", "org.label-schema.vcs-ref");

        if (!ret->repository)
                ret->repository = find_repository(facts, arena);
        if (!revision || !source_revision_is_valid(revision) || *conflict)
                return;
        *conflict = ret->revision && !streq(ret->revision, revision);
        ret->revision = *conflict ? NULL : arena_strdup(arena, revision);
}

void source_of_image(const char *digest, const PlatformDigests *platforms, SourceFacts find,
                     const void *userdata, Arena *arena, ComponentSource *ret)
{
        const ImageFacts *facts = find(userdata, digest);
        bool conflict = false;

        *ret = (ComponentSource){ 0 };
        if (facts)
                source_add_facts(facts, arena, ret, &conflict);
        for (size_t i = 0; i < platforms->n; i++) {
                if (streq(platforms->items[i].digest, digest))
                        continue;
                facts = find(userdata, platforms->items[i].digest);
                if (facts)
                        source_add_facts(facts, arena, ret, &conflict);
        }
}

/* --- links ------------------------------------------------------------------------------------ */

/* The paths of pages after the repository: of a commit, and of two with `middle` between them. */
static const struct {
        const char *commit, *between, *middle;
        bool is_reversed; /* the newer commit is first */
} pages[FORGE_MAX_] = {
        [FORGE_GITHUB] = { "/commit/", "/compare/", "...", false },
        [FORGE_GITLAB] = { "/-/commit/", "/-/compare/", "...", false },
        [FORGE_GITEA] = { "/commit/", "/compare/", "...", false },
        [FORGE_BITBUCKET] = { "/commits/", "/branches/compare/", "..", true },
        [FORGE_BITBUCKET_SERVER] = { "/commits/",
                                     "/compare/commits?sourceBranch=", "&targetBranch=", true },
        [FORGE_AZURE] = { "/commit/", "/branchCompare?baseVersion=GC", "&targetVersion=GC", false },
};

static Forge forge_of(const ComponentSource *source)
{
        Location location;

        return source->repository && parse(source->repository, &location) ? find_forge(&location)
                                                                          : FORGE_UNKNOWN;
}

int source_shown_size(const char *revision)
{
        return is_commit(revision) ? SOURCE_SHORT : SOURCE_REVISION_MAX;
}

const char *source_commit_link(const ComponentSource *source, char ret[SOURCE_LINK_MAX])
{
        Forge forge = forge_of(source);

        if (forge == FORGE_UNKNOWN || !is_commit(source->revision))
                return NULL;
        (void)snprintf(ret, SOURCE_LINK_MAX, "%s%s%s", source->repository, pages[forge].commit,
                       source->revision);
        return ret;
}

const char *source_compare_link(const ComponentSource *from, const ComponentSource *to,
                                char ret[SOURCE_LINK_MAX])
{
        Forge forge = forge_of(to);
        const char *a = from->revision, *b = to->revision;

        if (forge == FORGE_UNKNOWN || !str_equal(from->repository, to->repository) ||
            !is_commit(a) || !is_commit(b) || streq(a, b))
                return NULL;
        (void)snprintf(ret, SOURCE_LINK_MAX, "%s%s%s%s%s", to->repository, pages[forge].between,
                       pages[forge].is_reversed ? b : a, pages[forge].middle,
                       pages[forge].is_reversed ? a : b);
        return ret;
}
