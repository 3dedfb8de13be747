/*
 * fuzz_mapfile.c - the file that maps a domain's users and groups.  Reaches
 * mapfile_next, mapfile_user, mapfile_local, mapfile_ids, mapfile_row_gid,
 * mapfile_group_sid and mapfile_group_gid; whatever stands in it, nobody gets
 * uid or gid 0 and no name leaves its bounds.
 */
#include <stdlib.h>
#include <string.h>

#include "proto/auth/mapfile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span rest = SPAN(data, size), text = rest;
	struct mapfile_row row;
	struct sid who = { 5, 5, { 21, 1, 2, 3, 1104 } }, found;
	unsigned line = 0, last = 0;
	struct mapfile_ids ids;
	char account[32];
	uint32_t gid;

	while (mapfile_next(&rest, &line, &row)) {
		if (row.line <= last || row.value.n > size)
			abort();
		last = row.line;
		if (mapfile_row_gid(&row, &gid) && (gid == 0 || gid == UINT32_MAX))
			abort();
	}
	if (mapfile_user(text, &who, "EXAMPLE", "EXAMPLE.ORG", "alice", account, sizeof account) &&
	    strnlen(account, sizeof account) == sizeof account)
		abort();
	if (mapfile_local(text, "alice", account, sizeof account) && mapfile_ids(account, &ids) &&
	    (ids.uid == 0 || ids.gid == 0 || ids.n > MAPFILE_GIDS))
		abort();
	if (mapfile_group_gid(text, "staff", &gid) && (gid == 0 || gid == UINT32_MAX))
		abort();
	if (mapfile_group_sid(text, "EXAMPLE\\Domain Users", &found) && found.count > SID_SUBS_MAX)
		abort();
	return 0;
}
