/*
 * test_smb2_vectors.c - every file below tests/vectors/smb2/: decoded, encoded
 * again, cut at each length, mutated at each byte.
 */
#include "tests/unit/check.h"

#include <glob.h>

#include "tests/unit/proto/smb2_codecs.h"

#define MESSAGE_MAX 8192

CODEC(error_rsp)
CODEC(oplock_break_notify)

static codec_fn *under_test;

/* Recorded bytes that we read but would not write. */
static const struct {
	const char *path;
	const char *why;
} differ[] = {
	{ "smb2/create/samba_dhnc_req.hex", "reserved fields are filled" },
	{ "smb2/error/samba_pending_rsp.hex", "the byte that stands for no ErrorData is not 0" },
	{ "smb2/ioctl/samba_transceive_req.hex", "an empty output has an offset" },
	{ "smb2/negotiate/samba_311_req.hex", "contexts do not come in the order of their types" },
	{ "smb2/write/windows_300_req.hex", "empty channel info has an offset" },
	{ "smb2/write/windows_311_req.hex", "empty channel info has an offset" },
};

static bool
is_ours(const char *path)
{
	for (size_t i = 0; i < NELEM(differ); i++)
		if (strcmp(path, differ[i].path) == 0)
			return false;
	return true;
}

/* Folder and suffix say what a file holds; NULL for what is not an SMB2 body. */
static codec_fn *
codec_of(const char *path, const struct smb2_hdr *h)
{
	if (strstr(path, "/error/"))
		return codec_error_rsp;
	if (strstr(path, "notify.hex"))
		return codec_oplock_break_notify;
	if (h->command >= SMB2_CMD_MAX)
		return NULL;
	return strstr(path, "_req.hex") ? codecs[h->command].req : codecs[h->command].rsp;
}

/* The body of msg through the codec, behind a blank header in w. */
static nt
again(struct span msg, struct wr *w)
{
	struct rd r = rd_init(msg);
	struct smb2_hdr h;

	TRY(smb2_hdr_decode(&r, &h));
	smb2_hdr_encode(w, &h);
	return under_test(&r, w);
}

/* What decodes encodes; what was encoded by us is stable from then on. */
static void
attack(struct span msg)
{
	static uint8_t first[2 * MESSAGE_MAX], second[2 * MESSAGE_MAX];
	struct wr w1 = wr_init(first, sizeof first), w2 = wr_init(second, sizeof second);

	if (!nt_ok(again(msg, &w1)) || !wr_ok(&w1))
		return;
	assert_status(again(wr_done(&w1), &w2), STATUS_SUCCESS);
	assert_true(wr_ok(&w2));
	assert_span(wr_done(&w2), first, w1.pos);
}

/* Our bytes are the recorded ones; only padding behind the body may differ. */
static void
compare(const char *path, struct span want)
{
	uint8_t buf[2 * MESSAGE_MAX];
	struct wr w = wr_init(buf, sizeof buf);

	assert_status(again(want, &w), STATUS_SUCCESS);
	assert_true(wr_ok(&w));
	for (size_t i = 0; is_ours(path) && i < want.n; i++) {
		uint8_t got = i < w.pos ? buf[i] : 0;

		if (got != want.p[i])
			fail_msg("%s: byte %zu is %02x, want %02x", path, i, got, want.p[i]);
	}
	if (is_ours(path) && w.pos > want.n)
		fail_msg("%s: %zu bytes, want %zu", path, w.pos, want.n);
}

static size_t
for_each_vector(void (*fn)(const char *path, struct span msg))
{
	glob_t g;
	size_t done = 0;

	assert_int_equal(glob(BH_VECTORS "/smb2/*/*.hex", 0, NULL, &g), 0);
	for (size_t i = 0; i < g.gl_pathc; i++) {
		uint8_t buf[MESSAGE_MAX];
		const char *name = g.gl_pathv[i] + sizeof BH_VECTORS;
		struct span msg	 = vector_load(name, buf, sizeof buf);
		struct rd r	 = rd_init(msg);
		struct smb2_hdr h;

		if (smb2_kind_of(msg) != SMB2_KIND_SMB2)
			continue;
		assert_status(smb2_hdr_decode(&r, &h), STATUS_SUCCESS);
		under_test = codec_of(name, &h);
		assert_non_null(under_test);
		fn(name, msg);
		done++;
	}
	globfree(&g);
	return done;
}

static void
every_vector_decodes_and_encodes_to_the_same_bytes(void **state)
{
	(void)state;
	assert_true(for_each_vector(compare) >= 60);
}

static void
cut_and_mutate(const char *path, struct span msg)
{
	(void)path;
	check_cuts(msg, attack);
	check_mutations(msg, attack);
}

static void
cut_and_mutated_vectors_do_no_harm(void **state)
{
	(void)state;
	assert_true(for_each_vector(cut_and_mutate) >= 60);
}

static void
feed_every_codec(const char *path, struct span msg)
{
	(void)path;
	for (size_t c = 0; c < SMB2_CMD_MAX; c++) {
		under_test = codecs[c].req;
		attack(msg);
		under_test = codecs[c].rsp;
		attack(msg);
	}
}

static void
any_body_may_meet_any_decoder(void **state)
{
	(void)state;
	assert_true(for_each_vector(feed_every_codec) >= 60);
}

/* A body of exactly StructureSize bytes has a row in the table that says so. */
static void
size_of_row_matches(const char *path, struct span msg)
{
	struct rd r = rd_init(msg);
	struct smb2_hdr h;
	const struct smb2_command *row;
	uint16_t size;

	if (strstr(path, "/error/") || strstr(path, "lease"))
		return; /* two sizes */
	assert_status(smb2_hdr_decode(&r, &h), STATUS_SUCCESS);
	row  = smb2_command_find(h.command);
	size = rd_u16(&r);
	assert_non_null(row);
	assert_int_equal(size, strstr(path, "_req.hex") ? row->req_size : row->rsp_size);
}

static void
structure_sizes_of_the_table_are_those_on_the_wire(void **state)
{
	(void)state;
	assert_true(for_each_vector(size_of_row_matches) >= 60);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_vector_decodes_and_encodes_to_the_same_bytes),
		cmocka_unit_test(cut_and_mutated_vectors_do_no_harm),
		cmocka_unit_test(any_body_may_meet_any_decoder),
		cmocka_unit_test(structure_sizes_of_the_table_are_those_on_the_wire),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
