/*
 * main.c - one program, several roles: which one is the first word.
 */
#include <stdio.h>
#include <string.h>

#include "base/nt.h"
#include "broker/broker.h"

static const struct {
	const char *word;
	role_fn *run;
} roles[] = {
	{ "serve", serve_main }, { "private", private_main }, { "client", client_main },
	{ "check", check_main }, { "config", config_main },   { "directory", directory_main },
	{ "api", api_main },	 { "outpost", outpost_main },
	{ "bridge", bridge_main }, { "bridgehead", bridgehead_main }, { "relay", relay_main },
	{ "health", health_main },
};

int
main(int argc, char **argv)
{
	for (size_t i = 0; argc > 1 && i < NELEM(roles); i++) {
		if (strcmp(argv[1], roles[i].word) == 0)
			return roles[i].run(argc, argv);
	}
	fprintf(stderr, "usage: bulkhead-broker serve|private|client|check|outpost|health [options]\n"
			"Most people start it as `bulkhead serve`.\n");
	return EXIT_USAGE;
}
