/*
 * commands.c - the table of commands, and how one is found and explained.
 */
#include <stdio.h>
#include <string.h>

#include "base/nt.h"
#include "cli/cli.h"
#include "cli/credential.h"

#define PASSWORDS (OPT_BIT(PASSWORD_STDIN) | OPT_BIT(PASSWORD_FILE))
#define SERVING                                                                              \
	(OPT_BIT(LISTEN) | OPT_BIT(SHARE) | OPT_BIT(RW) | OPT_BIT(GUEST) | OPT_BIT(USER))
/* What a session with a server is told to be like, and by whom. */
#define SESSION                                                                               \
	(CREDENTIAL_OPTIONS | OPT_BIT(CONNECT) | OPT_BIT(SPN) | OPT_BIT(WORKSTATION) | OPT_BIT(MIN_DIALECT) |     \
	 OPT_BIT(MAX_DIALECT) | OPT_BIT(REQUIRE_SIGNING) | OPT_BIT(REQUIRE_ENCRYPTION) |       \
	 OPT_BIT(CHANNELS) | OPT_BIT(NO_CACHE) | OPT_BIT(TIMEOUT) | OPT_BIT(BACKUP) |          \
	 OPT_BIT(DFS) | OPT_BIT(NO_LINKS))
#define REMOTE (OPT_BIT(CONNECT) | OPT_BIT(KEY))
#define COPYING                                                                               \
	(OPT_BIT(RECURSIVE) | OPT_BIT(PRESERVE) | OPT_BIT(NO_CLOBBER) | OPT_BIT(JOBS) |        \
	 OPT_BIT(INCLUDE) | OPT_BIT(EXCLUDE) | OPT_BIT(DRY_RUN) | OPT_BIT(QUIET))
#define MOVING (COPYING | OPT_BIT(CHECKSUM))
#define PUTTING (MOVING | OPT_BIT(RESUME) | OPT_BIT(IN_PLACE))
#define ORDERS (OPT_BIT(BY_TIME) | OPT_BIT(BY_SIZE) | OPT_BIT(REVERSE))
#define TRACING                                                                               \
	(OPT_BIT(USER) | OPT_BIT(SHARE) | OPT_BIT(COMMAND) | OPT_BIT(SESSION) | OPT_BIT(CLIENT) | \
	 OPT_BIT(PAYLOAD) | OPT_BIT(PCAP) | OPT_BIT(COUNT) | OPT_BIT(SECONDS) | OPT_BIT(TREE))
#define DISSECTING (OPT_BIT(TREE) | OPT_BIT(SESSION_KEY) | OPT_BIT(SESSION_KEY_FILE))

