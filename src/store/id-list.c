#include "store/id-list.h"

#define ID_LIST_MAX ((size_t)1024 * 1024) /* enough for pairs of some thousand objects */

void id_list_init(IdList *list)
{
        buffer_init(&list->text, ID_LIST_MAX);
        (void)buffer_putc(&list->text, '[');
}

void id_list_done(IdList *list)
{
        buffer_done(&list->text);
}

void id_list_add(IdList *list, const char *id)
{
        if (!id)
                return;
        (void)buffer_puts(&list->text, list->text.size > 1 ? ",\"" : "\"");
        (void)buffer_puts(&list->text, id);
        (void)buffer_putc(&list->text, '"');
}

void id_list_add_pair(IdList *list, const char *environment_id, const char *release_id)
{
        (void)buffer_printf(&list->text, "%s[\"%s\",\"%s\"]", list->text.size > 1 ? "," : "",
                            environment_id, release_id);
}

const char *id_list_end(IdList *list, Arena *arena)
{
        (void)buffer_putc(&list->text, ']');
        return list->text.failed ? NULL : arena_strndup(arena, list->text.data, list->text.size);
}
