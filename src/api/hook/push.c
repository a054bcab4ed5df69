/* Reads push webhooks of Git servers: GitHub, GitLab, Gitea, Forgejo and Gogs. */

#include "api/hook/hook.h"
#include "base/text.h"
#include "model/json.h"

int hook_push(const char *body, size_t size, Arena *arena, HookPush *ret, Error *err)
{
        static const char heads[] = "refs/heads/";
        const char *ref, *repository;
        Node *node = NULL;
        int r;

        *ret = (HookPush){ 0 };
        r = hook_form_payload(&body, &size, arena, err);
        if (r >= 0)
                r = json_to_node(body, size, arena, &node, err);
        if (r < 0)
                return r;
        if (node->type != NODE_MAPPING)
                return 0;
        ref = node_get_text(node, "ref");
        repository = node_get_text(node_get(node, "repository"), "full_name");
        if (!repository) /* GitLab */
                repository = node_get_text(node_get(node, "project"), "path_with_namespace");
        if (!ref || !repository || !text_begins_with(ref, heads))
                return 0;
        *ret = (HookPush){ .repository = repository, .branch = ref + strlen(heads) };
        return 1;
}
