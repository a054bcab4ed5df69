#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define SD_JOURNAL_SUPPRESS_LOCATION
#include <systemd/sd-journal.h>

#include "base/escape.h"
#include "base/time.h"

#define MESSAGE_MAX 4096

static const char *log_program = "relman";
static LogLevel log_level = LOG_LEVEL_INFO;
static bool log_to_journal;
static bool log_has_times;

static const struct {
        const char *name;
        LogLevel level;
} level_names[] = {
        { "error", LOG_LEVEL_ERROR },   { "warning", LOG_LEVEL_WARNING },
        { "notice", LOG_LEVEL_NOTICE }, { "info", LOG_LEVEL_INFO },
        { "debug", LOG_LEVEL_DEBUG },
};

/* JOURNAL_STREAM is "device:inode" of the stream that systemd connected to the journal
 * (systemd.exec(5)). */
static bool stderr_is_journal(void)
{
        const char *stream = getenv("JOURNAL_STREAM");
        char own[64];
        struct stat st;

        if (!stream || fstat(STDERR_FILENO, &st) < 0)
                return false;
        (void)snprintf(own, sizeof(own), "%lu:%lu", (unsigned long)st.st_dev,
                       (unsigned long)st.st_ino);
        return streq(stream, own);
}

void log_open(const char *program, LogLevel level)
{
        log_program = program;
        log_level = level;
        log_to_journal = stderr_is_journal();
}

void log_set_level(LogLevel level)
{
        log_level = level;
}

void log_set_times(bool has_times)
{
        log_has_times = has_times;
}

int log_level_from_string(const char *text, LogLevel *ret)
{
        for (size_t i = 0; i < ARRAY_SIZE(level_names); i++) {
                if (!streq(text, level_names[i].name))
                        continue;
                *ret = level_names[i].level;
                return 0;
        }
        return -1;
}

const char *log_level_to_string(LogLevel level)
{
        for (size_t i = 0; i < ARRAY_SIZE(level_names); i++)
                if (level_names[i].level == level)
                        return level_names[i].name;
        return "error";
}

int log_enabled(LogLevel level)
{
        return level <= log_level;
}

/* Appends "name=value" to the fields of a journal entry, if there is a value. */
static void add_field(struct iovec *fields, int *n, char *line, size_t size, const char *name,
                      const char *value)
{
        int length;

        if (!value)
                return;
        length = snprintf(line, size, "%s=%s", name, value);
        if (length <= 0)
                return;
        fields[(*n)++] =
                (struct iovec){ .iov_base = line, .iov_len = MIN((size_t)length, size - 1) };
}

bool log_is_journal(void)
{
        return log_to_journal;
}

int log_stream(const char *identifier)
{
        int fd = log_to_journal ? sd_journal_stream_fd(identifier, LOG_LEVEL_INFO, 0)
                                : fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);

        return fd < 0 && !log_to_journal ? -errno : fd;
}

static void send_to_journal(LogLevel level, const LogAbout *about, const char *message)
{
        char lines[6][MESSAGE_MAX + 32], number[16];
        struct iovec fields[6];
        int n = 0;

        (void)snprintf(number, sizeof(number), "%d", (int)level);
        add_field(fields, &n, lines[0], sizeof(lines[0]), "PRIORITY", number);
        add_field(fields, &n, lines[1], sizeof(lines[1]), "MESSAGE", message);
        if (about) {
                add_field(fields, &n, lines[2], sizeof(lines[2]), "RELMAN_OBJECT", about->object);
                add_field(fields, &n, lines[3], sizeof(lines[3]), "SPEC_FILE", about->file);
                (void)snprintf(number, sizeof(number), "%u", about->line);
                add_field(fields, &n, lines[4], sizeof(lines[4]), "SPEC_LINE",
                          about->line ? number : NULL);
                add_field(fields, &n, lines[5], sizeof(lines[5]), "MESSAGE_ID", about->message_id);
        }
        (void)sd_journal_sendv(fields, n); /* a failure cannot be reported anywhere else */
}

static void send_to_stderr(LogLevel level, const char *message)
{
        char now[TIME_TEXT_SIZE] = "";

        if (log_has_times)
                (void)time_format(time_wall(), now);
        (void)fprintf(stderr, "%s%s%s: %s%s\n", now, log_has_times ? " " : "", log_program,
                      level <= LOG_LEVEL_ERROR     ? "error: "
                      : level <= LOG_LEVEL_WARNING ? "warning: "
                                                   : "",
                      message);
}

void log_about(LogLevel level, const LogAbout *about, const char *format, ...)
{
        char message[MESSAGE_MAX], safe[MESSAGE_MAX];
        va_list ap;

        if (!log_enabled(level))
                return;
        va_start(ap, format);
        (void)vsnprintf(message, sizeof(message), format, ap); /* a long message is cut */
        va_end(ap);
        (void)escape_text(message, strlen(message), safe, sizeof(safe));
        if (log_to_journal)
                send_to_journal(level, about, safe);
        else
                send_to_stderr(level, safe);
}
