/*
 * test_dissect_capture.c - the recorded captures of tests/vectors/dissect/: read,
 * decrypted, checked; and with bytes replaced all over them.
 */
#include "tests/unit/check.h"

#include "dissect/follow.h"
#include "dissect/link.h"
#include "dissect/pcap.h"
#include "dissect/text.h"
#include "proto/smb2/crypto.h"

#define CAPTURE_MAX (1u << 17)

struct tally {
	size_t messages, malformed, sealed, ok, wrong, bytes;
};

static struct tally tally;

static void
swallow(void *ctx, const char *s, size_t n)
{
	(void)ctx;
	assert_null(memchr(s, '\x1b', n));
	tally.bytes += n;
}

static bool
frame_says(const struct node *message, const char *name, const char *word)
{
	const struct node *n = node_child(node_child(message, "Frame"), name);

	return n && span_eq(n->bytes, SPAN_STR(word));
}

static void
message(void *ctx, const struct tree *t)
{
	struct text out = { .put = swallow, .bytes_max = 32 };

	(void)ctx;
	tally.messages++;
	tally.malformed += t->malformed;
	tally.sealed += node_child(tree_root(t), "Transform") != NULL;
	tally.ok += frame_says(tree_root(t), "Signature", "ok");
	tally.wrong += frame_says(tree_root(t), "Signature", "wrong");
	text_line(&out, tree_root(t));
	text_tree(&out, tree_root(t), 1);
}

/* ---- what bulkhead dissect does with a file ---- */

static size_t
take(void *ctx, uint8_t *dst, size_t n)
{
	struct span *left = ctx;

	n = n < left->n ? n : left->n;
	memcpy(dst, left->p, n);
	*left = SPAN(left->p + n, left->n - n);
	return n;
}

static enum pcap_result
read_capture(struct keys *keys, struct span file)
{
	struct follow *follow	= follow_new(keys, (struct follow_sink){ message, NULL });
	struct streams *streams =
	    streams_new((struct stream_sink){ follow_frame, follow_gone, follow });
	struct pcap *pcap = pcap_new((struct source){ take, &file }, file.p);
	struct packet packet;
	struct segment segment;
	enum pcap_result result;

	tally = (struct tally){ 0 };
	file  = SPAN(file.p + PCAP_HEAD, file.n - PCAP_HEAD);
	while ((result = pcap_next(pcap, &packet)) == PCAP_PACKET) {
		if (link_segment(&packet, &segment) == LINK_SEGMENT)
			streams_feed(streams, &packet, &segment);
	}
	pcap_drop(pcap);
	streams_drop(streams);
	follow_drop(follow);
	return result;
}

static struct span
load(const char *name, uint8_t *room)
{
	char path[512];
	FILE *f;
	size_t n;

	(void)snprintf(path, sizeof path, BH_VECTORS "/dissect/%s", name);
	f = fopen(path, "rb");
	assert_non_null(f);
	n = fread(room, 1, CAPTURE_MAX, f);
	assert_true(n > PCAP_HEAD && n < CAPTURE_MAX);
	fclose(f);
	return SPAN(room, n);
}

