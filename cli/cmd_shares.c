/* cmd_shares.c - shares: what a server offers; server: its interfaces, its sessions. */
#include <string.h>

#include "cli/ask.h"
#include "cli/client.h"
#include "cli/print.h"
#include "cli/values.h"

static const struct column share_columns_of[] = {
	{ "SHARE", "name", COLUMN_TEXT },
	{ "TYPE", "kind", COLUMN_TEXT },
	{ "COMMENT", "comment", COLUMN_TEXT },
};

/* [MS-SRVS] 2.2.2.4: low bits the kind, high ones whether it is special or temporary. */
static const char *
kind_of(json_int_t type)
{
	static const char *const kinds[] = { "disk", "printer", "device", "pipe" };

	return (type & 0xffff) < 4 ? kinds[type & 0xffff] : "other";
}

int
shares_print(struct cli *c, const struct place *p)
{
	struct place server = place_server(p);
	json_t *reply = NULL, *shares, *share;
	size_t i;
	int rc = place_ask(c, &server, "client.shares", NULL, &reply);

	if (rc != EXIT_OK)
		return rc;
	shares = json_object_get(reply, "shares");
	json_array_foreach(shares, i, share)
		(void)json_object_set_new(share, "kind",
		    json_string(kind_of(json_integer_value(json_object_get(share, "type")))));
	if (c->json)
		json_print(reply);
	else
		table_print(shares, share_columns_of, NELEM(share_columns_of));
	json_decref(reply);
	return EXIT_OK;
}

int
cmd_shares(struct cli *c)
{
	struct place p;
	int rc = place_find(c, operand_or_here(c, 0), WANT_SERVER, &p);

	return rc == EXIT_OK ? shares_print(c, &p) : rc;
}

static const struct column network_columns[] = {
	{ "INTERFACE", "name", COLUMN_TEXT },
	{ "ADDRESS", "addr", COLUMN_TEXT },
	{ "SPEED", "speed", COLUMN_TEXT },
	{ "CAN", "flags", COLUMN_TEXT },
};

static const struct column session_columns_of[] = {
	{ "USER", "name", COLUMN_TEXT },
	{ "CLIENT", "client", COLUMN_TEXT },
	{ "SINCE", "since", COLUMN_TIME },
	{ "IDLE", "idle", COLUMN_NUMBER },
};

/* Interfaces have no port; the API's addresses always do. */
static void
port_hide(json_t *row)
{
	const char *addr = json_str_get(row, "addr");
	size_t n         = strlen(addr);

	if (n > 2 && strcmp(addr + n - 2, ":0") == 0)
		(void)json_object_set_new(row, "addr", json_stringn(addr, n - 2));
}

static json_t *
speed_text(uint64_t bits)
{
	static const char *const units[] = { "", "k", "M", "G", "T" };
	double left                      = (double)bits;
	size_t unit                      = 0;

	for (; left >= 1000 && unit + 1 < NELEM(units); unit++)
		left /= 1000;
	return json_sprintf("%.3g %sbit/s", left, units[unit]);
}

/* NETWORK_INTERFACE_INFO, Capability: [MS-SMB2] 2.2.32.5 */
static json_t *
abilities_text(uint64_t flags)
{
	return json_string((flags & 3) == 3 ? "rss, rdma" : flags & 1 ? "rss" : flags & 2 ? "rdma" : "");
}

/* For people: what programs want stands in the JSON. */
static void
interfaces_explain(json_t *rows)
{
	json_t *row;
	size_t i;

	json_array_foreach(rows, i, row) {
		port_hide(row);
		(void)json_object_set_new(row, "speed", speed_text(json_u64_get(row, "speed")));
		(void)json_object_set_new(row, "flags", abilities_text(json_u64_get(row, "flags")));
	}
}

static void
print_server(const json_t *reply, bool network)
{
	json_t *rows = json_object_get(reply, "servers");

	if (!network) {
		table_print(rows, session_columns_of, NELEM(session_columns_of));
		return;
	}
	interfaces_explain(rows);
	table_print(rows, network_columns, NELEM(network_columns));
}

/* In the shell a single word is what is wanted; else it may stand before or after the address. */
int
cmd_server(struct cli *c)
{
	const char *what = c->args.operands[0], *where = operand_or_here(c, 1);
	json_t *reply    = NULL;
	struct place p   = { 0 };
	int rc;

	if (url_is(what)) {
		what  = operand_or_here(c, 1);
		where = c->args.operands[0];
	}
	if (strcmp(what, "network") != 0 && strcmp(what, "sessions") != 0)
		return cli_misused("server: \"network\" or \"sessions\" is wanted");
	rc = place_find(c, where, WANT_SERVER, &p);
	p  = place_server(&p);
	if (rc == EXIT_OK)
		rc = place_ask(c, &p, "client.server", json_pack("{s:s}", "what", what), &reply);
	if (rc != EXIT_OK)
		return rc;
	if (c->json)
		json_print(reply);
	else
		print_server(reply, what[0] == 'n');
	json_decref(reply);
	return EXIT_OK;
}
