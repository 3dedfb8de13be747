/*
 * broker.h - the roles of this program and what they share.
 */
#ifndef BROKER_BROKER_H
#define BROKER_BROKER_H

#include <stdbool.h>
#include <stdint.h>

struct birth;
struct sandbox;

/* Exit codes of what a person starts. */
enum broker_exit {
	EXIT_OK      = 0,
	EXIT_REFUSED = 1,	/* problems in the configuration, no port, another instance ... */
	EXIT_USAGE   = 2,
};

#ifndef BULKHEAD_VERSION
#define BULKHEAD_VERSION "0"
#endif

typedef int role_fn(int argc, char **argv);
role_fn serve_main, private_main, check_main, client_main, outpost_main, health_main;	/* a person or the bulkhead command */
role_fn config_main, directory_main, api_main, bridge_main, relay_main;	/* the spawner */
role_fn bridgehead_main;	/* an outpost */

/* Where the words of `bulkhead-broker config` stand. */
enum config_arg {
	CONFIG_TEXT = 2,	/* descriptors; -1: no text */
	CONFIG_RECORDS,
	CONFIG_PROBLEMS,
	CONFIG_FILE,		/* its name, for messages */
	CONFIG_HOST,
	CONFIG_UID,
	CONFIG_GID,
	CONFIG_RUNTIME,
	CONFIG_STATE,
	CONFIG_VERSION,
	CONFIG_END,		/* "--"; overrides follow */
	CONFIG_WORDS,
};

/* sandbox.c: the walls of each role. */
void config_confine(bool root);
void spawner_confine(void);
void directory_isolate(struct sandbox *, const struct birth *);
void directory_seal(struct sandbox *);
bool api_isolate(struct sandbox *, const struct birth *);
void api_seal(struct sandbox *);
bool bridge_isolate(struct sandbox *, const struct birth *);
void bridge_seal(struct sandbox *);
/* names: it has one to look up. */
void bridgehead_isolate(struct sandbox *, bool names);
void bridgehead_seal(struct sandbox *, bool names);
bool relay_isolate(struct sandbox *, const struct birth *, bool names);
void relay_seal(struct sandbox *, bool names);

#endif
