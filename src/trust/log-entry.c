#include "trust/log-entry.h"

#include <errno.h>
#include <inttypes.h>

#include "base/escape.h"
#include "base/limits-trust.h"
#include "base/parse.h"
#include "trust/base64.h"
#include "trust/hash.h"

#define NODE_SIZE 32 /* SHA-256 */
#define HINT_SIZE 4  /* bytes of a key's id before a signature of a note */

static int refuse(const char *why, Error *err)
{
        return error_set(err, ERROR_HOSTILE, -EBADMSG, "%s", why);
}

/* --- inclusion (RFC 6962, section 2.1) -------------------------------------------------------- */

/* Replaces node by the hash of its parent. Returns 0 or -ENOMEM. */
static int hash_parent(const unsigned char *left, const unsigned char *right, unsigned char *node)
{
        unsigned char data[1 + 2 * NODE_SIZE] = { 1 };
        Hash hash;
        int r;

        memcpy(data + 1, left, NODE_SIZE);
        memcpy(data + 1 + NODE_SIZE, right, NODE_SIZE);
        r = hash_compute("sha256", (Bytes){ data, sizeof(data) }, &hash, NULL);
        if (r >= 0)
                memcpy(node, hash.data, NODE_SIZE);
        return r;
}

/* Returns 0 or -ENOMEM. */
static int hash_leaf(Bytes body, unsigned char *node)
{
        _cleanup_(buffer_done) Buffer data;
        Hash hash;
        int r;

        buffer_init(&data, LOG_BODY_MAX + 1);
        (void)buffer_putc(&data, '\0');
        (void)buffer_append(&data, body.data, body.size);
        if (data.failed)
                return -ENOMEM;
        r = hash_compute("sha256", (Bytes){ (void *)data.data, data.size }, &hash, NULL);
        if (r >= 0)
                memcpy(node, hash.data, NODE_SIZE);
        return r;
}

static unsigned bits_of(uint64_t n)
{
        return n ? 64 - (unsigned)__builtin_clzll(n) : 0;
}

int log_inclusion_is_valid(const InclusionProof *proof, Bytes body)
{
        const Bytes *hashes = proof->hashes.items;
        unsigned char node[NODE_SIZE];
        unsigned n_inner, n_right;
        int r;

        if (proof->log_index >= proof->tree_size)
                return 0;
        /* below n_inner the path has siblings on both sides; above, only on the left */
        n_inner = bits_of(proof->log_index ^ (proof->tree_size - 1));
        n_right = n_inner < 64 ? (unsigned)__builtin_popcountll(proof->log_index >> n_inner) : 0;
        if (proof->hashes.n != n_inner + n_right)
                return 0;
        r = hash_leaf(body, node);
        for (unsigned i = 0; i < n_inner + n_right && r >= 0; i++) {
                if (hashes[i].size != NODE_SIZE)
                        return 0;
                if (i < n_inner && !(proof->log_index >> i & 1))
                        r = hash_parent(node, hashes[i].data, node);
                else
                        r = hash_parent(hashes[i].data, node, node);
        }
        return r < 0 ? r : bytes_equal((Bytes){ node, NODE_SIZE }, proof->root_hash);
}

/* --- checkpoints ------------------------------------------------------------------------------ */

/* Cuts a line off *at. Returns false if the rest has no complete line. */
static bool next_line(Bytes *at, Bytes *ret)
{
        const unsigned char *end = at->size > 0 ? memchr(at->data, '\n', at->size) : NULL;

        if (!end)
                return false;
        *ret = (Bytes){ at->data, (size_t)(end - at->data) };
        at->data = end + 1;
        at->size -= ret->size + 1;
        return true;
}

/* Returns 1 if the line of a signature is a valid one of the log, 0 if not, or an error. */
static int check_signature(Bytes line, Bytes note, const TrustedLog *log, Arena *arena, Error *err)
{
        static const char dash[] = "\xe2\x80\x94 ";
        const char *text = arena_strndup(arena, (const char *)line.data, line.size), *blank;
        const Bytes id = log->checkpoint_id.size ? log->checkpoint_id : log->id;
        SignedData item = { .data = note.data, .size = note.size };
        unsigned char *data;
        size_t size;
        int r;

        if (!text)
                return error_oom(err);
        if (strncmp(text, dash, strlen(dash)) != 0 || !(blank = strchr(text + strlen(dash), ' ')))
                return refuse("a signature of the checkpoint is malformed", err);
        text += strlen(dash);
        r = base64_decode(blank + 1, strlen(blank + 1), arena, &data, &size);
        if (r == -ENOMEM)
                return error_oom(err);
        if (r < 0 || size <= HINT_SIZE)
                return refuse("a signature of the checkpoint is malformed", err);
        /* other lines are those of witnesses, and of other keys of the log */
        if (strlen(log->host) != (size_t)(blank - text) ||
            strncmp(log->host, text, strlen(log->host)) != 0 || id.size < HINT_SIZE ||
            memcmp(data, id.data, HINT_SIZE) != 0)
                return 0;
        item.signature = data + HINT_SIZE;
        item.signature_size = size - HINT_SIZE;
        return trust_key_verify(log->key, &item, err);
}

static int check_signatures(Bytes lines, Bytes note, const TrustedLog *log, Arena *arena,
                            Error *err)
{
        Bytes line;

        while (next_line(&lines, &line)) {
                int r = check_signature(line, note, log, arena, err);

                if (r != 0)
                        return MIN(r, 0);
        }
        return refuse("the checkpoint has no valid signature of its log", err);
}

