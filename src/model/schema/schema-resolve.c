#include "model/resolve.h"
#include "model/schema/schema.h"

/* clang-format off */
static const Field resolve_fields[] = {
        { .name = "newest", .type = FIELD_INTEGER, .offset = offsetof(Resolve, newest), .positive = true,
          .doc = "The digests of so many versions of each channel are requested, newest first; those of heads and releases in addition." },
        { 0 },
};
const Schema resolve_schema = {
        .name = "resolve", .fields = resolve_fields, .size = sizeof(Resolve),
        .doc = "How many digests are requested.",
};
/* clang-format on */
