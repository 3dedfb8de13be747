/*
 * dirlog.c - everybody's log records come here: stamped with time, role and
 * pid, escaped, limited in rate, printed to stderr as text or JSON.
 *
 * The origin is what the channel says, never what the text says.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/utf16.h"
#include "broker/directory/directory.h"

#define RATE_MAX 200u /* records of one process in one second */
#define LINE_MAX 8192

static const char *const level_names[LOG_LEVEL_MAX] = {
	[LOG_LEVEL_ERROR] = "error", [LOG_LEVEL_WARN] = "warn",	  [LOG_LEVEL_AUDIT] = "audit",
	[LOG_LEVEL_INFO] = "info",   [LOG_LEVEL_DEBUG] = "debug",
};

struct record {
	enum log_level level;
	const char *role;
	uint32_t pid;
	struct span text;
};

static void
put(struct wr *w, const char *s)
{
	wr_bytes(w, s, strlen(s));
}

/* Bytes of the UTF-8 character at p, 0 if there is none: then the byte is escaped. */
static size_t
character(struct span s)
{
	size_t len = s.p[0] < 0x80 ? 1 : s.p[0] >= 0xf0 ? 4 : s.p[0] >= 0xe0 ? 3 : 2;

	if (s.p[0] < 0x20 || s.p[0] == 0x7f || len > s.n || !utf8_valid((const char *)s.p, len))
		return 0;
	/* C1 controls steer terminals as well. */
	return s.p[0] == 0xc2 && s.p[1] < 0xa0 ? 0 : len;
}

/* For JSON, quotes and backslashes are escaped as well; for text they are left. */
static void
put_escaped(struct wr *w, struct span s, bool json)
{
	char hex[8];

	while (s.n > 0) {
		size_t len = character(s);

		if (len == 0) {
			(void)snprintf(hex, sizeof hex, json ? "\\u%04x" : "\\x%02x", s.p[0]);
			put(w, hex);
			len = 1;
		} else {
			if (json && (s.p[0] == '"' || s.p[0] == '\\'))
				wr_u8(w, '\\');
			wr_bytes(w, s.p, len);
		}
		s.p += len;
		s.n -= len;
	}
}

static void
record_text(struct wr *w, const struct record *r, const char *stamp)
{
	char head[96];

	(void)snprintf(head, sizeof head, "%s %s %s[%u]: ", stamp, level_names[r->level], r->role,
		       r->pid);
	put(w, head);
	put_escaped(w, r->text, false);
	wr_u8(w, '\n');
}

static void
record_json(struct wr *w, const struct record *r, const char *stamp)
{
	char head[160];

	(void)snprintf(head, sizeof head,
		       "{\"time\":\"%s\",\"level\":\"%s\",\"role\":\"%s\",\"pid\":%u,\"text\":\"",
		       stamp, level_names[r->level], r->role, r->pid);
	put(w, head);
	put_escaped(w, r->text, true);
	put(w, "\"}\n");
}

/* UTC, RFC 3339, to the millisecond. */
static void
stamp_make(char *dst, size_t cap)
{
	uint64_t now = clock_real_ns();
	time_t s     = (time_t)(now / 1000000000u);
	struct tm tm;
	char day[32];

	if (!gmtime_r(&s, &tm) || strftime(day, sizeof day, "%Y-%m-%dT%H:%M:%S", &tm) == 0)
		day[0] = '\0';
	(void)snprintf(dst, cap, "%s.%03uZ", day, (unsigned)(now / 1000000u % 1000u));
}

static void
record_print(struct directory *me, const struct record *r)
{
	uint8_t line[LINE_MAX];
	struct wr w = wr_init(line, sizeof line);
	char stamp[48];

	stamp_make(stamp, sizeof stamp);
	if (me->log_json)
		record_json(&w, r, stamp);
	else
		record_text(&w, r, stamp);
	/* A reader of stderr that is gone is no reason to stop. */
	if (wr_ok(&w) && write(STDERR_FILENO, w.base, w.pos) < 0)
		return;
}

void
dirlog_own(void *ctx, enum log_level level, const char *text)
{
	record_print(ctx,
		     &(struct record){ level, "directory", (uint32_t)getpid(), SPAN_STR(text) });
}

/* False: too many in this second.  The next second tells how many there were. */
static bool
rate_allows(struct directory *me, struct peer *p, const char *role)
{
	uint64_t second = loop_now(me->loop) / 1000000000u;
	char text[64];

	if (p->log_second != second) {
		if (p->log_dropped > 0) {
			(void)snprintf(text, sizeof text, "%u records dropped", p->log_dropped);
			record_print(
			    me, &(struct record){ LOG_LEVEL_WARN, role, p->pid, SPAN_STR(text) });
		}
		p->log_second  = second;
		p->log_n       = 0;
		p->log_dropped = 0;
	}
	if (++p->log_n <= RATE_MAX)
		return true;
	p->log_dropped++;
	return false;
}

void
dirlog_got(void *ctx, struct link *l, enum log_level level, struct span text)
{
	struct directory *me = ctx;
	struct peer *p	     = peer_of(me, l);
	const char *role     = peer_role_name(link_role(l));

	if (!p || text.n > LOG_TEXT_MAX || !rate_allows(me, p, role))
		return;
	record_print(me, &(struct record){ level, role, p->pid, text });
}
