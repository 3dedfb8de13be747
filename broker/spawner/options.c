/*
 * options.c - words of the command line become overrides; relative paths are
 * made absolute here, the only place that knows the current directory.
 */
#include "broker/spawner/options.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fatal.h"
#include "base/nt.h"

typedef bool option_fn(struct options *, const char *word, const char *value);

static bool
complain(const char *fmt, ...)
{
	va_list ap;

	fputs("bulkhead: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	return false;
}

/* word + value as one override; owned by the options until the process ends. */
static bool
word_add(struct options *o, const char *word, const char *value)
{
	size_t n = strlen(word) + strlen(value) + 1;
	char *s;

	if (o->n_words == OPTIONS_WORDS)
		return complain("too many options");
	s = xcalloc(n, 1);
	(void)snprintf(s, n, "%s%s", word, value);
	o->words[o->n_words++] = s;
	return true;
}

static bool
path_absolute(const char *path, char *dst, size_t cap)
{
	char cwd[PATH_MAX];
	int n;

	if (path[0] == '/') {
		n = snprintf(dst, cap, "%s", path);
	} else {
		if (!getcwd(cwd, sizeof cwd))
			return complain("the current directory: %s", strerror(errno));
		while (strncmp(path, "./", 2) == 0)
			path += 2;
		n = snprintf(dst, cap, "%s%s%s", cwd, strcmp(path, ".") == 0 ? "" : "/",
			     strcmp(path, ".") == 0 ? "" : path);
	}
	return (n >= 0 && (size_t)n < cap) || complain("a path is too long");
}

static bool
option_config(struct options *o, const char *word, const char *value)
{
	(void)word;
	o->config	= value;
	o->config_named = true;
	return true;
}

static bool
option_plain(struct options *o, const char *word, const char *value)
{
	return word_add(o, word, value);
}

static bool
option_path(struct options *o, const char *word, const char *value)
{
	char path[PATH_MAX];

	return path_absolute(value, path, sizeof path) && word_add(o, word, path);
}

/* NAME=PATH; PATH has to be a directory now, which nobody can tell later. */
static bool
option_share(struct options *o, const char *word, const char *value)
{
	const char *eq = strchr(value, '=');
	char path[PATH_MAX], real[PATH_MAX], all[PATH_MAX + 256];

	if (!eq || eq == value || !eq[1])
		return complain("--share %s: expected NAME=PATH", value);
	if (!path_absolute(eq + 1, path, sizeof path))
		return false;
	if (!realpath(path, real))
		return complain("--share %s: %s", value, strerror(errno));
	if ((size_t)snprintf(all, sizeof all, "%.*s=%s", (int)(eq - value), value, real) >=
	    sizeof all)
		return complain("--share %s: too long", value);
	return word_add(o, word, all);
}

static bool
option_directories(struct options *o, const char *word, const char *value)
{
	(void)word;
	(void)value;
	o->print_directories = true;
	return true;
}

static bool
option_private(struct options *o, const char *word, const char *value)
{
	(void)word;
	(void)value;
	o->always_private = true;
	return true;
}

static const struct option_row {
	const char *name, *word;
	bool valued, repeats; /* repeats: takes the words that follow as well */
	option_fn *fn;
} rows[] = {
	{ "-c", "", true, false, option_config },
	{ "--config", "", true, false, option_config },
	{ "--listen", "listen=", true, false, option_plain },
	{ "--share", "share=", true, false, option_share },
	{ "--user", "user=", true, true, option_plain },
	{ "--rw", "rw", false, false, option_plain },
	{ "--guest", "guest", false, false, option_plain },
	{ "--runtime-directory", "runtime=", true, false, option_path },
	{ "--state-directory", "state=", true, false, option_path },
	{ "--print-directories", "", false, false, option_directories },
	{ "--private", "", false, false, option_private },
};

/* "--name" or "--name=value"; ret_value is NULL if none is in the word itself. */
static const struct option_row *
row_find(const char *word, const char **ret_value)
{
	for (size_t i = 0; i < NELEM(rows); i++) {
		size_t n = strlen(rows[i].name);

		*ret_value = NULL;
		if (strcmp(word, rows[i].name) == 0)
			return &rows[i];
		*ret_value = word + n + 1;
		if (rows[i].valued && word[1] == '-' && strncmp(word, rows[i].name, n) == 0 &&
		    word[n] == '=')
			return &rows[i];
	}
	return NULL;
}

static bool
words_read(struct options *o, int argc, char **argv)
{
	for (int i = 2; i < argc; i++) {
		const char *value;
		const struct option_row *row = row_find(argv[i], &value);

		if (!row)
			return complain("unknown option %s", argv[i]);
		if (row->valued && !value) {
			if (++i == argc)
				return complain("%s needs a value", row->name);
			value = argv[i];
		}
		if (!row->fn(o, row->word, value ? value : ""))
			return false;
		while (row->repeats && i + 1 < argc && argv[i + 1][0] != '-') {
			if (!row->fn(o, row->word, argv[++i]))
				return false;
		}
	}
	return true;
}

/* dir/tail of an absolute directory in the environment, or of HOME/in_home. */
static void
place_set(char *dst, const char *variable, const char *in_home, const char *tail)
{
	const char *dir	 = getenv(variable);
	const char *home = getenv("HOME");

	if (dir && dir[0] == '/')
		(void)snprintf(dst, PATH_MAX, "%s/%s", dir, tail);
	else if (in_home && home && home[0] == '/')
		(void)snprintf(dst, PATH_MAX, "%s/%s/%s", home, in_home, tail);
	else
		(void)snprintf(dst, PATH_MAX, "/tmp/bulkhead-%u%s%s", (unsigned)geteuid(),
			       in_home ? "/" : "", in_home ? in_home : "");
}

static void
defaults_set(struct options *o)
{
	if (o->uid == 0) {
		(void)snprintf(o->default_config, PATH_MAX, "/etc/bulkhead/bulkhead.conf");
		(void)snprintf(o->default_runtime, PATH_MAX, "/run/bulkhead");
		(void)snprintf(o->default_state, PATH_MAX, "/var/lib/bulkhead");
	} else {
		place_set(o->default_config, "XDG_CONFIG_HOME", ".config",
			  "bulkhead/bulkhead.conf");
		place_set(o->default_runtime, "XDG_RUNTIME_DIR", NULL, "bulkhead");
		place_set(o->default_state, "XDG_STATE_HOME", ".local/state", "bulkhead");
	}
	o->config = o->default_config;
}

bool
options_read(struct options *o, int argc, char **argv)
{
	memset(o, 0, sizeof *o);
	o->uid = geteuid();
	o->gid = getegid();
	if (gethostname(o->host, sizeof o->host - 1) != 0 || o->host[0] == '\0')
		(void)snprintf(o->host, sizeof o->host, "BULKHEAD");
	o->host[strcspn(o->host, ".")] = '\0';
	defaults_set(o);
	return words_read(o, argc, argv);
}
