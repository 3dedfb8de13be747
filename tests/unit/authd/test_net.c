/*
 * test_net.c - net among servers that the test plays: KDCs and name servers that
 * answer, are silent, say too much, or send one elsewhere.  [RFC4120] 7.2
 */
#include "tests/unit/authd/net_stage.h"

#include <arpa/inet.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "authd/net/resolver.h"

/* KRB-ERRORs, as short as they can be. */
#define ERROR_HEAD "\x7e\x13\x30\x11\xa0\x03\x02\x01\x05\xa1\x03\x02\x01\x1e\xa6\x05\x02\x03"
static const uint8_t answer[]	   = "\x6b\x03\x30\x01\x00";
static const uint8_t too_big[]	   = ERROR_HEAD "\x00\x00\x34";
static const uint8_t unavailable[] = ERROR_HEAD "\x00\x00\x1d";
#define BYTES(a) SPAN(a, sizeof(a) - 1)

enum manner {
	ANSWERS,
	SILENT,
	TOO_BIG,
	UNAVAILABLE,
	NONSENSE_THEN_ANSWERS,
	CLOSES,
	CLAIMS_MORE,
	LONGEST
};

/* A KDC on 127.0.0.1, both ways on one port. */
struct kdc {
	struct loop *loop;
	enum manner udp, tcp;
	uint16_t port;
	int datagrams, listener, accepted;
	struct loop_fd watch_d, watch_l, watch_a;
	unsigned asked_udp, asked_tcp;
	size_t heard;
};

static struct sockaddr_in
loopback(uint16_t port)
{
	return (struct sockaddr_in){ .sin_family = AF_INET,
				     .sin_port	 = htons(port),
				     .sin_addr	 = { htonl(INADDR_LOOPBACK) } };
}

static void
on_datagram(void *ctx, uint32_t events)
{
	struct kdc *k = ctx;
	struct sockaddr_in from;
	socklen_t n = sizeof from;
	uint8_t buf[2048];

	(void)events;
	assert_true(recvfrom(k->datagrams, buf, sizeof buf, 0, (struct sockaddr *)&from, &n) > 0);
	k->asked_udp++;
	if (k->udp == NONSENSE_THEN_ANSWERS)
		(void)sendto(k->datagrams, "what?", 5, 0, (struct sockaddr *)&from, n);
	if (k->udp == SILENT)
		return;
	struct span s = k->udp == TOO_BIG	? BYTES(too_big)
			: k->udp == UNAVAILABLE ? BYTES(unavailable)
						: BYTES(answer);
	(void)sendto(k->datagrams, s.p, s.n, 0, (struct sockaddr *)&from, n);
}

static void
tcp_answer(struct kdc *k)
{
	static uint8_t big[4 + TOKEN_BOUND];
	uint8_t out[64];
	struct wr w = wr_init(out, sizeof out);

	if (k->tcp == LONGEST) {
		struct wr b = wr_init(big, sizeof big);

		wr_u32be(&b, TOKEN_BOUND - 1);
		wr_bytes(&b, "\x6b\x82", 2);
		wr_u8(&b, (TOKEN_BOUND - 5) >> 8 & 0xff);
		wr_u8(&b, (TOKEN_BOUND - 5) & 0xff);
		for (size_t at = 0, n = 4 + TOKEN_BOUND - 1; at < n;) {
			ssize_t sent = send(k->accepted, big + at, n - at, 0);

			assert_true(sent > 0);
			at += (size_t)sent;
		}
		return;
	}
	wr_u32be(&w, k->tcp == CLAIMS_MORE ? 0x7fffffff : (uint32_t)sizeof answer - 1);
	wr_span(&w, BYTES(answer));
	assert_int_equal(send(k->accepted, out, 3, 0), 3); /* in two pieces */
	assert_int_equal(send(k->accepted, out + 3, w.pos - 3, 0), w.pos - 3);
}