const struct cli_cmd cli_commands[] = {
	{ "serve", "", 0, CLI_OPERANDS, NEEDS_NOTHING, SERVING,
	    "serve files in the foreground; prints \"ready ADDR:PORT\" when it does", cmd_serve },
	{ "check-config", "", 0, 0, NEEDS_NOTHING, 0,
	    "name every problem of the configuration file with its line", cmd_check_config },
	{ "user add", "NAME", 1, 1, NEEDS_ACCOUNTS, PASSWORDS | OPT_BIT(NT_HASH),
	    "add an account", cmd_user_add },
	{ "user passwd", "NAME", 1, 1, NEEDS_ACCOUNTS, PASSWORDS | OPT_BIT(NT_HASH),
	    "change an account's password", cmd_user_passwd },
	{ "user del", "NAME", 1, 1, NEEDS_ACCOUNTS, 0, "delete an account", cmd_user_del },
	{ "user list", "", 0, 0, NEEDS_ACCOUNTS, 0, "list the accounts", cmd_user_list },
	{ "user locks", "", 0, 0, NEEDS_ACCOUNTS, 0,
	    "list who is locked out after too many wrong passwords", cmd_user_locks },
	{ "user unlock", "NAME|ADDRESS", 1, 1, NEEDS_ACCOUNTS, 0,
	    "end the lock-outs of an account or of an address", cmd_user_unlock },
	{ "user import", "[FILE|-]", 0, 1, NEEDS_ACCOUNTS, 0,
	    "add the accounts that Samba's `pdbedit -L -w` printed", cmd_user_import },
	{ "keytab add", "PRINCIPAL", 1, 1, NEEDS_ACCOUNTS,
	    OPT_BIT(AES256) | OPT_BIT(AES128) | OPT_BIT(RC4) | OPT_BIT(KVNO),
	    "add a Kerberos key of this server", cmd_keytab_add },
	{ "keytab del", "PRINCIPAL", 1, 1, NEEDS_ACCOUNTS, 0,
	    "forget the keys that were added for a principal", cmd_keytab_del },
	{ "keytab list", "", 0, 0, NEEDS_ACCOUNTS, 0, "list this server's Kerberos keys",
	    cmd_keytab_list },
	{ "keys create", "NAME", 1, 1, NEEDS_ACCOUNTS, REMOTE | OPT_BIT(ADMIN) | OPT_BIT(STORAGE) | OPT_BIT(OUT),
	    "make a key by which scripts or a storage come from another machine", cmd_keys_create },
	{ "keys list", "", 0, 0, NEEDS_ACCOUNTS, REMOTE, "list those keys", cmd_keys_list },
	{ "keys revoke", "NAME", 1, 1, NEEDS_ACCOUNTS, REMOTE,
	    "end a key, at once and for good", cmd_keys_revoke },
	{ "import-smb-conf", "FILE|-", 1, 1, NEEDS_NOTHING, 0,
	    "print an smb.conf as our configuration; what cannot be carried over is listed",
	    cmd_import_smb_conf },
	{ "status", "", 0, 0, NEEDS_SERVER, REMOTE,
	    "processes with their walls, sessions, shares, counters", cmd_status },
	{ "session list", "", 0, 0, NEEDS_SERVER, 0, "list the sessions", cmd_session_list },
	{ "session close", "ID", 1, 1, NEEDS_SERVER, 0, "end a session", cmd_session_close },
	{ "open list", "", 0, 0, NEEDS_SERVER, 0, "list the open files", cmd_open_list },
	{ "share list", "", 0, 0, NEEDS_SERVER, 0, "list the shares", cmd_share_list },
	{ "log-level", "error|warn|audit|info|debug", 1, 1, NEEDS_SERVER, 0,
	    "how much the instance logs from now on", cmd_log_level },
	{ "reload", "", 0, 0, NEEDS_SERVER, 0, "read the configuration again", cmd_reload },
	{ "call", "METHOD ['JSON']", 1, 2, NEEDS_SERVER, PASSWORDS | REMOTE,
	    "call any method of the scripting interface", cmd_call },

	{ "ticket request", "[SPN...]", 0, CLI_OPERANDS, NEEDS_CLIENT,
	    CREDENTIAL_OPTIONS | OPT_BIT(OUT) | OPT_BIT(LIFETIME) | OPT_BIT(RENEWABLE),
	    "get a TGT, or tickets for services", cmd_ticket_request },
	{ "ticket list", "[CREDENTIAL]", 0, 1, NEEDS_CLIENT, CREDENTIAL_OPTIONS,
	    "list the tickets of a credential or file, or the credentials", cmd_ticket_list },
	{ "ticket renew", "[CREDENTIAL]", 0, 1, NEEDS_CLIENT, CREDENTIAL_OPTIONS | OPT_BIT(OUT),
	    "renew a TGT, in the file that it came from or in another", cmd_ticket_renew },
	{ "ticket export", "[CREDENTIAL]", 0, 1, NEEDS_CLIENT, CREDENTIAL_OPTIONS | OPT_BIT(OUT),
	    "write tickets or keys to a file", cmd_ticket_export },
	{ "ticket import", "", 0, 0, NEEDS_CLIENT, CREDENTIAL_OPTIONS,
	    "hand tickets or keys to the running instance", cmd_ticket_import },
	{ "ticket make", "SPN", 1, 1, NEEDS_CLIENT, OPT_BIT(USER) | OPT_BIT(KEY) | OPT_BIT(OUT),
	    "make a ticket for a service whose key one has", cmd_ticket_make },

	{ "shell", "URL [FILE...]", 1, CLI_OPERANDS, NEEDS_CLIENT,
	    SESSION | OPT_BIT(COMMAND) | OPT_BIT(KEEP_GOING),
	    "a prompt on a server; or the commands of -c, or of files", cmd_shell },
	{ "shares", "[URL]", 0, 1, NEEDS_CLIENT, SESSION, "what a server shares", cmd_shares },
	{ "ls", "[URL...]", 0, CLI_OPERANDS, NEEDS_CLIENT,
	    SESSION | ORDERS | OPT_BIT(LONG) | OPT_BIT(RECURSIVE), "list directories", cmd_ls },
	{ "tree", "[URL] [REGEX] [DEPTH]", 0, 3, NEEDS_CLIENT, SESSION,
	    "a directory and what is below it; only names like REGEX", cmd_tree },
	{ "stat", "[URL...]", 0, CLI_OPERANDS, NEEDS_CLIENT, SESSION, "all about a name", cmd_stat },
	{ "df", "[URL...]", 0, CLI_OPERANDS, NEEDS_CLIENT, SESSION, "room on a share", cmd_df },
	{ "du", "[URL...]", 0, CLI_OPERANDS, NEEDS_CLIENT, SESSION,
	    "room that a directory takes with all below it", cmd_du },
	{ "mkdir", "URL...", 1, CLI_OPERANDS, NEEDS_CLIENT, SESSION | OPT_BIT(PARENTS),
	    "make directories", cmd_mkdir },
	{ "rmdir", "URL...", 1, CLI_OPERANDS, NEEDS_CLIENT, SESSION, "remove empty directories",
	    cmd_rmdir },
	{ "rm", "URL...", 1, CLI_OPERANDS, NEEDS_CLIENT,
	    SESSION | OPT_BIT(RECURSIVE) | OPT_BIT(FORCE), "remove files", cmd_rm },
	{ "mv", "URL... URL", 2, CLI_OPERANDS, NEEDS_CLIENT, SESSION | OPT_BIT(FORCE),
	    "rename, or move within a share", cmd_mv },
	{ "cp", "URL... URL", 2, CLI_OPERANDS, NEEDS_CLIENT, SESSION | COPYING,
	    "copy on a server, or from one to another", cmd_cp },
	{ "cat", "URL...", 1, CLI_OPERANDS, NEEDS_CLIENT, SESSION, "print files", cmd_cat },
	{ "get", "URL... [LOCAL]", 1, CLI_OPERANDS, NEEDS_CLIENT, SESSION | MOVING | OPT_BIT(RESUME),
	    "fetch files, with -r directories", cmd_get },
	{ "put", "LOCAL... [URL]", 1, CLI_OPERANDS, NEEDS_CLIENT, SESSION | PUTTING,
	    "send files, with -r directories", cmd_put },
	{ "getsd", "[URL...]", 0, CLI_OPERANDS, NEEDS_CLIENT, SESSION | OPT_BIT(SACL),
	    "who may do what, as SDDL", cmd_getsd },
	{ "setsd", "URL SDDL", 2, 2, NEEDS_CLIENT, SESSION, "change who may do what", cmd_setsd },
	{ "attrib", "[+rhsaton] [-rhsaton] [URL...]", 0, CLI_OPERANDS, NEEDS_CLIENT,
	    SESSION | OPT_BIT(ATTRIBUTES), "show or change DOS attributes", cmd_attrib },
	{ "times", "[URL...]", 0, CLI_OPERANDS, NEEDS_CLIENT,
	    SESSION | OPT_BIT(CREATED) | OPT_BIT(WRITTEN) | OPT_BIT(ACCESSED) | OPT_BIT(CHANGED),
	    "show or change the times", cmd_times },
	{ "watch", "[URL]", 0, 1, NEEDS_CLIENT, SESSION | OPT_BIT(RECURSIVE),
	    "changes in a directory, until Ctrl-C", cmd_watch },
	{ "server", "network|sessions [URL]", 1, 2, NEEDS_CLIENT, SESSION,
	    "a server's interfaces, or who is on it", cmd_server },
	{ "info", "[URL]", 0, 1, NEEDS_CLIENT, SESSION,
	    "what a session is: user, dialect, signing, encryption", cmd_info },
	{ "backup", "[on|off]", 0, 1, NEEDS_SHELL, 0,
	    "open files with backup intent, or not any more", cmd_backup },
	{ "use", "SHARE", 1, 1, NEEDS_SHELL, 0, "go to another share", cmd_use },
	{ "cd", "[DIRECTORY]", 0, 1, NEEDS_SHELL, 0, "go to another directory", cmd_cd },
	{ "pwd", "", 0, 0, NEEDS_SHELL, 0, "where one is", cmd_pwd },
	{ "lcd", "[DIRECTORY]", 0, 1, NEEDS_SHELL, 0, "go to another local directory", cmd_lcd },
	{ "lpwd", "", 0, 0, NEEDS_SHELL, 0, "the local directory", cmd_lpwd },
	{ "lls", "[PATH...]", 0, CLI_OPERANDS, NEEDS_SHELL, OPT_BIT(LONG), "list local files", cmd_lls },
	{ "mget", "PATTERN...", 1, CLI_OPERANDS, NEEDS_SHELL, MOVING | OPT_BIT(RESUME),
	    "fetch what fits into the local directory", cmd_mget },
	{ "mput", "PATTERN...", 1, CLI_OPERANDS, NEEDS_SHELL, PUTTING,
	    "send local files that fit to where one is", cmd_mput },
	{ "resume", "get|put ...", 1, CLI_OPERANDS, NEEDS_SHELL, MOVING,
	    "get or put, going on where it stopped", cmd_resume },
	{ "more", "PATH...", 1, CLI_OPERANDS, NEEDS_SHELL, 0, "show files page by page", cmd_more },
	{ "quit", "", 0, 0, NEEDS_SHELL, 0, "leave the shell (as exit, bye, Ctrl-D do)", cmd_quit },
	{ "exit", "", 0, 0, NEEDS_SHELL, 0, "the same", cmd_quit },
	{ "bye", "", 0, 0, NEEDS_SHELL, 0, "the same", cmd_quit },

	{ "dissect", "FILE|-", 1, 1, NEEDS_NOTHING, DISSECTING,
	    "print the SMB packets of a capture, or of hexadecimal digits", cmd_dissect },
	{ "trace", "[server|client]", 0, 1, NEEDS_SERVER, REMOTE | TRACING,
	    "print the packets of the running instance as they come", cmd_trace },
	{ "version", "", 0, 0, NEEDS_NOTHING, 0, "print the version", cmd_version },
	{ "help", "[COMMAND...]", 0, 2, NEEDS_NOTHING, 0, "explain a command", cmd_help },
};
const size_t cli_n_commands = NELEM(cli_commands);

