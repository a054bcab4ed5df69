/* help and version: print the help of relmanctl or of one verb, and the version. */

#include "config.h"

#include <stdio.h>
#include <string.h>

#include "ctl/options.h"

#define HELP_WIDTH  80
#define HELP_INDENT 8 /* indentation of continuation lines */
#define NAMES_MAX   64

static const char *const groups[VERB_GROUP_MAX_] = {
        [VERB_INSPECT] = "Inspect",      [VERB_RELEASE] = "Release",
        [VERB_PROMOTE] = "Promote",      [VERB_ADMINISTER] = "Administer",
        [VERB_OFFLINE] = "Work offline",
};

int ctl_find_verb(const Verb *verbs, const char *name, const Verb **ret, Error *err)
{
        const char *names[NAMES_MAX];
        size_t n = 0;

        for (const Verb *verb = verbs; verb->name; verb++) {
                if (streq(verb->name, name)) {
                        *ret = verb;
                        return 0;
                }
                names[n++] = verb->name;
        }
        return ctl_unknown_verb(name, names, n, err);
}

/* Returns the size of a word, which ends before the next space outside brackets. */
static size_t help_word(const char *text)
{
        size_t depth = 0, n = 0;

        for (; text[n] && (text[n] != ' ' || depth > 0); n++) {
                depth += text[n] == '[';
                depth -= text[n] == ']' && depth > 0;
        }
        return n;
}

/* Prints the words in lines of HELP_WIDTH. column: the column of the first word. */
static void help_wrap(const char *text, size_t column, size_t indent, size_t (*word)(const char *))
{
        while (*text) {
                size_t n = word(text);

                if (column > indent && column + 1 + n > HELP_WIDTH) {
                        printf("\n%*s%.*s", (int)indent, "", (int)n, text);
                        column = indent + n;
                } else {
                        printf("%s%.*s", column > 0 ? " " : "", (int)n, text);
                        column += (column > 0) + n;
                }
                text += n;
                text += strspn(text, " ");
        }
        printf("\n");
}

static size_t help_plain_word(const char *text)
{
        return strcspn(text, " ");
}

static void help_options(const Verb *verb)
{
        bool asks = verb->group != VERB_OFFLINE;

        if (!asks && !verb->outputs)
                return;
        printf("\nCommon options:\n");
        if (asks)
                printf("  --socket PATH  ask the daemon on this socket (RELMAN_SOCKET)\n"
                       "  --url URL      ask the daemon over TCP (RELMAN_URL, RELMAN_TOKEN)\n"
                       "  --ca-file PEM  trust this authority for https (RELMAN_CA_FILE)\n"
                       "  --tenant NAME  act in this tenant (RELMAN_TENANT)\n");
        if (verb->outputs)
                printf("  -o %s\n", verb->outputs);
        if (asks && verb->outputs)
                printf("  --output-version 1|2  shape of lists in json and yaml "
                       "(RELMAN_OUTPUT_VERSION)\n");
        if (verb->may_repeat)
                printf("  --watch[=SECONDS]  repeat every 2 seconds, or every SECONDS\n");
}

void ctl_help_verb(const Verb *verb)
{
        printf("Usage: relmanctl %s", verb->name);
        help_wrap(verb->arguments, strlen("Usage: relmanctl ") + strlen(verb->name), HELP_INDENT,
                  help_word);
        printf("\n");
        help_wrap(verb->summary, 0, 0, help_plain_word);
        if (verb->details)
                help_wrap(verb->details, 0, 0, help_plain_word);
        help_options(verb);
        printf("\nExamples:\n");
        for (size_t i = 0; i < VERB_EXAMPLES && verb->examples[i]; i++)
                printf("  relmanctl %s\n", verb->examples[i]);
        printf("\nSee relmanctl(1).\n");
}

static void help_group(const CtlCall *call, VerbGroup group, bool is_long)
{
        printf("\n%s:\n", groups[group]);
        for (const Verb *verb = call->verbs; verb->name; verb++) {
                if (verb->group != group)
                        continue;
                if (is_long)
                        printf("  %s%s%s\n      %s\n", verb->name, verb->arguments[0] ? " " : "",
                               verb->arguments, verb->summary);
                else
                        printf("  %-14s %s\n", verb->name, verb->summary);
        }
}

/* Sets *ret to the verb whose help was requested; NULL: none was named. Accepts common options of
 * other verbs, because a shell alias may add them. */
static int help_topic(const CtlCall *call, const char **ret, Error *err)
{
        static const char *const takes_options[] = { "socket",         "url", "ca-file", "tenant",
                                                     "output-version", NULL };
        const CtlTakes takes = { takes_options, 0, call->argc, "[VERB | all]" };
        _cleanup_(ctl_options_done) CtlOptions options = { 0 };
        int r;

        *ret = NULL;
        if (call->argc <= 1) /* also relmanctl --help */
                return 0;
        r = ctl_options_parse(call, &takes, &options, err);
        if (r >= 0 && options.n_names > 0)
                *ret = options.names[0]; /* of argv */
        return r;
}

int verb_help(const CtlCall *call, Error *err)
{
        const char *topic;
        int r = help_topic(call, &topic, err);
        bool is_long = r >= 0 && topic && streq(topic, "all");
        const Verb *one;

        if (r < 0)
                return r;
        if (topic && !is_long) {
                r = ctl_find_verb(call->verbs, topic, &one, err);
                if (r >= 0)
                        ctl_help_verb(one);
                return r;
        }
        printf("Usage: relmanctl [OPTION]... VERB [ARGUMENT]...\n");
        for (VerbGroup group = 0; group < VERB_GROUP_MAX_; group++)
                help_group(call, group, is_long);
        printf("\nrelmanctl help VERB shows the arguments, options and examples of one verb;\n"
               "relmanctl help all shows the arguments of all verbs. See relmanctl(1).\n");
        return CTL_OK;
}

int verb_version(const CtlCall *call, Error *err)
{
        (void)call, (void)err;
        printf("relmanctl " PACKAGE_VERSION "\n");
        return CTL_OK;
}
