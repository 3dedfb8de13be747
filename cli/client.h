/*
 * client.h - sessions with other servers, as the client's commands see them:
 * opened when the first address of a server is named, kept for the next, closed
 * at the end.  Ids are kept as the JSON they came as.
 */
#ifndef CLI_CLIENT_H
#define CLI_CLIENT_H

#include <jansson.h>
#include <stdbool.h>

#include "base/nt.h"
#include "cli/cli.h"
#include "cli/url.h"

/* A session with one server as one user. */
struct remote {
	struct remote *next;
	struct url where;	/* user, host, port */
	json_t *cred;		/* handle; NULL: anonymous */
	json_t *info;		/* client.open's answer; NULL: not open (any more) */
};

/* Something on a server. */
struct place {
	struct remote *at;
	char share[URL_NAME];
	char path[URL_PATH];
};

/* Everything that outlives one command of the shell. */
struct client {
	struct remote *remotes;
	bool in_shell;
	struct place here;	/* where the shell stands; at NULL: nowhere */
	bool quit, backup;	/* of the shell: leave; open with backup intent */
	uint64_t last_job;
};

enum place_want { WANT_SERVER, WANT_SHARE };

struct client *client_new(void);
/* Closes every session.  NULL is fine. */
void client_drop(struct cli *, struct client *);

/* The session for this address, opened if need be.  EXIT_OK, or a code after a message. */
int remote_find(struct cli *, const struct url *, struct remote **ret);
/* Ends the session; the next command opens another. */
void remote_end(struct cli *, struct remote *);
/* The session is gone; the next command opens another. */
void remote_lost(struct remote *);

/* What an operand names: an address, or in the shell a path from where it stands. */
int place_find(struct cli *, const char *operand, enum place_want, struct place *ret);
/* The same without opening anything; ret->at is NULL when the server was not met yet. */
int place_url(struct cli *, const char *operand, struct url *ret);
/* The address of it for messages; buf of URL_TEXT. */
const char *place_print(const struct place *, char *buf);
/* The server it is on. */
struct place place_server(const struct place *);
/* The i-th operand; "" (in the shell: where it stands) if there are fewer. */
const char *operand_or_here(const struct cli *, size_t i);
/* ret: name, one component, below dir.  False: no such component, or too long. */
bool place_below(const struct place *dir, const char *name, struct place *ret);

/*
 * {"session", "share", "path"} of a place (only the session without a share), and more's
 * members (consumed, may be NULL).
 */
json_t *place_request(const struct place *, json_t *more);
/* Asks method about a place; messages begin with its address. */
int place_ask(struct cli *, const struct place *, const char *method, json_t *more, json_t **ret);
/* The same with the answer's binary frame; api_got_free() what it gives. */
struct api_got;
int place_ask_binary(struct cli *, const struct place *, const char *method, json_t *more,
    struct api_got *ret);
/* The same when only success matters. */
int place_do(struct cli *, const struct place *, const char *method, json_t *more);
/* The same without a message; status tells. */
bool place_try(struct cli *, const struct place *, const char *method, json_t *more,
    json_t **ret_reply, nt *ret_status, const char **ret_why);
/* cmd_shares.c: the shares of a server, printed. */
int shares_print(struct cli *, const struct place *server);
/* The same for what moves a file, under a job of its own that Ctrl-C cancels; fd: the local end, closed. */
int place_move(struct cli *, const struct place *, const char *method, json_t *more, int fd);
/* The same; what the answer says is the caller's.  False: there was none, and that was said. */
bool place_move_try(struct cli *, const struct place *, const char *method, json_t *more, int fd,
    nt *ret_status);
/* Is the session of no more use after this? */
bool status_ends_session(nt);
/* cmd_cat.c: a file's content into a descriptor; escape: its control bytes as \\xNN. */
int cat_to(struct cli *, const struct place *, int to, bool escape);
/* Why it failed: the answer's words, or the status' if there are none (or no answer). */
const char *reply_sentence(const json_t *reply, nt status);
/* Reports a status about a place, and that.  EXIT_REFUSED. */
int place_refused(const struct place *, nt status);
int place_refused_as(const struct place *, const json_t *reply, nt status);

#endif
