/* url.c - addresses of files on servers, read and printed. */
#include "cli/url.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/utf16.h"
#include "cli/escape.h"

#define SCHEME "smb://"

/* A parse under way. */
struct url_reader {
	const char *text, *at;
	bool percent;	/* %XX is a byte */
	char *why;
	size_t why_size;
};

__attribute__((format(printf, 2, 3))) static bool
refuse(const struct url_reader *r, const char *fmt, ...)
{
	char what[256];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(what, sizeof what, fmt, ap);
	va_end(ap);
	(void)snprintf(r->why, r->why_size, "%s: %s", r->text, what);
	return false;
}

bool
url_is(const char *text)
{
	return strncasecmp(text, SCHEME, strlen(SCHEME)) == 0 || strncmp(text, "//", 2) == 0;
}

static int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* %XX at p as a byte; -1 if it is none. */
static int
percent_byte(const char *p)
{
	int hi = hex_value(p[1]), lo = hi < 0 ? -1 : hex_value(p[2]);

	return lo < 0 ? -1 : hi << 4 | lo;
}

/* The bytes up to end, decoded, as a string of dst. */
static bool
take(const struct url_reader *r, const char *p, const char *end, char *dst, size_t cap,
    const char *what)
{
	size_t n = 0;

	while (p < end) {
		int ch = (unsigned char)*p;

		if (r->percent && *p == '%') {
			ch = end - p >= 3 ? percent_byte(p) : -1;
			if (ch <= 0)
				return refuse(r, "\"%.3s\" is no %%XX of a byte", p);
			p += 2;
		}
		p++;
		if (n + 1 >= cap)
			return refuse(r, "the %s is longer than %zu bytes", what, cap - 1);
		dst[n++] = (char)ch;
	}
	dst[n] = '\0';
	if (!utf8_valid(dst, n))
		return refuse(r, "the %s is not UTF-8", what);
	return true;
}

static bool
take_port(const struct url_reader *r, const char *p, const char *end, uint16_t *ret)
{
	unsigned port = 0;

	if (p == end || end - p > 5)
		return refuse(r, "no port after ':'");
	for (; p < end; p++) {
		if (*p < '0' || *p > '9')
			return refuse(r, "the port has to be a number");
		port = 10 * port + (unsigned)(*p - '0');
	}
	if (port == 0 || port > UINT16_MAX)
		return refuse(r, "a port is 1 to 65535");
	*ret = (uint16_t)port;
	return true;
}

static bool
host_is_sane(const char *host)
{
	for (; *host; host++) {
		if ((unsigned char)*host <= ' ' || strchr("/\\@[]\"<>#?", *host))
			return false;
	}
	return true;
}

static bool
take_host(const struct url_reader *r, const char *p, const char *end, struct url *ret)
{
	const char *close = memchr(p, ']', (size_t)(end - p)), *colon;

	if (p < end && *p == '[') {
		if (!close)
			return refuse(r, "the '[' of the address is not closed");
		if (!take(r, p + 1, close, ret->host, sizeof ret->host, "host"))
			return false;
		if (close + 1 < end && close[1] != ':')
			return refuse(r, "after ']' only a port may follow");
		colon = close + 1 < end ? close + 1 : NULL;
	} else {
		colon = memchr(p, ':', (size_t)(end - p));
		if (colon && memchr(colon + 1, ':', (size_t)(end - colon - 1)))
			return refuse(r, "an IPv6 address stands in brackets: [2001:db8::1]");
		if (!take(r, p, colon ? colon : end, ret->host, sizeof ret->host, "host"))
			return false;
	}
	if (!ret->host[0])
		return refuse(r, "no host is named");
	if (!host_is_sane(ret->host))
		return refuse(r, "\"%s\" is no name of a host", ret->host);
	return !colon || take_port(r, colon + 1, end, &ret->port);
}

/* USER@ ends at the last '@' before the share: names of principals have one too. */
static bool
take_authority(const struct url_reader *r, const char *end, struct url *ret)
{
	const char *p  = r->at;
	const char *at = memrchr(p, '@', (size_t)(end - p));

	if (at) {
		if (memchr(p, ':', (size_t)(at - p)))
			return refuse(r, "a password does not belong in an address");
		if (!take(r, p, at, ret->user, sizeof ret->user, "user"))
			return false;
		p = at + 1;
	}
	return take_host(r, p, end, ret);
}

