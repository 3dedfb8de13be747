/* cmd_sd.c - getsd, setsd: who may do what, as SDDL.  [MS-DTYP] 2.5.1 */
#include <stdio.h>
#include <string.h>

#include "cli/ask.h"
#include "cli/escape.h"
#include "cli/listing.h"
#include "cli/values.h"

/* SECURITY_INFORMATION, [MS-DTYP] 2.4.7 */
#define INFO_OWNER 1u
#define INFO_GROUP 2u
#define INFO_DACL  4u
#define INFO_SACL  8u

static void
line(const char *what, const char *value)
{
	printf("  %-6s ", what);
	escape_put(value[0] ? value : "-");
	(void)putchar('\n');
}

static int
getsd_one(struct cli *c, const struct place *p, void *ctx)
{
	unsigned info = INFO_OWNER | INFO_GROUP | INFO_DACL |
	    (options_has(&c->args, OPT_SACL) ? INFO_SACL : 0);
	char text[URL_TEXT];
	json_t *reply = NULL;
	int rc = place_ask(c, p, "client.getsd", json_pack("{s:i}", "info", (int)info), &reply);

	(void)ctx;
	if (rc != EXIT_OK)
		return rc;
	if (c->json) {
		json_print(reply);
	} else {
		printf("%s\n", place_print(p, text));
		line("owner", json_str_get(reply, "owner"));
		line("group", json_str_get(reply, "group"));
		line("sddl", json_str_get(reply, "sddl"));
	}
	json_decref(reply);
	return EXIT_OK;
}

int
cmd_getsd(struct cli *c)
{
	return each_operand(c, getsd_one, NULL);
}

/* The parts that stand in it, outside of parentheses. */
static unsigned
sddl_info(const char *sddl)
{
	static const char letters[] = "OGDS";
	unsigned info = 0, depth = 0;

	for (; *sddl; sddl++) {
		const char *at = strchr(letters, *sddl);

		depth += *sddl == '(';
		depth -= *sddl == ')' && depth > 0;
		if (depth == 0 && at && sddl[1] == ':')
			info |= 1u << (at - letters);
	}
	return info;
}

int
cmd_setsd(struct cli *c)
{
	const char *sddl = c->args.operands[1];
	unsigned info    = sddl_info(sddl);
	struct place p;
	int rc;

	if (info == 0)
		return cli_misused("setsd: \"%s\" is no SDDL; for example D:(A;;FA;;;SY)", sddl);
	rc = place_find(c, c->args.operands[0], WANT_SHARE, &p);
	return rc != EXIT_OK ? rc : place_do(c, &p, "client.setsd",
	    json_pack("{s:i, s:s}", "info", (int)info, "sddl", sddl));
}
