#include "spec/config/config-pull-request.h"

#include <errno.h>

#include "base/text.h"
#include "model/git/git-name.h"
#include "model/git/message-template.h"
#include "spec/config/config-refuse.h"

#define LABELS_MAX 20
#define LABEL_MAX  100 /* bytes */

/* clang-format off */
static const char *const forge_names[] = { "github", "gitlab", "gitea", NULL };

static const Field pull_request_fields[] = {
        { .name = "forge", .type = FIELD_ENUM, .offset = offsetof(PullRequestSpec, forge), .names = forge_names, .required = true,
          .doc = "Whose REST API the server has: github, gitlab (merge requests), or gitea (also Forgejo)." },
        { .name = "base", .type = FIELD_STRING, .offset = offsetof(PullRequestSpec, base), .default_value = "main",
          .doc = "The branch into which it is merged." },
        { .name = "title", .type = FIELD_STRING, .format = FORMAT_ARGUMENT, .offset = offsetof(PullRequestSpec, title),
          .doc = "Its title, with the placeholders of message. Default: the environment and the release." },
        { .name = "labels", .type = FIELD_STRINGS, .format = FORMAT_ARGUMENT, .offset = offsetof(PullRequestSpec, labels),
          .doc = "Labels that it gets when it is made." },
        { .name = "autoMerge", .type = FIELD_BOOL, .offset = offsetof(PullRequestSpec, auto_merge), .default_value = "false",
          .doc = "Whether relmand asks the forge to merge it. The forge decides by its own rules, such as required checks and reviews." },
        { .name = "url", .type = FIELD_STRING, .format = FORMAT_URL, .offset = offsetof(PullRequestSpec, url),
          .doc = "The address of the API, such as https://git.example/api/v4. Default: that of the repository's host." },
        { .name = "repository", .type = FIELD_STRING, .offset = offsetof(PullRequestSpec, repository),
          .doc = "OWNER/NAME of the repository. Default: the path of its URL." },
        { .name = "credential", .type = FIELD_STRING, .format = FORMAT_CREDENTIAL, .offset = offsetof(PullRequestSpec, credential), .required = true,
          .doc = "The systemd credential with a token that may write pull requests and the contents of the repository." },
        { .name = "interval", .type = FIELD_DURATION, .offset = offsetof(PullRequestSpec, interval), .positive = true, .default_value = "1m",
          .doc = "The time between two polls of an open pull request." },
        { 0 },
};
/* clang-format on */

const Schema pull_request_schema = {
        .name = "pullRequest",
        .fields = pull_request_fields,
        .size = sizeof(PullRequestSpec),
        .has_place = true,
        .doc = "A pull request of the branch.",
};

/* True for OWNER/NAME, of GitLab also with groups below groups. */
static bool is_repository(const char *text)
{
        return strchr(text, '/') && git_path_is_valid(text) && !strpbrk(text, " ?#%&");
}

static int check_places(const GitOutput *git, DiagList *diags)
{
        const PullRequestSpec *pull = &git->pull_request;

        if (text_begins_with(git->url, "file:") && (!pull->url || !pull->repository))
                return config_refuse(pull->place, diags, pull->url ? "repository" : "url", "",
                                     "missing; it does not follow from a file:// repository");
        if (pull->repository && !is_repository(pull->repository))
                return config_refuse(pull->place, diags, "repository", pull->repository,
                                     "not OWNER/NAME");
        return 0;
}

static int check_labels(const PullRequestSpec *pull, DiagList *diags)
{
        if (pull->labels.n > LABELS_MAX)
                return config_refuse(pull->place, diags, "labels", pull->labels.items[0],
                                     "the first of more than 20 labels");
        for (size_t i = 0; i < pull->labels.n; i++)
                if (strlen(pull->labels.items[i]) > LABEL_MAX || strchr(pull->labels.items[i], ','))
                        return config_refuse(pull->place, diags, "labels", pull->labels.items[i],
                                             "not a label of at most 100 bytes without a comma");
        return 0;
}

int config_check_pull_request(const GitOutput *git, DiagList *diags)
{
        const PullRequestSpec *pull = &git->pull_request;
        _cleanup_(error_done) Error error = { 0 };
        int r;

        if (pull->place.line == 0)
                return 0;
        r = MIN(check_places(git, diags), check_labels(pull, diags));
        if (!git_branch_is_valid(pull->base))
                r = config_refuse(pull->place, diags, "base", pull->base,
                                  "not a branch such as main");
        else if (streq(pull->base, git->branch))
                r = config_refuse(pull->place, diags, "base", pull->base,
                                  "also the branch of the output; push to another one, such as "
                                  "relman/prod");
        if (pull->title && message_template_check(pull->title, &error) < 0) {
                diag_error(diags, pull->place, "field \"title\": %s", error_message(&error));
                r = -EINVAL;
        }
        return r;
}
