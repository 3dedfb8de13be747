/*
 * api.h - all state of the api: the scripting socket, requests in hand, and
 * the tables of methods.  It turns JSON into messages and routes them; it holds
 * no key and keeps no secret longer than it forwards it.
 */
#ifndef BROKER_API_H
#define BROKER_API_H

#include <jansson.h>

#include "base/loop.h"
#include "broker/keys.h"
#include "ipc/birth.h"
#include "ipc/json.h"
#include "ipc/msg/client.msg.h"
#include "ipc/node.h"
#include "ipc/strangers.h"

struct api;
struct method;

/* What a caller may ask.  Each may ask what those before it may. */
enum api_role { API_NOBODY, API_ANYONE, API_USER, API_ADMIN };

/* A local process, or the holder of a key on another machine. */
struct api_user {
	uint32_t uid, pid;
	uint64_t key;		/* its number; 0: local */
	uint64_t connection;	/* a number of ours; 0: none */
};

#define REQUEST_ID_MAX 64
#define ROUTE_MAX      255

/* What may wait for one connection to be read.  More is not sent: a word about that is. */
#define BYTES_OF_READER (64u * 1024 * 1024)

/* What one local user, or one key, has in flight; beyond it STATUS_QUOTA_EXCEEDED. */
#define REQUESTS_OF_UID 128u
#define BYTES_OF_UID	(64u * 1024 * 1024)
#define WATCHES_OF_UID	64u

/* "uid:1000", or "key:NAME:" and the first of the public key's digits: a name comes twice, a key does not. */
#define OWNER_TEXT (4 + KEY_LABEL + 1 + 16 + 1)

/* Whoever has sessions with other servers, and the process that holds them. */
struct owner {
	struct owner *next;
	uint32_t uid;
	uint64_t key;
	char name[OWNER_TEXT];
	uint64_t session;	/* peer id; 0: none that we know of */
	size_t n_requests, n_bytes, n_watches;
};

/* Where an answer or an event goes. */
struct address {
	struct door *door;
	uint64_t connection;	/* a number of ours */
	uint8_t route[ROUTE_MAX];
	size_t route_n;
	uint8_t id[REQUEST_ID_MAX];
	size_t id_n;
};

/* A request from arrival to answer. */
struct request {
	struct request *next;
	struct api *api;
	struct api_user user;
	struct owner *owner;
	struct address from;
	char method_name[64];
	const struct method *method;
	json_t *args;			/* the object that came */
	uint8_t *binary;		/* the frame behind it; wiped */
	size_t binary_n;
	struct span body;		/* the encoded message, allocated; wiped */
	size_t step, tries;		/* steps.c */
	uint64_t peer;			/* the session process that was asked */
	struct follow *follow;		/* it has no deadline but its asker's life; watch.c */
	struct watch *watch;		/* the subscription it makes or ends */
	struct span out;		/* payload of the answer, borrowed */
	bool packed;			/* rows as they come from the process, not as JSON */
	json_t *reply;
	size_t list;			/* which of the method's lists is being walked */
	json_t *rows;
	char cursor_name[NAME_BOUND + 1];
	uint64_t cursor;
	uint64_t fsd;			/* which of them is being asked for its rows */
};

/* What waits for one connection to read it: answer.c. */
struct backlog;

/* A socket that scripts come to: here, or from other machines. */
struct door {
	struct api *api;
	void *sock;
	struct loop_fd watch;
	struct loop_poll poll;
	bool woken;
	uint64_t connections;
	uint64_t dropped;		/* answers that nobody took */
	uint64_t withheld;		/* … that were too much for who does not read */
	struct backlog *backlogs;
	bool gone;			/* … the last, because its connection is no more */
};

/* Where other machines come, and who is there: remote.c. */
struct remote {
	struct door door;
	int listeners[BIRTH_LISTENERS];
	char endpoints[BIRTH_LISTENERS][64]; /* "tcp://192.0.2.1:5555" */
	size_t n;
	struct strangers strangers;
};

/* The socket for descriptors. */
struct pass {
	int listener;
	struct loop_fd watch;
	struct caller *callers;
	struct passed *passed;
	size_t n_callers, n_passed;
};

/* Where storages of other hosts join: what the bridge says of itself. */
struct storages {
	char server[KEY_TEXT + 1], listen[TEXT_BOUND + 1];
};

#define CLEARED_MAX 256

struct api {
	struct loop *loop;
	struct node *node;
	struct door door;
	struct remote remote;
	struct keys keys;
	struct storages storages;
	char admins[TEXT_BOUND + 1];	/* uids and names of keys */
	char users[TEXT_BOUND + 1];	/* uids that may have client sessions; "*": all */
	struct pass pass;
	struct request *requests;
	size_t n_requests;
	struct owner *owners;
	struct watch *watches;
	struct follow *follows;
	struct hook *hooks;		/* hook.h; by number */
	uint32_t last_hook;
	uint64_t last_ask;
	struct trace *traces;		/* trace.h */
	uint32_t last_trace;
	uint64_t last_number;		/* of jobs and watches, as session processes know them */

	uint32_t owner_uid;
	uint32_t uid_first, uid_last;	/* of our own tree; 0,0 not root */
	char version[NAME_BOUND + 1];
	json_t *listen;
	json_t *places;			/* storage: its shares, by the configuration */
	uint64_t cleared[CLEARED_MAX];	/* connections known not to be of our tree */
	size_t next_cleared;
};

/* ---- door.c ---- */
void door_open(struct api *, int listener);
/* What both doors have in common. */
void *door_socket(struct api *, struct door *, const char *domain);
void door_watch(struct door *);

