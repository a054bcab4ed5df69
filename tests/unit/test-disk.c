/* Tests the store on a failing disk: failed syncs, locks that cannot be released, no space. A VFS
 * between SQLite and the system makes calls fail and passes all other calls on. */

#include <glob.h>
#include <sqlite3.h>
#include <unistd.h>

#include "fixture.h"
#include "model/changes/changes.h"
#include "store/backup.h"
#include "store/events.h"
#include "unit.h"

#define READ_LOCK 4 /* number of a lock in SQLite's wal-index; readers share this lock */

static struct {
        unsigned n_opens; /* open database files */
        unsigned n_syncs;
        /* number of the first sync that fails; number of syncs that fail */
        unsigned fails_at, fails_for;
        /* the next sync of the database file fails; syncs of its journal succeed */
        bool main_fails;
        bool unlock_fails; /* the next release of an exclusive lock fails */
        int write_fails;   /* errno of all writes; 0: they succeed */
} faults;

static sqlite3_vfs *system_vfs, vfs;
static int last_errno;

/* --- the VFS ---------------------------------------------------------------------------------- */

enum {
        TABLE_DATABASE,
        TABLE_OTHER,
        TABLE_MAX_
};
static struct {
        const sqlite3_io_methods *real;
        sqlite3_io_methods ours;
} tables[TABLE_MAX_];

static const sqlite3_io_methods *real_of(sqlite3_file *file)
{
        size_t i = 0;

        while (i < TABLE_MAX_ - 1 && file->pMethods != &tables[i].ours)
                i++;
        assert_ptr_equal(file->pMethods, &tables[i].ours);
        return tables[i].real;
}

static int on_sync(sqlite3_file *file, int flags)
{
        const sqlite3_io_methods *real = real_of(file);
        bool fails = faults.main_fails && file->pMethods == &tables[TABLE_DATABASE].ours;

        faults.n_syncs++;
        fails = fails || (faults.fails_at > 0 && faults.n_syncs >= faults.fails_at &&
                          faults.n_syncs - faults.fails_at < faults.fails_for);
        if (!fails)
                return real->xSync(file, flags);
        faults.main_fails = false;
        last_errno = EIO;
        return SQLITE_IOERR_FSYNC;
}

static int on_write(sqlite3_file *file, const void *data, int size, sqlite3_int64 offset)
{
        if (faults.write_fails) {
                last_errno = faults.write_fails;
                return faults.write_fails == ENOSPC ? SQLITE_FULL : SQLITE_IOERR_WRITE;
        }
        return real_of(file)->xWrite(file, data, size, offset);
}

static int on_control(sqlite3_file *file, int what, void *data)
{
        if (what != SQLITE_FCNTL_LAST_ERRNO)
                return real_of(file)->xFileControl(file, what, data);
        memcpy(data, &last_errno, sizeof(last_errno));
        return SQLITE_OK;
}

/* Simulates a failing fcntl(): the lock remains, and SQLite ignores the failure. */
static int on_shm_lock(sqlite3_file *file, int offset, int n, int flags)
{
        if (faults.unlock_fails && offset == READ_LOCK &&
            flags == (SQLITE_SHM_UNLOCK | SQLITE_SHM_EXCLUSIVE)) {
                faults.unlock_fails = false;
                return SQLITE_BUSY;
        }
        return real_of(file)->xShmLock(file, offset, n, flags);
}

static int on_open(sqlite3_vfs *self, const char *name, sqlite3_file *file, int flags, int *ret)
{
        size_t i = flags & SQLITE_OPEN_MAIN_DB ? TABLE_DATABASE : TABLE_OTHER;
        int code = system_vfs->xOpen(self, name, file, flags, ret);

        if (code != SQLITE_OK)
                return code;
        faults.n_opens += i == TABLE_DATABASE;
        tables[i].real = file->pMethods;
        tables[i].ours = *file->pMethods;
        tables[i].ours.xSync = on_sync;
        tables[i].ours.xWrite = on_write;
        tables[i].ours.xFileControl = on_control;
        tables[i].ours.xShmLock = on_shm_lock;
        file->pMethods = &tables[i].ours;
        return SQLITE_OK;
}

