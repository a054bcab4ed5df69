/* Simulates power cuts: computes possible states of a disk from a log of operations (record.c), and
 * compares each with the recorded history (truth.h).
 *
 * replay --log FILE --work FOLDER [--promises FILE] [--databases-only]
 *        [--without file-sync|folder-sync] with one of:
 * --states N --seed S [--enough N]: checks N random states; stops after --enough faults
 * --every --one-in N --seed S: checks, for each cut, the states with all pending operations, with
 *        all except one, and with only one
 * --write N|all --to FOLDER --seed S: writes random state N, or the state after all operations, to
 *        a folder
 *
 * Prints a line for each of the first faults, then the numbers of states and faults. Exits with 1
 * if there are faults. */

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/macros.h"
#include "truth.h"

#define FAULTS_SHOWN 5

typedef struct Options {
        const char *log, *work, *promises, *to;
        uint64_t seed, n_states, enough;
        uint64_t number; /* number of the state to write */
        uint64_t one_in; /* with --every: test one in one_in states */
        bool is_all, databases_only, every;
        Without without;
} Options;

typedef struct Count {
        uint64_t n_states, n_faults;
        /* with --every: number of states so far; test one in one_in states */
        uint64_t n_offered, one_in;
} Count;

static _Noreturn void fail(const char *what, const char *why)
{
        (void)fprintf(stderr, "replay: %s: %s\n", what, why);
        exit(2);
}

/* --- checking --------------------------------------------------------------------------------- */

static const char *const kinds[OP_KIND_MAX_] = {
        [OP_ROOT] = "root",         [OP_SETTLED] = "settled", [OP_CREATE] = "create",
        [OP_MKDIR] = "mkdir",       [OP_SYMLINK] = "symlink", [OP_WRITE] = "write",
        [OP_TRUNCATE] = "truncate", [OP_MODE] = "mode",       [OP_LINK] = "link",
        [OP_RENAME] = "rename",     [OP_UNLINK] = "unlink",   [OP_RMDIR] = "rmdir",
        [OP_SYNC] = "sync",         [OP_COMMIT] = "commit",   [OP_REPORT] = "answer",
};

static void check(Truth *truth, const State *state, Count *count)
{
        const Disk *disk = state->disk;
        const Op *op = &disk->ops[disk->at - 1];

        if (count->n_offered++ % count->one_in != 0)
                return;
        count->n_states++;
        if (truth_check(truth, state) >= 0 || count->n_faults++ >= FAULTS_SHOWN)
                return;
        (void)printf("fault: cut after operation %zu (%s '%s'), ", disk->at - 1, kinds[op->kind],
                     op->new_name[0] ? op->new_name : op->name);
        if (state->choice == CHOICE_RANDOM)
                (void)printf("state %llu: ", (unsigned long long)state->op);
        else if (state->op == NO_OP)
                (void)printf("all there: ");
        else
                (void)printf("%s operation %zu (%s '%s'): ",
                             state->choice == CHOICE_ALL ? "all but" : "none but", state->op,
                             kinds[disk->ops[state->op].kind], disk->ops[state->op].name);
        (void)printf("%s\n", truth->why);
}

/* --- random states ---------------------------------------------------------------------------- */

/* Returns the number of operations after which the first power cut may happen. The initial content
 * of the folder is complete then. */
static size_t first_cut(const Disk *disk)
{
        size_t i = 0;

        while (i < disk->n_ops && disk->ops[i].kind != OP_SETTLED)
                i++;
        return i + 1;
}

static State state_of(const Disk *disk, uint64_t seed, uint64_t number)
{
        return (State){
                .disk = disk, .choice = CHOICE_RANDOM, .seed = hash_mix(seed, number), .op = number
        };
}

static size_t cut_of(const Disk *disk, uint64_t seed, uint64_t number)
{
        size_t first = first_cut(disk);

        return first + hash_mix(hash_mix(seed, number), 0xc07) % (disk->n_ops - first + 1);
}