static void
on_tcp_bytes(void *ctx, uint32_t events)
{
	struct kdc *k = ctx;
	uint8_t buf[4096];
	ssize_t n = recv(k->accepted, buf, sizeof buf, 0);

	(void)events;
	if (n <= 0 || k->tcp == CLOSES) {
		loop_del(&k->watch_a);
		close(k->accepted);
		k->accepted = -1;
		return;
	}
	if (k->heard == 0)
		k->asked_tcp++;
	k->heard += (size_t)n;
	if (k->tcp != SILENT && k->heard >= 4 + 9)
		tcp_answer(k);
}

static void
on_connection(void *ctx, uint32_t events)
{
	struct kdc *k = ctx;

	(void)events;
	k->accepted = accept(k->listener, NULL, NULL);
	k->heard    = 0;
	assert_true(k->accepted >= 0);
	loop_add(k->loop, &k->watch_a, k->accepted, EPOLLIN, on_tcp_bytes, k);
}

static void
kdc_start(struct kdc *k, struct loop *loop, enum manner udp, enum manner tcp)
{
	struct sockaddr_in a = loopback(0);
	socklen_t n	     = sizeof a;

	*k	     = (struct kdc){ .loop = loop, .udp = udp, .tcp = tcp, .accepted = -1 };
	k->listener  = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	k->datagrams = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(k->listener, (struct sockaddr *)&a, sizeof a), 0);
	assert_int_equal(getsockname(k->listener, (struct sockaddr *)&a, &n), 0);
	assert_int_equal(bind(k->datagrams, (struct sockaddr *)&a, sizeof a), 0);
	assert_int_equal(listen(k->listener, 5), 0);
	k->port = ntohs(a.sin_port);
	loop_add(loop, &k->watch_d, k->datagrams, EPOLLIN, on_datagram, k);
	loop_add(loop, &k->watch_l, k->listener, EPOLLIN, on_connection, k);
}

static void
kdc_stop(struct kdc *k)
{
	loop_del(&k->watch_d);
	loop_del(&k->watch_l);
	loop_del(&k->watch_a);
	if (k->datagrams >= 0)
		close(k->datagrams);
	close(k->listener);
	if (k->accepted >= 0)
		close(k->accepted);
}

static struct net *
net_with(const char *kdcs, uint32_t timeout_ms)
{
	const struct conf_net_req conf = { .realm      = str_of("AD.TEST"),
					   .workgroup  = str_of("AD"),
					   .kdcs       = str_of(kdcs),
					   .timeout_ms = timeout_ms };

	return net_stage_new(&conf);
}

static struct call *
ask(struct net *me, const char *realm, size_t n)
{
	static uint8_t question[TOKEN_BOUND];
	const struct net_kdc_req req = { .realm = str_of(realm), .request = SPAN(question, n) };
	struct call *c		     = net_stage_call(me);
	struct net_kdc_rsp rsp;
	nt status = net_kdc(me, c, &req, &rsp);

	if (!c->kept) {
		c->answered = true;
		c->status   = status;
	}
	return c;
}

static void
expect(struct net *me, struct call *c, nt want)
{
	struct net_kdc_rsp rsp;

	net_stage_run(me, c);
	assert_status(c->status, want);
	if (nt_ok(want)) {
		assert_status(net_kdc_rsp_decode(SPAN(c->body, c->n), &rsp), STATUS_SUCCESS);
		assert_int_equal(rsp.reply.p[0], 0x6b);
	}
	free(c);
}

