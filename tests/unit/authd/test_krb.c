/*
 * test_krb.c - the acceptor against clients of all kinds, in one process.  The
 * tickets are made with the service's key, so that there are also those that
 * no honest centre gives out.
 */
#include "tests/unit/authd/forge.h"

#include <sys/stat.h>
#include <unistd.h>

#include "authd/krb/krb.h"
#include "base/fatal.h"
#include "proto/auth/pac.h"
#include "proto/fscc/filetime.h"

#define REALM	"TEST.EXAMPLE"
#define SERVICE "cifs/fs.test.example@" REALM
#define SKEW	300

/* The acceptor asks these two of ipc/; nothing else is there. */
struct call {
	uint8_t *scratch[4];
	size_t n;
};

void *
call_scratch(struct call *c, size_t n)
{
	assert_true(c->n < NELEM(c->scratch));
	c->scratch[c->n] = calloc(1, n);
	assert_non_null(c->scratch[c->n]);
	return c->scratch[c->n++];
}

bool
call_is_kept(const struct call *c)
{
	(void)c;
	return false;
}

static struct krb krb;
static char dir[] = "/tmp/bh-krb-XXXXXX";

static struct keyblock
key_of(int etype, uint8_t fill)
{
	struct keyblock k = { .etype = etype, .n = key_size(etype) };

	memset(k.bytes, fill, k.n);
	return k;
}

static void
key_give(const char *principal, int etype, uint8_t fill, uint32_t kvno)
{
	struct keyblock b = key_of(etype, fill);
	struct key k	  = { .etype = etype, .kvno = kvno, .n = b.n };

	(void)snprintf(k.principal, sizeof k.principal, "%s", principal);
	memcpy(k.bytes, b.bytes, b.n);
	assert_status(keys_add(krb.keys, &k), STATUS_SUCCESS);
}

static int
open_all(void **state)
{
	(void)state;
	assert_non_null(mkdtemp(dir));
	forge_begin();
	krb.loop	= loop_new();
	krb.conf.realm	= str_of(REALM);
	krb.conf.skew_s = SKEW;
	krb.keys	= keys_open(dir);
	key_give(SERVICE, ETYPE_AES256, 1, 3);
	key_give(SERVICE, ETYPE_AES128, 2, 3);
	key_give("nfs/fs.test.example@" REALM, ETYPE_AES256, 4, 1);
	keys_drop(krb.keys);
	krb_open(&krb, dir);
	return 0;
}

static int
close_all(void **state)
{
	char command[64];

	(void)state;
	(void)snprintf(command, sizeof command, "rm -r %s", dir);
	assert_int_equal(system(command), 0);
	return 0;
}

static struct forge
good(void)
{
	return (struct forge){ .client	= "alice@" REALM,
			       .service = SERVICE,
			       .key	= key_of(ETYPE_AES256, 1),
			       .kvno	= 3,
			       .from_s	= -60,
			       .to_s	= 3600 };
}

/* One question; the answer's memory is the call's. */
static nt
ask(struct call *c, const struct krb_accept_req *req, struct krb_accept_rsp *rsp)
{
	memset(rsp, 0, sizeof *rsp);
	return krb_accept(&krb, c, req, rsp);
}

static void
call_end(struct call *c)
{
	while (c->n > 0)
		free(c->scratch[--c->n]);
}

static nt
offer(const struct forge *f)
{
	struct initiator *x	  = initiator_new(f);
	struct krb_accept_req req = { .token = initiator_token(x) };
	struct call c		  = { .n = 0 };
	struct krb_accept_rsp rsp;
	nt status = ask(&c, &req, &rsp);

	if (nt_ok(status) && rsp.done)
		initiator_finish(x, rsp.token);
	call_end(&c);
	initiator_drop(x);
	return status;
}

