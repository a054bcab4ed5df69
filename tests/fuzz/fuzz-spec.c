/* Fuzzes specs: reading YAML, decoding documents, checking objects. */

#include "fuzz.h"
#include "model/schema/decode.h"
#include "spec/check.h"
#include "spec/tree/yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        Arena arena;
        DiagList diags;
        YamlDocuments documents = { 0 };
        int r;

        arena_init(&arena, FUZZ_ARENA_MAX);
        diag_list_init(&diags);
        r = yaml_read("fuzz.yaml", (const char *)data, size, &arena, &documents, &diags);
        require(r == 0 || diags.n > 0);
        for (size_t i = 0; i < documents.n; i++) {
                Decoded decoded;

                r = decode_document(documents.items[i], &arena, &decoded, &diags);
                require(r == 0 || diags.n > 0);
                if (r == 0)
                        (void)check_object(decoded.object, &diags);
        }
        diag_list_done(&diags);
        arena_done(&arena);
        return 0;
}
