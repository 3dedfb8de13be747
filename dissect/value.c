/*
 * value.c - one value as text.  Names that came off the wire pass through
 * char_put(), which leaves no control or direction character as it is.
 */
#include "dissect/text.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <time.h>

#include "proto/dtyp/sid.h"
#include "proto/fscc/filetime.h"

#define PIECE_MAX 256

void
text_put(const struct text *t, const char *fmt, ...)
{
	char piece[PIECE_MAX];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(piece, sizeof piece, fmt, ap);
	va_end(ap);
	if (n > 0)
		t->put(t->ctx, piece, (size_t)n < sizeof piece ? (size_t)n : sizeof piece - 1);
}

/* C0, DEL and C1; surrogates; what reorders or hides text. */
static bool
is_dangerous(uint32_t cp)
{
	return cp < 0x20 || (cp >= 0x7f && cp < 0xa0) || (cp >= 0xd800 && cp < 0xe000) ||
	       (cp >= 0x200b && cp <= 0x200f) || (cp >= 0x2028 && cp <= 0x202e) ||
	       (cp >= 0x2060 && cp <= 0x206f) || cp == 0xfeff || (cp & 0xfffe) == 0xfffe;
}

static void
char_put(const struct text *t, uint32_t cp)
{
	if (is_dangerous(cp))
		text_put(t, cp < 0x100 ? "\\x%02x" : "\\u%04x", cp);
	else if (cp == '"' || cp == '\\')
		text_put(t, "\\%c", (int)cp);
	else if (cp < 0x80)
		text_put(t, "%c", (int)cp);
	else if (cp < 0x800)
		text_put(t, "%c%c", (int)(0xc0 | cp >> 6), (int)(0x80 | (cp & 0x3f)));
	else if (cp < 0x10000)
		text_put(t, "%c%c%c", (int)(0xe0 | cp >> 12), (int)(0x80 | (cp >> 6 & 0x3f)),
			 (int)(0x80 | (cp & 0x3f)));
	else
		text_put(t, "%c%c%c%c", (int)(0xf0 | cp >> 18), (int)(0x80 | (cp >> 12 & 0x3f)),
			 (int)(0x80 | (cp >> 6 & 0x3f)), (int)(0x80 | (cp & 0x3f)));
}

/* The next character; a surrogate without its other half as it is. */
static uint32_t
utf16_next(struct rd *r)
{
	uint32_t hi = rd_u16(r), lo;
	struct rd ahead;

	if (hi < 0xd800 || hi >= 0xdc00 || rd_left(r) < 2)
		return hi;
	ahead = *r;
	lo    = rd_u16(&ahead);
	if (lo < 0xdc00 || lo >= 0xe000)
		return hi;
	*r = ahead;
	return 0x10000 + ((hi - 0xd800) << 10) + (lo - 0xdc00);
}

static void
utf16_put(const struct text *t, struct span s)
{
	struct rd r = rd_init(s);

	text_put(t, "\"");
	while (rd_left(&r) >= 2)
		char_put(t, utf16_next(&r));
	text_put(t, "\"");
	if (s.n % 2 != 0)
		text_put(t, " and a byte");
}

static void
ascii_put(const struct text *t, struct span s)
{
	text_put(t, "\"");
	for (size_t i = 0; i < s.n; i++)
		char_put(t, s.p[i]);
	text_put(t, "\"");
}

static void
hex_put(const struct text *t, struct span s)
{
	size_t shown = s.n <= t->bytes_max ? s.n : t->bytes_max;

	for (size_t i = 0; i < shown; i++)
		text_put(t, "%02x", s.p[i]);
	if (shown < s.n)
		text_put(t, "%s(%zu bytes)", shown > 0 ? "... " : "", s.n);
	else if (s.n == 0)
		text_put(t, "(none)");
}

static void
guid_put(const struct text *t, struct span s)
{
	struct rd r = rd_init(s);

	text_put(t, "%08" PRIx32 "-", rd_u32(&r));
	text_put(t, "%04x-", rd_u16(&r));
	text_put(t, "%04x-", rd_u16(&r));
	for (size_t i = 8; i < 16; i++)
		text_put(t, i == 10 ? "-%02x" : "%02x", rd_u8(&r));
}

static void
sid_put(const struct text *t, struct span s)
{
	char buf[SID_TEXT_MAX];
	struct rd r = rd_init(s);
	struct sid sid;

	rd_sid(&r, &sid);
	text_put(t, "%s", rd_ok(&r) ? sid_print(&sid, buf) : "(no SID)");
}

static void
address_put(const struct text *t, struct span s)
{
	char buf[INET6_ADDRSTRLEN];

	if ((s.n == 4 || s.n == 16) &&
	    inet_ntop(s.n == 4 ? AF_INET : AF_INET6, s.p, buf, sizeof buf))
		text_put(t, "%s", buf);
}

static void
time_put(const struct text *t, uint64_t filetime)
{
	int64_t ns;
	time_t seconds;
	struct tm tm;

	if (filetime == 0 || !filetime_to_ns(filetime, &ns)) {
		text_put(t, "%" PRIu64, filetime);
		return;
	}
	seconds = (time_t)(ns >= 0 ? ns / 1000000000 : -((-ns + 999999999) / 1000000000));
	if (!gmtime_r(&seconds, &tm)) {
		text_put(t, "%" PRIu64, filetime);
		return;
	}
	text_put(t, "%04d-%02d-%02dT%02d:%02d:%02d.%07" PRIu64 "Z", tm.tm_year + 1900,
		 tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, filetime % 10000000);
}

static void
bits_put(const struct text *t, const struct node *n)
{
	const char *before = " (";
	uint64_t left	   = n->number;

	for (size_t i = 0; i < n->names->n; i++) {
		const struct value_name *row = &n->names->rows[i];

		if (row->value == 0 || (n->number & row->value) != row->value)
			continue;
		text_put(t, "%s%s", before, row->name);
		left &= ~row->value;
		before = "|";
	}
	if (before[0] == '|' && left != 0)
		text_put(t, "|0x%" PRIx64, left);
	if (before[0] == '|')
		text_put(t, ")");
}

static void
number_put(const struct text *t, const struct node *n, bool brief)
{
	const char *name = n->names && !n->names->bits ? names_find(n->names, n->number) : NULL;

	if (name && brief) {
		text_put(t, "%s", name);
		return;
	}
	if (n->names && n->names->hex)
		text_put(t, "0x%0*" PRIx64, n->width * 2, n->number);
	else
		text_put(t, "%" PRIu64, n->number);
	if (name)
		text_put(t, " (%s)", name);
	if (n->names && n->names->bits && !brief)
		bits_put(t, n);
}

void
text_value(const struct text *t, const struct node *n, bool brief)
{
	switch (n->kind) {
	case NODE_NUMBER:
		number_put(t, n, brief);
		break;
	case NODE_TIME:
		time_put(t, n->number);
		break;
	case NODE_UTF16:
		utf16_put(t, n->bytes);
		break;
	case NODE_ASCII:
		ascii_put(t, n->bytes);
		break;
	case NODE_BYTES:
		hex_put(t, n->bytes);
		break;
	case NODE_GUID:
		guid_put(t, n->bytes);
		break;
	case NODE_SID:
		sid_put(t, n->bytes);
		break;
	case NODE_ADDRESS:
		address_put(t, n->bytes);
		break;
	case NODE_NOTE:
		text_put(t, "%.*s", (int)n->bytes.n, (const char *)n->bytes.p);
		break;
	case NODE_GROUP:
	case NODE_LIST:
		break;
	}
}
