/*
 * ticket_subject.h - the credential that a ticket command is about: shown, written
 * to a file, dropped.
 */
#ifndef CLI_TICKET_SUBJECT_H
#define CLI_TICKET_SUBJECT_H

#include <jansson.h>
#include <stdbool.h>

#include "cli/cli.h"

#define TICKET_WHAT "ticket"	/* what messages are about */

/* A credential to work on: one that is kept, or one of the options that goes when we do. */
struct subject {
	json_t *cred;
	bool ours;
};

/* The operand's credential (NULL: none), or the one that the options describe. */
int subject_get(struct cli *, const char *operand, struct subject *ret);
void subject_drop(struct cli *, struct subject *);
json_t *subject_request(const struct subject *);	/* {"cred"} */
int subject_export(struct cli *, const struct subject *, const char *path);
/* The tickets, and the number by which they may be used again, if they stay. */
int subject_show(struct cli *, const struct subject *);

#endif
