/*
 * test_cred_material.c - what a script hands in, and what is made of it: whom
 * Kerberos would know, which key is taken, which tickets are used.
 */
#include "tests/unit/check.h"

#include <time.h>

#include "authd/cred/cred.h"
#include "authd/cred/forge.h"
#include "authd/cred/tickets.h"

#define HASH "00112233445566778899aabbccddeeff"
#define KEY  HASH HASH

static uint8_t file[8192];

static struct cred
realm_of(const char *realm, bool rc4)
{
	return (struct cred){ .conf = { .realm = str_of(realm), .rc4 = rc4 } };
}

static nt
take(const struct cred *me, struct cred_create_req req, struct login *l)
{
	memset(l, 0, sizeof *l);
	if (req.user.s)
		memcpy(l->user, req.user.s, req.user.n + 1);
	if (req.domain.s)
		memcpy(l->domain, req.domain.s, req.domain.n + 1);
	return material_take(me, l, &req);
}

static void
done(struct login *l)
{
	hidden_free(&l->password);
	hidden_free(&l->key);
	hidden_free(&l->keytab);
	hidden_free(&l->tickets);
}

static void
client_follows_from_name_domain_and_realm(void **state)
{
	static const struct {
		const char *user, *domain, *realm, *want;
	} rows[] = {
		{ "bob", "", "CONF.EXAMPLE", "bob@CONF.EXAMPLE" },
		{ "bob", "WORKGROUP", "CONF.EXAMPLE", "bob@CONF.EXAMPLE" },
		{ "bob", "other.example", "CONF.EXAMPLE", "bob@OTHER.EXAMPLE" },
		{ "bob@third.example", "", "CONF.EXAMPLE", "bob@THIRD.EXAMPLE" },
		{ "host/fs", "", "CONF.EXAMPLE", "host/fs@CONF.EXAMPLE" },
		{ "bob", "WORKGROUP", "", "" },
		{ "bob@", "", "CONF.EXAMPLE", "" },
		{ "a//b", "", "CONF.EXAMPLE", "" },
	};
	struct login l;

	(void)state;
	for (size_t i = 0; i < NELEM(rows); i++) {
		struct cred me = realm_of(rows[i].realm, false);

		assert_status(take(&me,
				   (struct cred_create_req){ .type   = CRED_PASSWORD,
							     .user   = str_of(rows[i].user),
							     .domain = str_of(rows[i].domain),
							     .secret = SPAN_STR("x") },
				   &l),
			      STATUS_SUCCESS);
		assert_string_equal(l.client, rows[i].want);
		assert_true(l.has_hash);
		done(&l);
	}
}

static void
hash_is_a_kerberos_key_only_where_rc4_is_allowed(void **state)
{
	const struct cred_create_req req = { .type   = CRED_NT_HASH,
					     .user   = str_of("bob"),
					     .secret = SPAN_STR(HASH) };
	struct cred without = realm_of("R.EXAMPLE", false), with = realm_of("R.EXAMPLE", true);
	struct login l;

	(void)state;
	assert_status(take(&without, req, &l), STATUS_SUCCESS);
	assert_int_equal(l.key.n, 0);
	done(&l);
	assert_status(take(&with, req, &l), STATUS_SUCCESS);
	assert_int_equal(l.key_etype, KRB_ETYPE_RC4);
	done(&l);
}

static void
aes_key_has_one_of_two_lengths_and_needs_a_realm(void **state)
{
	struct cred me = realm_of("R.EXAMPLE", false), nowhere = realm_of("", false);
	struct cred_create_req req = { .type = CRED_AES_KEY, .user = str_of("bob") };
	struct login l;

	(void)state;
	req.secret = SPAN_STR(KEY);
	assert_status(take(&me, req, &l), STATUS_SUCCESS);
	assert_int_equal(l.key_etype, KRB_ETYPE_AES256);
	assert_int_equal(l.key.n, 32);
	assert_false(l.has_hash);
	done(&l);
	assert_status(take(&nowhere, req, &l), STATUS_INVALID_PARAMETER);
	req.secret = SPAN_STR(HASH);
	assert_status(take(&me, req, &l), STATUS_SUCCESS);
	assert_int_equal(l.key_etype, KRB_ETYPE_AES128);
	done(&l);
	req.secret = SPAN_STR(HASH "00");
	assert_status(take(&me, req, &l), STATUS_INVALID_PARAMETER);
	req.secret   = SPAN_STR(KEY);
	req.kerberos = CRED_KRB_OFF;
	assert_status(take(&me, req, &l), STATUS_INVALID_PARAMETER);
}