/* One KDC, one question: what comes, and by which way it was asked. */
static void
one_kdc_answers_or_not(void **state)
{
	static const struct {
		const char *what;
		enum manner udp, tcp;
		size_t question;
		nt want;
		unsigned asked_udp, asked_tcp;
	} rows[] = {
		{ "a short question", ANSWERS, SILENT, 9, { NT_SUCCESS }, 1, 0 },
		{ "a long question", SILENT, ANSWERS, 1401, { NT_SUCCESS }, 0, 1 },
		{ "an answer too long for UDP", TOO_BIG, ANSWERS, 9, { NT_SUCCESS }, 1, 1 },
		{ "noise before it", NONSENSE_THEN_ANSWERS, SILENT, 9, { NT_SUCCESS }, 1, 0 },
		{ "the longest answer", TOO_BIG, LONGEST, 9, { NT_SUCCESS }, 1, 1 },
		{ "a silent one", SILENT, SILENT, 9, { NT_NO_LOGON_SERVERS }, 1, 0 },
	};

	(void)state;
	for (size_t i = 0; i < NELEM(rows); i++) {
		struct kdc k;
		char list[64];
		struct net *me = net_with("127.0.0.1:1", 800);

		kdc_start(&k, me->loop, rows[i].udp, rows[i].tcp);
		(void)snprintf(list, sizeof list, "127.0.0.1:%u", k.port);
		me->conf.kdcs = str_of(list);
		expect(me, ask(me, "AD.TEST", rows[i].question), rows[i].want);
		if (k.asked_udp != rows[i].asked_udp || k.asked_tcp != rows[i].asked_tcp)
			fail_msg("%s: asked %u by UDP, %u by TCP", rows[i].what, k.asked_udp,
				 k.asked_tcp);
		kdc_stop(&k);
		net_stage_drop(me);
	}
}

/* Whatever is wrong with the first, the second answers. */
static void
the_next_kdc_is_asked(void **state)
{
	static const struct {
		enum manner udp, tcp;
		size_t question;
	} first[] = {
		{ UNAVAILABLE, SILENT, 9 }, { TOO_BIG, CLOSES, 9 }, { TOO_BIG, CLAIMS_MORE, 9 },
		{ SILENT, CLOSES, 1401 },   { SILENT, SILENT, 9 },  { TOO_BIG, SILENT, 9 },
	};

	(void)state;
	for (size_t i = 0; i < NELEM(first); i++) {
		struct kdc bad, good;
		char list[128];
		struct net *me = net_with("127.0.0.1:1", 20000);

		kdc_start(&bad, me->loop, first[i].udp, first[i].tcp);
		kdc_start(&good, me->loop, ANSWERS, ANSWERS);
		(void)snprintf(list, sizeof list, "127.0.0.1:1, 127.0.0.1:%u 127.0.0.1:%u",
			       bad.port, good.port);
		me->conf.kdcs = str_of(list);
		expect(me, ask(me, "AD.TEST", first[i].question), STATUS_SUCCESS);
		assert_int_equal(bad.asked_udp + bad.asked_tcp > 0 || first[i].tcp == CLOSES, 1);
		assert_int_equal(good.asked_udp + good.asked_tcp, 1);
		kdc_stop(&bad);
		kdc_stop(&good);
		net_stage_drop(me);
	}
}

static void
each_realm_is_asked_at_its_own_kdcs(void **state)
{
	static const struct {
		const char *realm;
		unsigned ours, theirs;
	} rows[] = { { "AD.TEST", 1, 0 }, { "OTHER.TEST", 0, 1 }, { "other.test", 0, 1 } };

	(void)state;
	for (size_t i = 0; i < NELEM(rows); i++) {
		struct kdc ours, theirs;
		char list[128];
		struct net *me = net_with("", 4000);

		kdc_start(&ours, me->loop, ANSWERS, ANSWERS);
		kdc_start(&theirs, me->loop, ANSWERS, ANSWERS);
		(void)snprintf(list, sizeof list,
			       "OTHER.TES=127.0.0.1:1 127.0.0.1:%u, Other.Test=127.0.0.1:%u",
			       ours.port, theirs.port);
		me->conf.kdcs = str_of(list);
		expect(me, ask(me, rows[i].realm, 9), STATUS_SUCCESS);
		assert_int_equal(ours.asked_udp + ours.asked_tcp, rows[i].ours);
		assert_int_equal(theirs.asked_udp + theirs.asked_tcp, rows[i].theirs);
		kdc_stop(&ours);
		kdc_stop(&theirs);
		net_stage_drop(me);
	}
}

