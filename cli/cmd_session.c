/* cmd_session.c - session list, session close. */
#include <errno.h>
#include <stdlib.h>

#include "cli/ask.h"
#include "cli/cli.h"
#include "cli/lists.h"

const struct column session_columns[] = {
	{ "SESSION", "session", COLUMN_NUMBER },
	{ "USER", "user", COLUMN_TEXT },
	{ "DOMAIN", "domain", COLUMN_TEXT },
	{ "BY", "method", COLUMN_TEXT },
	{ "GUEST", "guest", COLUMN_FLAG },
	{ "ANONYMOUS", "anonymous", COLUMN_FLAG },
	{ "CLIENT", "client", COLUMN_TEXT },
	{ "SINCE", "started", COLUMN_TIME },
	{ "WORKER", "worker", COLUMN_NUMBER },
	{ "DIALECT", "dialect", COLUMN_DIALECT },
	{ "SIGNED", "signed", COLUMN_FLAG },
	{ "ENCRYPTED", "encrypted", COLUMN_FLAG },
};
const size_t session_n_columns = NELEM(session_columns);

int
cmd_session_list(struct cli *c)
{
	return list_command(c, "session.list", "sessions", session_columns, session_n_columns);
}

int
cmd_session_close(struct cli *c)
{
	const char *text = c->args.operands[0];
	char *end;
	unsigned long long id;

	errno = 0;
	id    = strtoull(text, &end, 0);
	if (text[0] < '0' || text[0] > '9' || *end || errno != 0 || id > INT64_MAX)
		return cli_misused("session close: \"%s\" is no session id", text);
	return ask_done(c, text, "session.close", json_pack("{s:I}", "session", (json_int_t)id),
	    SPAN_NONE);
}
