/*
 * pipe_srvsvc_rows.c - a row of store or fsd as the Server Service shows it, and
 * whether it is one of those that were asked for.
 * [MS-SRVS] 2.2.4.4 to 2.2.4.15, 3.1.4.1, 3.1.4.2, 3.1.4.5
 */
#include "smbd/pipe_srvsvc_lists.h"

#include <stdio.h>
#include <string.h>

#include "base/utf16.h"

#define PATH_ROOM (2 * (PATH_BOUND + 1))

static bool
name_meant(const char *wanted, const char *name)
{
	return wanted[0] == '\0' || utf8_casecmp(wanted, name) == 0;
}

static uint32_t
seconds_since(uint64_t then)
{
	uint64_t now = clock_real_ns();

	return now > then ? (uint32_t)((now - then) / 1000000000u) : 0;
}

/* ---- sessions ---- */

bool
srvsvc_session_meant(const struct auth_peers_rsp *s, const char *client, const char *user)
{
	char host[ADDR_TEXT];

	return name_meant(client, addr_print_host(&s->client, host)) && name_meant(user, s->user.s);
}

void
session_came(void *ctx, nt status, const struct auth_peers_rsp *rsp, struct span data)
{
	struct list_job *j         = ctx;
	char client[ADDR_TEXT + 2] = "\\\\", host[ADDR_TEXT];	/* as Windows names them */
	struct srvsvc_row row      = { .client = client };
	bool meant;

	(void)data;
	if (nt_failed(status) || !rsp) {
		list_row(j, status, 0, 0, NULL);
		return;
	}
	meant       = srvsvc_session_meant(rsp, j->q.client, j->q.user);
	(void)snprintf(client + 2, sizeof client - 2, "%s", addr_print_host(&rsp->client, host));
	row.user    = rsp->user.s;
	row.opens   = rsp->opens;
	row.seconds = seconds_since(rsp->started);
	row.idle    = rsp->idle_s;
	row.flags   = rsp->flags & AUTH_GUEST ? SESS_GUEST : 0;
	list_row(j, status, (uint32_t)rsp->session, rsp->left, meant ? &row : NULL);
}

/* ---- connections ---- */

void
tree_came(void *ctx, nt status, const struct fsd_trees_rsp *rsp, struct span data)
{
	struct list_job *j    = ctx;
	struct srvsvc_row row = { .type = STYPE_DISKTREE, .users = 1 };
	bool by_client        = strncmp(j->q.path, "\\\\", 2) == 0;
	char host[ADDR_TEXT];
	const char *client;

	(void)data;
	if (list_elsewhere(j, status))
		return;
	if (nt_failed(status) || !rsp) {
		list_row(j, status, 0, 0, NULL);
		return;
	}
	client      = addr_print_host(&rsp->client, host);
	row.id      = storage_number(j->seat, rsp->number);
	row.opens   = rsp->opens;
	row.seconds = seconds_since(rsp->since);
	row.user    = rsp->user.s;
	row.name    = by_client ? rsp->share.s : client;	/* whichever was not asked with */
	list_row(j, status, storage_number(j->seat, rsp->index), rsp->left,
	    name_meant(by_client ? j->q.path + 2 : j->q.path, by_client ? client : rsp->share.s)
		? &row : NULL);
}

/* ---- files ---- */

bool
srvsvc_path_print(const struct fsd_files_rsp *f, char *dst, size_t cap)
{
	int n = snprintf(dst, cap, "C:\\%s%s%s", f->share.s, f->path.n > 0 ? "\\" : "", f->path.s);

	if (n < 0 || (size_t)n >= cap)
		return false;
	for (char *p = dst; (p = strchr(p, '/')) != NULL;)
		*p = '\\';
	return true;
}

void
srvsvc_file_row(const struct fsd_files_rsp *f, uint8_t seat, const char *path,
    struct srvsvc_row *ret)
{
	*ret = (struct srvsvc_row){ .id = storage_number(seat, f->number), .user = f->user.s, .name = path,
		.permissions = srvsvc_file_permissions(f->access), .locks = f->locks };
}

/* BasePath: what paths begin with, whole components of it. */
static bool
path_meant(const char *base, const char *path)
{
	char head[SRVSVC_PATH_MAX];
	size_t n = strlen(base);

	if (n == 0)
		return true;
	if (strlen(path) < n || (path[n] != '\0' && path[n] != '\\'))
		return false;
	memcpy(head, path, n);
	head[n] = '\0';
	return utf8_casecmp(base, head) == 0;
}

void
file_came(void *ctx, nt status, const struct fsd_files_rsp *rsp, struct span data)
{
	struct list_job *j = ctx;
	struct srvsvc_row row;
	char path[PATH_ROOM];
	bool meant;

	(void)data;
	if (list_elsewhere(j, status))
		return;
	if (nt_failed(status) || !rsp) {
		list_row(j, status, 0, 0, NULL);
		return;
	}
	meant = srvsvc_path_print(rsp, path, sizeof path) && path_meant(j->q.path, path) &&
		name_meant(j->q.user, rsp->user.s);
	srvsvc_file_row(rsp, j->seat, path, &row);
	list_row(j, status, storage_number(j->seat, rsp->index), rsp->left, meant ? &row : NULL);
}