/* Compares the lines of the note, which was signed, with the proof. */
static int compare_note(Bytes note, const InclusionProof *proof, Arena *arena, Error *err)
{
        Bytes origin, size, root = { 0 };
        unsigned char *hash;
        const char *text;
        uint64_t tree_size;
        size_t n = 0;

        if (!next_line(&note, &origin) || origin.size == 0 || !next_line(&note, &size) ||
            !next_line(&note, &root))
                return refuse("the checkpoint has not the lines origin, size and root hash", err);
        text = arena_strndup(arena, (const char *)size.data, size.size);
        if (!text)
                return error_oom(err);
        if (parse_uint64(text, &tree_size) < 0 || tree_size != proof->tree_size)
                return refuse("the checkpoint is of a tree of another size", err);
        if (base64_decode((const char *)root.data, root.size, arena, &hash, &n) < 0 ||
            !bytes_equal((Bytes){ hash, n }, proof->root_hash))
                return refuse("the checkpoint has another root hash", err);
        return 0;
}

static int verify_checkpoint(const InclusionProof *proof, const TrustedLog *log, Error *err)
{
        const char *text = proof->checkpoint.envelope, *end = strstr(text, "\n\n");
        const size_t size = strlen(text);
        _cleanup_(arena_done) Arena arena;
        Bytes note, lines;
        int r;

        arena_init(&arena, (size_t)8 * CHECKPOINT_MAX);
        if (size > CHECKPOINT_MAX || !end)
                return refuse("the checkpoint is not a signed note", err);
        note = (Bytes){ (const void *)text, (size_t)(end - text) + 1 };
        lines = (Bytes){ (const void *)(end + 2), size - note.size - 1 };
        r = check_signatures(lines, note, log, &arena, err);
        return r < 0 ? r : compare_note(note, proof, &arena, err);
}

/* --- signed entry timestamps ------------------------------------------------------------------ */

/* Appends what the log signs: JSON in canonical form (RFC 8785). */
static void write_promised(const LogEntry *entry, Buffer *out)
{
        const Bytes id = entry->log_id.bytes;

        (void)buffer_puts(out, "{\"body\":\"");
        base64_encode(entry->body.data, entry->body.size, out);
        (void)buffer_printf(out, "\",\"integratedTime\":%" PRIu64 ",\"logID\":\"",
                            entry->integrated_time);
        for (size_t i = 0; i < id.size; i++)
                (void)buffer_printf(out, "%02x", id.data[i]);
        (void)buffer_printf(out, "\",\"logIndex\":%" PRIu64 "}", entry->log_index);
}

static int verify_promise(const LogEntry *entry, const TrustedLog *log, Error *err)
{
        _cleanup_(buffer_done) Buffer text;
        SignedData item = { .signature = entry->promise.bytes.data,
                            .signature_size = entry->promise.bytes.size };
        int r;

        buffer_init(&text, (size_t)2 * LOG_BODY_MAX);
        write_promised(entry, &text);
        if (text.failed)
                return error_oom(err);
        item.data = text.data;
        item.size = text.size;
        r = trust_key_verify(log->key, &item, err);
        return r == 0 ? refuse("the signed entry timestamp is not valid", err) : MIN(r, 0);
}

/* --- entries ---------------------------------------------------------------------------------- */

/* Finds the log by its id, with a key that was valid at all times at which the entry is known to
 * have existed. */
static int find_log(const LogEntry *entry, const LogProof *proof, usec_t integrated,
                    const TrustedLog **ret, Error *err)
{
        const Bytes id = entry->log_id.bytes;

        if (!trusted_log_is_known(proof->logs, id))
                return refuse("the log of an entry is not in the trusted root", err);
        *ret = integrated           ? trusted_log_find(proof->logs, id, integrated)
               : proof->n_times > 0 ? trusted_log_find(proof->logs, id, proof->times[0])
                                    : trusted_log_find(proof->logs, id, proof->now);
        if (!*ret)
                return refuse("the key of the log was not valid when the entry was added", err);
        return (*ret)->key ? 0
                           : refuse("relman does not support the algorithm of the log's key", err);
}

static int verify_inclusion(const LogEntry *entry, Error *err)
{
        int r = log_inclusion_is_valid(&entry->proof, entry->body);

        if (r < 0)
                return error_oom(err);
        return r > 0 ? 0 : refuse("the inclusion proof does not lead to its root hash", err);
}

int log_entry_verify(const LogEntry *entry, const LogProof *proof, usec_t *ret_time, Error *err)
{
        const bool is_timed = entry->promise.is_present && entry->integrated_time > 0;
        const bool is_in_range = entry->integrated_time < USEC_INFINITY / USEC_PER_SEC;
        const usec_t integrated = is_timed ? entry->integrated_time * USEC_PER_SEC : 0;
        const TrustedLog *log = NULL;
        int r;

        if (!entry->promise.is_present && !entry->proof.is_present)
                return refuse("a log entry has no proof", err);
        if (is_timed && (!is_in_range || integrated > proof->now + CLOCKS_MAY_DIFFER))
                return refuse("the time of a log entry is in the future", err);
        r = find_log(entry, proof, integrated, &log, err);
        if (r >= 0 && entry->promise.is_present)
                r = verify_promise(entry, log, err);
        if (r >= 0 && entry->proof.is_present)
                r = verify_inclusion(entry, err);
        if (r >= 0 && entry->proof.checkpoint.is_present)
                r = verify_checkpoint(&entry->proof, log, err);
        if (r < 0)
                return r;
        *ret_time = integrated;
        return 0;
}
