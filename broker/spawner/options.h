/*
 * options.h - the command line of serve, private and check, and the places
 * that hold where nothing is said.
 */
#ifndef BROKER_OPTIONS_H
#define BROKER_OPTIONS_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define OPTIONS_WORDS 1024

struct options {
	const char *config;		/* the file to read */
	bool config_named;		/* by -c: it must be there */
	bool print_directories;		/* check --print-directories */
	bool always_private;		/* client --private: whatever runs already */
	char *words[OPTIONS_WORDS];	/* overrides, as conf_override() takes them */
	size_t n_words;
	uid_t uid;			/* the instance's owner */
	gid_t gid;
	char host[256];			/* name of the machine, up to the first dot */
	char default_config[PATH_MAX], default_runtime[PATH_MAX], default_state[PATH_MAX];
};

/* False after a message: usage. */
bool options_read(struct options *, int argc, char **argv);

#endif
