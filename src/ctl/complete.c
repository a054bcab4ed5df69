/* complete: completes command lines. Takes options and arguments of verbs from the help texts, and
 * names of objects from the daemon. */

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "ctl/ctl.h"
#include "ctl/options.h"

#define WORDS_MAX 64

/* --- options and arguments of a verb ---------------------------------------------------------- */

/* The words of Verb.arguments without brackets, such as "--reason", "TEXT", "RELEASE",
 * "COMPONENT...". */
typedef struct Words {
        const char *items[WORDS_MAX];
        size_t n;
        const char *outputs; /* values of -o; NULL: the verb has no -o */
} Words;

static int split(const char *text, Arena *arena, Words *ret)
{
        ret->n = 0;
        while (*text && ret->n < WORDS_MAX) {
                size_t size;

                text += strspn(text, " []");
                size = strcspn(text, " []");
                if (size == 0)
                        break;
                ret->items[ret->n] = arena_strndup(arena, text, size);
                if (!ret->items[ret->n++])
                        return -ENOMEM;
                text += size;
        }
        return 0;
}

static bool is_option(const char *word)
{
        return word[0] == '-' && word[1] != '\0';
}

/* Returns the name of the value that an option of the verb takes. Returns NULL if the option takes
 * no value, or is unknown. */
static const char *value_of(const Words *takes, const char *option)
{
        static const char *const common[][2] = { { "--socket", "FILE" },
                                                 { "--url", "URL" },
                                                 { "--ca-file", "FILE" },
                                                 { "--tenant", "TENANT" } };

        if (streq(option, "-o") || streq(option, "--output"))
                return takes->outputs;
        for (size_t i = 0; i < ARRAY_SIZE(common); i++)
                if (streq(option, common[i][0]))
                        return common[i][1];
        for (size_t i = 0; i + 1 < takes->n; i++)
                if (streq(takes->items[i], option) && !is_option(takes->items[i + 1]))
                        return takes->items[i + 1];
        return NULL;
}

/* Returns the nth argument of the verb, not counting options and their values. An argument with
 * "..." repeats. */
static const char *positional(const Words *takes, size_t n)
{
        const char *last = NULL;

        for (size_t i = 0; i < takes->n; i++) {
                const char *word = takes->items[i];

                if (is_option(word) || (i > 0 && is_option(takes->items[i - 1]) &&
                                        value_of(takes, takes->items[i - 1]) == word))
                        continue;
                last = word;
                if (n-- == 0)
                        return word;
        }
        return last && strstr(last, "...") ? last : NULL;
}

/* --- candidates ------------------------------------------------------------------------------- */

static void offer(const char *candidate, size_t size, const char *begun)
{
        size_t n = strlen(begun);

        if (size >= n && strncmp(candidate, begun, n) == 0)
                printf("%.*s\n", (int)size, candidate);
}

static void offer_choices(const char *choices, const char *begun)
{
        while (*choices) {
                size_t size = strcspn(choices, "|");

                offer(choices, size, begun);
                choices += size + (choices[size] == '|');
        }
}

/* A line to complete. All members are borrowed. */
typedef struct Line {
        const char *verb;
        /* the first argument; NULL: the word to complete is the first argument */
        const char *first;
        const char *last;  /* the argument before the word to complete; NULL: none */
        const char *begun; /* the beginning of the word to complete */
} Line;

/* Releases in these states are not offered, because the verb would refuse them. */
static const struct {
        const char *verb, *states;
} hidden_states[] = {
        { "approve", " archived deprecated " },
        { "archive", " archived " },
        { "confirm", " archived " },
        { "deprecate", " archived deprecated " },
        { "lock", " archived " },
        { "promote", " archived deprecated " },
        { "reject", " archived deprecated " },
};

static bool line_hides(const Line *line, const char *status)
{
        char padded[32];

        (void)snprintf(padded, sizeof(padded), " %s ", status);
        for (size_t i = 0; status[0] && i < ARRAY_SIZE(hidden_states); i++)
                if (streq(hidden_states[i].verb, line->verb))
                        return strstr(hidden_states[i].states, padded);
        return false;
}

/* Makes the options for the requests to the daemon. */
static int line_options(CtlOptions *ret, Error *err)
{
        static const char *const none[] = { NULL };
        static char own_name[] = "complete"; /* getopt requires argv[0] */
        static const Verb verb = { .name = own_name };
        static char *arguments[] = { own_name, NULL };
        const CtlTakes takes = { none, 0, 0, "" };
        const CtlCall call = { .verb = &verb, .argc = 1, .argv = arguments };

        return ctl_options_parse(&call, &takes, ret, err);
}

