/*
 * test_dissect_link.c - link layers and IP down to TCP, and the two capture formats
 * with their byte orders and clocks.
 */
#include "tests/unit/check.h"

#include "dissect/link.h"
#include "dissect/pcap.h"

#define TCP      "c350 01bd 00000005 00000006 5018 ffff 0000 0000 "
#define ADDRESSES6                                                     \
	"fe80 0000 0000 0000 0000 0000 0000 0001 fe80 0000 0000 0000 0000 0000 0000 0002 "
#define IPV4     "4500 002c 0001 4000 4006 0000 c0000201 c0000202 "
#define IPV6     "60000000 0018 06 40 " ADDRESSES6
#define DATA     "61626364 "
#define MACS     "000102030405 060708090a0b "

static uint8_t room[512];

static enum link_result
segment(uint32_t link, const char *hex, struct segment *ret)
{
	struct packet p = { .link = link };
	size_t n	= hex_parse(hex, room, sizeof room);

	p.bytes	 = SPAN(room, n);
	p.length = (uint32_t)n;
	return link_segment(&p, ret);
}

static void
found(uint32_t link, const char *hex)
{
	struct segment s;

	if (segment(link, hex, &s) != LINK_SEGMENT)
		fail_msg("no segment in %s", hex);
	assert_int_equal(s.from.port, 50000);
	assert_int_equal(s.to.port, 445);
	assert_int_equal(s.seq, 5);
	assert_int_equal(s.missing, 0);
	assert_span(s.payload, "abcd", 4);
}

static void
every_link_layer_leads_to_the_segment(void **state)
{
	(void)state;
	found(LINK_ETHERNET, MACS "0800" IPV4 TCP DATA);
	found(LINK_ETHERNET, MACS "86dd" IPV6 TCP DATA);
	found(LINK_ETHERNET, MACS "8100 0005 0800" IPV4 TCP DATA "00000000"); /* padded */
	found(LINK_ETHERNET, MACS "88a8 0005 8100 0006 86dd" IPV6 TCP DATA);
	found(LINK_SLL, "0000 0001 0006 0001020304050000 0800" IPV4 TCP DATA);
	found(LINK_SLL2, "0800 0000 00000001 0001 00 06 0001020304050000" IPV4 TCP DATA);
	found(LINK_RAW, IPV4 TCP DATA);
	found(LINK_IPV6, IPV6 TCP DATA);
	found(LINK_NULL, "02000000" IPV4 TCP DATA);
	found(LINK_LOOP, "0000001e" IPV6 TCP DATA);
}

static void
ip_options_and_extensions_are_skipped(void **state)
{
	(void)state;
	found(LINK_RAW, "4600 0030 0001 0000 4006 0000 c0000201 c0000202 01010101" TCP DATA);
	/* hop-by-hop of 16 bytes, then an atomic fragment */
	found(LINK_RAW, "60000000 0030 00 40 " ADDRESSES6
			"2c01 000000000000 0000000000000000 0600 0000 00000001" TCP DATA);
	found(LINK_RAW, "60000000 0020 3c 40 " ADDRESSES6 "0600 000000000000" TCP DATA);
	found(LINK_RAW, "4500 0000 0001 4000 4006 0000 c0000201 c0000202" TCP DATA); /* offloaded */
	found(LINK_RAW, "60000000 0000 06 40 " ADDRESSES6 TCP DATA);
}

static void
what_is_no_whole_segment_is_refused(void **state)
{
	struct segment s;

	(void)state;
	assert_int_equal(segment(LINK_RAW, "4500 002c 0001 2000 4006 0000 c0000201 c0000202" TCP DATA,
				 &s),
			 LINK_FRAGMENT);
	assert_int_equal(segment(LINK_RAW, "4500 002c 0001 0001 4006 0000 c0000201 c0000202" TCP DATA,
				 &s),
			 LINK_FRAGMENT);
	assert_int_equal(segment(LINK_RAW,
				 "60000000 0020 2c 40 " ADDRESSES6 "0600 0001 00000001" TCP DATA, &s),
			 LINK_FRAGMENT);
	/* UDP; a header of 16 bytes; a length beyond the packet; TCP's own header too long */
	assert_int_equal(segment(LINK_RAW, "4500 002c 0001 0000 4011 0000 c0000201 c0000202" TCP DATA,
				 &s),
			 LINK_OTHER);
	assert_int_equal(segment(LINK_RAW, "4400 002c 0001 0000 4006 0000 c0000201 c0000202" TCP DATA,
				 &s),
			 LINK_OTHER);
	assert_int_equal(segment(LINK_RAW, "4500 ffff 0001 0000 4006 0000 c0000201 c0000202" TCP DATA,
				 &s),
			 LINK_OTHER);
	assert_int_equal(segment(LINK_RAW,
				 IPV4 "c350 01bd 00000005 00000006 f018 ffff 0000 0000" DATA, &s),
			 LINK_OTHER);
	assert_int_equal(segment(LINK_ETHERNET, MACS "0806 0001", &s), LINK_OTHER);
	assert_int_equal(segment(147, IPV4 TCP DATA, &s), LINK_OTHER);
	assert_int_equal(segment(LINK_RAW, "", &s), LINK_OTHER);
}