/* Returns at once, so that SQLite does not wait five seconds for a lock. */
static int on_sleep(sqlite3_vfs *self, int usec)
{
        (void)self;
        return usec;
}

/* --- a store on the failing disk -------------------------------------------------------------- */

static Arena arena;
static char folder[] = "/tmp/relman-test-disk-XXXXXX";
static char path[100];
static unsigned n_renewed;
static char lost[500];

static int set_up_vfs(void **state)
{
        (void)state;
        arena_init(&arena, TEST_ARENA_MAX);
        if (!mkdtemp(folder))
                return -1;
        system_vfs = sqlite3_vfs_find(NULL);
        vfs = *system_vfs;
        vfs.zName = "faults";
        vfs.xOpen = on_open;
        vfs.xSleep = on_sleep;
        return sqlite3_vfs_register(&vfs, 1) == SQLITE_OK ? 0 : -1;
}

static int tear_down_vfs(void **state)
{
        (void)state;
        arena_done(&arena);
        return test_remove_tree(folder);
}

static int set_up(void **state)
{
        static unsigned n;

        (void)state;
        (void)snprintf(path, sizeof(path), "%s/%u.db", folder, n++);
        memset(&faults, 0, sizeof(faults));
        n_renewed = 0;
        lost[0] = '\0';
        return 0;
}

static void on_renewed(void *userdata, const Error *failure)
{
        assert_ptr_equal(userdata, &n_renewed);
        if (failure)
                (void)snprintf(lost, sizeof(lost), "%s", error_message(failure));
        else
                n_renewed++;
}

static Store *open_store(void)
{
        const StoreOptions options = { .path = path,
                                       .now = FIXTURE_TIME,
                                       .watch = { on_renewed, &n_renewed } };
        Error error = { 0 };
        Store *store;

        assert_case(store_open(&options, &store, &error) == 0, "%s", error_message(&error));
        return store;
}

static void fail_syncs(unsigned at, unsigned times)
{
        faults.n_syncs = 0;
        faults.fails_at = at;
        faults.fails_for = times;
}

/* Adds an event with the given data, which identifies it. */
static void add_event(Changes *changes, const char *data)
{
        static usec_t now = FIXTURE_TIME;

        now += USEC_PER_SEC;
        changes_put_tenant(changes, "default", now);
        changes_add_event(changes, &(Event){ .id = uuid_new(now),
                                             .type = EVENT_RELEASE_CREATED,
                                             .tenant = "default",
                                             .kind = KIND_RELEASE,
                                             .object_id = "some",
                                             .object_name = "some",
                                             .data = data,
                                             .at = now });
}

static int store_event(Store *store, Error *err)
{
        Changes changes;
        int r;

        changes_init(&changes);
        add_event(&changes, "{}");
        r = store_apply(store, &changes, err);
        changes_done(&changes);
        return r;
}

static size_t count_events(Store *store)
{
        Error error = { 0 };
        Events events;

        assert_case(store_events(store, 0, 100000, &arena, &events, &error) == 0, "%s",
                    error_message(&error));
        return events.n;
}

/* --- tests ------------------------------------------------------------------------------------ */

static void test_after_a_failed_sync_another_connection_goes_on(void **state)
{
        for (unsigned n = 1; n <= 4; n++) {
                Store *store;
                Error error = { 0 };
                Changes changes;
                size_t n_stored = 0;
                unsigned n_opens;
                int r;

                (void)set_up(state);
                store = open_store();
                n_opens = faults.n_opens;
                fail_syncs(n, 1);
                for (;;) {
                        changes_init(&changes);
                        add_event(&changes, "{}");
                        r = store_apply(store, &changes, &error);
                        if (r < 0)
                                break;
                        n_stored++;
                        changes_done(&changes);
                }
                assert_int_equal(r, -EIO);
                error_done(&error);
                assert_int_equal(n_renewed, 1);
                assert_int_equal(faults.n_opens, n_opens + 1);
                assert_string_equal(store_trouble(store)->reason, "StorageFailed");
                /* the journal does not restore data that was not acknowledged */
                assert_int_equal(count_events(store), n_stored);
                assert_case(store_apply(store, &changes, &error) == 0, "%s", error_message(&error));
                changes_done(&changes);
                assert_string_equal(store_trouble(store)->message, "");
                assert_int_equal(count_events(store), n_stored + 1);
                store_close(store);
                store = open_store();
                assert_int_equal(count_events(store), n_stored + 1);
                store_close(store);
        }
}