static void
keytab_gives_its_best_key_of_whom_is_meant(void **state)
{
	struct cred me		   = realm_of("TEST.EXAMPLE", false);
	struct cred_create_req req = { .type = CRED_KEYTAB,
				       .material =
					   vector_load("krb/keytab.hex", file, sizeof file) };
	struct login l;

	(void)state;
	assert_status(take(&me, req, &l), STATUS_SUCCESS);
	assert_string_equal(l.client, "cifs/localhost@TEST.EXAMPLE");
	assert_string_equal(l.user, "cifs/localhost");
	assert_string_equal(l.domain, "TEST.EXAMPLE");
	assert_int_equal(l.key_etype, KRB_ETYPE_AES256);
	done(&l);
	req.user = str_of("host/server.test.example");
	assert_status(take(&me, req, &l), STATUS_SUCCESS);
	assert_string_equal(l.client, "host/server.test.example@TEST.EXAMPLE");
	done(&l);
	req.user = str_of("bob");
	assert_status(take(&me, req, &l), STATUS_INVALID_PARAMETER);
}

/* An NT hash is the RC4 key: a keytab that has one does for NTLM. */
static void
keytab_with_an_rc4_key_does_for_ntlm(void **state)
{
	static const uint8_t key[16] = { 1, 2, 3 };
	struct cred me		     = realm_of("", false);
	struct krb_key k   = { .kvno = 1, .etype = KRB_ETYPE_RC4, .key = SPAN(key, sizeof key) };
	struct krb_key aes = { .kvno = 1, .etype = KRB_ETYPE_AES128, .key = SPAN(key, 16) };
	char room[KRB_TEXT_MAX];
	struct wr w = wr_init(file, sizeof file);
	struct login l;

	(void)state;
	assert_status(krb_name_parse("bob@R.EXAMPLE", room, &k.name), STATUS_SUCCESS);
	aes.name = k.name;
	krb_keytab_begin(&w);
	krb_keytab_put(&w, &k);
	krb_keytab_put(&w, &aes);
	assert_status(
	    take(&me, (struct cred_create_req){ .type = CRED_KEYTAB, .material = wr_done(&w) }, &l),
	    STATUS_SUCCESS);
	assert_true(l.has_hash);
	assert_memory_equal(l.hash, key, 16);
	assert_int_equal(l.key_etype, KRB_ETYPE_AES128);
	done(&l);
}

static struct login *
alice(void)
{
	static struct login l;
	struct cred me = realm_of("", false);

	assert_status(take(&me,
			   (struct cred_create_req){
			       .type	 = CRED_CCACHE,
			       .material = vector_load("krb/ccache.hex", file, sizeof file) },
			   &l),
		      STATUS_SUCCESS);
	return &l;
}

static void
ccache_says_whose_it_is(void **state)
{
	struct login *l = alice();
	struct cred me	= realm_of("TEST.EXAMPLE", false);
	struct login other;

	(void)state;
	assert_string_equal(l->client, "alice@TEST.EXAMPLE");
	assert_string_equal(l->user, "alice");
	assert_string_equal(l->domain, "TEST.EXAMPLE");
	done(l);
	assert_status(take(&me,
			   (struct cred_create_req){
			       .type	 = CRED_CCACHE,
			       .user	 = str_of("bob"),
			       .material = vector_load("krb/ccache.hex", file, sizeof file) },
			   &other),
		      STATUS_INVALID_PARAMETER);
}

static void
ticket_is_found_while_it_lives(void **state)
{
	struct login *l = alice();
	struct ticket_row r;
	uint32_t ends;

	(void)state;
	assert_true(tickets_find(l, "CIFS/LocalHost", 0, &r));
	ends = r.ticket.ends;
	assert_true(tickets_find(l, "cifs/localhost@TEST.EXAMPLE", ends - TICKET_FRESH_S - 1, &r));
	assert_false(tickets_find(l, "cifs/localhost", ends - TICKET_FRESH_S, &r));
	assert_false(tickets_find(l, "cifs/localhost@ELSEWHERE", 0, &r));
	assert_false(tickets_find(l, "cifs/other", 0, &r));
	assert_false(tickets_find(l, "", 0, &r));
	done(l);
}

