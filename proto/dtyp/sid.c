/*
 * sid.c - security identifiers: wire, text, and the ones everybody knows.
 * [MS-DTYP] 2.4.2
 */
#include "proto/dtyp/sid.h"

#include <stdio.h>
#include <stdlib.h>

#define SID_REVISION   1
#define AUTHORITY_MAX  0xffffffffffffu
#define UNIX_AUTHORITY 22
#define UNIX_USERS     1
#define UNIX_GROUPS    2

const struct sid sid_everyone		 = { 1, 1, { 0 } };
const struct sid sid_creator_owner	 = { 3, 1, { 0 } };
const struct sid sid_creator_group	 = { 3, 1, { 1 } };
const struct sid sid_owner_rights	 = { 3, 1, { 4 } };
const struct sid sid_network		 = { 5, 1, { 2 } };
const struct sid sid_anonymous		 = { 5, 1, { 7 } };
const struct sid sid_authenticated_users = { 5, 1, { 11 } };
const struct sid sid_system		 = { 5, 1, { 18 } };
const struct sid sid_builtin_admins	 = { 5, 2, { 32, 544 } };
const struct sid sid_builtin_users	 = { 5, 2, { 32, 545 } };
const struct sid sid_builtin_guests	 = { 5, 2, { 32, 546 } };

void
rd_sid(struct rd *r, struct sid *ret)
{
	struct sid c = { 0 };

	r->bad |= rd_u8(r) != SID_REVISION;
	c.count = rd_u8(r);
	for (unsigned i = 0; i < 6; i++)
		c.authority = c.authority << 8 | rd_u8(r); /* big-endian, unlike the rest */
	r->bad |= c.count > SID_SUBS_MAX;
	for (unsigned i = 0; rd_ok(r) && i < c.count; i++)
		c.subs[i] = rd_u32(r);
	if (rd_ok(r))
		*ret = c;
}

void
wr_sid(struct wr *w, const struct sid *s)
{
	wr_u8(w, SID_REVISION);
	wr_u8(w, s->count);
	for (unsigned i = 0; i < 6; i++)
		wr_u8(w, (uint8_t)(s->authority >> (40 - 8 * i)));
	for (unsigned i = 0; i < s->count; i++)
		wr_u32(w, s->subs[i]);
}

size_t
sid_size(const struct sid *s)
{
	return 8 + 4 * (size_t)s->count;
}

bool
sid_eq(const struct sid *a, const struct sid *b)
{
	return a->authority == b->authority && a->count == b->count &&
	       memcmp(a->subs, b->subs, a->count * sizeof a->subs[0]) == 0;
}

/* [MS-DTYP] 2.4.2.1: an authority beyond 32 bits is written in hexadecimal. */
const char *
sid_print(const struct sid *s, char buf[SID_TEXT_MAX])
{
	const char *form = s->authority > UINT32_MAX ? "S-1-0x%012llx" : "S-1-%llu";
	int n		 = snprintf(buf, SID_TEXT_MAX, form, (unsigned long long)s->authority);

	for (unsigned i = 0; i < s->count && n > 0 && n < SID_TEXT_MAX; i++)
		n += snprintf(buf + n, SID_TEXT_MAX - (size_t)n, "-%u", s->subs[i]);
	return buf;
}

/* One number up to max at *p, which moves behind it. */
static bool
number_parse(const char **p, uint64_t max, uint64_t *ret)
{
	bool hex = (*p)[0] == '0' && ((*p)[1] == 'x' || (*p)[1] == 'X');
	char *end;

	if (**p < '0' || **p > '9')
		return false; /* strtoull would take blanks and signs */
	*ret = strtoull(*p, &end, hex ? 16 : 10);
	if (*ret > max || end == *p || (hex && end == *p + 1))
		return false;
	*p = end;
	return true;
}

bool
sid_parse(const char *text, struct sid *ret)
{
	struct sid c  = { 0 };
	const char *p = text + 4;
	uint64_t v;

	if ((text[0] != 'S' && text[0] != 's') || strncmp(text + 1, "-1-", 3) != 0)
		return false;
	if (!number_parse(&p, AUTHORITY_MAX, &c.authority))
		return false;
	while (*p == '-') {
		p++;
		if (c.count == SID_SUBS_MAX || !number_parse(&p, UINT32_MAX, &v))
			return false;
		c.subs[c.count++] = (uint32_t)v;
	}
	if (*p != '\0')
		return false;
	*ret = c;
	return true;
}

bool
sid_append(struct sid *s, uint32_t rid)
{
	if (s->count >= SID_SUBS_MAX)
		return false;
	s->subs[s->count++] = rid;
	return true;
}

static struct sid
sid_of_unix(uint32_t kind, uint32_t id)
{
	return (struct sid){ .authority = UNIX_AUTHORITY, .count = 2, .subs = { kind, id } };
}

static bool
sid_to_unix(const struct sid *s, uint32_t kind, uint32_t *ret)
{
	if (s->authority != UNIX_AUTHORITY || s->count != 2 || s->subs[0] != kind)
		return false;
	*ret = s->subs[1];
	return true;
}

struct sid
sid_of_uid(uint32_t uid)
{
	return sid_of_unix(UNIX_USERS, uid);
}

struct sid
sid_of_gid(uint32_t gid)
{
	return sid_of_unix(UNIX_GROUPS, gid);
}

bool
sid_to_uid(const struct sid *s, uint32_t *ret)
{
	return sid_to_unix(s, UNIX_USERS, ret);
}

bool
sid_to_gid(const struct sid *s, uint32_t *ret)
{
	return sid_to_unix(s, UNIX_GROUPS, ret);
}