static struct keys *
keys_load(void)
{
	static uint8_t room[CAPTURE_MAX];
	struct span s	  = load("keys", room);
	struct keys *keys = keys_new();
	struct session_key k;
	char *save, *line;

	room[s.n] = '\0';
	for (line = strtok_r((char *)room, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		if (line[0] == '#')
			continue;
		assert_true(session_key_parse(line, &k));
		assert_true(keys_add(keys, &k));
	}
	return keys;
}

/* ---- tests ---- */

static void
recorded_sessions_are_read_whole(void **state)
{
	static const struct {
		const char *name;
		size_t messages, ok;
	} captures[] = {
		{ "signed_311.pcap", 140, 135 },  { "gcm128_311.pcap", 140, 1 },
		{ "ccm128_300.pcap", 62, 1 },	  { "gcm256_311.pcap", 60, 1 },
		{ "disordered.pcapng", 140, 1 },  { "pipe_311.pcap", 18, 0 },
	};
	static uint8_t room[CAPTURE_MAX];
	struct keys *keys = keys_load();

	(void)state;
	for (size_t i = 0; i < NELEM(captures); i++) {
		struct span file = load(captures[i].name, room);

		assert_int_equal(read_capture(keys, file), PCAP_END);
		assert_int_equal(tally.messages, captures[i].messages);
		assert_int_equal(tally.ok, captures[i].ok);
		assert_int_equal(tally.wrong + tally.malformed + tally.sealed, 0);
	}
	keys_drop(keys);
}

static void
without_keys_encrypted_messages_stay_sealed(void **state)
{
	static uint8_t room[CAPTURE_MAX];
	struct keys *keys = keys_new();

	(void)state;
	assert_int_equal(read_capture(keys, load("gcm128_311.pcap", room)), PCAP_END);
	assert_int_equal(tally.messages, 140);
	assert_int_equal(tally.sealed, 134);
	assert_int_equal(tally.ok, 0);
	keys_drop(keys);
}

/* A byte here and there, other ones each time; the same ones in each run. */
static void
spoilt_captures_are_survived(void **state)
{
	static const char *const names[] = { "signed_311.pcap", "gcm256_311.pcap",
					     "disordered.pcapng" };
	static uint8_t room[CAPTURE_MAX];
	uint32_t dice = 12345;

	(void)state;
	for (size_t round = 0; round < 120; round++) {
		struct span file  = load(names[round % NELEM(names)], room);
		struct keys *keys = keys_load();

		for (size_t hits = 0; hits < 1 + round; hits++) {
			dice = dice * 1664525 + 1013904223;
			room[PCAP_HEAD + dice % (file.n - PCAP_HEAD)] = (uint8_t)(dice >> 24);
		}
		(void)read_capture(keys, file);
		keys_drop(keys);
	}
}

static void
a_cut_capture_is_reported(void **state)
{
	static uint8_t room[CAPTURE_MAX];
	struct keys *keys = keys_load();
	struct span file  = load("pipe_311.pcap", room);
	size_t at	  = 24; /* behind the file header, so between packets */

	(void)state;
	for (size_t n = PCAP_HEAD; n < file.n; n++) {
		bool between = n == at;

		if (between)
			at += 16 + room[at + 8] + (size_t)(room[at + 9] << 8);
		assert_int_equal(read_capture(keys, SPAN(file.p, n)),
				 between ? PCAP_END : PCAP_BROKEN);
	}
	keys_drop(keys);
}

static void
key_lines_are_read_as_their_writers_mean_them(void **state)
{
	struct session_key k;

	(void)state;
	assert_true(session_key_parse("3d00009400480000:28f2847263c83dc00621f742dd3f2e7b", &k));
	assert_int_equal(k.id, 0x000048009400003d);
	assert_int_equal(k.session.n, 16);
	assert_int_equal(k.session.p[0], 0x28);
	assert_true(session_key_parse("0x48009400003d:28F2", &k));
	assert_int_equal(k.id, 0x000048009400003d);
	assert_int_equal(k.session.n, 2);
	assert_true(session_key_parse("\"3d00009400480000\",\"\",\"000102030405060708090a0b0c0d0e0f\","
				      "\"0f0e0d0c0b0a09080706050403020100\"",
				      &k));
	assert_int_equal(k.session.n, 0);
	assert_int_equal(k.s2c.p[1], 1);
	assert_int_equal(k.c2s.p[1], 14);
	assert_false(session_key_parse("3d00009400480000", &k));
	assert_false(session_key_parse("3d000094004800:28f2", &k));
	assert_false(session_key_parse("3d00009400480000:28f", &k));
	assert_false(session_key_parse("3d00009400480000::0011", &k));
	assert_false(session_key_parse("0x:28f2", &k));
	assert_false(session_key_parse("0x1:2:3:4:5", &k));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(recorded_sessions_are_read_whole),
		cmocka_unit_test(without_keys_encrypted_messages_stay_sealed),
		cmocka_unit_test(spoilt_captures_are_survived),
		cmocka_unit_test(a_cut_capture_is_reported),
		cmocka_unit_test(key_lines_are_read_as_their_writers_mean_them),
	};

	if (!nt_ok(smb2_crypto_init()))
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