typedef struct Cut {
        size_t at;
        uint64_t number;
} Cut;

static int compare_cuts(const void *a, const void *b)
{
        const Cut *x = a, *y = b;

        return x->at != y->at ? (x->at > y->at) - (x->at < y->at)
                              : (x->number > y->number) - (x->number < y->number);
}

/* Checks random states, sorted by the time of their power cut. So the operations are performed only
 * once. */
static void check_random(Truth *truth, const Options *options, Count *count)
{
        Disk *disk = truth->disk;
        Cut *cuts = calloc(options->n_states + 1, sizeof(*cuts));

        if (!cuts)
                fail("memory", "there is no more");
        for (uint64_t i = 0; i < options->n_states; i++)
                cuts[i] = (Cut){ cut_of(disk, options->seed, i), i };
        qsort(cuts, options->n_states, sizeof(*cuts), compare_cuts);
        for (uint64_t i = 0; i < options->n_states && count->n_faults < options->enough; i++) {
                State state = state_of(disk, options->seed, cuts[i].number);

                while (disk->at < cuts[i].at)
                        disk_step(disk);
                check(truth, &state, count);
        }
        free(cuts);
}

/* --- every state ------------------------------------------------------------------------------ */

static void check_pending(Truth *truth, const Node *node, Count *count)
{
        for (size_t i = 0; i < node->pending.n; i++) {
                size_t op = node->pending.items[i];
                State all_but = { truth->disk, CHOICE_ALL, 0, op },
                      none_but = { truth->disk, CHOICE_ONE, 0, op };

                check(truth, &all_but, count);
                check(truth, &none_but, count);
        }
}

static void check_every(Truth *truth, Count *count)
{
        Disk *disk = truth->disk;

        for (size_t first = first_cut(disk); disk->at < disk->n_ops;) {
                State all = { disk, CHOICE_ALL, 0, NO_OP }, none = { disk, CHOICE_ONE, 0, NO_OP };

                disk_step(disk);
                if (disk->at < first)
                        continue;
                check(truth, &all, count);
                check(truth, &none, count);
                for (size_t i = 0; i < disk->n_nodes; i++)
                        check_pending(truth, &disk->nodes[i], count);
        }
}

/* --- writing a state to a folder -------------------------------------------------------------- */

static void write_node(const State *state, size_t n, const char *path)
{
        const Node *node = &state->disk->nodes[n];
        Bytes scratch = { 0 };
        const Bytes *bytes = state_bytes(state, n, &scratch);
        int fd;

        if (node->made_by == OP_SYMLINK) {
                char target[PATH_MAX];

                (void)snprintf(target, sizeof(target), "%.*s", (int)bytes->size,
                               (const char *)bytes->data);
                if (symlink(target, path) < 0)
                        fail(path, strerror(errno));
                return;
        }
        fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        if (fd < 0 || fchmod(fd, bytes->mode) < 0 ||
            write(fd, bytes->data, bytes->size) != (ssize_t)bytes->size || close(fd) < 0)
                fail(path, strerror(errno));
        free(scratch.data);
}

static void write_folder(const State *state, size_t folder, const char *to)
{
        Entries scratch = { 0 };
        const Entries *entries = state_entries(state, folder, &scratch);

        if (mkdir(to, 0755) < 0 && errno != EEXIST)
                fail(to, strerror(errno));
        for (size_t i = 0; i < entries->n; i++) {
                char path[PATH_MAX];

                (void)snprintf(path, sizeof(path), "%s/%s", to, entries->items[i].name);
                if (state->disk->nodes[entries->items[i].node].made_by == OP_MKDIR)
                        write_folder(state, entries->items[i].node, path);
                else
                        write_node(state, entries->items[i].node, path);
        }
        free(scratch.items);
}