/* Offers names of objects; none if the daemon does not answer. */
static void offer_names(const char *kind, const Line *line)
{
        static const AnswerShape shape = { true, { "name" } };
        _cleanup_(ctl_options_done) CtlOptions options = { 0 };
        _cleanup_(error_done) Error error = { 0 };
        const char *const parts[] = { "/", kind, NULL };
        ClientAnswer answer = { .shape = &shape };
        const Node *list;
        bool printed;
        int r;

        if (line_options(&options, &error) < 0)
                return;
        options.page_size = streq(kind, "releases") ? "500" : NULL;
        r = options.page_size || streq(kind, "receivers")
                    ? ctl_get(&options, ctl_path(&options, parts), &answer, &printed, &error)
                    : ctl_get_all(&options, parts, &answer, &printed, &error);
        if (r < 0 || !answer.json)
                return;
        list = node_page(answer.json);
        for (size_t i = 0; i < list->n; i++) {
                const char *name = node_text(list->items[i], "name");

                if (!options.page_size || !line_hides(line, node_text(list->items[i], "status")))
                        offer(name, strlen(name), line->begun);
        }
}

/* Offers tags that the registry lists. The API sorts tags, so the tags that begin with line->begun
 * follow that text directly. */
static void offer_tags(const char *component, const Line *line)
{
        static const AnswerShape shape = { true, { "tag" } };
        _cleanup_(ctl_options_done) CtlOptions options = { 0 };
        _cleanup_(error_done) Error error = { 0 };
        const char *const parts[] = { "/components/", component, "/tags", NULL };
        ClientAnswer answer = { .shape = &shape };
        const Node *list;

        if (line_options(&options, &error) < 0)
                return;
        options.limit = "500";
        options.after_tag = line->begun[0] ? line->begun : NULL;
        if (ctl_fetch(&options, ctl_path(&options, parts), &answer, &error) < 0)
                return;
        list = node_page(answer.json);
        for (size_t i = 0; i < list->n; i++) {
                const char *tag = node_text(list->items[i], "tag");

                if (!streq(node_text(list->items[i], "gone"), "true"))
                        offer(tag, strlen(tag), line->begun);
        }
}

/* Offers the names of the checks of an environment, those before a promotion first. */
static void offer_checks(const char *environment, const Line *line)
{
        static const AnswerShape shape = { .members = { "name" } };
        static const char *const when[] = { "before", "after" };
        _cleanup_(ctl_options_done) CtlOptions options = { 0 };
        _cleanup_(error_done) Error error = { 0 };
        const char *const parts[] = { "/environments/", environment, NULL };
        ClientAnswer answer = { .shape = &shape };
        const Node *checks;

        if (line_options(&options, &error) < 0 ||
            ctl_fetch(&options, ctl_path(&options, parts), &answer, &error) < 0)
                return;
        checks = node_map(answer.json, "checks");
        for (size_t i = 0; i < ARRAY_SIZE(when); i++) {
                const Node *list = node_list(checks, when[i]);

                for (size_t j = 0; j < list->n; j++) {
                        const char *name = node_text(list->items[j], "name");

                        offer(name, strlen(name), line->begun);
                }
        }
}

/* Offers names of objects of the kinds in a word: "RELEASE", "COMPONENT...",
 * "ENVIRONMENT|RELEASE". */
static void offer_kinds(const char *word, const Line *line)
{
        while (*word) {
                size_t size = strcspn(word, "|.");

                for (const CtlKind *kind = ctl_kinds; kind < ctl_kinds + CTL_N_KINDS; kind++)
                        if (strlen(kind->one) == size && streq(kind->named, kind->many) &&
                            strncasecmp(word, kind->one, size) == 0)
                                offer_names(kind->named, line);
                word += size;
                word += strspn(word, "|.");
        }
}

static void offer_word(const char *word, const Line *line)
{
        if (streq(word, "KIND"))
                for (size_t i = 0; i < CTL_N_KINDS; i++)
                        offer(ctl_kinds[i].many, strlen(ctl_kinds[i].many), line->begun);
        else if (streq(word, "NAME") && line->first)
                for (size_t i = 0; i < CTL_N_KINDS; i++) {
                        if (streq(line->first, ctl_kinds[i].one) ||
                            streq(line->first, ctl_kinds[i].many))
                                offer_names(ctl_kinds[i].named, line);
                }
        else if (streq(word, "TAG") && line->first)
                offer_tags(line->first, line);
        else if (streq(word, "CHECK") && line->last)
                offer_checks(line->last, line);
        else if (islower((unsigned char)word[0]))
                offer_choices(word, line->begun);
        else
                offer_kinds(word, line);
}

static void offer_options(const Verb *verb, const Words *takes, const char *begun)
{
        static const char *const common[] = { "--socket", "--url", "--ca-file", "--tenant" };

        for (size_t i = 0; i < takes->n; i++)
                if (is_option(takes->items[i]))
                        offer(takes->items[i], strlen(takes->items[i]), begun);
        for (size_t i = 0; i < ARRAY_SIZE(common); i++)
                offer(common[i], strlen(common[i]), begun);
        if (verb->outputs && verb->group != VERB_OFFLINE)
                offer("--output-version", strlen("--output-version"), begun);
        if (verb->outputs && !strstr(verb->arguments, "-o "))
                offer("-o", strlen("-o"), begun);
        if (verb->may_repeat)
                offer("--watch", strlen("--watch"), begun);
}

