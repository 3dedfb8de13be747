/*
 * cmd_shell.c - `bulkhead shell`: connects, goes where the address says, and takes
 * commands from -c, from files, from a pipe, or from a prompt.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fatal.h"
#include "cli/ask.h"
#include "cli/dispatch.h"
#include "cli/interrupt.h"
#include "cli/listing.h"
#include "cli/shell.h"
#include "cli/shell_words.h"

const char *
shell_prompt(const struct cli *c, char *buf)
{
	const struct place *here = &c->client->here;

	if (!here->at || !here->share[0])
		(void)snprintf(buf, URL_TEXT, "//%s> ", here->at ? here->at->where.host : "");
	else
		(void)snprintf(buf, URL_TEXT, "%s:/%s> ", here->share, here->path);
	return buf;
}

/* What was said of sessions at the start holds for those that a command opens. */
static void
inherit(struct cli_args *a, const struct cli_args *from)
{
	static const opt_mask not_ours = OPT_BIT(COMMAND) | OPT_BIT(KEEP_GOING) | OPT_BIT(CONFIG);

	for (size_t i = 0; i < from->n_given && a->n_given < CLI_GIVEN; i++) {
		if (!(OPT_MASK(from->given[i].option) & not_ours) &&
		    !options_has(a, from->given[i].option))
			a->given[a->n_given++] = from->given[i];
	}
}

static int
run_words(struct cli *c, struct words *w)
{
	char *argv[WORDS_ARGV];
	struct cli one = *c;
	int rc;

	rc = dispatch(&one, words_argv(w, argv), argv);
	if (rc != EXIT_OK || !one.cmd)
		return rc;
	inherit(&one.args, &c->args);
	one.json = options_has(&one.args, OPT_JSON);
	rc = one.cmd->run(&one);
	json_settle(&one);
	return rc;
}

/* The rest of the line is the local system's. */
static int
run_local(const char *line)
{
	const char *shell = getenv("SHELL");
	const char *text  = line[strspn(line, " \t")] ? line : shell ? shell : "/bin/sh";
	int status;

	(void)fflush(NULL);
	status = system(text);
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGINT)
		(void)putchar('\n');	/* after the ^C that the terminal shows */
	return status == 0 ? EXIT_OK : EXIT_REFUSED;
}

static int
run_first(struct cli *c, const char **line, struct words *w)
{
	const char *start = *line + strspn(*line, " \t");

	if (*start == '!') {
		*line = start + strlen(start);
		return run_local(start + 1);
	}
	if (!words_read(line, w))
		return cli_misused("the line is too long");
	if (w->quote)
		return cli_misused("a quote is not closed");
	return w->n > 0 ? run_words(c, w) : EXIT_OK;
}

int
shell_line(struct cli *c, const char *line, bool keep_going)
{
	struct words *w = xcalloc(1, sizeof *w);
	int worst       = EXIT_OK;

	while (*line && !c->client->quit && (worst == EXIT_OK || keep_going)) {
		int rc = run_first(c, &line, w);

		(void)fflush(stdout);
		worst = rc > worst ? rc : worst;
		if (interrupted())
			break;
	}
	free(w);
	return worst;
}

/* Commands of a file, to its end or to the first that fails. */
static int
run_file(struct cli *c, FILE *f, bool keep_going)
{
	char *line  = NULL;
	size_t size = 0;
	int worst   = EXIT_OK;

	while (!c->client->quit && (worst == EXIT_OK || keep_going) && !interrupted() &&
	    getline(&line, &size, f) >= 0) {
		int rc = shell_line(c, line, keep_going);

		worst = rc > worst ? rc : worst;
	}
	free(line);
	return worst;
}

static int
run_named(struct cli *c, const char *name, bool keep_going)
{
	FILE *f = fopen(name, "re");
	int rc;

	if (!f)
		return cli_refused("%s: %s", name, strerror(errno));
	rc = run_file(c, f, keep_going);
	(void)fclose(f);
	return rc;
}

static int
run_files(struct cli *c, bool keep_going)
{
	int worst = EXIT_OK;

	for (size_t i = 1; i < c->args.n_operands && (worst == EXIT_OK || keep_going); i++) {
		int rc = run_named(c, c->args.operands[i], keep_going);

		worst = rc > worst ? rc : worst;
	}
	return worst;
}

