#pragma once

/* Logs to the journal with structured fields if standard error is connected to it, else one line of
 * text to standard error. An error is either passed on or logged, never both. Text is escaped
 * (escape.h). */

#include <stdbool.h>

#include "base/error.h"

typedef enum LogLevel {
        LOG_LEVEL_ERROR = 3,
        LOG_LEVEL_WARNING = 4,
        LOG_LEVEL_NOTICE = 5,
        LOG_LEVEL_INFO = 6,
        LOG_LEVEL_DEBUG = 7
} LogLevel;

/* The subject of a message; every member may be NULL or 0. The journal gets them as RELMAN_OBJECT=,
 * SPEC_FILE=, SPEC_LINE= and MESSAGE_ID=. */
typedef struct LogAbout {
        const char *object; /* "component/api" */
        const char *file;
        unsigned line;
        const char *message_id; /* 32 hexadecimal digits */
} LogAbout;

/* Sets the level and the program name that begins each line of text, and detects the journal. The
 * settings apply to all of the process. */
void log_open(const char *program, LogLevel level);
void log_set_level(LogLevel level);
/* Enables or disables the time (UTC) at the beginning of each line on standard error. The journal
 * has its own times. */
void log_set_times(bool has_times);
/* Reads "error", "warning", "notice", "info" or "debug". Returns -1 for any other text, else 0. */
int log_level_from_string(const char *text, LogLevel *ret);
const char *log_level_to_string(LogLevel level);
int log_enabled(LogLevel level);

/* True if messages are sent to the journal with fields. */
bool log_is_journal(void);

/* Opens a descriptor for the output of a child program: the journal, under this identifier, if
 * relman logs to it; else a copy of standard error. Returns the descriptor or a negative errno. */
int log_stream(const char *identifier);

void log_about(LogLevel level, const LogAbout *about, const char *format, ...) _printf_(3, 4);

#define log_error(...)   log_about(LOG_LEVEL_ERROR, NULL, __VA_ARGS__)
#define log_warning(...) log_about(LOG_LEVEL_WARNING, NULL, __VA_ARGS__)
#define log_notice(...)  log_about(LOG_LEVEL_NOTICE, NULL, __VA_ARGS__)
#define log_info(...)    log_about(LOG_LEVEL_INFO, NULL, __VA_ARGS__)
#define log_debug(...)                                                                             \
        do {                                                                                       \
                if (log_enabled(LOG_LEVEL_DEBUG))                                                  \
                        log_about(LOG_LEVEL_DEBUG, NULL, __VA_ARGS__);                             \
        } while (0)
