/*
 * fuzz_dissect.c - a capture file, or one frame without a capture around it, as
 * `bulkhead dissect` meets it.  Reaches pcap and pcapng, link layers, IP, TCP order,
 * message assembly, decryption with a key, all layouts and printers, and the builder
 * with what the printers made.  What starts like JSON is a script's packet.build.
 */
#include <stdlib.h>

#include "base/fatal.h"
#include "dissect/follow.h"
#include "dissect/json.h"
#include "dissect/link.h"
#include "dissect/pcap.h"
#include "dissect/text.h"
#include "proto/smb2/crypto.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define KEY "0x1:000102030405060708090a0b0c0d0e0f"
#define BUILT_MAX (1u << 20)

static size_t
take(void *ctx, uint8_t *dst, size_t n)
{
	struct span *left = ctx;

	n = n < left->n ? n : left->n;
	if (n > 0)
		memcpy(dst, left->p, n);
	*left = SPAN(left->p + n, left->n - n);
	return n;
}

/* Nothing that steers a terminal may get through. */
static void
swallow(void *ctx, const char *s, size_t n)
{
	(void)ctx;
	for (size_t i = 0; i < n; i++) {
		if ((unsigned char)s[i] < 0x20 && s[i] != '\n')
			abort();
	}
}

static void
message(void *ctx, const struct tree *t)
{
	static uint8_t room[BUILT_MAX];
	struct text out = { .put = swallow, .bytes_max = 32 };
	struct wr w	= wr_init(room, sizeof room);
	char why[BUILD_WHY];
	json_t *j = dissect_json(tree_root(t));

	(void)ctx;
	text_line(&out, tree_root(t));
	text_tree(&out, tree_root(t), 1);
	(void)!nt_ok(dissect_build(j, &w, why));
	json_decref(j);
}

static void
script(const uint8_t *data, size_t size)
{
	static uint8_t room[BUILT_MAX];
	struct wr w = wr_init(room, sizeof room);
	json_t *j   = json_loadb((const char *)data, size, JSON_REJECT_DUPLICATES, NULL);
	char why[BUILD_WHY];

	if (j && nt_ok(dissect_build(j, &w, why)))
		json_decref(dissect_decode(wr_done(&w), NULL));
	json_decref(j);
}

static struct follow *
follow(void)
{
	static struct follow *f;
	static struct keys *keys;
	struct session_key k;

	if (f)
		return f;
	keys = keys_new();
	ENSURE(nt_ok(smb2_crypto_init()) && session_key_parse(KEY, &k) && keys_add(keys, &k));
	f = follow_new(keys, (struct follow_sink){ message, NULL });
	return f;
}

static void
capture(struct span left)
{
	struct streams *streams =
	    streams_new((struct stream_sink){ follow_frame, follow_gone, follow() });
	struct source source = { take, &left };
	uint8_t head[PCAP_HEAD];
	struct packet packet;
	struct segment segment;
	struct pcap *pcap;

	(void)take(&left, head, sizeof head);
	pcap = pcap_new(source, head);
	while (pcap_next(pcap, &packet) == PCAP_PACKET) {
		if (link_segment(&packet, &segment) == LINK_SEGMENT)
			streams_feed(streams, &packet, &segment);
	}
	pcap_drop(pcap);
	streams_drop(streams);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	void *user	   = NULL;
	struct frame frame = { .number = 1, .bytes = SPAN(data, size), .user = &user };

	if (size >= PCAP_HEAD && pcap_is(data)) {
		capture(SPAN(data, size));
		return 0;
	}
	if (size > 0 && (data[0] == '{' || data[0] == '[')) {
		script(data, size);
		return 0;
	}
	follow_frame(follow(), &frame);
	follow_gone(follow(), user);
	return 0;
}