static void
accept_says_who_and_shares_a_key(void **state)
{
	static const int etypes[] = { ETYPE_AES256, ETYPE_AES128 };
	struct krb_accept_rsp rsp;
	struct call c = { .n = 0 };

	(void)state;
	for (size_t i = 0; i < NELEM(etypes); i++) {
		struct forge f = good();
		struct initiator *x;
		struct krb_accept_req req = { .long_key = true };
		struct span theirs;
		uint64_t in_ns;

		f.key	  = key_of(etypes[i], etypes[i] == ETYPE_AES256 ? 1 : 2);
		x	  = initiator_new(&f);
		req.token = initiator_token(x);
		assert_status(ask(&c, &req, &rsp), STATUS_SUCCESS);
		assert_true(rsp.done);
		assert_string_equal(rsp.principal.s, "alice");
		assert_string_equal(rsp.realm.s, REALM);
		assert_int_equal(rsp.flags, 0);
		in_ns = rsp.expires - clock_real_ns();
		assert_true(in_ns > 3590ull * 1000000000 && in_ns < 3610ull * 1000000000);
		initiator_finish(x, rsp.token);
		assert_int_equal(rsp.key.n, 32); /* the acceptor's subkey, whatever the ticket's */
		theirs = initiator_key(x);
		assert_span(rsp.key, theirs.p, theirs.n);
		initiator_drop(x);
		call_end(&c);
	}
}

static void
accept_gives_16_bytes_unless_more_are_wanted(void **state)
{
	struct forge f		  = good();
	struct initiator *x	  = initiator_new(&f);
	struct krb_accept_req req = { .token = initiator_token(x) };
	struct krb_accept_rsp rsp;
	struct call c = { .n = 0 };

	(void)state;
	assert_status(ask(&c, &req, &rsp), STATUS_SUCCESS);
	initiator_finish(x, rsp.token);
	assert_int_equal(rsp.key.n, 16);
	assert_memory_equal(rsp.key.p, initiator_key(x).p, 16);
	call_end(&c);
	initiator_drop(x);
}

/* One made for a server with TLS, and brought here.  [RFC5929] 4 */
static void
accept_refuses_what_is_bound_to_a_channel(void **state)
{
	struct forge f = good();

	(void)state;
	f.channel = SPAN_STR("tls-server-end-point:0123456789abcdef");
	assert_status(offer(&f), STATUS_LOGON_FAILURE);
	krb.conf.bound_ok = true;
	assert_status(offer(&f), STATUS_SUCCESS);
	krb.conf.bound_ok = false;
	assert_status(offer(&f), STATUS_LOGON_FAILURE);
}

static void
accept_refuses_a_second_time(void **state)
{
	struct forge f		  = good();
	struct initiator *x	  = initiator_new(&f);
	struct krb_accept_req req = { .token = initiator_token(x) };
	struct krb_accept_rsp rsp;
	struct call c = { .n = 0 };
	char path[64];

	(void)state;
	assert_status(ask(&c, &req, &rsp), STATUS_SUCCESS);
	assert_status(ask(&c, &req, &rsp), STATUS_LOGON_FAILURE);
	/* A new process on the same files knows it as well. */
	replay_drop(krb.replay);
	(void)snprintf(path, sizeof path, "%s/replay", dir);
	krb.replay = replay_open(path);
	assert_status(ask(&c, &req, &rsp), STATUS_LOGON_FAILURE);
	call_end(&c);
	initiator_drop(x);
}

/* [RFC4120] 3.2.3; each of these is told apart in the log. */
static void
accept_refuses_wrong_times(void **state)
{
	struct forge f = good();

	(void)state;
	f.from_s = -7200;
	f.to_s	 = -SKEW - 60;
	assert_status(offer(&f), STATUS_LOGON_FAILURE);
	f.to_s = -SKEW + 60; /* over, but perhaps not by our clock */
	assert_status(offer(&f), STATUS_SUCCESS);
	f	 = good();
	f.from_s = SKEW + 60;
	assert_status(offer(&f), STATUS_LOGON_FAILURE);
	f	  = good();
	f.clock_s = SKEW + 60;
	assert_status(offer(&f), STATUS_LOGON_FAILURE);
	f.clock_s = -SKEW - 60;
	assert_status(offer(&f), STATUS_LOGON_FAILURE);
	f.clock_s = SKEW - 60;
	assert_status(offer(&f), STATUS_SUCCESS);
}

