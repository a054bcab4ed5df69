#include "model/channel-name.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/escape.h"
#include "base/suggest.h"
#include "base/vec.h"

#define SHOWN_MAX 5 /* maximum number of names in a message */

typedef struct ChannelNames {
        const char **items;
        size_t n, capacity;
} ChannelNames;

static void channel_names_done(ChannelNames *names)
{
        free(names->items);
}

static int add_name(ChannelNames *names, const char *name)
{
        for (size_t i = 0; i < names->n; i++)
                if (streq(names->items[i], name))
                        return 0;
        if (vec_reserve(&names->items, &names->capacity, names->n + 1, sizeof(*names->items)) < 0)
                return -ENOMEM;
        names->items[names->n++] = name;
        return 0;
}

static int collect_names(const ComponentSpec *component, const Channels *heads, ChannelNames *ret)
{
        int r = component->default_channel ? add_name(ret, component->default_channel) : 0;

        for (size_t i = 0; i < component->version_rules.n && r >= 0; i++)
                r = add_name(ret, component->version_rules.items[i].channel);
        for (size_t i = 0; i < component->versions.n && r >= 0; i++)
                if (component->versions.items[i].channel)
                        r = add_name(ret, component->versions.items[i].channel);
        for (size_t i = 0; heads && i < heads->n && r >= 0; i++)
                r = add_name(ret, heads->items[i].name);
        return r;
}

/* True if the document declares the channel. */
static bool channel_name_is_declared(const ComponentSpec *component, const char *channel)
{
        if (str_equal(component->default_channel, channel))
                return true;
        for (size_t i = 0; i < component->version_rules.n; i++)
                if (streq(component->version_rules.items[i].channel, channel))
                        return true;
        for (size_t i = 0; i < component->versions.n; i++)
                if (str_equal(component->versions.items[i].channel, channel))
                        return true;
        return false;
}

static bool has_head(const Channels *heads, const char *channel)
{
        for (size_t i = 0; heads && i < heads->n; i++)
                if (streq(heads->items[i].name, channel))
                        return true;
        return false;
}

static int refuse_channel(const ComponentSpec *component, const ChannelNames *names,
                          const char *channel, Error *err)
{
        const char *nearest = suggest_nearest(channel, names->items, names->n);
        const char *name = component->object.meta.name;
        char quoted[100], list[SHOWN_MAX * 64] = "";
        size_t n = 0;

        escape_text(channel, strlen(channel), quoted, sizeof(quoted));
        if (nearest)
                return error_set(err, ERROR_INVALID, -ENOENT,
                                 "component '%s' has no channel '%s'; did you mean '%s'?", name,
                                 quoted, nearest);
        for (size_t i = 0; i < names->n && i < SHOWN_MAX && n < sizeof(list) - 64; i++)
                n += (size_t)snprintf(list + n, sizeof(list) - n, "%s%.40s", i > 0 ? ", " : "",
                                      names->items[i]);
        return error_set(err, ERROR_INVALID, -ENOENT,
                         "component '%s' has no channel '%s'; it has %s%s", name, quoted, list,
                         names->n > SHOWN_MAX ? ", ..." : "");
}

int channel_name_check(const ComponentSpec *component, const Channels *heads, const char *channel,
                       Error *err)
{
        _cleanup_(channel_names_done) ChannelNames names = { 0 };

        if (channel_name_is_declared(component, channel) || has_head(heads, channel))
                return 0;
        if (collect_names(component, heads, &names) < 0)
                return error_oom(err);
        return refuse_channel(component, &names, channel, err);
}

int channel_name_check_new(const ComponentSpec *component, const Channels *heads,
                           const char *channel, Error *err)
{
        _cleanup_(channel_names_done) ChannelNames names = { 0 };

        if (channel_name_is_declared(component, channel) || has_head(heads, channel))
                return 0;
        if (collect_names(component, heads, &names) < 0)
                return error_oom(err);
        return suggest_nearest(channel, names.items, names.n)
                       ? refuse_channel(component, &names, channel, err)
                       : 0;
}
