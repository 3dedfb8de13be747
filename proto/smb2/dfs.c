/*
 * dfs.c - see dfs.h.  Strings are found by offsets from their own entry.
 */
#include "proto/smb2/dfs.h"

#define NAME_LIST_REFERRAL 0x0002u
#define ENTRY_V2	   22u
#define ENTRY_V3	   34u

/* Up to the 16-bit zero, which must be there. */
static struct span
string_at(struct span list, size_t entry, uint16_t off)
{
	struct rd r = rd_init(list);
	size_t from = entry + off;
	size_t n    = 0;

	rd_zero(&r, from);
	while (rd_ok(&r) && rd_u16(&r) != 0)
		n += 2;
	return rd_ok(&r) ? SPAN(list.p + from, n) : SPAN_NONE;
}

/* One entry at `at`; *ret_size is how far the next is. */
static nt
entry_decode(struct span list, size_t at, struct span *ret, uint16_t *ret_size)
{
	struct rd r = rd_init(list);
	uint16_t version, flags, off;

	rd_zero(&r, at);
	version	  = rd_u16(&r);
	*ret_size = rd_u16(&r);
	rd_zero(&r, 2);	/* ServerType */
	flags = rd_u16(&r);
	if (version == 2)
		rd_zero(&r, 4);	/* Proximity */
	rd_zero(&r, 8);		/* TimeToLive, the path and its alternative */
	off = rd_u16(&r);
	REQUIRE(rd_ok(&r) && version >= 2 && version <= 4, STATUS_INVALID_PARAMETER);
	REQUIRE(*ret_size >= (version == 2 ? ENTRY_V2 : ENTRY_V3), STATUS_INVALID_PARAMETER);
	REQUIRE(version == 2 || !(flags & NAME_LIST_REFERRAL), STATUS_INVALID_PARAMETER);
	REQUIRE(off >= (version == 2 ? ENTRY_V2 : ENTRY_V3 - 16), STATUS_INVALID_PARAMETER);
	*ret = string_at(list, at, off);
	REQUIRE(ret->n > 0, STATUS_INVALID_PARAMETER);
	return STATUS_SUCCESS;
}

nt
dfs_referral_decode(struct span output, struct dfs_referral *ret)
{
	struct dfs_referral c = { 0 };
	struct rd r	      = rd_init(output);
	uint16_t n, size;
	size_t at = 8;

	c.path_consumed = rd_u16(&r);
	n		= rd_u16(&r);
	rd_zero(&r, 4);
	REQUIRE(rd_ok(&r) && n > 0 && c.path_consumed % 2 == 0, STATUS_INVALID_PARAMETER);
	for (; c.count < n && c.count < DFS_TARGETS_MAX; at += size) {
		TRY(entry_decode(output, at, &c.target[c.count], &size));
		c.count++;
	}
	*ret = c;
	return STATUS_SUCCESS;
}