static void
cut(struct span bytes)
{
	struct packet p = { .link = LINK_ETHERNET, .length = 200, .bytes = bytes };
	struct segment s;

	if (link_segment(&p, &s) == LINK_SEGMENT)
		assert_int_equal(s.payload.n + s.missing, 4);
}

static void
a_packet_cut_anywhere_says_what_is_missing(void **state)
{
	uint8_t bytes[128];
	size_t n = hex_parse(MACS "0800" IPV4 TCP DATA, bytes, sizeof bytes);

	(void)state;
	check_cuts(SPAN(bytes, n), cut);
}

/* ---- files ---- */

static struct span left;

static size_t
take(void *ctx, uint8_t *dst, size_t n)
{
	(void)ctx;
	n = n < left.n ? n : left.n;
	memcpy(dst, left.p, n);
	left = SPAN(left.p + n, left.n - n);
	return n;
}

/* The times of the packets in the file, as "1.5 2". */
static void
times(const char *hex, const char *want, enum pcap_result end)
{
	static uint8_t file[1024];
	char got[256] = "";
	struct packet packet;
	enum pcap_result result;
	struct pcap *p;

	left = SPAN(file, hex_parse(hex, file, sizeof file));
	assert_true(pcap_is(file));
	left = SPAN(file + PCAP_HEAD, left.n - PCAP_HEAD);
	p    = pcap_new((struct source){ take, NULL }, file);
	while ((result = pcap_next(p, &packet)) == PCAP_PACKET) {
		size_t n = strlen(got);

		assert_span(packet.bytes, "ab", 2);
		assert_int_equal(packet.length, 9);
		(void)snprintf(got + n, sizeof got - n, "%llu/%u ",
			       (unsigned long long)packet.time, packet.link);
	}
	assert_string_equal(got, want);
	assert_int_equal(result, end);
	assert_int_equal(result == PCAP_BROKEN, pcap_why(p)[0] != '\0');
	pcap_drop(p);
}

static void
both_orders_and_clocks_of_pcap(void **state)
{
	(void)state;
	times("d4c3b2a1 0200 0400 00000000 00000000 ffff0000 01000000"
	      "01000000 40420f00 02000000 09000000 6162",
	      "2000000000/1 ", PCAP_END);
	times("a1b23c4d 0002 0004 00000000 00000000 0000ffff 00000065"
	      "00000001 00000007 00000002 00000009 6162 00000002 00000000 00000002 00000009 6162",
	      "1000000007/101 2000000000/101 ", PCAP_END);
	times("d4c3b2a1 0200 0400 00000000 00000000 ffff0000 01000000"
	      "01000000 00000000 00001100 09000000 6162",
	      "", PCAP_BROKEN);
}

#define SHB "0a0d0d0a 1c000000 4d3c2b1a 0100 0000 ffffffffffffffff 1c000000 "
#define IDB "01000000 14000000 7100 0000 00000400 14000000 "
#define IDB_2 "01000000 14000000 7100 0000 02000000 14000000 " /* keeps two bytes of each */
#define IDB_NANO "01000000 20000000 0100 0000 00000400 0900 0100 09000000 0000 0000 20000000 "
#define IDB_2_16 "01000000 20000000 0100 0000 00000400 0900 0100 90000000 0000 0000 20000000 "
#define EPB(id, ticks) \
	"06000000 24000000 " id "00000000 " ticks "02000000 09000000 6162 0000 24000000 "

static void
interfaces_of_pcapng_have_their_own_clocks(void **state)
{
	(void)state;
	times(SHB IDB IDB_NANO IDB_2_16 EPB("00000000", "40420f00") EPB("01000000", "40420f00")
		  EPB("02000000", "00800100") EPB("07000000", "00000000"),
	      "1000000000/113 1000000/1 1500000000/1 ", PCAP_END);
	/* a block of another kind, a simple packet, a section in the other order */
	times(SHB IDB_2 "0b0a0000 10000000 01020304 10000000"
			"03000000 14000000 09000000 61620000 14000000",
	      "0/113 ", PCAP_END);
	times(SHB IDB EPB("00000000", "40420f00")
		  "0a0d0d0a 0000001c 1a2b3c4d 0001 0000 ffffffffffffffff 0000001c"
		  "00000001 00000014 0001 0000 00040000 00000014"
		  "00000006 00000024 00000000 00000000 000f4240 00000002 00000009 6162 0000 00000024",
	      "1000000000/113 1000000000/1 ", PCAP_END);
	times(SHB IDB "06000000 0b000000", "", PCAP_BROKEN);
	times(SHB IDB "06000000 00002000", "", PCAP_BROKEN);
	times(SHB "06000000", "", PCAP_BROKEN);
	times("0a0d0d0a 1c000000 4d3c2b1b 0100 0000 ffffffffffffffff 1c000000", "", PCAP_BROKEN);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_link_layer_leads_to_the_segment),
		cmocka_unit_test(ip_options_and_extensions_are_skipped),
		cmocka_unit_test(what_is_no_whole_segment_is_refused),
		cmocka_unit_test(a_packet_cut_anywhere_says_what_is_missing),
		cmocka_unit_test(both_orders_and_clocks_of_pcap),
		cmocka_unit_test(interfaces_of_pcapng_have_their_own_clocks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