static void
what_gets_through_by_tcp_alone_is_found(void **state)
{
	struct kdc k;
	char list[64];
	struct net *me = net_with("", 4000);

	(void)state;
	kdc_start(&k, me->loop, SILENT, ANSWERS);
	loop_del(&k.watch_d);
	close(k.datagrams); /* refused, which is sooner known than silence */
	k.datagrams = -1;
	(void)snprintf(list, sizeof list, "127.0.0.1:%u", k.port);
	me->conf.kdcs = str_of(list);
	expect(me, ask(me, "AD.TEST", 9), STATUS_SUCCESS);
	assert_int_equal(k.asked_tcp, 1);
	kdc_stop(&k);
	net_stage_drop(me);
}

/* With no time limit of its own the question would wait for ever; each way is tried once. */
static void
where_everybody_refuses_the_answer_comes_at_once(void **state)
{
	struct kdc k;
	char list[64];
	struct net *me = net_with("", 3600000);

	(void)state;
	kdc_start(&k, me->loop, SILENT, SILENT);
	(void)snprintf(list, sizeof list, "127.0.0.1:%u 127.0.0.1:%u", k.port, k.port);
	kdc_stop(&k);
	me->conf.kdcs = str_of(list);
	expect(me, ask(me, "AD.TEST", 9), STATUS_NO_LOGON_SERVERS);
	expect(me, ask(me, "AD.TEST", 1401), STATUS_NO_LOGON_SERVERS);
	net_stage_drop(me);
}

static void
a_silent_kdc_holds_up_no_other_question(void **state)
{
	struct kdc silent, good;
	struct call *waits, *c;
	char list[64], hosts[64];
	struct net *me = net_with("", 4000);

	(void)state;
	kdc_start(&silent, me->loop, SILENT, SILENT);
	kdc_start(&good, me->loop, ANSWERS, ANSWERS);
	(void)snprintf(list, sizeof list, "127.0.0.1:%u", silent.port);
	me->conf.kdcs = str_of(list);
	waits	      = ask(me, "AD.TEST", 9);
	(void)snprintf(hosts, sizeof hosts, "127.0.0.1:%u", good.port);
	me->conf.realm = str_of("OTHER.TEST");
	me->conf.kdcs  = str_of(hosts);
	c	       = ask(me, "OTHER.TEST", 9);
	net_stage_run(me, c);
	assert_false(waits->answered);
	assert_status(c->status, STATUS_SUCCESS);
	free(c);
	expect(me, waits, STATUS_NO_LOGON_SERVERS);
	kdc_stop(&silent);
	kdc_stop(&good);
	net_stage_drop(me);
}

static void
a_realm_that_nobody_knows_has_no_kdc(void **state)
{
	struct net *me = net_with("", 2000);

	(void)state;
	expect(me, ask(me, "NOWHERE.TEST", 9), STATUS_NO_LOGON_SERVERS);
	expect(me, ask(me, "", 9), STATUS_INVALID_PARAMETER);
	expect(me, ask(me, "AD.TEST", 0), STATUS_INVALID_PARAMETER);
	net_stage_drop(me);
}

/* ---- names ---- */

struct dns {
	int fd;
	struct loop_fd watch;
	unsigned asked;
};

/* Answers SRV with "kdc" in the zone asked for, and A with 127.0.0.1. */
static void
on_question(void *ctx, uint32_t events)
{
	static const uint8_t srv[] =
	    "\xc0\x0c\x00\x21\x00\x01\x00\x00\x00\x01\x00\x0c\x00\x00\x00\x00";
	static const uint8_t a[] =
	    "\xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x01\x00\x04\x7f\x00\x00\x01";
	extern uint16_t dns_srv_port;
	struct dns *d = ctx;
	struct sockaddr_in from;
	socklen_t n = sizeof from;
	uint8_t buf[512];
	struct wr w;
	ssize_t got = recvfrom(d->fd, buf, sizeof buf - 64, 0, (struct sockaddr *)&from, &n);

	(void)events;
	assert_true(got > 12 + 11);
	d->asked++;
	w     = wr_init(buf, sizeof buf);
	w.pos = (size_t)got - 11; /* without EDNS */
	buf[2] |= 0x80;
	buf[7]	= 1;
	buf[11] = 0;
	if (buf[w.pos - 3] == 33) {
		wr_bytes(&w, srv, sizeof srv - 1);
		wr_u8(&w, (uint8_t)(dns_srv_port >> 8));
		wr_u8(&w, (uint8_t)dns_srv_port);
		wr_bytes(&w, "\x03kdc\xc0\x1b", 6); /* behind "_kerberos._udp" */
	} else {
		wr_bytes(&w, a, sizeof a - 1);
	}
	assert_true(wr_ok(&w));
	(void)sendto(d->fd, buf, w.pos, 0, (struct sockaddr *)&from, n);
}

