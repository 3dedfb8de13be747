/*
 * test_clientd_cache.c - files that are kept under a lease: when one is asked for,
 * what is answered from it, and servers that give something else.
 * [MS-SMB2] 3.2.4.3.8
 */
#include "tests/unit/clientd/lender.h"

/* ---- what is kept ---- */

static void
a_file_is_kept_from_its_third_use_on(void **state)
{
	(void)state;
	begin();
	keep("f");
	assert_int_equal(server.creates, ASKED_OFTEN);
	assert_int_equal(server.leases, 1);
	assert_int_equal(server.asked.version, 2);
	for (int i = 0; i < 5; i++)
		assert_status(ask_stat("f"), STATUS_SUCCESS);
	assert_int_equal(peer->session->cached, 5);
	assert_int_equal(peer->session->kept, 1);
	assert_int_equal(server.creates, ASKED_OFTEN);
	end();
}

static void
names_of_one_file_are_one(void **state)
{
	(void)state;
	begin();
	keep("a/f");
	for (int i = 0; i < 3; i++)
		assert_status(ask_stat("/a//f"), STATUS_SUCCESS);
	assert_int_equal(peer->session->cached, 3);
	assert_int_equal(server.creates, ASKED_OFTEN);
	assert_int_equal(stage->client.n_kept, 1);
	end();
}

static void
content_is_kept_with_it(void **state)
{
	(void)state;
	begin();
	for (int i = 0; i < ASKED_OFTEN; i++)
		ask_get("f");
	assert_int_equal(server.reads, ASKED_OFTEN);
	for (int i = 0; i < 5; i++)
		ask_get("f");
	assert_int_equal(peer->session->cached, 5);
	assert_int_equal(server.reads, ASKED_OFTEN);
	assert_int_equal(server.creates, ASKED_OFTEN);
	assert_int_equal(peer->session->kept_bytes, 10);
	end();
}

static void
content_comes_later_by_the_same_open(void **state)
{
	(void)state;
	begin();
	keep("f");
	for (int i = 0; i < 4; i++)
		ask_get("f");
	assert_int_equal(peer->session->cached, 3);
	assert_int_equal(server.reads, 1);
	assert_int_equal(server.creates, ASKED_OFTEN);
	end();
}

static void
an_empty_file_is_kept_too(void **state)
{
	(void)state;
	begin();
	server.is.end_of_file = 0;
	keep("f");
	assert_int_equal(stage->client.n_kept, 1);
	end();
}

