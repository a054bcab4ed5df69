#pragma once

/* Diagnostics of a tree for people and for programs: what `relmand --check` and `relmanctl lint`
 * print. */

#include "base/buffer.h"
#include "base/diag.h"
#include "model/model.h"

/* Every diagnostic a line. */
void report_write_lines(const DiagList *diags, Buffer *out);

/* The same, then "N files, N objects: N errors, N warnings". */
int report_write_text(const DiagList *diags, const Model *model, Buffer *out);

/* {"diagnostics": [{"file", "line", "column", "severity", "message"}], "files", "objects",
 * "errors", "warnings"} */
int report_write_json(const DiagList *diags, const Model *model, Buffer *out);
