/*
 * log.h - structured log.
 *
 * A daemon sends each record as one datagram to the directory, which stamps
 * time, role and pid, escapes bytes, limits the rate and prints it (text or
 * JSON).  Before log_channel(), and in the broker's own processes and tools,
 * records go to stderr.  Not for: user interaction of the bulkhead command.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

enum log_level {
	LOG_LEVEL_ERROR,	/* somebody must act */
	LOG_LEVEL_WARN,		/* refused, limited or degraded */
	LOG_LEVEL_AUDIT,	/* logons, denials, administration; never dropped by level */
	LOG_LEVEL_INFO,		/* life of the service */
	LOG_LEVEL_DEBUG,
	LOG_LEVEL_MAX
};

#define LOG_TEXT_MAX 960	/* bytes of one record's text; longer ones are cut with "..." */

/* Names this process for stderr records; keeps the pointer. */
void log_open(const char *who);
/* From now on records go to fd, a SOCK_SEQPACKET socket, as LOG datagrams: [u8 'L'][u8 level][text]. */
void log_channel(int fd);
/* The directory prints its own records as it prints the others'. */
typedef void log_sink_fn(void *ctx, enum log_level, const char *text);
void log_sink(log_sink_fn *, void *ctx);
void log_set_level(enum log_level);
enum log_level log_get_level(void);

/*
 * Text is `sentence key=value key=value`.  Values with spaces or foreign bytes
 * are passed through log_q().
 */
void log_at(enum log_level, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void log_vat(enum log_level, const char *fmt, va_list) __attribute__((format(printf, 2, 0)));

#define log_error(...) log_at(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warn(...)  log_at(LOG_LEVEL_WARN, __VA_ARGS__)
#define log_audit(...) log_at(LOG_LEVEL_AUDIT, __VA_ARGS__)
#define log_info(...)  log_at(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...)                                        \
	do {                                                  \
		if (log_get_level() >= LOG_LEVEL_DEBUG)       \
			log_at(LOG_LEVEL_DEBUG, __VA_ARGS__); \
	} while (0)

/*
 * A foreign string, quoted and escaped (control bytes, quotes, backslash and
 * bytes >= 0x80 that are not UTF-8 as \xNN), cut at 200 bytes.  Returns one of
 * eight per-thread buffers, so up to eight may stand in one call.
 */
const char *log_q(const void *bytes, size_t n);
const char *log_qs(const char *s);

#endif
