/* cmd_get.c - get, mget, put, mput, cp: operands become a plan, the plan is carried out. */
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/glob.h"
#include "cli/interrupt.h"
#include "cli/listing.h"
#include "cli/transfer.h"

/* A get under way: where to, and under which name. */
struct getting {
	struct transfer t;
	const char *name;	/* NULL: each under its own */
};

static int
get_plan(struct cli *c, const struct place *p, void *ctx)
{
	struct getting *g = ctx;

	(void)c;
	if (g->t.src.at && (g->t.src.at != p->at || strcmp(g->t.src.share, p->share) != 0))
		return cli_misused("get: one share at a time");
	g->t.src = *p;
	return plan_remote(&g->t, p, g->name ? g->name : path_leaf(p->path));
}

static int
open_root(struct transfer *t, const char *dir)
{
	t->root = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return t->root >= 0 ? EXIT_OK : cli_refused("%s: %s", dir, strerror(errno));
}

/* "new/" without -r would become a file called "new". */
static bool
wants_directory(const struct transfer *t, const char *operand)
{
	return !t->recursive && operand[0] && operand[strlen(operand) - 1] == '/';
}

/* local is a directory to get into, or the name that the one thing gets. */
static int
get_target(struct getting *g, const char *local, bool several)
{
	static char dir[PATH_MAX], leaf[PATH_MAX], real[PATH_MAX];
	struct stat st;

	if (stat(local, &st) == 0 && S_ISDIR(st.st_mode))
		return open_root(&g->t, local);
	if (several)
		return cli_refused("%s: several things go only into a directory", local);
	if (wants_directory(&g->t, local))
		return cli_refused("%s: no such directory; make it first", local);
	if (strlen(local) >= sizeof dir)
		return cli_refused("%s: %s", local, strerror(ENAMETOOLONG));
	if (realpath(local, real))	/* who names a link means what it leads to */
		local = real;
	(void)snprintf(dir, sizeof dir, "%s", local);
	(void)snprintf(leaf, sizeof leaf, "%s", local);
	g->name = basename(leaf);
	return open_root(&g->t, dirname(dir));
}

static int
get_all(struct cli *c, size_t sources, const char *local)
{
	struct getting g = { .name = NULL };
	bool several     = sources > 1 || glob_is(c->args.operands[0]);
	int rc           = transfer_init(&g.t, c, &transfer_get);

	if (rc == EXIT_OK)
		rc = get_target(&g, local, several);
	for (size_t i = 0; i < sources && rc == EXIT_OK; i++)
		rc = place_each(c, c->args.operands[i], get_plan, &g);
	return transfer_run(&g.t, rc);
}

/* /dev/null, /dev/stdout, a pipe: written to, never replaced by a file. */
static bool
is_stream(const char *local)
{
	struct stat st;

	return stat(local, &st) == 0 && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode);
}

static int
stream_one(struct cli *c, const struct place *p, void *ctx)
{
	const int *fd = ctx;

	return cat_to(c, p, *fd, isatty(*fd));
}

static int
get_stream(struct cli *c, const char *local)
{
	int fd = open(local, O_WRONLY | O_CLOEXEC | O_NOCTTY), rc;

	if (fd < 0)
		return cli_refused("%s: %s", local, strerror(errno));
	interrupt_catch();
	rc = each_operand(c, stream_one, &fd);
	interrupt_clear();
	(void)close(fd);
	return rc;
}

int
cmd_get(struct cli *c)
{
	size_t n      = c->args.n_operands;
	bool to_local = n > 1 && !url_is(c->args.operands[n - 1]);

	if (to_local && strcmp(c->args.operands[n - 1], "-") == 0) {
		c->args.n_operands--;
		return cmd_cat(c);
	}
	if (to_local && is_stream(c->args.operands[n - 1])) {
		c->args.n_operands--;
		return get_stream(c, c->args.operands[n - 1]);
	}
	return get_all(c, to_local ? n - 1 : n, to_local ? c->args.operands[n - 1] : ".");
}

int
cmd_mget(struct cli *c)
{
	return get_all(c, c->args.n_operands, ".");
}

/* ---- put ---- */

/* dst: the path of what goes to p; into: p is a directory. */
static int
put_plan(struct transfer *t, const struct place *p, bool into, const char *local)
{
	char copy[PATH_MAX];
	struct place to = *p;

	if (strlen(local) >= sizeof copy)
		return cli_refused("%s: %s", local, strerror(ENAMETOOLONG));
	(void)snprintf(copy, sizeof copy, "%s", local);
	if (into && !place_below(p, basename(copy), &to))
		return cli_refused("%s: no name for a server", local);
	return plan_local(t, local, to.path, true);
}