static void test_a_disk_that_fails_again_loses_the_store_and_nothing_else(void **state)
{
        const StoreOptions options = { .path = path, .now = FIXTURE_TIME };

        for (unsigned n = 1; n <= 4; n++) {
                Error error = { 0 };
                size_t n_stored = 0;
                Store *store, *second;
                Events events;

                (void)set_up(state);
                store = open_store();
                fail_syncs(n, 1000);
                for (size_t i = 0; i < 10 && !lost[0]; i++) {
                        n_stored += store_event(store, &error) >= 0;
                        error_done(&error);
                }
                assert_non_null(strstr(lost, path));
                assert_non_null(strstr(lost, "disk I/O error"));
                assert_int_equal(store_is_lost(store, &error), -EIO);
                assert_string_equal(error_message(&error), lost);
                error_done(&error);
                assert_int_equal(store_events(store, 0, 10, &arena, &events, &error), -EIO);
                error_done(&error);
                assert_int_equal(store_event(store, &error), -EIO);
                error_done(&error);
                /* no other process may open the database until this process has ended */
                assert_int_equal(store_open(&options, &second, &error), -EWOULDBLOCK);
                error_done(&error);
                store_close(store);
                fail_syncs(0, 0);
                store = open_store();
                assert_true(count_events(store) >= n_stored);
                store_close(store);
        }
}

static void test_a_failed_checkpoint_is_not_left_at_that(void **state)
{
        Store *store = open_store();
        Error error = { 0 };
        char data[3000];
        size_t n_stored = 0;

        (void)state;
        memset(data, 'x', sizeof(data));
        memcpy(data, "{\"x\":\"", 6);
        memcpy(data + sizeof(data) - 3, "\"}", 3);
        faults.main_fails = true;
        for (size_t i = 0; i < 50 && n_renewed == 0; i++) {
                Changes changes;

                changes_init(&changes);
                for (size_t j = 0; j < 50; j++)
                        add_event(&changes, data);
                assert_case(store_apply(store, &changes, &error) == 0, "%s", error_message(&error));
                changes_done(&changes);
                n_stored += 50;
        }
        assert_false(faults.main_fails);
        assert_int_equal(n_renewed, 1);
        assert_int_equal(count_events(store), n_stored);
        store_close(store);
}

static void test_a_lock_that_was_not_given_back_goes_with_its_connection(void **state)
{
        /* another connection that writes, then a connection that reads */
        for (size_t i = 0; i < 2; i++) {
                Store *store;
                Error error = { 0 };
                Events events;

                (void)set_up(state);
                store = open_store();
                assert_int_equal(store_event(store, &error), 0);
                faults.unlock_fails = true;
                if (i == 0)
                        assert_int_equal(store_event(store, &error), -EIO);
                else
                        assert_int_equal(store_events(store, 0, 10, &arena, &events, &error), -EIO);
                assert_false(faults.unlock_fails);
                assert_non_null(strstr(error_message(&error), "locking protocol"));
                error_done(&error);
                assert_int_equal(store_events(store, 0, 10, &arena, &events, &error), 0);
                assert_int_equal(n_renewed, 1);
                assert_int_equal(store_event(store, &error), 0);
                store_close(store);
        }
}

