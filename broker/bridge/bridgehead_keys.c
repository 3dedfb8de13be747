/*
 * bridgehead_keys.c - the key file, as `bulkhead keys create --storage` writes it.
 */
#include "broker/bridge/bridgehead.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/secret.h"

#define LINE_CAP 512

static bool
value_take(const char *line, const char *word, char *dst)
{
	size_t n = strlen(word);

	if (strncmp(line, word, n) != 0 || strncmp(line + n, " = ", 3) != 0)
		return false;
	if (strlen(line + n + 3) == KEY_TEXT)
		memcpy(dst, line + n + 3, KEY_TEXT + 1);
	return true;
}

static bool
keys_good(const struct head_keys *k)
{
	uint8_t raw[KEY_BYTES];
	bool good = key_read(k->server, raw) && key_read(k->public, raw) && key_read(k->secret, raw);

	secret_wipe(raw, sizeof raw);
	return good;
}

bool
head_keys_read(const char *path, const char *server, struct head_keys *ret)
{
	char line[LINE_CAP];
	struct stat st;
	FILE *f = fopen(path, "re");

	if (!f || fstat(fileno(f), &st) != 0 || st.st_mode & 077) {
		fprintf(stderr, "bulkhead: %s: %s\n", path,
			f ? "others may read it; chmod 600 it first" : strerror(errno));
		if (f)
			(void)fclose(f);
		return false;
	}
	while (fgets(line, sizeof line, f)) {
		line[strcspn(line, "\r\n")] = '\0';
		if (!value_take(line, "server-key", ret->server) &&
		    !value_take(line, "public-key", ret->public))
			(void)value_take(line, "secret-key", ret->secret);
	}
	secret_wipe(line, sizeof line);
	(void)fclose(f);
	if (server && strlen(server) == KEY_TEXT)
		memcpy(ret->server, server, KEY_TEXT + 1);
	if (keys_good(ret))
		return true;
	fprintf(stderr, "bulkhead: %s: not what `bulkhead keys create --storage` writes\n", path);
	return false;
}
