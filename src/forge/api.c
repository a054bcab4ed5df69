#include "forge/api.h"

static const char *const github_headers[] = { "Accept: application/vnd.github+json",
                                              "X-GitHub-Api-Version: 2026-03-10", NULL };
static const char *const json_headers[] = { "Accept: application/json", NULL };

/* clang-format off */
const ForgeApi forge_apis[FORGE_TYPE_MAX_] = {
        /* https://docs.github.com/rest/pulls/pulls */
        [FORGE_GITHUB] = {
                .github_host = "github.com", .github_url = "https://api.github.com", .path = "/api/v3",
                .scheme = "Bearer", .headers = github_headers,
                .repository = "/repos/{repository}",
                .list = "/pulls?state=all&head={owner}:{branch}&base={base}&per_page=10",
                .pull = "/pulls/{number}", .create = "/pulls", .labels = "/issues/{number}/labels",
                .merge = "/pulls/{number}/merge", .branch = "/branches/{branch}",
                .delete_branch = "/git/refs/heads/{branch}",
                .update = HTTP_PATCH, .merge_method = HTTP_PUT, .merge_body = "{\"sha\":\"{commit}\"}",
                .number = "number", .page = "html_url", .head = "head.ref", .base = "base.ref", .commit = "head.sha",
                .body = "body", .n_files = "changed_files",
                .head_repository = "head.repo.full_name", .base_repository = "base.repo.full_name",
                .create_head = "head", .create_base = "base", .create_more = "",
                .close_member = "state", .close_value = "closed", .branch_commit = "commit.sha",
        },
        /* https://docs.gitlab.com/api/merge_requests/ */
        [FORGE_GITLAB] = {
                .path = "/api/v4", .scheme = "Bearer", .headers = json_headers, .escapes_repository = true,
                .repository = "/projects/{repository}",
                .list = "/merge_requests?state=all&source_branch={branch}&target_branch={base}&order_by=created_at&per_page=10",
                .pull = "/merge_requests/{number}", .create = "/merge_requests", .labels = NULL,
                .merge = "/merge_requests/{number}/merge", .branch = "/repository/branches/{branch}",
                .delete_branch = "/repository/branches/{branch}",
                .update = HTTP_PUT, .merge_method = HTTP_PUT,
                .merge_body = "{\"sha\":\"{commit}\",\"auto_merge\":true,\"merge_when_pipeline_succeeds\":true}",
                .number = "iid", .page = "web_url", .head = "source_branch", .base = "target_branch", .commit = "sha",
                .body = "description", .n_files = "changes_count",
                .head_repository = "source_project_id", .base_repository = "target_project_id",
                .create_head = "source_branch", .create_base = "target_branch", .create_more = ",\"remove_source_branch\":true",
                .close_member = "state_event", .close_value = "close", .branch_commit = "commit.id",
        },
        /* https://docs.gitea.com/api */
        [FORGE_GITEA] = {
                .path = "/api/v1", .scheme = "token", .headers = json_headers,
                .repository = "/repos/{repository}",
                .list = "/pulls?state=all&sort=recentupdate&limit=50",
                .pull = "/pulls/{number}", .create = "/pulls", .labels = "/issues/{number}/labels",
                .merge = "/pulls/{number}/merge", .branch = "/branches/{branch}",
                .delete_branch = "/branches/{branch}",
                .update = HTTP_PATCH, .merge_method = HTTP_POST,
                .merge_body = "{\"Do\":\"merge\",\"head_commit_id\":\"{commit}\",\"merge_when_checks_succeed\":true}",
                .number = "number", .page = "html_url", .head = "head.ref", .base = "base.ref", .commit = "head.sha",
                .body = "body", .n_files = "changed_files",
                .head_repository = "head.repo.full_name", .base_repository = "base.repo.full_name",
                .create_head = "head", .create_base = "base", .create_more = "",
                .close_member = "state", .close_value = "closed", .branch_commit = "commit.id",
        },
};
/* clang-format on */
