/*
 * dfs.c - see dfs.h.  Strings are found by offsets from their own entry.
 */
#include "proto/smb2/dfs.h"

#define NAME_LIST_REFERRAL 0x0002u
#define HEADER		   8u
#define ENTRY_V2	   22u
#define ENTRY_V3	   34u
#define ENTRY_NAMES	   18u	/* 2.2.5.3.2, without padding */

/* What entries of all versions begin with. */
struct entry {
	uint16_t version, size, flags;
	uint32_t ttl;
	uint16_t off[3];	/* the first three fields behind it */
};

/* Up to the 16-bit zero, which must be there. */
static struct span
string_at(struct span list, size_t from)
{
	struct rd r = rd_init(list);
	size_t n    = 0;

	rd_zero(&r, from);
	while (rd_ok(&r) && rd_u16(&r) != 0)
		n += 2;
	return rd_ok(&r) ? SPAN(list.p + from, n) : SPAN_NONE;
}

static nt
entry_head(struct span list, size_t at, struct entry *ret)
{
	struct rd r    = rd_init(list);
	struct entry e = { 0 };

	rd_zero(&r, at);
	e.version = rd_u16(&r);
	e.size	  = rd_u16(&r);
	rd_zero(&r, 2);	/* ServerType */
	e.flags = rd_u16(&r);
	if (e.version == 2)
		rd_zero(&r, 4);	/* Proximity */
	e.ttl = rd_u32(&r);
	for (unsigned i = 0; i < 3; i++)
		e.off[i] = rd_u16(&r);
	REQUIRE(rd_ok(&r) && e.version >= 2 && e.version <= 4, STATUS_INVALID_PARAMETER);
	*ret = e;
	return STATUS_SUCCESS;
}

/* Where a path is: one entry at `at`. */
static nt
target_decode(struct span list, size_t at, struct entry *e, struct span *ret)
{
	uint16_t off;

	TRY(entry_head(list, at, e));
	off = e->off[2];	/* NetworkAddressOffset */
	REQUIRE(e->size >= (e->version == 2 ? ENTRY_V2 : ENTRY_V3), STATUS_INVALID_PARAMETER);
	REQUIRE(e->version == 2 || !(e->flags & NAME_LIST_REFERRAL), STATUS_INVALID_PARAMETER);
	REQUIRE(off >= (e->version == 2 ? ENTRY_V2 : ENTRY_V3 - 16), STATUS_INVALID_PARAMETER);
	*ret = string_at(list, at + off);
	REQUIRE(ret->n > 0, STATUS_INVALID_PARAMETER);
	return STATUS_SUCCESS;
}

/* 2.2.4 */
static nt
header_decode(struct span output, uint16_t *ret_consumed, uint16_t *ret_n)
{
	struct rd r = rd_init(output);

	*ret_consumed = rd_u16(&r);
	*ret_n	      = rd_u16(&r);
	rd_zero(&r, 4);
	REQUIRE(rd_ok(&r) && *ret_n > 0, STATUS_INVALID_PARAMETER);
	return STATUS_SUCCESS;
}

nt
dfs_referral_decode(struct span output, struct dfs_referral *ret)
{
	struct dfs_referral c = { .ttl = UINT32_MAX };
	size_t at	      = HEADER;
	struct entry e;
	uint16_t n;

	TRY(header_decode(output, &c.path_consumed, &n));
	REQUIRE(c.path_consumed % 2 == 0, STATUS_INVALID_PARAMETER);
	for (; c.count < n && c.count < DFS_TARGETS_MAX; at += e.size) {
		TRY(target_decode(output, at, &e, &c.target[c.count]));
		if (e.ttl < c.ttl)
			c.ttl = e.ttl;
		c.count++;
	}
	*ret = c;
	return STATUS_SUCCESS;
}

nt
dfs_names_decode(struct span output, struct dfs_names *ret)
{
	struct dfs_names c = { 0 };
	struct entry e;
	uint16_t consumed, n;
	size_t at;

	TRY(header_decode(output, &consumed, &n));
	TRY(entry_head(output, HEADER, &e));
	REQUIRE(e.version >= 3 && (e.flags & NAME_LIST_REFERRAL) && e.size >= ENTRY_NAMES &&
			e.off[0] >= ENTRY_NAMES,
		STATUS_INVALID_PARAMETER);
	c.special = string_at(output, HEADER + e.off[0]);
	REQUIRE(c.special.n > 0, STATUS_INVALID_PARAMETER);
	REQUIRE(e.off[1] == 0 || e.off[2] >= ENTRY_NAMES, STATUS_INVALID_PARAMETER);
	at = HEADER + e.off[2];
	for (; c.count < e.off[1] && c.count < DFS_TARGETS_MAX; c.count++) {
		c.name[c.count] = string_at(output, at);
		REQUIRE(c.name[c.count].n > 0, STATUS_INVALID_PARAMETER);
		at += c.name[c.count].n + 2;
	}
	*ret = c;
	return STATUS_SUCCESS;
}
