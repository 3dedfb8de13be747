/*
 * fuzz_fscc.c - what an authenticated client may put into set requests, EA lists
 * and security descriptors, and a server into answers.  Reaches chain_next,
 * every fscc_*_decode and *_next, sd_decode, ace_next, acl_inherit, access_check
 * and wildcard_match.
 */
#include <stdlib.h>

#include "base/utf16.h"
#include "proto/dtyp/access.h"
#include "proto/fscc/dir_info.h"
#include "proto/fscc/ea.h"
#include "proto/fscc/file_info.h"
#include "proto/fscc/fs_info.h"
#include "proto/fscc/notify.h"
#include "proto/fscc/wildcard.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
listing_walk(struct span s, uint8_t class)
{
	const struct fscc_dir_row *row = fscc_dir_find(class);
	struct rd r		       = rd_init(s);
	struct fscc_dir_entry e;
	size_t n = 0;

	while (row && fscc_dir_next(&r, row, &e)) {
		if (++n * row->fixed > s.n)
			abort(); /* more entries than bytes */
	}
}

static void
lists_walk(struct span s)
{
	struct fscc_stream_found stream;
	struct fscc_notify notify;
	struct span name;
	struct rd r = rd_init(s);

	for (uint8_t class = 1; class < 90; class++)
		listing_walk(s, class);
	while (fscc_stream_next(&r, &stream))
		;
	r = rd_init(s);
	while (fscc_notify_next(&r, &notify))
		;
	r = rd_init(s);
	while (fscc_ea_name_next(&r, &name))
		;
}

/* Whatever is accepted stays within the bytes given. */
static void
sets_decode(struct span s)
{
	struct fscc_basic_set basic;
	struct fscc_rename rename;
	struct fscc_stat st = { 0 };
	struct fscc_fs fs   = { 0 };
	struct span name;
	uint64_t size;
	uint32_t v;

	if (nt_ok(fscc_basic_decode(s, &basic)) && s.n < 40)
		abort();
	if (nt_ok(fscc_rename_decode(s, &rename)) && rename.name.n > s.n - 20)
		abort();
	if (nt_ok(fscc_rename_ex_decode(s, &rename)) && rename.name.n > s.n - 20)
		abort();
	if (nt_ok(fscc_size_decode(s, &size)) && size > INT64_MAX)
		abort();
	if (nt_ok(fscc_mode_decode(s, &v)) && s.n < 4)
		abort();
	if (nt_is(fscc_ea_check(s), STATUS_SUCCESS) && s.n > 0 && s.n < 9)
		abort();
	for (uint8_t class = 1; class < 64; class++) {
		if (nt_ok(fscc_file_decode(s, class, &st)) && s.n < 8)
			abort();
		if (nt_ok(fscc_file_name_decode(s, class, &name)) && name.n > s.n)
			abort();
		if (nt_ok(fscc_fs_decode(s, class, &fs, &name)) && name.n > s.n)
			abort();
	}
}

/* An accepted descriptor can be checked, inherited from, and written back. */
static void
descriptor_use(struct span s)
{
	static uint8_t buf[4 * SD_SIZE_MAX];
	const struct sid me[]	    = { sid_of_uid(1000), sid_everyone };
	const struct access_token t = { me, NELEM(me), false, false };
	struct wr w		    = wr_init(buf, sizeof buf);
	struct sd sd, back;
	uint32_t granted;

	if (!nt_ok(sd_decode(s, &sd)))
		return;
	if (nt_ok(access_check(&sd, &t, FILE_READ_DATA, &granted)) && granted != FILE_READ_DATA)
		abort();
	sd_encode(&w, &sd, 0xf);
	if (!wr_ok(&w) || w.pos != sd_size(&sd, 0xf))
		abort();
	if (w.pos <= SD_SIZE_MAX && !nt_ok(sd_decode(wr_done(&w), &back)))
		abort();
	w = wr_init(buf, sizeof buf);
	if (acl_inherit(&w, sd.dacl, true, &me[0], &me[1]) && wr_ok(&w) && !acl_check(wr_done(&w)))
		abort();
}

static void
pattern_match(struct span s)
{
	char text[2048];
	size_t n;

	if (nt_ok(utf16_to_utf8(SPAN(s.p, s.n / 2 * 2), text, sizeof text, &n)) &&
	    wildcard_match(text, "Some name.of.txt") && n == 0)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span s = SPAN(data, size);

	lists_walk(s);
	sets_decode(s);
	descriptor_use(s);
	pattern_match(s);
	return 0;
}
