/* key_file.c - lines of "word = value"; see key_file.h. */
#include "cli/key_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zmq.h>

#include "base/nt.h"
#include "cli/cli.h"

#define LINE_CAP 512

static const struct row {
	const char *word;
	size_t at, cap;
} rows[] = {
	{ "connect", offsetof(struct key_file, connect), KEY_ENDPOINT },
	{ "server-key", offsetof(struct key_file, server), KEY_TEXT },
	{ "public-key", offsetof(struct key_file, public), KEY_TEXT },
	{ "secret-key", offsetof(struct key_file, secret), KEY_TEXT },
};

/* False: not understood. */
static bool
line_take(struct key_file *k, char *line)
{
	char *value = strstr(line, " = ");

	if (line[0] == '#' || line[0] == '\0')
		return true;
	if (!value)
		return false;
	*value = '\0';
	value += 3;
	if (strcmp(line, "name") == 0)
		return true;
	for (size_t i = 0; i < NELEM(rows); i++) {
		if (strcmp(rows[i].word, line) == 0)
			return (size_t)snprintf((char *)k + rows[i].at, rows[i].cap, "%s", value) <
			       rows[i].cap;
	}
	return false;
}

static bool
is_key(const char *text)
{
	uint8_t raw[32];

	return strlen(text) == KEY_TEXT - 1 && zmq_z85_decode(raw, text);
}

static int
lines_read(const char *path, FILE *f, struct key_file *ret)
{
	char line[LINE_CAP];

	while (fgets(line, sizeof line, f)) {
		line[strcspn(line, "\r\n")] = '\0';
		if (!line_take(ret, line))
			return cli_refused("%s: not what `bulkhead keys create` writes", path);
	}
	if (!is_key(ret->server) || !is_key(ret->public) || !is_key(ret->secret))
		return cli_refused("%s: keys are missing", path);
	return EXIT_OK;
}

int
key_file_read(const char *path, struct key_file *ret)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	FILE *f = fd >= 0 ? fdopen(fd, "r") : NULL;
	struct stat st;
	int rc;

	memset(ret, 0, sizeof *ret);
	if (!f || fstat(fd, &st) != 0) {
		rc = cli_refused("%s: %s", path, strerror(errno));
		if (fd >= 0)
			(void)close(fd);
		return rc;
	}
	rc = st.st_mode & 077 ? cli_refused("%s: others may read it; chmod 600 it first", path) :
				lines_read(path, f, ret);
	(void)fclose(f);
	return rc;
}

void
key_file_write(FILE *f, const char *name, const struct key_file *k)
{
	fprintf(f, "# A key to a bulkhead server for scripts of another machine.  Keep it secret.\n"
		   "name = %s\n", name);
	for (size_t i = 0; i < NELEM(rows); i++) {
		const char *value = (const char *)k + rows[i].at;

		if (value[0])
			fprintf(f, "%s = %s\n", rows[i].word, value);
	}
}
