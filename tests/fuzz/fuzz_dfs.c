/*
 * fuzz_dfs.c - where a server says that a path is, and who a domain's controllers are.
 * Reaches dfs_referral_decode and dfs_names_decode.
 */
#include <stdlib.h>

#include "proto/smb2/dfs.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
inside(struct span s, const uint8_t *data, size_t size)
{
	if (s.n == 0 || s.n % 2 || s.p < data || s.n > size ||
	    (size_t)(s.p - data) > size - s.n)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dfs_referral ref;
	struct dfs_names names;

	if (nt_ok(dfs_referral_decode(SPAN(data, size), &ref))) {
		if (ref.count == 0 || ref.count > DFS_TARGETS_MAX || ref.path_consumed % 2)
			abort();
		for (unsigned i = 0; i < ref.count; i++)
			inside(ref.target[i], data, size);
	}
	if (nt_ok(dfs_names_decode(SPAN(data, size), &names))) {
		inside(names.special, data, size);
		for (unsigned i = 0; i < names.count; i++)
			inside(names.name[i], data, size);
	}
	return 0;
}
