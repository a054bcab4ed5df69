#pragma once

/* Formats the diagnostics of a tree for people and programs, as `relmand --check` and `relmanctl
 * lint` print them. */

#include "base/buffer.h"
#include "base/diag.h"
#include "model/model.h"

/* Writes one line for each diagnostic. */
void report_write_lines(const DiagList *diags, Buffer *out);

/* Writes the lines, then "N files, N objects: N errors, N warnings". */
int report_write_text(const DiagList *diags, const Model *model, Buffer *out);

/* Writes {"diagnostics": [{"file", "line", "column", "severity", "message"}], "files", "objects",
 * "errors", "warnings"}. */
int report_write_json(const DiagList *diags, const Model *model, Buffer *out);
