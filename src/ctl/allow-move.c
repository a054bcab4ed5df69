/* Allows a version tag to have the digest that it moved to. */

#include <stdio.h>

#include "ctl/ctl.h"
#include "ctl/options.h"

static const AnswerShape component_shape = { .members = { "name" } };
static const AnswerShape tag_shape = { .members = { "tag" } };

/* Returns the digest that relmand knows for the tag; "" if it cannot be read. */
static const char *tag_digest(CtlOptions *options)
{
        const char *const parts[] = { "/components/", options->names[0], "/tags/",
                                      options->names[1], NULL };
        ClientAnswer answer = { .shape = &tag_shape };

        return ctl_fetch(options, ctl_path(options, parts), &answer, NULL) < 0
                       ? ""
                       : node_text(answer.json, "digest");
}

int verb_allow_move(const CtlCall *call, Error *err)
{
        static const char *const takes_options[] = { "reason", NULL };
        const CtlTakes takes = { takes_options, 2, 2, "COMPONENT TAG [--reason TEXT]" };
        _cleanup_(ctl_options_done) CtlOptions options;
        ClientAnswer answer = { .shape = &component_shape };
        bool printed = false;
        int r;

        r = ctl_options_parse(call, &takes, &options, err);
        if (r >= 0) {
                const char *const parts[] = { "/components/", options.names[0], "/allow-move",
                                              NULL };
                const char *const members[] = { "tag", options.names[1], "reason", options.reason,
                                                NULL };

                r = ctl_post(&options, ctl_path(&options, parts), ctl_body(&options, members),
                             &answer, &printed, err);
        }
        if (r < 0 || printed ||
            ctl_print_name(&options, "component", node_text(answer.json, "name")))
                return r;
        printf("component '%s': tag '%s' may have %s\n", node_text(answer.json, "name"),
               options.names[1], tag_digest(&options));
        return r;
}
