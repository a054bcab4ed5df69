/* open: prints the address of the page. */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "ctl/options.h"

static int print_addresses(CtlOptions *options, Error *err)
{
        static const AnswerShape shape = { .members = { "principal", "addresses[]" } };
        const char *const parts[] = { "/session", NULL };
        ClientAnswer answer = { .shape = &shape };
        const Node *list;
        int r = ctl_fetch(options, ctl_path(options, parts), &answer, err);

        if (r < 0)
                return r;
        list = node_list(answer.json, "addresses");
        if (list->n == 0)
                return error_set(err, ERROR_CONFLICT, -ENOENT,
                                 "the page has no address: name one in api.listen of relmand.yaml, "
                                 "and do not set api.web to false");
        for (size_t i = 0; i < list->n; i++)
                printf("%s\n", list->items[i]->text ? list->items[i]->text : "");
        return CTL_OK;
}

int verb_open(const CtlCall *call, Error *err)
{
        const CtlTakes takes = { NULL, 0, 0, "" };
        _cleanup_(ctl_options_done) CtlOptions options;
        size_t size;
        int r;

        r = ctl_options_parse(call, &takes, &options, err);
        if (r < 0)
                return r;
        if (!options.place.url)
                return print_addresses(&options, err);
        size = strlen(options.place.url);
        printf("%s%s\n", options.place.url, options.place.url[size - 1] == '/' ? "" : "/");
        return CTL_OK;
}
