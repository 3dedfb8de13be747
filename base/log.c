/*
 * log.c - formats a record and hands it on: one datagram to the directory, or
 * one line to stderr.  Never waits for a reader: a record that finds the
 * channel full is counted, and the count goes out with the next that fits.
 */
#include "base/log.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/nt.h"
#include "base/utf16.h"

#define QUOTE_MAX   200 /* foreign bytes shown of one string */
#define QUOTE_SLOTS 8

static const char *const level_names[LOG_LEVEL_MAX] = {
	[LOG_LEVEL_ERROR] = "error", [LOG_LEVEL_WARN] = "warn",	  [LOG_LEVEL_AUDIT] = "audit",
	[LOG_LEVEL_INFO] = "info",   [LOG_LEVEL_DEBUG] = "debug",
};

static const char *log_who	= "bulkhead";
static int log_fd		= -1;
static log_sink_fn *log_fn;
static void *log_fn_ctx;
static enum log_level log_limit = LOG_LEVEL_INFO;
static unsigned long long log_lost; /* records the channel had no room for */

void
log_open(const char *who)
{
	log_who = who;
}

void
log_channel(int fd)
{
	log_fd = fd;
}

void
log_sink(log_sink_fn *fn, void *ctx)
{
	log_fn     = fn;
	log_fn_ctx = ctx;
}

void
log_set_level(enum log_level level)
{
	log_limit = level;
}

enum log_level
log_get_level(void)
{
	return log_limit;
}

static void
stderr_put(enum log_level level, const char *text)
{
	char line[LOG_TEXT_MAX + 96];
	int n = snprintf(line, sizeof line - 1, "%s: %s: %s", log_who, level_names[level], text);
	size_t len, i;

	if (n < 0)
		return;
	len = (size_t)n < sizeof line - 1 ? (size_t)n : sizeof line - 2;
	for (i = 0; i < len; i++) {
		if ((unsigned char)line[i] < 0x20 || line[i] == 0x7f)
			line[i] = '?'; /* one record stays one line */
	}
	line[len++] = '\n';
	if (write(STDERR_FILENO, line, len) < 0)
		log_lost++;
}

static bool
channel_put(enum log_level level, const char *text)
{
	unsigned char rec[2 + LOG_TEXT_MAX];
	size_t n = strlen(text);

	rec[0] = 'L';
	rec[1] = (unsigned char)level;
	memcpy(rec + 2, text, n);
	return send(log_fd, rec, n + 2, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0;
}

static void
channel_put_counted(enum log_level level, const char *text)
{
	char note[64];

	if (log_lost > 0) {
		(void)snprintf(note, sizeof note, "log records lost count=%llu", log_lost);
		if (channel_put(LOG_LEVEL_WARN, note))
			log_lost = 0;
	}
	if (!channel_put(level, text))
		log_lost++;
}

void
log_vat(enum log_level level, const char *fmt, va_list ap)
{
	char text[LOG_TEXT_MAX];
	int n;

	if (level > log_limit && level != LOG_LEVEL_AUDIT)
		return;
	n = vsnprintf(text, sizeof text, fmt, ap);
	if (n < 0)
		return;
	if ((size_t)n >= sizeof text)
		memcpy(text + sizeof text - 4, "...", 4);
	if (log_fn)
		log_fn(log_fn_ctx, level, text);
	else if (log_fd >= 0)
		channel_put_counted(level, text);
	else
		stderr_put(level, text);
}

void
log_at(enum log_level level, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_vat(level, fmt, ap);
	va_end(ap);
}

/* Bytes of a printable UTF-8 character beyond ASCII at p; 0 if there is none. */
static size_t
wide_len(const unsigned char *p, size_t n)
{
	size_t len = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;

	if (p[0] < 0xc2 || len > n || !utf8_valid((const char *)p, len))
		return 0;
	if (p[0] == 0xc2 && p[1] < 0xa0)
		return 0; /* C1 controls steer terminals as well */
	return len;
}

/* Writes one character's quoted form; returns the bytes of it that were read. */
static size_t
quote_one(struct wr *w, const unsigned char *p, size_t n)
{
	size_t wide = wide_len(p, n);
	char hex[5];

	if (wide > 0) {
		wr_bytes(w, p, wide);
		return wide;
	}
	if (p[0] < 0x20 || p[0] >= 0x7f || p[0] == '"' || p[0] == '\\') {
		(void)snprintf(hex, sizeof hex, "\\x%02x", p[0]);
		wr_bytes(w, hex, 4);
	} else {
		wr_u8(w, p[0]);
	}
	return 1;
}

const char *
log_q(const void *bytes, size_t n)
{
	static _Thread_local char slots[QUOTE_SLOTS][QUOTE_MAX * 4 + 8];
	static _Thread_local unsigned next;
	char *out	       = slots[next++ % QUOTE_SLOTS];
	struct wr w	       = wr_init(out, sizeof slots[0]);
	const unsigned char *p = bytes;
	size_t i	       = 0;
	size_t end	       = n > QUOTE_MAX ? QUOTE_MAX : n;

	wr_u8(&w, '"');
	while (i < end)
		i += quote_one(&w, p + i, end - i);
	wr_bytes(&w, n > QUOTE_MAX ? "...\"" : "\"", n > QUOTE_MAX ? 5 : 2);
	return out;
}

const char *
log_qs(const char *s)
{
	return log_q(s, strlen(s));
}
