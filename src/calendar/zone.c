#include "calendar/zone.h"

#include <stdlib.h>

#include "base/limits.h"
#include "base/vec.h"
#include "calendar/civil.h"
#include "calendar/zone-rule.h"

/* A file of the zone database (RFC 9636) has a header and a block with times of 32 bits, then a
 * header and a block with times of 64 bits, then a line with the rule for later years. */
#define HEADER_SIZE 44
#define TYPE_SIZE   6
#define OFFSET_MAX  (26 * 3600) /* RFC 9636: less than 26 hours */

typedef struct ZoneReader {
        const unsigned char *data; /* the rest of the file */
        size_t size;
} ZoneReader;

typedef struct ZoneHeader {
        unsigned char version;
        uint32_t n_is_ut, n_is_standard, n_leaps, n_times, n_types, n_chars;
} ZoneHeader;

static uint64_t read_number(const unsigned char *data, size_t size)
{
        uint64_t value = 0;

        for (size_t i = 0; i < size; i++)
                value = value << 8 | data[i];
        return value;
}

static int reader_header(ZoneReader *reader, ZoneHeader *ret)
{
        const unsigned char *counts = reader->data + 20;

        if (reader->size < HEADER_SIZE || memcmp(reader->data, "TZif", 4) != 0)
                return -EINVAL;
        *ret = (ZoneHeader){
                .version = reader->data[4],
                .n_is_ut = (uint32_t)read_number(counts, 4),
                .n_is_standard = (uint32_t)read_number(counts + 4, 4),
                .n_leaps = (uint32_t)read_number(counts + 8, 4),
                .n_times = (uint32_t)read_number(counts + 12, 4),
                .n_types = (uint32_t)read_number(counts + 16, 4),
                .n_chars = (uint32_t)read_number(counts + 20, 4),
        };
        reader->data += HEADER_SIZE;
        reader->size -= HEADER_SIZE;
        return 0;
}

static uint64_t header_block(const ZoneHeader *header, uint64_t time_size)
{
        return header->n_times * (time_size + 1) + (uint64_t)header->n_types * TYPE_SIZE +
               header->n_chars + header->n_leaps * (time_size + 4) +
               (uint64_t)header->n_is_standard + header->n_is_ut;
}

/* Skips the header and block with 32-bit times, and reads the second header. */
static int reader_begin(ZoneReader *reader, ZoneHeader *ret)
{
        uint64_t block;

        if (reader_header(reader, ret) < 0 || ret->version < '2')
                return -EINVAL;
        block = header_block(ret, 4);
        if (block > reader->size)
                return -EINVAL;
        reader->data += block;
        reader->size -= block;
        /* refuses zones with leap seconds, because the clock of relmand does not count them */
        if (reader_header(reader, ret) < 0 || header_block(ret, 8) > reader->size ||
            ret->n_types == 0 || ret->n_leaps > 0)
                return -EINVAL;
        return 0;
}

/* Appends a change, which must not be before the last one. A change at the same time as the last
 * one replaces the last one: a rule for permanent summer time ends and begins summer time at the
 * same instant (RFC 9636). A change to the same offset is dropped. */
static int zone_append(Zone *zone, size_t *capacity, int64_t at, int64_t offset)
{
        if (offset <= -OFFSET_MAX || offset >= OFFSET_MAX)
                return -EINVAL;
        if (zone->n > 0 && (at < zone->shifts[zone->n - 1].at || at == INT64_MIN))
                return -EINVAL;
        if (zone->n > 0 && at == zone->shifts[zone->n - 1].at)
                zone->n--;
        if (zone->n > 0 && zone->shifts[zone->n - 1].offset == offset)
                return 0;
        if (vec_reserve(&zone->shifts, capacity, zone->n + 1, sizeof(*zone->shifts)) < 0)
                return -ENOMEM;
        zone->shifts[zone->n++] = (ZoneShift){ .at = at, .offset = offset };
        return 0;
}

static int zone_append_listed(Zone *zone, size_t *capacity, const ZoneReader *reader,
                              const ZoneHeader *header)
{
        const unsigned char *times = reader->data, *indexes = times + (size_t)header->n_times * 8;
        const unsigned char *types = indexes + header->n_times;
        int r;

        r = zone_append(zone, capacity, INT64_MIN, (int32_t)read_number(types, 4));
        for (size_t i = 0; r >= 0 && i < header->n_times; i++) {
                if (indexes[i] >= header->n_types)
                        return -EINVAL;
                r = zone_append(zone, capacity, (int64_t)read_number(times + i * 8, 8),
                                (int32_t)read_number(types + (size_t)indexes[i] * TYPE_SIZE, 4));
        }
        return r;
}

