/*
 * ask.h - what nearly every command does: ask the api one thing, report a
 * refusal in the server's words, or print the answer.
 */
#ifndef CLI_ASK_H
#define CLI_ASK_H

#include <jansson.h>

#include "base/cursor.h"
#include "cli/cli.h"

/*
 * Consumes request.  EXIT_OK and the reply (the caller's), or EXIT_REFUSED
 * after a message, "what" first: "alice: the account exists already".
 */
int ask(struct cli *, const char *what, const char *method, json_t *request, struct span binary,
    json_t **ret);
/* The same when only success matters; with --json the reply is printed. */
int ask_done(struct cli *, const char *what, const char *method, json_t *request,
    struct span binary);
void json_print(const json_t *);
/* A line, or with --json an object of one member. */
void text_print(const struct cli *, const char *key, const char *text);

/*
 * With --json a command prints one document, whatever went wrong on its way: a refusal is
 * kept (the last one), and printed at the end if nothing else was.
 */
void json_refusal(const json_t *reply);
void json_settle(const struct cli *);

/* Was the last refusal this status?  By name. */
bool refused_with(const char *status);

#endif