static int
use_share(struct cli *c, const struct place *p)
{
	struct place server = place_server(p);
	json_t *reply       = NULL;
	const char *why     = "";
	char text[URL_TEXT];
	int rc = EXIT_OK;
	nt status;

	if (!place_try(c, &server, "client.use", json_pack("{s:s}", "share", p->share), &reply,
	    &status, &why))
		return cli_refused("%s: %s", place_print(p, text), why);
	if (nt_failed(status))
		rc = place_refused_as(p, reply, status);
	json_decref(reply);
	return rc;
}

/* Is it there, and is it a directory? */
static int
go_to(struct cli *c, const struct place *p)
{
	json_t *entry = NULL;
	char text[URL_TEXT];
	int rc = p->share[0] ? use_share(c, p) : EXIT_OK;

	if (rc == EXIT_OK && p->path[0])
		rc = place_stat(c, p, &entry);
	if (rc == EXIT_OK && entry && !entry_is_directory(entry))
		rc = cli_refused("%s: not a directory", place_print(p, text));
	json_decref(entry);
	if (rc == EXIT_OK)
		c->client->here = *p;
	return rc;
}

int
cmd_shell(struct cli *c)
{
	const char *text = options_value(&c->args, OPT_COMMAND);
	bool keep_going  = options_has(&c->args, OPT_KEEP_GOING);
	struct place p;
	int rc;

	interrupt_catch();
	rc = place_find(c, c->args.operands[0], WANT_SERVER, &p);
	if (rc == EXIT_OK)
		rc = go_to(c, &p);
	if (rc != EXIT_OK)
		return rc;
	c->client->in_shell = true;
	if (text)
		rc = shell_line(c, text, keep_going);
	if (c->args.n_operands > 1 && (rc == EXIT_OK || keep_going))
		rc = run_files(c, keep_going);
	if (text || c->args.n_operands > 1)
		return rc;
	return isatty(STDIN_FILENO) ? shell_edit(c) : run_file(c, stdin, keep_going);
}

/* ---- commands that change where one is ---- */

int
cmd_use(struct cli *c)
{
	const char *share = c->args.operands[0];
	struct place p    = c->client->here;

	if (strpbrk(share, "/\\") || strlen(share) >= sizeof p.share)
		return cli_misused("use: \"%s\" is no name of a share", share);
	(void)snprintf(p.share, sizeof p.share, "%s", share);
	p.path[0] = '\0';
	return go_to(c, &p);
}

int
cmd_cd(struct cli *c)
{
	struct place p;
	int rc = place_find(c, c->args.n_operands > 0 ? c->args.operands[0] : "/", WANT_SERVER, &p);

	return rc == EXIT_OK ? go_to(c, &p) : rc;
}

int
cmd_pwd(struct cli *c)
{
	char text[URL_TEXT];

	text_print(c, "url", place_print(&c->client->here, text));
	return EXIT_OK;
}

/* A session keeps the intent that it was opened with. */
int
cmd_backup(struct cli *c)
{
	const char *word = operand_or_here(c, 0);
	struct client *cl = c->client;

	if (word[0] && strcmp(word, "on") != 0 && strcmp(word, "off") != 0)
		return cli_misused("backup: on or off");
	cl->backup = word[0] ? strcmp(word, "on") == 0 : !cl->backup;
	for (struct remote *r = cl->remotes; r; r = r->next)
		remote_end(c, r);
	if (c->json)
		text_print(c, "backup", cl->backup ? "on" : "off");
	else
		printf("backup intent: %s\n", cl->backup ? "on" : "off");
	return EXIT_OK;
}

int
cmd_quit(struct cli *c)
{
	c->client->quit = true;
	return EXIT_OK;
}

/* get or put as typed, with --resume. */
int
cmd_resume(struct cli *c)
{
	static const struct {
		const char *word;
		int (*run)(struct cli *);
	} which[] = { { "get", cmd_get }, { "put", cmd_put }, { "mget", cmd_mget }, { "mput", cmd_mput } };
	struct cli_args *a = &c->args;
	const char *word   = a->operands[0];

	if (a->n_operands < 2 || a->n_given == CLI_GIVEN)
		return cli_misused("resume: get or put, and what");
	a->given[a->n_given++] = (struct cli_given){ OPT_RESUME, NULL };
	a->n_operands--;
	memmove(a->operands, a->operands + 1, a->n_operands * sizeof a->operands[0]);
	for (size_t i = 0; i < NELEM(which); i++) {
		if (strcmp(word, which[i].word) == 0)
			return which[i].run(c);
	}
	return cli_misused("resume: get or put, not \"%s\"", word);
}