static void write_state(Disk *disk, const Options *options)
{
        State all = { disk, CHOICE_ALL, 0, NO_OP },
              one = state_of(disk, options->seed, options->number);
        size_t cut = options->is_all ? disk->n_ops : cut_of(disk, options->seed, options->number);

        while (disk->at < cut)
                disk_step(disk);
        write_folder(options->is_all ? &all : &one, DISK_ROOT, options->to);
        (void)printf("wrote state %llu, cut after operation %zu\n",
                     (unsigned long long)options->number, cut - 1);
}

/* --- options ---------------------------------------------------------------------------------- */

static uint64_t number_of(const char *option, const char *text)
{
        char *end;
        unsigned long long value = strtoull(text, &end, 10);

        if (!*text || *end)
                fail(option, "is no number");
        return value;
}

static Without without_of(const char *word)
{
        if (streq(word, "file-sync"))
                return WITHOUT_FILE_SYNC;
        if (streq(word, "folder-sync"))
                return WITHOUT_FOLDER_SYNC;
        fail(word, "is neither file-sync nor folder-sync");
}

static void parse_options(int argc, char **argv, Options *options)
{
        static const struct option known[] = { { "log", 1, NULL, 'l' },
                                               { "work", 1, NULL, 'w' },
                                               { "promises", 1, NULL, 'p' },
                                               { "databases-only", 0, NULL, 'd' },
                                               { "without", 1, NULL, 'o' },
                                               { "states", 1, NULL, 'n' },
                                               { "seed", 1, NULL, 's' },
                                               { "every", 0, NULL, 'e' },
                                               { "one-in", 1, NULL, 'i' },
                                               { "enough", 1, NULL, 'E' },
                                               { "write", 1, NULL, 'W' },
                                               { "to", 1, NULL, 't' },
                                               { 0 } };
        int c;

        while ((c = getopt_long(argc, argv, "", known, NULL)) != -1)
                switch (c) {
                case 'l': options->log = optarg; break;
                case 'w': options->work = optarg; break;
                case 'p': options->promises = optarg; break;
                case 'd': options->databases_only = true; break;
                case 'o': options->without = without_of(optarg); break;
                case 'n': options->n_states = number_of("--states", optarg); break;
                case 's': options->seed = number_of("--seed", optarg); break;
                case 'E': options->enough = number_of("--enough", optarg); break;
                case 'i': options->one_in = number_of("--one-in", optarg); break;
                case 'e': options->every = true; break;
                case 't': options->to = optarg; break;
                case 'W':
                        options->is_all = streq(optarg, "all");
                        options->number = options->is_all ? 0 : number_of("--write", optarg);
                        break;
                default: exit(2);
                }
        if (!options->log || (!options->to && !options->work))
                fail("usage", "--log, and --work or --write and --to, are needed");
}

int main(int argc, char **argv)
{
        Options options = { .one_in = 1, .enough = UINT64_MAX };
        Count count = { 0 };
        Disk disk;
        Truth truth = { .disk = &disk };

        parse_options(argc, argv, &options);
        if (options.one_in == 0)
                fail("--one-in", "is 0");
        count = (Count){ .one_in = options.one_in, .n_offered = options.seed % options.one_in };
        disk_open(&disk, options.log, options.without);
        if (options.to) {
                write_state(&disk, &options);
                disk_done(&disk);
                return 0;
        }
        truth.reader.folder = options.work;
        truth.has_locks = !options.databases_only;
        if (truth_learn(&truth, options.promises) < 0) {
                (void)printf("fault: without a power cut, after operation %zu: %s\n", disk.at - 1,
                             truth.why);
                count.n_faults++;
        } else {
                disk_rewind(&disk);
                if (options.every)
                        check_every(&truth, &count);
                else
                        check_random(&truth, &options, &count);
        }
        (void)printf(
                "%llu states of %zu operations, %zu transactions, %zu lockfiles, %zu answers and %zu events that must hold: "
                "%llu faults\n",
                (unsigned long long)count.n_states, disk.n_ops, truth.n_images, truth.n_paths,
                truth.n_kept, truth.n_events, (unsigned long long)count.n_faults);
        truth_done(&truth);
        disk_done(&disk);
        return count.n_faults > 0;
}
