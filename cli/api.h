/*
 * api.h - the scripting socket as the command sees it: one request at a time
 * over a ZeroMQ DEALER.  Frames: "BH1", request id, method, JSON, [binary].
 */
#ifndef CLI_API_H
#define CLI_API_H

#include <jansson.h>
#include <stdbool.h>

#include "base/cursor.h"
#include "base/nt.h"

struct api;

/* Why a server could not be reached. */
enum api_reach { API_REACHED, API_ABSENT, API_FORBIDDEN, API_BROKEN };

/* path: <runtime directory>/broker.sock. */
enum api_reach api_open(const char *path, struct api **ret);
void api_close(struct api *);	/* NULL is fine */

/*
 * Sends and waits for the answer.  False: no answer, and *ret_why says why.
 * ret_reply is the whole JSON object (the caller's); its status is in ret_status.
 */
bool api_call(struct api *, const char *method, const json_t *request, struct span binary,
    json_t **ret_reply, nt *ret_status, const char **ret_why);

#endif
