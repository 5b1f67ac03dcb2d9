/*
 * log.h - one line an event: "<6>gate: job accepted id=... tenant=acme".
 *
 * The level prefix is sd-daemon's and is left out when standard error is a terminal.  Values with spaces,
 * quotes or bytes that are not printable ASCII are quoted and escaped, so no value can forge a line.  Any
 * thread or task; a line is one write(2) of at most 2048 bytes, cut beyond.
 */
#ifndef LOG_LOG_H
#define LOG_LOG_H

#include <stdint.h>

enum log_level {
	LOG_LEVEL_ERROR = 3,
	LOG_LEVEL_WARNING = 4,
	LOG_LEVEL_NOTICE = 5,
	LOG_LEVEL_INFO = 6,
	LOG_LEVEL_DEBUG = 7
};

void log_set_level(enum log_level level);                         /* the default is info */
int log_level_parse(const char *name, enum log_level *ret_level); /* "error".."debug"; 0 or -EINVAL */

/*
 * Log `message`, a constant of the program, with key=value pairs: `fields` is "key=%s" parts separated by one
 * space, or "".  Example: log_info("gate", "job accepted", "id=%s running=%zu", id, running).
 * It may hold %s, which is quoted when it must be, %d %ld %lld %u %lu %llu %zu and %.1f; anything else ends
 * the fields.  Keeps errno.
 */
void log_write(enum log_level level, const char *module, const char *message, const char *fields, ...)
	__attribute__((format(printf, 4, 5)));

#define log_error(module, message, ...) log_write(LOG_LEVEL_ERROR, module, message, __VA_ARGS__)
#define log_warning(module, message, ...) log_write(LOG_LEVEL_WARNING, module, message, __VA_ARGS__)
#define log_notice(module, message, ...) log_write(LOG_LEVEL_NOTICE, module, message, __VA_ARGS__)
#define log_info(module, message, ...) log_write(LOG_LEVEL_INFO, module, message, __VA_ARGS__)
#define log_debug(module, message, ...) log_write(LOG_LEVEL_DEBUG, module, message, __VA_ARGS__)

#endif
