/*
 * cmd_info.c - what a session is: as whom, negotiated how, protected by what.
 * Encryption that was asked for and is not there shows here.
 */
#include <stdio.h>
#include <string.h>

#include "cli/ask.h"
#include "cli/client.h"
#include "cli/values.h"

struct word {
	json_int_t value;
	const char *name;
};

/* [MS-SMB2] 2.2.3.1.2, 2.2.3.1.7 */
static const struct word ciphers[] = { { 1, "AES-128-CCM" }, { 2, "AES-128-GCM" },
	{ 3, "AES-256-CCM" }, { 4, "AES-256-GCM" }, { 0, NULL } };
static const struct word signings[] = { { 0, "HMAC-SHA256" }, { 1, "AES-CMAC" },
	{ 2, "AES-GMAC" }, { 0, NULL } };
static const struct word dialects[] = { { 0x0202, "2.0.2" }, { 0x0210, "2.1" },
	{ 0x0300, "3.0" }, { 0x0302, "3.0.2" }, { 0x0311, "3.1.1" }, { 0, NULL } };

static const char *
word_of(const struct word *words, json_int_t value)
{
	for (; words->name; words++)
		if (words->value == value)
			return words->name;
	return "unknown";
}

static json_int_t
number(const json_t *info, const char *field)
{
	return json_integer_value(json_object_get(info, field));
}

static bool
flag(const json_t *info, const char *field)
{
	return json_is_true(json_object_get(info, field));
}

static void
print_user(const json_t *info)
{
	const char *user = json_str_get(info, "user"), *domain = json_str_get(info, "domain");

	printf("user         ");
	if (flag(info, "anonymous"))
		printf("nobody (anonymous)");
	else
		printf("%s%s%s%s", user, domain[0] ? ", " : "", domain,
		    flag(info, "guest") ? " (guest)" : "");
	printf("\nlogged on by %s\n", json_str_get(info, "mechanism"));
}

static void
print_info(const json_t *info)
{
	bool sealed = flag(info, "encrypted"), strange = flag(info, "guest") || flag(info, "anonymous");
	json_int_t cipher = number(info, "cipher");
	char opened[TIME_TEXT], most[SIZE_TEXT], in[SIZE_TEXT], out[SIZE_TEXT];

	printf("server       %s, %s\n", json_str_get(info, "host"), json_str_get(info, "server"));
	print_user(info);
	printf("dialect      SMB %s\n", word_of(dialects, number(info, "dialect")));
	printf("signing      %s\n", strange ? "none: there is no key"
		: flag(info, "signed") || sealed ? word_of(signings, number(info, "signing_alg"))
						 : "not asked for by either side (--require-signing)");
	printf("encryption   %s%s\n", sealed ? word_of(ciphers, cipher) : "none",
	    sealed || cipher == 0 ? "" : ", though the server can (--require-encryption)");
	printf("connections  %lld, since %s, lost and made again %lld times\n",
	    (long long)number(info, "channels"),
	    time_print((int64_t)json_u64_get(info, "opened"), opened),
	    (long long)number(info, "reconnects"));
	printf("requests     up to %s\n", size_print(json_u64_get(info, "max_read"), most));
	printf("moved        %s in, %s out\n", size_print(json_u64_get(info, "bytes_in"), in),
	    size_print(json_u64_get(info, "bytes_out"), out));
	printf("cache        %lld files under a lease, %lld answers, %lld leases taken back\n",
	    (long long)number(info, "kept"), (long long)json_u64_get(info, "cached"),
	    (long long)number(info, "breaks"));
}

int
cmd_info(struct cli *c)
{
	json_t *info = NULL;
	struct place p;
	int rc = place_find(c, operand_or_here(c, 0), WANT_SERVER, &p);

	p = place_server(&p);
	if (rc == EXIT_OK)
		rc = place_ask(c, &p, "client.info", NULL, &info);
	if (rc != EXIT_OK)
		return rc;
	if (c->json)
		json_print(info);
	else
		print_info(info);
	json_decref(info);
	return EXIT_OK;
}
