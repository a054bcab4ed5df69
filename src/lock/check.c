/* Refuses data that no format can express: invalid names and images, and text that is not UTF-8.
 * The check before writing ensures that every reader accepts the lockfile. The check after reading
 * ensures that a forged name cannot become a path outside its folder. */

#include <errno.h>
#include <stdio.h>

#include "base/digest.h"
#include "base/escape.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "lock/lock.h"
#include "model/image/image.h"
#include "model/object.h"
#include "model/platform.h"
#include "model/source.h"

#define SHOWN_MAX 200 /* bytes of a text that a message quotes */

typedef struct Checker {
        const Release *release;
        const ReleaseComponent *component; /* NULL: the release itself */
        Error *err;
} Checker;

static int check_refuse(const Checker *checker, const char *field, const char *text,
                        const char *why)
{
        char shown[SHOWN_MAX], component[SHOWN_MAX] = "";

        if (checker->component)
                (void)snprintf(component, sizeof(component),
                               "component '%.100s': ", checker->component->component_name);
        return error_set(checker->err, ERROR_CONFLICT, -EILSEQ,
                         "release '%s': %s%s \"%s\" %s, which no lockfile can hold",
                         checker->release->name, component, field,
                         escape_text(text, strlen(text), shown, sizeof(shown)), why);
}

static int check_text(const Checker *checker, const char *field, const char *text)
{
        uint32_t c;
        size_t n;

        for (const char *p = text; p && *p; p += n) {
                n = utf8_decode(p, strnlen(p, 4), &c);
                if (n == 0)
                        return check_refuse(checker, field, text, "is not valid UTF-8");
        }
        return 0;
}

static int check_name(const Checker *checker, const char *field, const char *name)
{
        return name_is_valid(name) ? 0 : check_refuse(checker, field, name, "is not a name");
}

typedef struct CheckedText {
        const char *field, *text;
} CheckedText;

static int check_texts(const Checker *checker, const CheckedText *texts, size_t n)
{
        int r = 0;

        for (size_t i = 0; i < n && r >= 0; i++)
                r = check_text(checker, texts[i].field, texts[i].text);
        return r;
}

/* Allows only the characters of image references. No reader expands these characters, or ends a
 * text at them. */
static int check_image(const Checker *checker)
{
        static const char allowed[] =
                "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-/:[]";
        const ReleaseComponent *component = checker->component;

        if (component->repository[strspn(component->repository, allowed)])
                return check_refuse(checker, "repository", component->repository,
                                    "is not an image reference");
        if (component->tag && component->tag[strspn(component->tag, allowed)])
                return check_refuse(checker, "tag", component->tag, "is not a tag");
        return digest_is_valid(component->digest)
                       ? 0
                       : check_refuse(checker, "digest", component->digest, "is not a digest");
}

static int check_platform(const Checker *checker, const PlatformDigest *item)
{
        static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789._-/";

        if (item->platform[strspn(item->platform, allowed)] || !platform_is_valid(item->platform))
                return check_refuse(checker, "platform", item->platform, "is not a platform");
        return digest_is_valid(item->digest)
                       ? 0
                       : check_refuse(checker, "platform's digest", item->digest, "is not one");
}

static int check_platforms(const Checker *checker, const PlatformDigests *platforms)
{
        int r = 0;

        for (size_t i = 0; i < platforms->n && r >= 0; i++)
                r = check_platform(checker, &platforms->items[i]);
        return r;
}

/* Readers may make links of the source: it must have the form of model/source.h. */
static int check_source(const Checker *checker)
{
        const ComponentSource *source = &checker->component->source;

        if (source->repository && !source_repository_is_valid(source->repository))
                return check_refuse(checker, "source repository", source->repository,
                                    "is not the URL of a repository");
        if (source->revision && !source_revision_is_valid(source->revision))
                return check_refuse(checker, "source revision", source->revision,
                                    "is not a revision");
        return 0;
}

static int check_component(const Checker *checker)
{
        const ReleaseComponent *component = checker->component;
        const CheckedText texts[] = {
                { "componentId", component->component_id },
                { "semver", component->semver },
                { "channel", component->channel },
                { "mediaType", component->media_type },
        };
        int r;

        r = check_name(checker, "name", component->component_name);
        if (r >= 0)
                r = check_image(checker);
        if (r >= 0)
                r = check_texts(checker, texts, ARRAY_SIZE(texts));
        for (size_t i = 0; i < component->replaces.n && r >= 0; i++)
                r = check_text(checker, "replaces", component->replaces.items[i]);
        if (r >= 0)
                r = check_platforms(checker, &component->platforms);
        if (r >= 0)
                r = check_platforms(checker, &component->configs);
        return r < 0 ? r : check_source(checker);
}

int lock_check(const Release *release, const char *environment, Error *err)
{
        Checker checker = { .release = release, .err = err };
        const SourceRef *ref = &release->source_ref;
        const CheckedText texts[] = {
                { "displayName", release->display_name },
                { "scmIntegrationId", ref->scm_integration_id },
                { "commitSha", ref->commit_sha },
                { "branch", ref->branch },
                { "ciIntegrationId", ref->ci_integration_id },
                { "buildId", ref->build_id },
                { "pipelineUrl", ref->pipeline_url },
                { "specDigest", release->spec_digest },
        };
        int r;

        r = check_name(&checker, "name", release->name);
        if (r >= 0)
                r = check_name(&checker, "tenant", release->tenant);
        if (r >= 0 && environment)
                r = check_name(&checker, "environment", environment);
        if (r >= 0)
                r = check_texts(&checker, texts, ARRAY_SIZE(texts));
        for (size_t i = 0; i < release->components.n && r >= 0; i++) {
                checker.component = &release->components.items[i];
                r = check_component(&checker);
        }
        return r;
}
