/* ticket_file.c - see ticket_file.h. */
#include "cli/ticket_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/nt.h"
#include "cli/cli.h"

/* TICKET_EXPORT's forms. */
static const struct form {
	const char *word, *suffix;
} forms[] = { { "ccache:", ".ccache" }, { "keytab:", ".keytab" }, { "kirbi:", ".kirbi" } };

static int
digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool
ticket_bytes(const char *hex, uint8_t *p, size_t *ret_n)
{
	const size_t n = hex ? strlen(hex) / 2 : 0;

	if (!hex || strlen(hex) % 2 != 0 || n > TICKET_FILE_MAX)
		return false;
	for (size_t i = 0; i < n; i++) {
		const int high = digit(hex[2 * i]), low = digit(hex[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		p[i] = (uint8_t)(high << 4 | low);
	}
	*ret_n = n;
	return true;
}

static bool
write_all(int fd, const uint8_t *p, size_t n)
{
	while (n > 0) {
		ssize_t put = write(fd, p, n);

		if (put < 0 && errno != EINTR)
			return false;
		if (put > 0) {
			p += put;
			n -= (size_t)put;
		}
	}
	return true;
}

int
ticket_file_replace(const char *path, const uint8_t *p, size_t n)
{
	char temporary[4096];
	int fd, err = 0;

	if (snprintf(temporary, sizeof temporary, "%s.XXXXXX", path) >= (int)sizeof temporary)
		return cli_refused("%s: too long", path);
	fd = mkostemp(temporary, O_CLOEXEC);
	if (fd < 0)
		return cli_refused("%s: %s", temporary, strerror(errno));
	if (!write_all(fd, p, n) || fsync(fd) != 0)
		err = errno;
	if (close(fd) != 0 && err == 0)
		err = errno;
	if (err == 0 && rename(temporary, path) != 0)
		err = errno;
	if (err == 0)
		return EXIT_OK;
	(void)unlink(temporary);
	return cli_refused("%s: %s", path, strerror(err));
}

int
ticket_form(const char **path)
{
	for (size_t i = 0; i < NELEM(forms); i++) {
		const size_t n = strlen(forms[i].word);

		if (strncmp(*path, forms[i].word, n) == 0) {
			*path += n;
			return (int)i;
		}
	}
	for (size_t i = 0; i < NELEM(forms); i++) {
		const size_t n = strlen(forms[i].suffix), all = strlen(*path);

		if (all > n && strcmp(*path + all - n, forms[i].suffix) == 0)
			return (int)i;
	}
	return 0;
}
