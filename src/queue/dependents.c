#include "queue/dependents.h"

#include <errno.h>
#include <stdio.h>

#define KEY_TEXT_MAX 320 /* size of "KIND ID"; ID may contain a tenant and a name */

typedef struct Dependence Dependence;

/* The pairs of a subject and a key that have one subject, or one key, in common. */
typedef struct DependenceList {
        Dependence *first;
        char text[]; /* key in the map */
} DependenceList;

/* One key that depends on one subject. */
struct Dependence {
        DependenceList *subject, *key;
        Dependence *previous, *next; /* neighbours with the same subject */
        Dependence *next_of_key;
        unsigned kind;
        const char *id; /* points into the text of key, which is "KIND ID" */
};

static const char *key_text(unsigned kind, const char *id, char *text, size_t size)
{
        int n = snprintf(text, size, "%u %s", kind, id);

        return n > 0 && (size_t)n < size ? text : NULL;
}

static DependenceList *list_get(Map *map, const char *text)
{
        DependenceList *list = map_get(map, text);
        size_t size = strlen(text) + 1;

        if (list)
                return list;
        list = calloc(1, sizeof(*list) + size);
        if (!list)
                return NULL;
        memcpy(list->text, text, size);
        if (map_put(map, list->text, list, NULL) < 0) {
                free(list);
                return NULL;
        }
        return list;
}

static void list_drop_empty(Map *map, DependenceList *list)
{
        if (!list || list->first)
                return;
        (void)map_remove(map, list->text);
        free(list);
}

static bool depends_already(const DependenceList *key, const DependenceList *subject)
{
        for (const Dependence *at = key->first; at; at = at->next_of_key)
                if (at->subject == subject)
                        return true;
        return false;
}

int dependents_add(Dependents *dependents, const char *subject, unsigned kind, const char *id)
{
        char text[KEY_TEXT_MAX];
        const char *key = key_text(kind, id, text, sizeof(text));
        DependenceList *of_subject = key ? list_get(&dependents->subjects, subject) : NULL;
        DependenceList *of_key = of_subject ? list_get(&dependents->keys, key) : NULL;
        Dependence *dependence = NULL;

        if (of_key && depends_already(of_key, of_subject))
                return 0;
        if (of_key)
                dependence = calloc(1, sizeof(*dependence));
        if (!dependence) {
                list_drop_empty(&dependents->subjects, of_subject);
                list_drop_empty(&dependents->keys, of_key);
                return -ENOMEM;
        }
        *dependence = (Dependence){ .subject = of_subject,
                                    .key = of_key,
                                    .next = of_subject->first,
                                    .next_of_key = of_key->first,
                                    .kind = kind,
                                    .id = strchr(of_key->text, ' ') + 1 };
        if (of_subject->first)
                of_subject->first->previous = dependence;
        of_subject->first = of_key->first = dependence;
        return 0;
}

void dependents_remove(Dependents *dependents, unsigned kind, const char *id)
{
        char text[KEY_TEXT_MAX];
        const char *key = key_text(kind, id, text, sizeof(text));
        DependenceList *of_key = key ? map_get(&dependents->keys, key) : NULL;
        Dependence *dependence;

        while (of_key && (dependence = of_key->first)) {
                DependenceList *subject = dependence->subject;

                of_key->first = dependence->next_of_key;
                if (dependence->previous)
                        dependence->previous->next = dependence->next;
                else
                        subject->first = dependence->next;
                if (dependence->next)
                        dependence->next->previous = dependence->previous;
                free(dependence);
                list_drop_empty(&dependents->subjects, subject);
        }
        list_drop_empty(&dependents->keys, of_key);
}

void dependents_find(const Dependents *dependents, const char *subject, DependentFound found,
                     void *userdata)
{
        const DependenceList *list = map_get(&dependents->subjects, subject);

        for (const Dependence *at = list ? list->first : NULL; at; at = at->next)
                found(at->kind, at->id, userdata);
}

typedef struct Wake {
        Queue *queue;
        const char *cause;
} Wake;

static void on_dependent(unsigned kind, const char *id, void *userdata)
{
        const Wake *wake = userdata;

        queue_add(wake->queue, kind, id, 0, wake->cause);
}

void dependents_wake(const Dependents *dependents, const char *subject, Queue *queue,
                     const char *cause)
{
        Wake wake = { queue, cause };

        dependents_find(dependents, subject, on_dependent, &wake);
}

void dependents_done(Dependents *dependents)
{
        map_foreach (&dependents->keys, entry) {
                DependenceList *list = entry->value;

                while (list->first) {
                        Dependence *dependence = list->first;

                        list->first = dependence->next_of_key;
                        free(dependence);
                }
                free(list);
        }
        map_foreach (&dependents->subjects, entry)
                free(entry->value);
        map_done(&dependents->keys);
        map_done(&dependents->subjects);
}
