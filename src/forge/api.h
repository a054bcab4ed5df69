#pragma once

/* The REST APIs of the forges: one table, because only paths and names of fields differ. */

#include "http/http.h"
#include "model/pull-request.h"

typedef struct ForgeApi {
        const char *github_host; /* host whose API has its own host; NULL: none */
        const char *github_url;
        const char *path;           /* of the API, below the host of the repository */
        const char *scheme;         /* of the header Authorization */
        const char *const *headers; /* ends with NULL */
        bool escapes_repository;    /* OWNER%2FNAME is one part of the path */

        /* Paths below `repository`, with the placeholders {branch}, {base}, {owner} and {number}.
         */
        const char *repository; /* prefix of all paths; {repository} */
        const char *list, *pull, *create, *labels, *merge, *branch, *delete_branch;
        HttpMethod update, merge_method;
        const char *merge_body; /* {commit} */

        /* Members of a pull request. A dot separates the names of nested objects. */
        const char *number, *page, *head, *base, *commit, *body, *n_files;
        const char *head_repository, *base_repository; /* equal, unless it comes from a fork */
        /* Members of the request that makes one. */
        const char *create_head, *create_base;
        const char *create_more; /* JSON members, which begin with a comma; "": none */
        const char *close_member, *close_value;
        const char *branch_commit; /* member of a branch */
} ForgeApi;

extern const ForgeApi forge_apis[FORGE_TYPE_MAX_];
