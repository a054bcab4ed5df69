#include "spec/report.h"

#include "base/text.h"
#include "model/schema/encode.h"

void report_write_lines(const DiagList *diags, Buffer *out)
{
        for (size_t i = 0; i < diags->n; i++) {
                (void)diag_format(&diags->items[i], out);
                (void)buffer_putc(out, '\n');
        }
        if (diags->n_dropped > 0)
                (void)buffer_printf(out, "... and %zu more\n", diags->n_dropped);
}

int report_write_text(const DiagList *diags, const Model *model, Buffer *out)
{
        size_t n_warnings = diag_list_n_warnings(diags), n = model_n_objects(model);

        report_write_lines(diags, out);
        return buffer_printf(out, "%zu file%s, %zu object%s: %zu error%s, %zu warning%s\n",
                             model->n_files, text_plural(model->n_files), n, text_plural(n),
                             diags->n_errors, text_plural(diags->n_errors), n_warnings,
                             text_plural(n_warnings));
}

int report_write_json(const DiagList *diags, const Model *model, Buffer *out)
{
        (void)buffer_puts(out, "{\"diagnostics\":[");
        for (size_t i = 0; i < diags->n; i++) {
                const Diag *diag = &diags->items[i];

                (void)buffer_puts(out, i > 0 ? ",{\"file\":" : "{\"file\":");
                (void)encode_string(diag->place.file ? diag->place.file : "", out);
                (void)buffer_printf(
                        out, ",\"line\":%u,\"column\":%u,\"severity\":\"%s\",\"message\":",
                        diag->place.line, diag->place.column, severity_to_string(diag->severity));
                (void)encode_string(diag->message, out);
                (void)buffer_putc(out, '}');
        }
        return buffer_printf(out,
                             "],\"files\":%zu,\"objects\":%zu,\"errors\":%zu,\"warnings\":%zu}\n",
                             model->n_files, model_n_objects(model), diags->n_errors,
                             diag_list_n_warnings(diags));
}