static int
put_stdin(struct cli *c, const struct place *to)
{
	struct relay r = { .from = STDIN_FILENO, .hash = false, .close_to = true };
	int ends[2], rc;

	if (!relay_pipe(ends))
		return cli_refused("%s", strerror(errno));
	r.to = ends[1];
	if (!relay_start(&r)) {
		(void)close(ends[0]);
		return cli_refused("%s", strerror(errno));
	}
	rc = place_move(c, to, "client.put", json_pack("{s:i}", "flags",
	    options_has(&c->args, OPT_NO_CLOBBER) ? (int)MOVE_NEW : 0), ends[0]);
	if (rc == EXIT_OK)
		relay_end(&r);
	return rc;
}

static int
put_all(struct cli *c, const char *const *locals, size_t n, const char *remote)
{
	struct transfer t;
	bool into;
	int rc = transfer_init(&t, c, &transfer_put);

	if (rc == EXIT_OK)
		rc = place_find(c, remote, WANT_SHARE, &t.dst);
	if (rc != EXIT_OK)
		return transfer_run(&t, rc);
	into = !t.dst.path[0] || place_is_directory(c, &t.dst);
	if (!into && n > 1)
		rc = cli_refused("%s: several things go only into a directory", remote);
	else if (!into && wants_directory(&t, remote))
		rc = cli_refused("%s: no such directory; make it first", remote);
	for (size_t i = 0; i < n && rc == EXIT_OK; i++)
		rc = put_plan(&t, &t.dst, into, locals[i]);
	return transfer_run(&t, rc);
}

int
cmd_put(struct cli *c)
{
	size_t n           = c->args.n_operands;
	const char *remote = n > 1 || url_is(c->args.operands[0]) ? c->args.operands[n - 1] : "";
	struct place to;
	int rc;

	n -= remote[0] != '\0';
	if (n == 0)
		return cli_misused("put: what?");
	if (n > 1 || strcmp(c->args.operands[0], "-") != 0)
		return put_all(c, c->args.operands, n, remote);
	interrupt_catch();
	rc = place_find(c, remote, WANT_SHARE, &to);
	return rc == EXIT_OK ? put_stdin(c, &to) : rc;
}

int
cmd_mput(struct cli *c)
{
	glob_t found = { 0 };
	int rc       = EXIT_OK;

	for (size_t i = 0; i < c->args.n_operands; i++)
		(void)glob(c->args.operands[i], i > 0 ? GLOB_APPEND : 0, NULL, &found);
	if (found.gl_pathc == 0)
		rc = cli_refused("mput: nothing fits");
	else
		rc = put_all(c, (const char *const *)found.gl_pathv, found.gl_pathc, "");
	globfree(&found);
	return rc;
}

/* ---- cp ---- */

struct copying {
	struct transfer t;
	bool into;
};

static int
copy_plan(struct cli *c, const struct place *p, void *ctx)
{
	struct copying *g = ctx;
	struct place to   = g->t.dst;

	(void)c;
	if (g->t.src.at && (g->t.src.at != p->at || strcmp(g->t.src.share, p->share) != 0))
		return cli_misused("cp: from one share at a time");
	if (g->into && p->path[0] && !place_below(&g->t.dst, path_leaf(p->path), &to))
		return cli_refused("cp: the name gets too long");
	g->t.src = *p;
	return plan_remote(&g->t, p, to.path);
}

int
cmd_cp(struct cli *c)
{
	size_t last      = c->args.n_operands - 1;
	struct copying g = { .into = false };
	int rc           = transfer_init(&g.t, c, &transfer_copy);

	if (rc == EXIT_OK)
		rc = place_find(c, c->args.operands[last], WANT_SHARE, &g.t.dst);
	if (rc == EXIT_OK)
		g.into = !g.t.dst.path[0] || place_is_directory(c, &g.t.dst);
	if (rc == EXIT_OK && !g.into && (last > 1 || glob_is(c->args.operands[0])))
		rc = cli_refused("cp: several things go only into a directory");
	if (rc == EXIT_OK && !g.into && wants_directory(&g.t, c->args.operands[last]))
		rc = cli_refused("%s: no such directory; make it first", c->args.operands[last]);
	for (size_t i = 0; i < last && rc == EXIT_OK; i++)
		rc = place_each(c, c->args.operands[i], copy_plan, &g);
	return transfer_run(&g.t, rc);
}
