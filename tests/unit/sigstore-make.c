/* Writes a trusted root and bundles of a small instance of Sigstore, for tests of the programs.
 *
 *     sigstore-make trusted_root.json signer.pub <RECIPES >BUNDLES
 *
 * Each line on standard input is the recipe of a bundle: NAME=VALUE, separated by tabs. The names
 * are members of Recipe; others have the values of maker_recipe(). An artifact is signed itself.
 * Answers each with the line of its bundle. */

#include "sigstore-maker.h"
#include "unit.h"

TEST_ARENA(arena, set_up, tear_down)

typedef struct Member {
        const char *name;
        size_t offset;
        enum {
                MEMBER_TEXT,
                MEMBER_NUMBER,
                MEMBER_BOOL,
        } type;
} Member;

#define TEXT(member)                                                                               \
        {                                                                                          \
#member, offsetof(Recipe, member), MEMBER_TEXT                                     \
        }
#define NUMBER(member)                                                                             \
        {                                                                                          \
#member, offsetof(Recipe, member), MEMBER_NUMBER                                   \
        }
#define BOOL(member)                                                                               \
        {                                                                                          \
#member, offsetof(Recipe, member), MEMBER_BOOL                                     \
        }

static const Member members[] = {
        TEXT(names),          TEXT(issuer),       TEXT(raw_issuer), TEXT(usage),
        TEXT(extended_usage), TEXT(constraints),  NUMBER(from),     NUMBER(until),
        BOOL(has_no_sct),     BOOL(has_bad_sct),  NUMBER(sct_time), TEXT(payload),
        TEXT(payload_type),   TEXT(kind),         TEXT(version),    NUMBER(integrated),
        TEXT(other_body),     NUMBER(stamp),      BOOL(has_key),    TEXT(media_type),
        TEXT(artifact),       BOOL(has_no_entry),
};

static void set_member(Recipe *recipe, char *text)
{
        char *value = strchr(text, '=');

        assert_non_null(value);
        *value++ = '\0';
        for (size_t i = 0; i < ARRAY_SIZE(members); i++) {
                void *at = (char *)recipe + members[i].offset;

                if (!streq(members[i].name, text))
                        continue;
                if (streq(text, "artifact"))
                        recipe->payload = NULL;
                switch (members[i].type) {
                case MEMBER_TEXT: *(const char **)at = value; break;
                case MEMBER_NUMBER: *(long *)at = strtol(value, NULL, 10); break;
                case MEMBER_BOOL: *(bool *)at = streq(value, "true"); break;
                }
                return;
        }
        fail_msg("a recipe has no member '%s'", text);
}

static void write_file(const char *path, const char *text)
{
        FILE *file = fopen(path, "we");

        assert_non_null(file);
        assert_true(fputs(text, file) >= 0);
        assert_int_equal(fclose(file), 0);
}

int main(int argc, char **argv)
{
        _cleanup_(freep) char *line = NULL;
        size_t size = 0;
        Maker maker;

        assert_int_equal(argc, 3);
        assert_int_equal(set_up(NULL), 0);
        maker_init(&maker, &arena);
        write_file(argv[1], maker_root(&maker));
        write_file(argv[2], maker_public_key(&maker));
        while (getline(&line, &size, stdin) > 0) {
                Recipe recipe = maker_recipe(&maker);
                char *rest = arena_strdup(&arena, line), *item;

                rest[strcspn(rest, "\n")] = '\0';
                while ((item = strsep(&rest, "\t")))
                        if (item[0])
                                set_member(&recipe, item);
                assert_true(puts(maker_bundle(&maker, &recipe)) >= 0);
                assert_int_equal(fflush(stdout), 0);
        }
        maker_done(&maker);
        (void)tear_down(NULL);
        return 0;
}