uint16_t dns_srv_port;

static void
kdcs_are_found_by_dns_and_remembered(void **state)
{
	struct sockaddr_in any = loopback(0);
	struct dns d	       = { 0 };
	socklen_t n	       = sizeof any;
	struct kdc k;
	struct net *me = net_with("", 3000);

	(void)state;
	d.fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(d.fd, (struct sockaddr *)&any, sizeof any), 0);
	assert_int_equal(getsockname(d.fd, (struct sockaddr *)&any, &n), 0);
	loop_add(me->loop, &d.watch, d.fd, EPOLLIN, on_question, &d);
	me->resolver->servers[0] =
	    (struct net_addr){ .family = 4, .port = ntohs(any.sin_port), .b = { 127, 0, 0, 1 } };
	me->resolver->n_servers = 1;
	kdc_start(&k, me->loop, ANSWERS, ANSWERS);
	dns_srv_port = k.port;
	expect(me, ask(me, "AD.TEST", 9), STATUS_SUCCESS);
	assert_int_equal(d.asked, 2); /* SRV, A */
	expect(me, ask(me, "ad.test", 9), STATUS_SUCCESS);
	assert_int_equal(d.asked, 2);
	assert_int_equal(k.asked_udp, 2);
	loop_del(&d.watch);
	close(d.fd);
	kdc_stop(&k);
	net_stage_drop(me);
}

static void
found(void *ctx, const struct places *p)
{
	*(struct places *)ctx = *p;
}

static void
lists_are_read_as_people_write_them(void **state)
{
	static const char *const want[] = { "192.0.2.1:88",	"192.0.2.2:1088",
					    "[2001:db8::1]:88", "[2001:db8::2]:99",
					    "192.0.2.3:88",	"192.0.2.3:77" };
	struct net *me			= net_with("", 1000);
	struct finder_wait wait		= { 0 };
	struct places p			= { 0 };
	char text[ADDR_TEXT];
	struct finder *f;

	(void)state;
	resolver_read_hosts(me->resolver,
			    "127.0.0.1 localhost\n192.0.2.3\tdc3 DC3.ad.test # ours\n");
	f = finder_new(me->resolver,
		       "192.0.2.1,192.0.2.2:1088  2001:db8::1 [2001:db8::2]:99,dc3.AD.test, dc3:77",
		       "", "", 88);
	finder_get(f, &wait, found, &p);
	assert_int_equal(p.n, NELEM(want));
	for (size_t i = 0; i < NELEM(want); i++)
		assert_string_equal(addr_print(&p.v[i].addr, text), want[i]);
	finder_drop(f);
	net_stage_drop(me);
}

static void
resolv_conf_names_up_to_three_servers(void **state)
{
	struct net *me = net_with("", 1000);

	(void)state;
	resolver_read_conf(me->resolver,
			   "search ad.test\nnameserver 192.0.2.53\n# nameserver 1.1.1.1\n"
			   "nameserver nonsense\nnameserver 2001:db8::53\n"
			   "options edns0\nnameserver 192.0.2.54\nnameserver 192.0.2.55");
	assert_int_equal(me->resolver->n_servers, 3);
	assert_int_equal(me->resolver->servers[1].family, 6);
	assert_int_equal(me->resolver->servers[2].b[3], 54);
	net_stage_drop(me);
}