/* ---- answer.c ---- */
void door_reply(const struct request *);
/* False: that connection is gone, or does not read; it has been told if there was room for that. */
bool door_event(const struct address *, const json_t *);
bool door_event_binary(const struct address *, const json_t *, struct span);

/* ---- remote.c ---- */
/* Listening TCP sockets; they stay in the network where they were made. */
void remote_open(struct api *, const int *listeners, size_t n);
json_t *remote_json(const struct api *);	/* for status */
/* A request came by this connection: who it is. */
void remote_known(struct api *, int fd, const struct api_user *);

/* ---- storages.c ---- */
void storages_up(struct api *, struct link *bridge);
void storages_key(struct api *, const struct key *);	/* made or revoked; of any role */
bool storages_can_come(const struct api *);
void storages_tell(struct request *);		/* where, and whom to expect there */

/* ---- keys_methods.c ---- */
nt key_add_prepare(struct request *, char *why);
nt key_list_prepare(struct request *, char *why);
nt key_revoke_prepare(struct request *, char *why);
/* Its sessions, its process, its watches; ctx: the api. */
void key_end_owner(void *ctx, const struct key *);
/* The key of this caller, if it comes with one that may not come any more. */
const struct key *user_revoked(const struct api *, const struct api_user *);

/* Is this uid one of those that our own processes have? */
bool uid_is_ours(const struct api *, uint32_t uid);
/*
 * Is it one person's?  Without root we stand in a user namespace, where all uids but the owner's
 * look the same.
 */
bool uid_is_known(const struct api *, uint32_t uid);

/* ---- pass.c ---- */
void pass_open(struct api *, int listener);
/* The descriptor that this uid handed in under this token; the caller's.  -1: none. */
int pass_take(struct api *, uint32_t uid, const struct id16 *token);

/* ---- owner.c ---- */
/* Counts the request in; its owner, or NULL if that is one too many. */
struct owner *owner_enter(struct api *, const struct api_user *, size_t n_bytes);
void owner_release(struct api *, struct owner *);	/* if nothing is known about it any more */
void owner_leave(struct api *, struct owner *, size_t n_bytes);
struct owner *owner_of_peer(struct api *, uint64_t session);
struct owner *owner_of_key(struct api *, uint64_t key);	/* NULL: it has done nothing yet */

/* ---- forward.c ---- */
void forward_begin(struct request *);
void forward_send(struct request *);		/* all is there */
/* What to say about a failure that the status alone does not tell; NULL: nothing. */
const char *failure_sentence(const struct request *, nt status);

/* ---- steps.c ---- */
void request_step(struct request *);		/* the next one */

/* ---- follow.c ---- */
#define OUR_NUMBER ((uint64_t)1 << 62)	/* scripts' own jobs lie below */
/* NULL: it cannot be followed; then it counts as there. */
struct follow *follow_enter(struct api *, uint32_t pid);
void follow_drop(struct follow *);
/* Until request_free(): its asker's end is noticed. */
void follow_request(struct request *);
void follow_leave(struct request *);
/* A field of the request; 0: none. */
uint64_t request_number(const struct request *, const char *field);
void request_number_set(struct request *, const char *field, uint64_t);
nt job_prepare(struct request *, char *why);

/* ---- watch.c ---- */
nt watch_prepare(struct request *, char *why);
nt unwatch_prepare(struct request *, char *why);
nt subscribe_prepare(struct request *, char *why);
nt unsubscribe_prepare(struct request *, char *why);
void watch_complete(struct request *);
void watch_forget(struct request *);		/* the request that was to make it has failed */
void watches_end(struct api *, uint64_t session);	/* that process is gone */
void watches_leave(struct api *, const struct follow *);	/* so is that script */
void watches_of_owner(struct api *, const struct owner *);	/* it gets nothing any more */
#define MSG_ME struct api
API_MESSAGES(MSG_HANDLER)
extern const struct ipc_method api_methods[];
extern const size_t api_methods_n;

/* ---- request.c ---- */
void request_arrived(struct request *);		/* takes it */
void request_finish(struct request *, nt status, const char *message);
void request_done(struct request *);		/* all is in rq->reply */
enum api_role request_role(const struct request *);	/* of who asks */
struct link *request_target(struct request *, enum peer_role);	/* NULL: it is not there */
#define REQUEST_CALL_MS 30000u

/* ---- lists.c ---- */
/* The next list of the method, or the answer if there is none left. */
void request_lists(struct request *);

void lists_begin(struct request *);

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
	uint32_t flags;
	/* Rows in the payload of the answer. */
	const char *rows_key;
	const struct msg_desc *rows;
};

#define METHOD_OWNED   0x01u	/* the field owner is ours to fill in */
#define METHOD_PAYLOAD 0x02u	/* the binary frame is the message's payload */
#define METHOD_LONG    0x04u	/* may take as long as it wants while its asker lives */
#define METHOD_KDC     0x08u	/* may have to reach a KDC */
#define METHOD_LATER   0x80u	/* what prepare() began ends the request */
#define METHOD_PROBLEM 0x10u	/* a text in the answer's field problem is why it failed */

#define ASK(peer, msg) .to = PEER_##peer, .desc = &msg##_desc
#define OWN(msg)       .desc = &msg##_desc /* we answer; the message only names the fields */
#define LISTS(array)   .lists = (array), .n_lists = NELEM(array)
#define ROWS(key, msg) .rows_key = (key), .rows = &msg##_desc

extern const struct method methods[];
extern const size_t methods_n;
extern const struct method client_methods[];	/* methods_client.c */
extern const size_t client_methods_n;
/* All of both, by number; NULL behind the last. */
const struct method *method_at(size_t i);
extern const struct list list_processes;	/* also tells who is of our tree */

#endif
