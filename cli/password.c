/* password.c - read a password without showing it, in memory that is wiped. */
#include "cli/password.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/secret.h"
#include "cli/cli.h"

enum password_line
password_read_line(FILE *f, char *buf, size_t *ret_n)
{
	size_t n = 0;
	int ch;

	while ((ch = getc(f)) != EOF && ch != '\n') {
		if (ch == '\0')
			return PASSWORD_HAS_NUL;
		if (n == PASSWORD_MAX)
			return PASSWORD_TOO_LONG;
		buf[n++] = (char)ch;
	}
	if (n > 0 && buf[n - 1] == '\r')
		n--;
	buf[n] = '\0';
	*ret_n = n;
	return n > 0 ? PASSWORD_OK : PASSWORD_EMPTY;
}

static int
read_from(struct password *p, FILE *f, const char *where)
{
	setbuf(f, NULL);	/* no second copy of it in stdio's memory */
	switch (password_read_line(f, p->s, &p->n)) {
	case PASSWORD_OK:
		return EXIT_OK;
	case PASSWORD_EMPTY:
		return cli_refused("%s: no password there", where);
	case PASSWORD_TOO_LONG:
		return cli_refused("%s: longer than %d bytes", where, PASSWORD_MAX);
	case PASSWORD_HAS_NUL:
		return cli_refused("%s: a password holds no NUL", where);
	}
	return EXIT_REFUSED;
}

static int
read_file(struct password *p, const char *path)
{
	FILE *f = fopen(path, "re");
	int rc;

	if (!f)
		return cli_refused("%s: %s", path, strerror(errno));
	rc = read_from(p, f, path);
	(void)fclose(f);
	return rc;
}

static int
read_environment(struct password *p, const char *value)
{
	if (strlen(value) > PASSWORD_MAX)
		return cli_refused("BULKHEAD_PASSWORD: longer than %d bytes", PASSWORD_MAX);
	p->n = strlen(value);
	memcpy(p->s, value, p->n + 1);
	return EXIT_OK;
}

static int
ask_once(struct password *p, FILE *tty, const char *question)
{
	struct termios shown, hidden;
	int rc;

	if (tcgetattr(fileno(tty), &shown) < 0)
		return cli_refused("the terminal: %s", strerror(errno));
	hidden = shown;
	hidden.c_lflag &= ~(tcflag_t)ECHO;
	(void)tcsetattr(fileno(tty), TCSAFLUSH, &hidden);
	(void)fputs(question, tty);
	rc = read_from(p, tty, "the terminal");
	(void)tcsetattr(fileno(tty), TCSAFLUSH, &shown);
	(void)fputs("\n", tty);
	return rc;
}

static int
ask_again(const struct password *first, FILE *tty)
{
	struct password second = { secret_alloc(PASSWORD_MAX + 1), 0 };
	int rc                 = ask_once(&second, tty, "The same again: ");

	if (rc == EXIT_OK && (first->n != second.n || !secret_eq(first->s, second.s, first->n)))
		rc = cli_refused("the two passwords differ");
	password_free(&second);
	return rc;
}

static int
prompt(struct password *p, bool twice)
{
	FILE *tty = fopen("/dev/tty", "r+e");
	int rc;

	if (!tty)
		return cli_misused("no password: give --password-stdin or --password-file, "
				   "set BULKHEAD_PASSWORD, or use a terminal");
	rc = ask_once(p, tty, "Password: ");
	if (rc == EXIT_OK && twice)
		rc = ask_again(p, tty);
	(void)fclose(tty);
	return rc;
}

static int
fill(struct password *p, const struct cli_args *args, bool twice)
{
	const char *file  = options_value(args, OPT_PASSWORD_FILE);
	const char *value = getenv("BULKHEAD_PASSWORD");

	if (options_has(args, OPT_PASSWORD_STDIN))
		return read_from(p, stdin, "stdin");
	if (file)
		return read_file(p, file);
	if (value && value[0])
		return read_environment(p, value);
	return prompt(p, twice);
}

int
password_get(struct password *ret, const struct cli_args *args, bool twice)
{
	struct password p = { secret_alloc(PASSWORD_MAX + 1), 0 };
	int rc            = fill(&p, args, twice);

	if (rc == EXIT_OK)
		*ret = p;
	else
		password_free(&p);
	return rc;
}

void
password_free(struct password *p)
{
	secret_free(p->s, PASSWORD_MAX + 1);
	*p = (struct password){ 0 };
}
