#pragma once

/* The body of a request to a receiver, as a template: JSON, in whose texts ${NAME} stands for a
 * field of the event. ${NAME:MAX} is at most MAX bytes of it, and $${ is a literal "${". A text
 * that is only ${event} or ${data} becomes that object itself. Names are those of
 * event_body_fields, and data.KEY for each key of the event's data; a key that the event lacks is
 * an empty text. Keys of the template are not replaced. Pure. */

#include "base/buffer.h"
#include "base/error.h"
#include "model/document-node.h"

/* text type severity id sequence time tenant kind object token event data; ends with NULL */
extern const char *const event_body_fields[];

/* The keys of the data of events; ends with NULL. */
extern const char *const event_body_keys[];

/* Parses a template into the arena, and checks its names. The error names the place. */
int event_body_parse(const char *template, Arena *arena, Node **ret, Error *err);

/* Gives the values of an event. */
typedef struct EventBodyValues {
        /* Returns the text of a name; never NULL. */
        const char *(*text)(const char *name, void *userdata);
        /* Writes the object `event` or `data` as JSON. */
        void (*object)(const char *name, Buffer *out, void *userdata);
        void *userdata;
} EventBodyValues;

/* Appends the JSON of a template that event_body_parse() returned. The caller checks out->failed.
 */
void event_body_write(const Node *node, const EventBodyValues *values, Buffer *out);
