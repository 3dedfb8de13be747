/* server.c - find the instance's socket, or start a private broker for a moment. */
#include "cli/server.h"

#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/secret.h"
#include "cli/key_file.h"

#define BROKER           "bulkhead-broker"
#define BROKER_WORDS     700	/* serve passes every option through */
#define PRIVATE_START_MS 20000
#define CHECK_MS         20000

const char *
sibling_path(const char *program, char *buf, size_t n)
{
	char self[PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", self, sizeof self - 1);
	char *slash;

	if (len < 0)
		return NULL;
	self[len] = '\0';
	slash     = strrchr(self, '/');
	if (!slash)
		return NULL;
	*slash = '\0';
	return (size_t)snprintf(buf, n, "%s/%s", self, program) < n ? buf : NULL;
}

/* path, then args up to NULL, as execv wants them. */
static void
broker_argv(char *path, const char *const *args, char *argv[BROKER_WORDS])
{
	size_t n = 0;

	argv[n++] = path;
	for (size_t i = 0; args[i] && n < BROKER_WORDS - 1; i++)
		argv[n++] = (char *)(uintptr_t)args[i];
	argv[n] = NULL;
}

int
broker_exec(const char *const *args)
{
	char path[PATH_MAX];
	char *argv[BROKER_WORDS];

	if (!sibling_path(BROKER, path, sizeof path))
		return cli_refused("cannot tell where this program is");
	broker_argv(path, args, argv);
	(void)fflush(NULL);
	(void)execv(path, argv);
	return cli_refused("%s: %s", path, strerror(errno));
}

static bool
broker_start(struct child *ret, const char *word, const char *config, const char *flag)
{
	char path[PATH_MAX];
	char *argv[BROKER_WORDS];
	const char *args[5] = { word };
	size_t n            = 1;

	if (config) {
		args[n++] = "-c";
		args[n++] = config;
	}
	args[n] = flag;
	if (!sibling_path(BROKER, path, sizeof path))
		return false;
	broker_argv(path, args, argv);
	return child_start(ret, argv);
}

/*
 * The runtime directory, from the broker's "runtime PATH" line.  Only the
 * broker reads configurations, so only it knows the directories.
 */
static int
runtime_path(const char *config, char *path, size_t n)
{
	struct child child;
	char line[PATH_MAX + 16];
	int rc;

	path[0] = '\0';
	if (!broker_start(&child, "check", config, "--print-directories"))
		return cli_refused("%s: %s", BROKER, strerror(errno));
	while (child_line(&child, CHECK_MS, line, sizeof line)) {
		if (strncmp(line, "runtime ", 8) == 0 &&
		    (size_t)snprintf(path, n, "%s", line + 8) >= n)
			path[0] = '\0';
	}
	rc = child_end(&child, false);
	if (rc != 0)
		child_tell(&child);
	(void)close(child.err);
	if (rc == CHILD_NO_EXEC)
		return cli_refused("%s beside this program cannot be started", BROKER);
	if (rc != 0)
		return cli_refused("the configuration has to be mended first");
	return path[0] ? EXIT_OK : cli_refused("%s did not name its directories", BROKER);
}

/* A broker without a listener, for accounts; it says "private" when it answers. */
static int
private_start(struct server *s, const char *config)
{
	struct child child;
	char line[64];

	if (!broker_start(&child, "private", config, NULL))
		return cli_refused("%s: %s", BROKER, strerror(errno));
	if (child_line(&child, PRIVATE_START_MS, line, sizeof line) && strcmp(line, "private") == 0) {
		s->child = child;
		return EXIT_OK;
	}
	(void)child_end(&child, true);
	child_tell(&child);
	(void)close(child.err);
	return cli_refused("no server is running, and a private one did not start");
}

static int
unreachable(enum api_reach reach, const char *path)
{
	switch (reach) {
	case API_ABSENT:
		return cli_refused("no server is running (nobody answers on %s/broker.sock)", path);
	case API_FORBIDDEN:
		return cli_refused("%s/broker.sock: this user may not ask the server", path);
	default:
		return cli_refused("%s/broker.sock: cannot be used as the server's socket", path);
	}
}

static enum api_reach
socket_reach(struct server *s)
{
	char path[PATH_MAX + 16];

	(void)snprintf(path, sizeof path, "%s/broker.sock", s->runtime);
	return api_open(path, &s->api);
}

/*
 * For sessions with other servers: "running PATH" is the configuration's own
 * instance, "client PATH" one that was started for us and ends with us.
 */
static int
client_start(struct server *s, const char *config, const char *flag)
{
	char line[PATH_MAX + 16];
	struct child child;

	if (!broker_start(&child, "client", config, flag))
		return cli_refused("%s: %s", BROKER, strerror(errno));
	if (!child_line(&child, PRIVATE_START_MS, line, sizeof line))
		line[0] = '\0';
	if (strncmp(line, "client ", 7) == 0 || strncmp(line, "running ", 8) == 0)
		(void)snprintf(s->runtime, sizeof s->runtime, "%s", strchr(line, ' ') + 1);
	if (line[0] == 'c') {
		s->child = child;
		return EXIT_OK;
	}
	(void)child_end(&child, line[0] == '\0');
	if (line[0] == '\0')
		child_tell(&child);
	(void)close(child.err);
	return line[0] ? EXIT_OK : cli_refused("the client could not be started");
}

static int
client_reach(struct server *s, const char *config)
{
	int rc = client_start(s, config, NULL);

	if (rc != EXIT_OK || socket_reach(s) == API_REACHED)
		return rc;
	/* There is an instance, but not for us. */
	if (s->child.pid == 0)
		rc = client_start(s, config, "--private");
	if (rc != EXIT_OK || socket_reach(s) == API_REACHED)
		return rc;
	return cli_refused("the client was started but does not answer");
}

/* Nothing is started here then, and no configuration is read. */
static int
remote_reach(struct server *s, const struct cli *c)
{
	const char *endpoint = options_value(&c->args, OPT_CONNECT);
	const char *file     = options_value(&c->args, OPT_KEY);
	struct key_file key;
	const char *why;
	int rc;

	if (!file)
		return cli_misused("--connect needs --key FILE, as `bulkhead keys create` writes it");
	rc = key_file_read(file, &key);
	if (rc != EXIT_OK)
		return rc;
	why = api_open_remote(endpoint, &key, &s->api);
	secret_wipe(&key, sizeof key);
	return why ? cli_refused("%s: %s", endpoint, why) : EXIT_OK;
}

int
server_reach(struct server *s, const struct cli *c)
{
	enum api_reach reach;
	int rc;

	if (c->cmd->needs == NEEDS_NOTHING)
		return EXIT_OK;
	if (options_has(&c->args, OPT_CONNECT))
		return remote_reach(s, c);
	if (c->cmd->needs == NEEDS_CLIENT)
		return client_reach(s, c->config);
	rc = runtime_path(c->config, s->runtime, sizeof s->runtime);
	if (rc != EXIT_OK)
		return rc;
	reach = socket_reach(s);
	if (reach == API_ABSENT && c->cmd->needs == NEEDS_ACCOUNTS) {
		rc = private_start(s, c->config);
		if (rc != EXIT_OK)
			return rc;
		reach = socket_reach(s);
	}
	return reach == API_REACHED ? EXIT_OK : unreachable(reach, s->runtime);
}

void
server_leave(struct server *s)
{
	api_close(s->api);
	if (s->child.pid == 0)
		return;
	(void)child_end(&s->child, true);
	(void)close(s->child.err);
}