/* How many operands the row's name matches; 0 if it does not. */
static size_t
words_matched(const struct cli_cmd *c, const struct cli_args *a)
{
	const char *space = strchr(c->name, ' ');
	size_t first      = space ? (size_t)(space - c->name) : strlen(c->name);

	if (a->n_operands < 1 || strlen(a->operands[0]) != first ||
	    strncmp(a->operands[0], c->name, first) != 0)
		return 0;
	if (!space)
		return 1;
	return a->n_operands > 1 && strcmp(a->operands[1], space + 1) == 0 ? 2 : 0;
}

const struct cli_cmd *
cmd_find(const struct cli_args *a, size_t *ret_words)
{
	for (size_t i = 0; i < cli_n_commands; i++) {
		size_t words = words_matched(&cli_commands[i], a);

		if (words > 0) {
			*ret_words = words;
			return &cli_commands[i];
		}
	}
	return NULL;
}

bool
cmd_is_family(const char *word)
{
	size_t n = strlen(word);

	for (size_t i = 0; i < cli_n_commands; i++) {
		const char *name = cli_commands[i].name;

		if (strncmp(name, word, n) == 0 && name[n] == ' ')
			return true;
	}
	return false;
}

opt_mask
cmd_options(const struct cli_cmd *c)
{
	return c->options | OPT_ALWAYS;
}

static void
option_print(enum cli_option o)
{
	char left[64], letter[8] = "";
	const char *metavar = option_metavar(o);

	if (option_letter(o))
		(void)snprintf(letter, sizeof letter, "-%c, ", option_letter(o));
	(void)snprintf(left, sizeof left, "%s--%s%s%s", letter, option_name(o),
	    metavar ? " " : "", metavar ? metavar : "");
	printf("  %-24s %s\n", left, option_help(o));
}

void
cmd_usage(const struct cli_cmd *c)
{
	printf("usage: bulkhead [options] %s%s%s\n\n%s.\n\n", c->name, c->operands[0] ? " " : "",
	    c->operands, c->help ? c->help : "not available yet in this version");
	for (enum cli_option o = 0; o < OPT_MAX; o++) {
		if (cmd_options(c) & OPT_MASK(o))
			option_print(o);
	}
}