static void
accept_refuses_other_services_and_keys(void **state)
{
	struct forge f = good();

	(void)state;
	f.service = "nfs/fs.test.example@" REALM; /* we have its key, but are not it */
	f.key	  = key_of(ETYPE_AES256, 4);
	f.kvno	  = 1;
	assert_status(offer(&f), STATUS_LOGON_FAILURE);
	f	  = good();
	f.service = "cifs/other.test.example@" REALM;
	assert_status(offer(&f), STATUS_LOGON_FAILURE);
	f     = good();
	f.key = key_of(ETYPE_AES256, 9);
	assert_status(offer(&f), STATUS_LOGON_FAILURE);
}

static void
accept_keeps_to_the_list_of_services(void **state)
{
	struct forge f = good();

	(void)state;
	krb.conf.spns = str_of("cifs/alias, cifs/other.test.example@ELSEWHERE");
	assert_status(offer(&f), STATUS_LOGON_FAILURE);
	f.service = "cifs/ALIAS@" REALM; /* no key of that name: one of another opens it */
	assert_status(offer(&f), STATUS_SUCCESS);
	f.service = "cifs/other.test.example@" REALM;
	assert_status(offer(&f), STATUS_LOGON_FAILURE);
	krb.conf.spns = str_of("");
}

static void
accept_refuses_rc4_unless_configured(void **state)
{
	struct forge f = good();

	(void)state;
	f.session_etype = ETYPE_RC4;
	assert_status(offer(&f), STATUS_LOGON_FAILURE);
	f.key = key_of(ETYPE_RC4, 6);
	assert_status(offer(&f), STATUS_LOGON_FAILURE);
	krb.conf.rc4 = true;
	key_give(SERVICE, ETYPE_RC4, 6, 3);
	assert_status(heimdal_key_add(krb.heimdal, keys_at(krb.keys, keys_count(krb.keys) - 1)),
		      STATUS_SUCCESS);
	assert_status(offer(&f), STATUS_SUCCESS);
	krb.conf.rc4 = false;
}

static void
accept_refuses_names_that_could_be_others(void **state)
{
	static const char *const names[] = { "al\\/ice@" REALM, "al\\@ice@" REALM,
					     "WELLKNOWN/ANONYMOUS@" REALM,
					     "alice@" REALM "\\@OTHER" };
	struct forge f			 = good();

	(void)state;
	for (size_t i = 0; i < NELEM(names); i++) {
		f.client = names[i];
		assert_status(offer(&f), STATUS_LOGON_FAILURE);
	}
}

/* ---- mechListMIC ---- */

static const uint8_t mechs[] = { 0x30, 0x03, 0x06, 0x01, 0x2a };

static void
accept_waits_for_a_mic_that_is_due(void **state)
{
	static const struct span list = { mechs, sizeof mechs };
	struct forge f		      = good();
	struct initiator *x	      = initiator_new(&f);
	struct krb_accept_req req     = { .token     = initiator_token(x),
					  .mech_list = list,
					  .mic_due   = true };
	struct krb_accept_rsp rsp;
	struct call c = { .n = 0 };

	(void)state;
	assert_status(ask(&c, &req, &rsp), STATUS_SUCCESS);
	assert_false(rsp.done);
	assert_int_equal(rsp.key.n, 0);
	assert_int_equal(rsp.principal.n, 0);
	initiator_finish(x, rsp.token);
	assert_true(initiator_verifies(x, list, rsp.server_mic));
	req = (struct krb_accept_req){ .ctx	   = rsp.ctx,
				       .mech_list  = list,
				       .client_mic = initiator_mic(x, list) };
	assert_status(ask(&c, &req, &rsp), STATUS_SUCCESS);
	assert_true(rsp.done);
	assert_string_equal(rsp.principal.s, "alice");
	assert_memory_equal(rsp.key.p, initiator_key(x).p, 16);
	assert_status(ask(&c, &req, &rsp), STATUS_INVALID_PARAMETER); /* once */
	call_end(&c);
	initiator_drop(x);
}

