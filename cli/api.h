/*
 * api.h - the scripting socket as the command sees it: a ZeroMQ DEALER.
 * Frames: "BH1", request id, method, JSON, [binary].  Either one question at a
 * time (api_call), or several that are out together (api_send, api_next).
 */
#ifndef CLI_API_H
#define CLI_API_H

#include <jansson.h>
#include <stdbool.h>

#include "base/cursor.h"
#include "base/nt.h"

struct api;
struct api_got;

/* Why a server could not be reached. */
enum api_reach { API_REACHED, API_ABSENT, API_FORBIDDEN, API_BROKEN };

/* path: <runtime directory>/broker.sock. */
enum api_reach api_open(const char *path, struct api **ret);
/* The same on another machine; NULL, or why not. */
struct key_file;
const char *api_open_remote(const char *endpoint, const struct key_file *, struct api **ret);
void api_close(struct api *);	/* NULL is fine */

/*
 * Sends and waits for the answer.  False: no answer, and *ret_why says why.
 * ret_reply is the whole JSON object (the caller's); its status is in ret_status.
 */
bool api_call(struct api *, const char *method, const json_t *request, struct span binary,
    json_t **ret_reply, nt *ret_status, const char **ret_why);

/* The same with the answer's binary frame; api_got_free() what it gives. */
bool api_call_binary(struct api *, const char *method, const json_t *request, struct span binary,
    struct api_got *ret, const char **ret_why);

/* Seconds that api_call() waits; 60 unless told. */
void api_set_patience(struct api *, unsigned seconds);
/* Path of the socket; the runtime directory is where it lies.  Empty: on another machine. */
const char *api_path(const struct api *);

/* What came: an answer, or (id 0) an event. */
struct api_got {
	unsigned id;
	json_t *json;	/* an object, the receiver's */
	nt status;	/* of an answer */
	uint8_t *binary;	/* the receiver's; NULL: none */
	size_t n_binary;
};
void api_got_free(struct api_got *);

enum api_wait {
	API_GOT,
	API_QUIET,		/* nothing came in time */
	API_READABLE,		/* the descriptor has something */
	API_INTERRUPTED,
	API_LOST,		/* no answer will come any more; ret_why */
};

/* Sends, and returns at once.  The question's id; 0: ret_why. */
unsigned api_send(struct api *, const char *method, const json_t *request, struct span binary,
    const char **ret_why);
/* Waits at most ms (-1: for ever) for the next answer or event, or for fd (-1: none). */
enum api_wait api_next(struct api *, int ms, int fd, struct api_got *ret, const char **ret_why);

#endif