static bool
take_path(struct url_reader *r, struct url *ret)
{
	const char *slash;
	char raw[URL_PATH];

	r->at += strspn(r->at, "/");
	slash = r->at + strcspn(r->at, "/");
	if (!take(r, r->at, slash, ret->share, sizeof ret->share, "share"))
		return false;
	if (strpbrk(ret->share, "/\\") || strcmp(ret->share, ".") == 0 ||
	    strcmp(ret->share, "..") == 0)
		return refuse(r, "\"%s\" is no name of a share", ret->share);
	if (!take(r, slash, slash + strlen(slash), raw, sizeof raw, "path"))
		return false;
	if (!path_join(ret->path, sizeof ret->path, raw))
		return refuse(r, "the path leads out of the share");
	return true;
}

bool
url_parse(const char *text, struct url *ret, char *why, size_t n)
{
	struct url_reader r = { text, text, true, why, n };
	struct url u        = { .port = URL_PORT };
	const char *end;

	if (!url_is(text))
		return refuse(&r, "no address; wanted is smb://[USER@]HOST[:PORT][/SHARE[/PATH]]");
	r.percent = text[0] != '/';
	r.at      = text + (r.percent ? strlen(SCHEME) : 2);
	end       = r.at + strcspn(r.at, "/");
	if (!take_authority(&r, end, &u))
		return false;
	r.at = end;
	if (!take_path(&r, &u))
		return false;
	*ret = u;
	return true;
}

/* Appends src; keep: ASCII besides letters and digits that stays as it is. */
static size_t
put(char *buf, size_t at, const char *src, const char *keep)
{
	while (*src) {
		unsigned char ch = (unsigned char)*src;
		bool plain       = ch < 0x80 && (isalnum(ch) || strchr(keep, ch));
		size_t len       = plain ? 1 : ch >= 0x80 ? harmless(src) : 0;

		if (len > 0)
			memcpy(buf + at, src, len);
		else
			(void)snprintf(buf + at, URL_TEXT - at, "%%%02X", ch);
		at += len > 0 ? len : 3;
		src += len > 0 ? len : 1;
	}
	buf[at] = '\0';
	return at;
}

const char *
url_print(const struct url *u, char *buf)
{
	bool v6   = strchr(u->host, ':') != NULL;
	size_t at = (size_t)snprintf(buf, URL_TEXT, SCHEME);

	if (u->user[0]) {
		at        = put(buf, at, u->user, "-._~\\");
		buf[at++] = '@';
	}
	at += (size_t)snprintf(buf + at, URL_TEXT - at, v6 ? "[%s]" : "%s", u->host);
	if (u->port != URL_PORT)
		at += (size_t)snprintf(buf + at, URL_TEXT - at, ":%u", u->port);
	if (u->share[0]) {
		buf[at++] = '/';
		at        = put(buf, at, u->share, "-._~$");
	}
	if (u->path[0]) {
		buf[at++] = '/';
		at        = put(buf, at, u->path, "-._~!$&'()*+,;=:@/?");
	}
	return buf;
}

const char *
path_leaf(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

void
path_up(char *path)
{
	char *slash = strrchr(path, '/');

	*(slash ? slash : path) = '\0';
}

static bool
path_add(char *path, size_t n, const char *name, size_t len)
{
	size_t at = strlen(path);

	if (len == 0 || (len == 1 && name[0] == '.'))
		return true;
	if (len == 2 && name[0] == '.' && name[1] == '.') {
		if (at == 0)
			return false;
		path_up(path);
		return true;
	}
	if (at + (at > 0) + len >= n)
		return false;
	if (at > 0)
		path[at++] = '/';
	memcpy(path + at, name, len);
	path[at + len] = '\0';
	return true;
}

bool
path_join(char *path, size_t n, const char *more)
{
	if (more[0] == '/' || more[0] == '\\')
		path[0] = '\0';
	while (*more) {
		size_t len = strcspn(more, "/\\");

		if (!path_add(path, n, more, len))
			return false;
		more += len;
		more += *more != '\0';
	}
	return true;
}