static void
accept_refuses_a_wrong_mic(void **state)
{
	static const uint8_t others[] = { 0x30, 0x03, 0x06, 0x01, 0x2b };
	struct forge f		      = good();
	struct initiator *x	      = initiator_new(&f);
	struct krb_accept_req req     = { .token     = initiator_token(x),
					  .mech_list = SPAN(mechs, sizeof mechs),
					  .mic_due   = true };
	struct krb_accept_rsp rsp;
	struct call c = { .n = 0 };

	(void)state;
	assert_status(ask(&c, &req, &rsp), STATUS_SUCCESS);
	initiator_finish(x, rsp.token);
	req.ctx	       = rsp.ctx;
	req.token      = SPAN_NONE;
	req.client_mic = initiator_mic(x, SPAN(others, sizeof others));
	assert_status(ask(&c, &req, &rsp), STATUS_LOGON_FAILURE);
	assert_status(ask(&c, &req, &rsp), STATUS_INVALID_PARAMETER);
	call_end(&c);
	initiator_drop(x);
}

static void
accept_forgets_what_was_aborted(void **state)
{
	struct forge f		  = good();
	struct initiator *x	  = initiator_new(&f);
	struct krb_accept_req req = { .token	 = initiator_token(x),
				      .mech_list = SPAN(mechs, sizeof mechs),
				      .mic_due	 = true };
	struct krb_accept_rsp rsp;
	struct krb_abort_rsp none;
	struct call c = { .n = 0 };

	(void)state;
	assert_status(ask(&c, &req, &rsp), STATUS_SUCCESS);
	assert_status(krb_abort(&krb, &c, &(struct krb_abort_req){ rsp.ctx }, &none),
		      STATUS_SUCCESS);
	req.ctx = rsp.ctx;
	assert_status(ask(&c, &req, &rsp), STATUS_INVALID_PARAMETER);
	call_end(&c);
	initiator_drop(x);
}

/* ---- PAC ---- */

/* The recorded PAC, made out for a logon at this time and signed with that key. */
static struct span
pac_make(uint8_t *buf, size_t cap, uint32_t auth_time, const struct keyblock *key)
{
	struct span s = vector_load("auth/pac_bob.hex", buf, cap);
	uint8_t copy[4096];
	struct wr w = wr_init(copy, sizeof copy), time;
	struct pac p;

	assert_status(pac_decode(s, &p), STATUS_SUCCESS);
	time = wr_init(buf + (p.buffers[PAC_CLIENT_INFO].p - buf), 8);
	wr_filetime(&time, (int64_t)auth_time * 1000000000);
	pac_unsigned(&p, &w);
	forge_pac_sum(key, wr_done(&w), buf + p.server_sum.at);
	return s;
}

static struct forge
with_pac(uint8_t *buf, size_t cap)
{
	struct forge f = good();

	f.client    = "bob@" REALM;
	f.auth_time = (uint32_t)(clock_real_ns() / 1000000000u) - 30;
	f.pac	    = pac_make(buf, cap, f.auth_time, &f.key);
	return f;
}

static void
pac_gives_the_sids(void **state)
{
	uint8_t buf[4096];
	struct forge f		  = with_pac(buf, sizeof buf);
	struct initiator *x	  = initiator_new(&f);
	struct krb_accept_req req = { .token = initiator_token(x) };
	struct krb_accept_rsp rsp;
	struct call c = { .n = 0 };
	struct sid sid;
	struct rd r;

	(void)state;
	assert_status(ask(&c, &req, &rsp), STATUS_SUCCESS);
	assert_int_equal(rsp.flags, KRB_HAS_PAC);
	assert_string_equal(rsp.principal.s, "bob");
	assert_string_equal(rsp.logon_name.s, "bob");
	assert_string_equal(rsp.logon_domain.s, "ADTEST");
	r = rd_init(rsp.user_sid);
	rd_sid(&r, &sid);
	assert_true(rd_ok(&r) && rd_left(&r) == 0);
	assert_int_equal(sid.subs[sid.count - 1], 1103);
	assert_int_equal(rsp.sids.n, 3 * 28 + 12);
	call_end(&c);
	initiator_drop(x);
}