static void test_anothers_lock_is_waited_for_with_the_connection_there_is(void **state)
{
        Store *store = open_store();
        Error error = { 0 };
        sqlite3 *db;

        (void)state;
        assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
        assert_int_equal(sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
        for (size_t i = 0; i < 3; i++) {
                assert_int_equal(store_event(store, &error), -EBUSY);
                error_done(&error);
                /* the connection was opened again once, because relman itself might have held the
                 * lock */
                assert_int_equal(n_renewed, 1);
        }
        assert_int_equal(sqlite3_exec(db, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
        assert_int_equal(sqlite3_close(db), SQLITE_OK);
        assert_int_equal(store_event(store, &error), 0);
        assert_string_equal(lost, "");
        store_close(store);
}

static void test_a_full_disk_is_waited_for_with_the_connection_there_is(void **state)
{
        static const int numbers[] = { ENOSPC, EDQUOT };
        Error error = { 0 };

        for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
                Store *store;

                (void)set_up(state);
                store = open_store();
                assert_int_equal(store_event(store, &error), 0);
                faults.write_fails = numbers[i];
                for (size_t j = 0; j < 3; j++) {
                        assert_int_equal(store_event(store, &error), -ENOSPC);
                        error_done(&error);
                        assert_string_equal(store_trouble(store)->reason, "StorageFull");
                }
                faults.write_fails = 0;
                assert_int_equal(store_event(store, &error), 0);
                assert_int_equal(n_renewed, 0);
                assert_int_equal(faults.n_opens, 1);
                store_close(store);
        }
}

/* Returns the number of copies beside the database. */
static size_t count_copies(void)
{
        char pattern[sizeof(path) + 8];
        glob_t found;
        size_t n;

        (void)snprintf(pattern, sizeof(pattern), "%s.*.tmp", path);
        n = glob(pattern, 0, NULL, &found) == 0 ? found.gl_pathc : 0;
        if (n > 0)
                globfree(&found);
        return n;
}

static void test_a_backup_in_progress_ends_with_the_connection(void **state)
{
        Store *store = open_store();
        StoreBackup *backup, *others;
        Error error = { 0 };
        int fd;

        (void)state;
        assert_int_equal(store_event(store, &error), 0);
        assert_int_equal(store_backup_new(store, &backup, &error), 0);
        assert_int_equal(store_backup_new(store, &others, &error), 0);
        fail_syncs(1, 1);
        assert_int_equal(store_event(store, &error), -EIO);
        error_done(&error);
        assert_int_equal(n_renewed, 1);
        assert_int_equal(count_copies(), 2);
        assert_int_equal(store_backup_step(backup, &error), -EIO);
        assert_non_null(strstr(error_message(&error), "make the backup again"));
        error_done(&error);
        store_backup_free(backup);
        assert_int_equal(store_backup_new(store, &backup, &error), 0);
        while (store_backup_step(backup, &error) > 0)
                ;
        assert_string_equal(error_message(&error), error_message(&(Error){ 0 }));
        fd = store_backup_open(backup, &error);
        assert_true(fd >= 0);
        store_backup_free(backup);
        store_backup_free(others);
        assert_true(lseek(fd, 0, SEEK_END) > 0);
        assert_int_equal(close(fd), 0);
        assert_int_equal(count_copies(), 0);
        store_close(store);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_after_a_failed_sync_another_connection_goes_on, set_up),
        cmocka_unit_test_setup(test_a_disk_that_fails_again_loses_the_store_and_nothing_else,
                               set_up),
        cmocka_unit_test_setup(test_a_failed_checkpoint_is_not_left_at_that, set_up),
        cmocka_unit_test_setup(test_a_lock_that_was_not_given_back_goes_with_its_connection,
                               set_up),
        cmocka_unit_test_setup(test_anothers_lock_is_waited_for_with_the_connection_there_is,
                               set_up),
        cmocka_unit_test_setup(test_a_full_disk_is_waited_for_with_the_connection_there_is, set_up),
        cmocka_unit_test_setup(test_a_backup_in_progress_ends_with_the_connection, set_up),
};
TEST_PROGRAM("disk", tests, set_up_vfs, tear_down_vfs)
