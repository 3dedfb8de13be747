/*
 * cli.h - what the files of the bulkhead command share: one run of it, the
 * table of commands, and the exit codes people's scripts rely on.
 */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cli/options.h"

#define EXIT_OK      0
#define EXIT_REFUSED 1	/* asked, and it did not work */
#define EXIT_USAGE   2	/* not understood */

struct api;
struct cli;
struct client;

/* Who has to answer for a command to work. */
enum cli_needs {
	NEEDS_NOTHING,
	NEEDS_SERVER,		/* the running instance */
	NEEDS_ACCOUNTS,		/* the running instance, else a private one for the moment */
	NEEDS_CLIENT,		/* the same, for sessions with other servers; also words of the shell */
	NEEDS_SHELL,		/* only a word of the shell */
};

struct cli_cmd {
	const char *name;	/* "status", "user add" */
	const char *operands;	/* for the synopsis: "NAME" */
	uint8_t min, max;	/* how many operands */
	enum cli_needs needs;
	opt_mask options;	/* OPT_BIT()s besides those of all commands */
	const char *help;	/* NULL: known by name, not in this version */
	int (*run)(struct cli *);
};

struct cli {
	const struct cli_cmd *cmd;
	struct cli_args args;	/* operands without the command's own words */
	const char *config;	/* -c FILE or NULL */
	bool json;
	struct api *api;	/* connected, if cmd->needs it */
	const char *runtime;	/* where its sockets are; pass.h */
	struct client *client;	/* sessions with servers, if cmd->needs it */
	bool alone;		/* the instance was started for this command and ends with it */
};

extern const struct cli_cmd cli_commands[];
extern const size_t cli_n_commands;

/* The row whose name starts the operands; *ret_words: how many of them it took. */
const struct cli_cmd *cmd_find(const struct cli_args *, size_t *ret_words);
/* True if some command of two words starts with this one ("user"). */
bool cmd_is_family(const char *word);
bool cmd_in_shell(const struct cli_cmd *);	/* dispatch.c: is it a word of the shell? */
opt_mask cmd_options(const struct cli_cmd *);
void cmd_usage(const struct cli_cmd *);		/* to stdout, whole */

/* Reports on stderr after "bulkhead: "; returns EXIT_REFUSED or EXIT_USAGE. */
int cli_refused(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
int cli_misused(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* One file each: cmd_<name>.c */
int cmd_serve(struct cli *);
int cmd_check_config(struct cli *);
int cmd_user_add(struct cli *);
int cmd_user_passwd(struct cli *);
int cmd_user_del(struct cli *);
int cmd_user_list(struct cli *);
int cmd_user_locks(struct cli *);
int cmd_user_unlock(struct cli *);
int cmd_user_import(struct cli *);
int cmd_keytab_add(struct cli *);
int cmd_keytab_del(struct cli *);
int cmd_keytab_list(struct cli *);
int cmd_keys_create(struct cli *);
int cmd_keys_list(struct cli *);
int cmd_keys_revoke(struct cli *);
int cmd_import_smb_conf(struct cli *);
int cmd_status(struct cli *);
int cmd_session_list(struct cli *);
int cmd_session_close(struct cli *);
int cmd_open_list(struct cli *);
int cmd_share_list(struct cli *);
int cmd_log_level(struct cli *);
int cmd_reload(struct cli *);
int cmd_call(struct cli *);
int cmd_ticket_request(struct cli *);
int cmd_ticket_list(struct cli *);
int cmd_ticket_renew(struct cli *);
int cmd_ticket_export(struct cli *);
int cmd_ticket_import(struct cli *);
int cmd_ticket_make(struct cli *);
int cmd_dissect(struct cli *);
int cmd_trace(struct cli *);
int cmd_shell(struct cli *);
int cmd_shares(struct cli *);
int cmd_ls(struct cli *);
int cmd_tree(struct cli *);
int cmd_stat(struct cli *);
int cmd_df(struct cli *);
int cmd_du(struct cli *);
int cmd_mkdir(struct cli *);
int cmd_rmdir(struct cli *);
int cmd_rm(struct cli *);
int cmd_mv(struct cli *);
int cmd_cp(struct cli *);
int cmd_cat(struct cli *);
int cmd_get(struct cli *);
int cmd_put(struct cli *);
int cmd_getsd(struct cli *);
int cmd_setsd(struct cli *);
int cmd_attrib(struct cli *);
int cmd_times(struct cli *);
int cmd_watch(struct cli *);
int cmd_server(struct cli *);
int cmd_info(struct cli *);
int cmd_backup(struct cli *);
int cmd_use(struct cli *);
int cmd_cd(struct cli *);
int cmd_pwd(struct cli *);
int cmd_lcd(struct cli *);
int cmd_lpwd(struct cli *);
int cmd_lls(struct cli *);
int cmd_mget(struct cli *);
int cmd_mput(struct cli *);
int cmd_resume(struct cli *);
int cmd_more(struct cli *);
int cmd_quit(struct cli *);
int cmd_version(struct cli *);
int cmd_help(struct cli *);

#endif