static void
pac_is_refused_when_anything_in_it_changed(void **state)
{
	uint8_t buf[4096];
	struct forge f = with_pac(buf, sizeof buf);
	struct pac p;

	(void)state;
	assert_status(pac_decode(f.pac, &p), STATUS_SUCCESS);
	assert_status(offer(&f), STATUS_SUCCESS);
	buf[p.server_sum.at] ^= 1; /* the signature */
	assert_status(offer(&f), STATUS_LOGON_FAILURE);
	buf[p.server_sum.at] ^= 1;
	buf[(size_t)(p.buffers[PAC_LOGON_INFO].p - buf) + 130] ^= 1; /* a RID */
	assert_status(offer(&f), STATUS_LOGON_FAILURE);
	buf[p.server_sum.at - 4] = 0; /* a type of signature that is none */
	assert_status(offer(&f), STATUS_LOGON_FAILURE);
}

static void
pac_of_another_key_client_or_logon_is_refused(void **state)
{
	uint8_t buf[4096];
	struct forge f	      = with_pac(buf, sizeof buf);
	struct keyblock other = key_of(ETYPE_AES256, 4);

	(void)state;
	f.client = "alice@" REALM;
	assert_status(offer(&f), STATUS_LOGON_FAILURE);
	f = with_pac(buf, sizeof buf);
	f.auth_time -= 10;
	assert_status(offer(&f), STATUS_LOGON_FAILURE);
	f     = with_pac(buf, sizeof buf);
	f.pac = pac_make(buf, sizeof buf, f.auth_time, &other); /* ours, but not the ticket's */
	assert_status(offer(&f), STATUS_LOGON_FAILURE);
}

static void
pac_can_be_required(void **state)
{
	uint8_t buf[4096];
	struct forge f = good();

	(void)state;
	krb.conf.require_pac = true;
	assert_status(offer(&f), STATUS_LOGON_FAILURE);
	f = with_pac(buf, sizeof buf);
	assert_status(offer(&f), STATUS_SUCCESS);
	krb.conf.require_pac = false;
}

/* ---- any bytes ---- */

static void
survive(struct span token)
{
	struct krb_accept_req req = { .token = token };
	struct krb_accept_rsp rsp;
	struct call c = { .n = 0 };

	(void)ask(&c, &req, &rsp).code;
	call_end(&c);
}

static void
refuse_it(struct span token)
{
	struct krb_accept_req req = { .token = token };
	struct krb_accept_rsp rsp;
	struct call c = { .n = 0 };

	assert_status(ask(&c, &req, &rsp), STATUS_LOGON_FAILURE);
	call_end(&c);
}

static void
accept_survives_any_cut_and_any_byte(void **state)
{
	struct forge f	    = good();
	struct initiator *x = initiator_new(&f);
	struct span token   = initiator_token(x);

	(void)state;
	check_cuts(token, refuse_it);
	check_mutations(token, survive);
	initiator_drop(x);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(accept_says_who_and_shares_a_key),
		cmocka_unit_test(accept_gives_16_bytes_unless_more_are_wanted),
		cmocka_unit_test(accept_refuses_what_is_bound_to_a_channel),
		cmocka_unit_test(accept_refuses_a_second_time),
		cmocka_unit_test(accept_refuses_wrong_times),
		cmocka_unit_test(accept_refuses_other_services_and_keys),
		cmocka_unit_test(accept_keeps_to_the_list_of_services),
		cmocka_unit_test(accept_refuses_rc4_unless_configured),
		cmocka_unit_test(accept_refuses_names_that_could_be_others),
		cmocka_unit_test(accept_waits_for_a_mic_that_is_due),
		cmocka_unit_test(accept_refuses_a_wrong_mic),
		cmocka_unit_test(accept_forgets_what_was_aborted),
		cmocka_unit_test(pac_gives_the_sids),
		cmocka_unit_test(pac_is_refused_when_anything_in_it_changed),
		cmocka_unit_test(pac_of_another_key_client_or_logon_is_refused),
		cmocka_unit_test(pac_can_be_required),
		cmocka_unit_test(accept_survives_any_cut_and_any_byte),
	};

	return cmocka_run_group_tests(tests, open_all, close_all);
}
