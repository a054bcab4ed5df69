#pragma once

/* The parts of the verb explain: where the tags come from, and how what was found is printed. */

#include "base/buffer.h"
#include "ctl/options.h"
#include "model/component.h"
#include "version/explain.h"

/* The component and every tag that the daemon knows of it; in the options' arena. */
int explain_ask(CtlOptions *options, const char *name, const ComponentSpec **ret, Strings *ret_tags,
                Error *err);

/* only: the one tag that is shown; NULL: all. */
void explain_write_json(const ComponentSpec *component, const Explanation *explanation,
                        const char *only, Buffer *out);
void explain_write_table(const Explanation *explanation, const char *only, Buffer *out);