/* Appends the changes of the rule that come after the last listed change. */
static int zone_append_rule(Zone *zone, size_t *capacity, const ZoneRule *rule, int64_t listed)
{
        int r = 0;

        if (!rule->has_summer)
                return 0;
        for (int year = CIVIL_YEAR_MIN; r >= 0 && year <= CIVIL_YEAR_MAX; year++) {
                ZoneShift pair[2] = {
                        { .at = zone_rule_begin(rule, year), .offset = rule->summer_offset },
                        { .at = zone_rule_end(rule, year), .offset = rule->offset },
                };
                size_t first = pair[1].at < pair[0].at;

                for (size_t i = 0; r >= 0 && i < 2; i++) {
                        const ZoneShift *shift = &pair[i ^ first];

                        if (shift->at > listed)
                                r = zone_append(zone, capacity, shift->at, shift->offset);
                }
        }
        return r;
}

/* Reads the rule, which is a line between two line feeds at the end of the file. The line may be
 * empty. */
static int reader_rule(const ZoneReader *reader, const ZoneHeader *header, ZoneRule *ret,
                       bool *ret_has_rule)
{
        const uint64_t block = header_block(header, 8);
        const char *line = (const char *)reader->data + block;
        size_t size = reader->size - (size_t)block;
        char text[ZONE_RULE_MAX + 1];
        const char *end = size > 1 ? memchr(line + 1, '\n', size - 1) : NULL;

        if (!end || *line != '\n' || (size_t)(end - line) > sizeof(text))
                return -EINVAL;
        memcpy(text, line + 1, (size_t)(end - line) - 1);
        text[end - line - 1] = '\0';
        *ret_has_rule = text[0] != '\0';
        return *ret_has_rule ? zone_rule_parse(text, ret) : 0;
}

int zone_read(const void *data, size_t size, Zone *ret, Error *err)
{
        ZoneReader reader = { .data = data, .size = size };
        ZoneHeader header;
        ZoneRule rule = { 0 };
        Zone zone = { 0 };
        bool has_rule = false;
        size_t capacity = 0;
        int64_t listed = INT64_MIN;
        int r;

        r = reader_begin(&reader, &header);
        if (r >= 0)
                r = reader_rule(&reader, &header, &rule, &has_rule);
        if (r >= 0)
                r = zone_append_listed(&zone, &capacity, &reader, &header);
        if (r >= 0 && has_rule) {
                if (header.n_times > 0)
                        listed = (int64_t)read_number(
                                reader.data + (size_t)(header.n_times - 1) * 8, 8);
                r = zone_append_rule(&zone, &capacity, &rule, listed);
        }
        if (r < 0) {
                zone_done(&zone);
                return r == -ENOMEM ? error_oom(err)
                                    : error_set(err, ERROR_INVALID, -EINVAL,
                                                "no valid file of the zone database (RFC 9636)");
        }
        *ret = zone;
        return 0;
}

void zone_done(Zone *zone)
{
        free(zone->name);
        free(zone->shifts);
        *zone = (Zone){ 0 };
}

Zone *zone_free(Zone *zone)
{
        while (zone) {
                Zone *replaced = zone->replaced;

                zone_done(zone);
                free(zone);
                zone = replaced;
        }
        return NULL;
}

/* --- clocks ----------------------------------------------------------------------------------- */

/* Returns the index of the change whose offset applies at an instant. */
static size_t shift_at(const Zone *zone, int64_t instant)
{
        size_t low = 0, high = zone->n;

        while (high - low > 1) {
                size_t middle = low + (high - low) / 2;

                if (zone->shifts[middle].at <= instant)
                        low = middle;
                else
                        high = middle;
        }
        return low;
}

/* Returns the instant at which the next change replaces the offset of change i; INT64_MAX for the
 * last change. */
static int64_t shift_end(const Zone *zone, size_t i)
{
        return i + 1 < zone->n ? zone->shifts[i + 1].at : INT64_MAX;
}

int64_t zone_local(const Zone *zone, int64_t instant)
{
        return instant + zone->shifts[shift_at(zone, instant)].offset;
}

int64_t zone_instant(const Zone *zone, int64_t local)
{
        /* offsets are below OFFSET_MAX, so no earlier instant has this local time */
        size_t i = shift_at(zone, local - OFFSET_MAX);

        while (i + 1 < zone->n && shift_end(zone, i) + zone->shifts[i].offset <= local)
                i++;
        return MAX(zone->shifts[i].at, local - zone->shifts[i].offset);
}

int64_t zone_reached(const Zone *zone, int64_t instant)
{
        int64_t reached = zone_local(zone, instant);

        /* local times more than 2 * OFFSET_MAX ago are before the current one */
        for (size_t i = shift_at(zone, instant - 2 * (int64_t)OFFSET_MAX);
             shift_end(zone, i) <= instant; i++)
                reached = MAX(reached, shift_end(zone, i) + zone->shifts[i].offset - 1);
        return reached;
}

int64_t zone_next_shift(const Zone *zone, int64_t instant)
{
        return shift_end(zone, shift_at(zone, instant));
}
