/*
 * api.h - all state of the api: the scripting socket, requests in hand, and
 * the table of methods.  It turns JSON into messages and routes them; it holds
 * no key and keeps no secret longer than it forwards it.
 */
#ifndef BROKER_API_H
#define BROKER_API_H

#include <jansson.h>

#include "base/loop.h"
#include "ipc/json.h"
#include "ipc/node.h"

struct api;
struct method;

/* What a caller may ask.  Each may ask what those before it may. */
enum api_role { API_NOBODY, API_USER, API_ADMIN };

struct api_user {
	uint32_t uid, pid;
	uint64_t connection;	/* a number of ours; 0: none */
};

#define REQUEST_ID_MAX 64
#define ROUTE_MAX      255

/* A request from arrival to answer. */
struct request {
	struct request *next;
	struct api *api;
	struct api_user user;
	uint8_t route[ROUTE_MAX];
	size_t route_n;
	uint8_t id[REQUEST_ID_MAX];
	size_t id_n;
	char method_name[64];
	const struct method *method;
	json_t *args;			/* the object that came */
	uint8_t *binary;		/* the frame behind it; wiped */
	size_t binary_n;
	json_t *reply;
	size_t list;			/* which of the method's lists is being walked */
	json_t *rows;
	char cursor_name[NAME_BOUND + 1];
	uint64_t cursor;
};

/* The scripting socket. */
struct door {
	void *sock;
	struct loop_fd watch;
	struct loop_poll poll;
	bool woken;
	uint64_t connections;
	uint64_t dropped;		/* answers that nobody took */
};

/* The socket for descriptors. */
struct pass {
	int listener;
	struct loop_fd watch;
	struct caller *callers;
	struct passed *passed;
	size_t n_callers, n_passed;
};

#define CLEARED_MAX 256

struct api {
	struct loop *loop;
	struct node *node;
	struct door door;
	struct pass pass;
	struct request *requests;
	size_t n_requests;

	uint32_t owner_uid;
	uint32_t uid_first, uid_last;	/* of our own tree; 0,0 not root */
	char version[NAME_BOUND + 1];
	json_t *listen;
	uint64_t cleared[CLEARED_MAX];	/* connections known not to be of our tree */
	size_t next_cleared;
};

/* ---- door.c ---- */
void door_open(struct api *, int listener);
void door_reply(struct api *, const struct request *);

/* Is this uid one of those that our own processes have? */
bool uid_is_ours(const struct api *, uint32_t uid);

/* ---- pass.c ---- */
void pass_open(struct api *, int listener);
/* The descriptor that this uid handed in under this token; the caller's.  -1: none. */
int pass_take(struct api *, uint32_t uid, const struct id16 *token);

/* ---- request.c ---- */
void request_arrived(struct request *);		/* takes it */
void request_finish(struct request *, nt status, const char *message);
void request_done(struct request *);		/* all is in rq->reply */
struct link *request_target(struct request *, enum peer_role);	/* NULL: it is not there */
#define REQUEST_CALL_MS 30000u

/* ---- lists.c ---- */
/* The next list of the method, or the answer if there is none left. */
void request_lists(struct request *);

/* One list that is walked row by row into a JSON array. */
struct list {
	const char *key;
	enum peer_role from;
	const struct msg_desc *desc;
	const char *cursor;	/* the row's field that goes into `after` */
	void (*shape)(json_t *row);
};

/* ---- methods.c ---- */
struct method {
	const char *name;
	enum api_role needs;
	/* One message there and back ... */
	enum peer_role to;
	const struct msg_desc *desc;
	nt (*prepare)(struct request *, char *why);
	/* ... or lists, all in one answer ... */
	const struct list *lists;
	size_t n_lists;
	bool partial;		/* a list that cannot be had is named instead of failing all */
	/* ... or only this, which also completes the answer of lists. */
	void (*complete)(struct request *);
	const char *about;
};

extern const struct method methods[];
extern const size_t methods_n;
extern const struct list list_processes;	/* also tells who is of our tree */

#endif