static void
each_dialect_has_its_lease(void **state)
{
	static const struct {
		uint16_t dialect;
		uint32_t caps;
		unsigned leases, version;
	} rows[] = {
		{ SMB2_DIALECT_202, SMB2_GLOBAL_CAP_LEASING, 0, 0 },
		{ SMB2_DIALECT_210, SMB2_GLOBAL_CAP_LEASING, 1, 1 },
		{ SMB2_DIALECT_210, 0, 0, 0 },
		{ SMB2_DIALECT_300, SMB2_GLOBAL_CAP_LEASING, 1, 2 },
		{ SMB2_DIALECT_311, 0, 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < NELEM(rows); i++) {
		begin();
		peer->session->conn->nego.dialect     = rows[i].dialect;
		peer->session->conn->nego.server_caps = rows[i].caps;
		for (int n = 0; n < 6; n++)
			assert_status(ask_stat("f"), STATUS_SUCCESS);
		assert_int_equal(server.leases, rows[i].leases);
		assert_int_equal(server.asked.version, rows[i].version);
		end();
	}
}

static void
nothing_is_kept_by_who_will_not_have_it(void **state)
{
	(void)state;
	begin();
	peer->session->flags |= CLIENT_NO_CACHE;
	for (int n = 0; n < 6; n++)
		assert_status(ask_stat("f"), STATUS_SUCCESS);
	assert_int_equal(server.creates, 6);
	assert_int_equal(server.leases, 0);
	end();
}

/* A walk is no dearer than it was. */
static void
many_files_once_each_take_no_lease(void **state)
{
	char path[32];

	(void)state;
	begin();
	for (int i = 0; i < 2000; i++) {
		(void)snprintf(path, sizeof path, "d/%d", i);
		assert_status(ask_stat(path), STATUS_SUCCESS);
	}
	assert_int_equal(server.creates, 2000);
	assert_int_equal(server.closes, 2000);
	assert_int_equal(server.leases, 0);
	end();
}

static void
there_are_limits(void **state)
{
	char path[32];

	(void)state;
	begin();
	for (unsigned i = 0; i < KEPT_OF_SESSION + 8; i++) {
		(void)snprintf(path, sizeof path, "%u", i);
		for (int n = 0; n < ASKED_OFTEN; n++)
			ask_get(path);
	}
	assert_int_equal(peer->session->kept, KEPT_OF_SESSION);
	assert_int_equal(peer->session->kept_bytes, 10 * KEPT_OF_SESSION);
	until(&server.closes, server.creates - KEPT_OF_SESSION);
	end();
}

/* ---- servers that give something else ---- */

static void
what_was_not_asked_for_is_not_kept(void **state)
{
	static const struct {
		uint32_t grants, flags, attributes, links;	/* and one more */
		uint8_t level;
		bool other_key, no_context, cut_context;
	} rows[] = {
		{ .grants = 0 },
		{ .grants = SMB2_LEASE_READ_CACHING },
		{ .grants = SMB2_LEASE_HANDLE_CACHING },
		{ .grants = RH | SMB2_LEASE_WRITE_CACHING },
		{ .grants = UINT32_MAX },
		{ .grants = RH, .flags = SMB2_LEASE_FLAG_BREAK_IN_PROGRESS },
		{ .grants = RH, .other_key = true },
		{ .grants = RH, .no_context = true },
		{ .grants = RH, .cut_context = true },
		{ .grants = RH, .level = SMB2_OPLOCK_LEVEL_BATCH },
		{ .grants = RH, .attributes = FILE_ATTRIBUTE_DIRECTORY },
		{ .grants = RH, .attributes = FILE_ATTRIBUTE_REPARSE_POINT },
		{ .grants = RH, .links = 1 },
		{ .grants = RH, .links = 3 },
	};

	(void)state;
	for (size_t i = 0; i < NELEM(rows); i++) {
		begin();
		server.grants	  = rows[i].grants;
		server.flags	  = rows[i].flags;
		server.other_key  = rows[i].other_key;
		server.no_context = rows[i].no_context;
		server.cut_context = rows[i].cut_context;
		if (rows[i].level)
			server.level = rows[i].level;
		if (rows[i].attributes)
			server.is.attributes = rows[i].attributes;
		if (rows[i].links)
			server.is.nlink = rows[i].links - 1;
		for (int n = 0; n < 6; n++)
			assert_status(ask_stat("f"), STATUS_SUCCESS);
		assert_int_equal(server.leases, 1);
		assert_int_equal(server.creates, 6);
		assert_int_equal(peer->session->kept, 0);
		until(&server.closes, 6);
		end();
	}
}

/* Its own status counts, from an open as it always was. */
static void
a_lease_that_is_refused_costs_no_call(void **state)
{
	(void)state;
	begin();
	server.refuses_lease = true;
	for (int n = 0; n < 6; n++)
		assert_status(ask_stat("f"), STATUS_SUCCESS);
	assert_int_equal(server.leases, 1);
	assert_int_equal(peer->session->kept, 0);
	end();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_is_kept_from_its_third_use_on),
		cmocka_unit_test(names_of_one_file_are_one),
		cmocka_unit_test(content_is_kept_with_it),
		cmocka_unit_test(content_comes_later_by_the_same_open),
		cmocka_unit_test(an_empty_file_is_kept_too),
		cmocka_unit_test(each_dialect_has_its_lease),
		cmocka_unit_test(nothing_is_kept_by_who_will_not_have_it),
		cmocka_unit_test(many_files_once_each_take_no_lease),
		cmocka_unit_test(there_are_limits),
		cmocka_unit_test(what_was_not_asked_for_is_not_kept),
		cmocka_unit_test(a_lease_that_is_refused_costs_no_call),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