static void
merged_tickets_replace_and_outlive(void **state)
{
	struct login *l = alice();
	struct ticket_row r;
	struct krb_ccache c;
	uint8_t got[4096];
	struct wr w = wr_init(got, sizeof got);
	struct krb_ticket t;
	uint32_t ends;

	(void)state;
	assert_status(krb_ccache_open(vector_load("krb/ccache.hex", file, sizeof file), &c),
		      STATUS_SUCCESS);
	assert_status(krb_ccache_next(&c, &t), STATUS_SUCCESS);
	ends = t.ends;
	t.ends += 1000;
	krb_ccache_begin(&w, &c.owner);
	krb_ccache_put(&w, &t);
	tickets_merge(l, wr_done(&w), ends - 10);
	assert_true(tickets_next(l, 0, &r));
	assert_int_equal(r.ticket.ends, ends + 1000);
	assert_true(tickets_next(l, 1, &r));
	assert_false(tickets_next(l, 2, &r));
	tickets_merge(l, wr_done(&w), ends + 10); /* the service's has ended */
	assert_false(tickets_next(l, 1, &r));
	done(l);
}

static void
bare_ticket_needs_its_key_and_an_owner(void **state)
{
	struct cred me = realm_of("TEST.EXAMPLE", false);
	struct krb_ccache c;
	struct krb_ticket t;
	struct ticket_row r;
	struct login l;
	struct cred_create_req req = { .type = CRED_TICKET, .user = str_of("alice") };

	(void)state;
	assert_status(krb_ccache_open(vector_load("krb/ccache.hex", file, sizeof file), &c),
		      STATUS_SUCCESS);
	assert_status(krb_ccache_next(&c, &t), STATUS_SUCCESS);
	assert_status(krb_ccache_next(&c, &t), STATUS_SUCCESS);
	req.material = t.ticket;
	assert_status(take(&me, req, &l), STATUS_INVALID_PARAMETER);
	req.secret = SPAN_STR(KEY);
	assert_status(take(&me, req, &l), STATUS_SUCCESS);
	assert_true(tickets_find(&l, "cifs/localhost", (uint32_t)time(NULL), &r));
	assert_int_equal(r.ticket.etype, KRB_ETYPE_AES256);
	done(&l);
	req.user = (struct str){ 0 };
	assert_status(take(&me, req, &l), STATUS_INVALID_PARAMETER);
}

static void
service_key_makes_a_ticket_for_its_service(void **state)
{
	struct cred me		   = realm_of("TEST.EXAMPLE", false);
	struct cred_create_req req = { .type	 = CRED_SERVICE_KEY,
				       .user	 = str_of("alice"),
				       .secret	 = SPAN_STR(KEY),
				       .material = SPAN_STR("cifs/fs.example") };
	struct ticket_row r;
	struct login l;

	(void)state;
	assert_status(take(&me, req, &l), STATUS_SUCCESS);
	assert_true(tickets_find_exact(&l, "cifs/fs.example@TEST.EXAMPLE", &r));
	assert_int_equal(r.ticket.etype, KRB_ETYPE_AES256);
	assert_int_equal(r.ticket.key.n, 32);
	done(&l);
	req.material = SPAN_STR("cifs/fs.example@OTHER.EXAMPLE");
	assert_status(take(&me, req, &l), STATUS_SUCCESS);
	assert_true(tickets_find_exact(&l, "cifs/fs.example@OTHER.EXAMPLE", &r));
	done(&l);
	req.material = SPAN("cifs/a\0b", 8);
	assert_status(take(&me, req, &l), STATUS_INVALID_PARAMETER);
	req.material = SPAN_STR("cifs//b");
	assert_status(take(&me, req, &l), STATUS_INVALID_PARAMETER);
	req.material = SPAN_STR("cifs/fs.example");
	req.secret   = SPAN_STR("xy");
	assert_status(take(&me, req, &l), STATUS_INVALID_PARAMETER);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(client_follows_from_name_domain_and_realm),
		cmocka_unit_test(hash_is_a_kerberos_key_only_where_rc4_is_allowed),
		cmocka_unit_test(aes_key_has_one_of_two_lengths_and_needs_a_realm),
		cmocka_unit_test(keytab_gives_its_best_key_of_whom_is_meant),
		cmocka_unit_test(keytab_with_an_rc4_key_does_for_ntlm),
		cmocka_unit_test(ccache_says_whose_it_is),
		cmocka_unit_test(ticket_is_found_while_it_lives),
		cmocka_unit_test(merged_tickets_replace_and_outlive),
		cmocka_unit_test(bare_ticket_needs_its_key_and_an_owner),
		cmocka_unit_test(service_key_makes_a_ticket_for_its_service),
	};

	acquire_settle(300, false);
	forge_settle();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