/* ---- the machine account ---- */

static void
the_newest_rc4_key_of_a_keytab_is_taken(void **state)
{
	/* kvno 2 and 3 of FS1$ with etype 23, kvno 4 with etype 18, another account, a hole */
	static const char text[] =
	    "0502"
	    "0000002d 0001 0002 4144 0004 46533124 00000001 00000000 02 0017 0010"
	    "02020202020202020202020202020202 00000002"
	    "fffffffc deadbeef"
	    "0000002d 0001 0002 4144 0004 66733124 00000001 00000000 03 0017 0010"
	    "03030303030303030303030303030303 00000003"
	    "0000002d 0001 0002 4144 0004 46533124 00000001 00000000 04 0012 0010"
	    "04040404040404040404040404040404 00000004"
	    "0000002d 0001 0002 4144 0004 46533224 00000001 00000000 05 0017 0010"
	    "05050505050505050505050505050505 00000005";
	uint8_t file[512], hash[16] = { 0 };
	size_t n = hex_parse(text, file, sizeof file);

	(void)state;
	assert_status(keytab_nt_hash(SPAN(file, n), "FS1$", hash), STATUS_SUCCESS);
	assert_int_equal(hash[0], 3);
	assert_status(keytab_nt_hash(SPAN(file, n), "FS9$", hash), STATUS_NOT_FOUND);
	file[1] = 1;
	assert_status(keytab_nt_hash(SPAN(file, n), "FS1$", hash), STATUS_INVALID_PARAMETER);
	for (size_t cut = 2; cut < n; cut++) {
		file[1]	      = 2;
		uint8_t *part = malloc(cut);

		memcpy(part, file, cut);
		(void)keytab_nt_hash(SPAN(part, cut), "FS1$", hash).code;
		free(part);
	}
}

static bool
hash_of(const char *path, mode_t mode, uint8_t hash[16])
{
	const struct conf_net_req conf = { .machine_account = str_of("FS1$"),
					   .password_file   = str_of(path) };

	assert_int_equal(chmod(path, mode), 0);
	return account_hash(&conf, hash);
}

static void
a_password_file_must_be_private(void **state)
{
	static const char want[] =
	    "\x5d\x8c\x6d\x51\x81\x8c\x9b\x0b\x2c\x15\xd7\x1a\xd1\x17\xad\xcd";
	char path[] = "/tmp/bh-secret-XXXXXX";
	uint8_t hash[16];
	int fd = mkstemp(path);

	(void)state;
	assert_int_equal(write(fd, "Fs1-machine-pw-Long-1\n", 22), 22);
	assert_true(hash_of(path, 0600, hash));
	assert_memory_equal(hash, want, 16);
	assert_true(hash_of(path, 0400, hash));
	assert_false(hash_of(path, 0640, hash));
	assert_false(hash_of(path, 0604, hash));
	assert_int_equal(ftruncate(fd, 0), 0);
	assert_false(hash_of(path, 0600, hash));
	close(fd);
	unlink(path);
	assert_false(account_hash(&(struct conf_net_req){ .machine_account = str_of("FS1$"),
							  .password_file   = str_of(path) },
				  hash));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_kdc_answers_or_not),
		cmocka_unit_test(the_next_kdc_is_asked),
		cmocka_unit_test(each_realm_is_asked_at_its_own_kdcs),
		cmocka_unit_test(what_gets_through_by_tcp_alone_is_found),
		cmocka_unit_test(where_everybody_refuses_the_answer_comes_at_once),
		cmocka_unit_test(a_silent_kdc_holds_up_no_other_question),
		cmocka_unit_test(a_realm_that_nobody_knows_has_no_kdc),
		cmocka_unit_test(kdcs_are_found_by_dns_and_remembered),
		cmocka_unit_test(lists_are_read_as_people_write_them),
		cmocka_unit_test(resolv_conf_names_up_to_three_servers),
		cmocka_unit_test(the_newest_rc4_key_of_a_keytab_is_taken),
		cmocka_unit_test(a_password_file_must_be_private),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
