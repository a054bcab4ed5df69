/* allow-move: allows a version tag to have the digest that it moved to. */

#include <errno.h>
#include <stdio.h>

#include "base/digest.h"
#include "ctl/ctl.h"
#include "ctl/options.h"

static const AnswerShape component_shape = { .members = { "name" } };
static const AnswerShape tag_shape = { .members = { "tag" } };

/* Refuses a digest that the daemon would refuse, such as a prefix that is too short. */
static int allow_move_check(const CtlOptions *options, Error *err)
{
        const char *typed = options->digest;

        if (!typed || digest_is_valid(typed) || digest_is_prefix(typed))
                return 0;
        return error_set(err, ERROR_INVALID, -EINVAL,
                         "--digest is a digest, or at least %d hex digits of its beginning, not "
                         "'%s'; relmanctl get tags %s lists the digests",
                         DIGEST_PREFIX_MIN, typed, options->names[0]);
}

/* Finds the digest to allow: the digest that relmand knows for the tag, so that a later move of the
 * tag is not allowed too. If --digest differs from it, uses the digest of the option. */
static int allow_move_digest(CtlOptions *options, const char **ret, Error *err)
{
        const char *const parts[] = { "/components/", options->names[0], "/tags/",
                                      options->names[1], NULL };
        ClientAnswer answer = { .shape = &tag_shape };
        const char *typed = options->digest, *known;
        int r;

        options->digest = NULL; /* the digest is a member of the request, not a filter */
        r = ctl_fetch(options, ctl_path(options, parts), &answer, err);
        if (r < 0)
                return r;
        known = node_text(answer.json, "digest");
        *ret = typed && !digest_has_prefix(known, typed) ? typed : known[0] ? known : NULL;
        return r;
}

int verb_allow_move(const CtlCall *call, Error *err)
{
        static const char *const takes_options[] = { "digest", "reason", NULL };
        const CtlTakes takes = { takes_options, 2, 2,
                                 "COMPONENT TAG [--digest DIGEST] [--reason TEXT]" };
        _cleanup_(ctl_options_done) CtlOptions options;
        ClientAnswer answer = { .shape = &component_shape };
        const char *digest = NULL;
        bool printed = false;
        int r;

        r = ctl_options_parse(call, &takes, &options, err);
        if (r >= 0)
                r = allow_move_check(&options, err);
        if (r >= 0)
                r = allow_move_digest(&options, &digest, err);
        if (r >= 0) {
                const char *const parts[] = { "/components/", options.names[0], "/allow-move",
                                              NULL };
                const char *const members[] = { "tag",    options.names[1], "digest", digest,
                                                "reason", options.reason,   NULL };

                r = ctl_post(&options, ctl_path(&options, parts), ctl_body(&options, members),
                             &answer, &printed, err);
        }
        if (r < 0 || printed ||
            ctl_print_name(&options, "component", node_text(answer.json, "name")))
                return r;
        printf("component '%s': tag '%s' may have %s\n", node_text(answer.json, "name"),
               options.names[1], digest ? digest : "another digest");
        return r;
}
