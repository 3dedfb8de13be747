/*
 * test_conf_storages.c - is `storage hosts` what it says, or refused as a whole?
 */
#include "../check.h"

#include <stdio.h>

#include "broker/config/conf.h"

static struct conf_storage_hosts hosts;

static int
setup(void **state)
{
	(void)state;
	memset(&hosts, 0, sizeof hosts);
	return 0;
}

static void
names_and_addresses_are_read(void **state)
{
	(void)state;
	assert_true(conf_storage_hosts_read(
	    "alpha=192.0.2.11:4451, b-2=[2001:db8::1]:5 c=files-0.files.example:65535", &hosts));
	assert_int_equal(hosts.n, 3);
	assert_string_equal(hosts.v[0].name, "alpha");
	assert_string_equal(hosts.v[0].at.host, "192.0.2.11");
	assert_int_equal(hosts.v[0].at.port, 4451);
	assert_string_equal(hosts.v[1].name, "b-2");
	assert_string_equal(hosts.v[1].at.host, "2001:db8::1");
	assert_int_equal(hosts.v[1].at.port, 5);
	assert_string_equal(hosts.v[2].at.host, "files-0.files.example");
	assert_int_equal(hosts.v[2].at.port, 65535);
}

static void
what_is_none_is_refused_whole(void **state)
{
	static const char *const bad[] = {
		"alpha",
		"=192.0.2.11:4451",
		"al/pha=192.0.2.11:4451",
		"alpha=192.0.2.11",
		"alpha=192.0.2.11:0",
		"alpha=host.example",
		"alpha=host.example:65536",
		"alpha=192.0.2.300:4451",
		"alpha=ho/st:4451",
		"alpha=-host:4451",
		"alpha=[host.example]:4451",
		"alpha=2001:db8::1:4451",
		"alpha=192.0.2.11:4451, alpha=192.0.2.12:4451",
		"good=192.0.2.11:4451, bad",
		"a23456789012345678901234567890123=192.0.2.11:4451",
	};

	(void)state;
	for (size_t i = 0; i < NELEM(bad); i++) {
		assert_false(conf_storage_hosts_read(bad[i], &hosts));
		assert_int_equal(hosts.n, 0);
	}
}

static void
more_than_there_may_be_are_refused(void **state)
{
	char text[1024] = "";
	size_t n	= 0;

	(void)state;
	for (unsigned i = 0; i <= STORAGES_MAX; i++)
		n += (size_t)snprintf(text + n, sizeof text - n, "s%u=192.0.2.1:%u ", i, i + 1);
	assert_false(conf_storage_hosts_read(text, &hosts));
	text[n - strlen("s16=192.0.2.1:17 ")] = '\0';
	assert_true(conf_storage_hosts_read(text, &hosts));
	assert_int_equal(hosts.n, STORAGES_MAX);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(names_and_addresses_are_read, setup),
		cmocka_unit_test_setup(what_is_none_is_refused_whole, setup),
		cmocka_unit_test_setup(more_than_there_may_be_are_refused, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