/* Completes the last word after a verb. words: the verb and all following words. The last word may
 * be empty. */
static int complete(const Verb *verb, int n, char **words)
{
        const char *begun = words[n - 1], *before = n > 2 ? words[n - 2] : "", *word;
        Line line = { .verb = verb->name, .begun = begun };
        _cleanup_(arena_done) Arena arena;
        size_t n_given = 0;
        Words takes;

        arena_init(&arena, (size_t)64 * 1024);
        if (split(verb->arguments, &arena, &takes) < 0)
                return -ENOMEM;
        takes.outputs = verb->outputs;
        if (is_option(before) && value_of(&takes, before)) {
                offer_word(value_of(&takes, before), &line);
                return 0;
        }
        if (begun[0] == '-') {
                offer_options(verb, &takes, begun);
                return 0;
        }
        for (int i = 1; i < n - 1; i++) {
                if (is_option(words[i])) {
                        i += value_of(&takes, words[i]) != NULL;
                        continue;
                }
                line.last = words[i];
                if (n_given++ == 0)
                        line.first = words[i];
        }
        word = positional(&takes, n_given);
        if (word)
                offer_word(word, &line);
        return 0;
}

/* --- shells ----------------------------------------------------------------------------------- */

static const struct {
        const char *shell, *script;
} scripts[] = {
        { "bash",
          "# bash completion for relmanctl: relmanctl complete bash\n"
          "_relmanctl() {\n"
          "        local IFS=$'\\n' cur prev words cword\n"
          "        if declare -F _get_comp_words_by_ref >/dev/null; then\n"
          "                _get_comp_words_by_ref -n := cur prev words cword\n"
          "        else\n"
          "                words=(\"${COMP_WORDS[@]}\") cword=$COMP_CWORD\n"
          "        fi\n"
          "        COMPREPLY=($(relmanctl complete -- \"${words[@]:1:cword}\" 2>/dev/null))\n"
          "}\n"
          "complete -o default -F _relmanctl relmanctl\n" },
        { "zsh",
          "#compdef relmanctl\n"
          "# zsh completion for relmanctl: relmanctl complete zsh\n"
          "_relmanctl() {\n"
          "        local -a found\n"
          "        found=(${(f)\"$(relmanctl complete -- \"${(@)words[2,CURRENT]}\" 2>/dev/null)\"})\n"
          "        (( $#found )) && compadd -a found || _files\n"
          "}\n"
          "# loaded by its name it is called at once; otherwise it is registered\n"
          "if [[ ${funcstack[1]} == _relmanctl ]]; then _relmanctl; else compdef _relmanctl relmanctl; fi\n" },
        { "fish", "# fish completion for relmanctl: relmanctl complete fish\n"
                  "function __relmanctl\n"
                  "        set -l words (commandline -opc) (commandline -ct)\n"
                  "        relmanctl complete -- $words[2..-1] 2>/dev/null\n"
                  "end\n"
                  "complete -c relmanctl -a '(__relmanctl)'\n" },
};

/* Handles "complete -- WORD...": completes the last word. Options may precede the verb. */
static int complete_line(const CtlCall *call)
{
        char **words = call->argv + 1; /* words[0] is "--", in place of the program name */
        int n = call->argc - 1, at = ctl_verb_at(n, words);

        for (const Verb *verb = call->verbs; verb->name; verb++) {
                if (at == 0 || at == n - 1)
                        offer(verb->name, strlen(verb->name), words[n - 1]);
                else if (streq(verb->name, words[at]))
                        return complete(verb, n - at, words + at);
        }
        return 0;
}

int verb_complete(const CtlCall *call, Error *err)
{
        const char *shells[ARRAY_SIZE(scripts)];
        char **argv = call->argv;
        int argc = call->argc;

        if (argc > 2 && streq(argv[1], "--"))
                return complete_line(call) < 0 ? error_oom(err) : CTL_OK;
        for (size_t i = 0; i < ARRAY_SIZE(scripts); i++) {
                shells[i] = scripts[i].shell;
                if (argc == 2 && streq(argv[1], scripts[i].shell)) {
                        (void)fputs(scripts[i].script, stdout); /* main() checks for write errors */
                        return CTL_OK;
                }
        }
        if (argc == 2)
                return ctl_unknown("shell", argv[1], shells, ARRAY_SIZE(shells), err);
        return error_set(err, ERROR_INVALID, -EINVAL,
                         "usage: relmanctl complete bash|zsh|fish; or complete -- WORD...");
}
