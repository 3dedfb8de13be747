/* ferry_private.h - inside of a ferry; for the files of api and ferry only. */
#ifndef CLI_FERRY_PRIVATE_H
#define CLI_FERRY_PRIVATE_H

#include <sys/types.h>
#include <zmq.h>

#include "cli/api_private.h"
#include "cli/ferry.h"

#define FERRY_CALLS  8u		/* that wait at the server */
#define FERRY_OUT    64u	/* … and those that only tell */
#define FERRY_LENT   128u

/* Something to be done with what is lent. */
struct order {
	struct order *next;
	uint64_t number, offset;
	bool write;
	size_t length, done;
	uint8_t *bytes;		/* to be written, or what was read */
};

struct lent {
	struct lent *next;
	uint64_t job, moved;
	int fd;
	bool pipe, writable;
	bool ended;		/* a pipe has no more */
	int error;		/* errno */
	uint64_t at;		/* a pipe: bytes so far */
	struct order *orders;	/* a pipe's that wait, by offset */
};

struct ferry {
	char token[FERRY_TOKEN];
	struct lent *lent;
	size_t n_lent;
	struct ferry_call {
		unsigned id;		/* 0: free */
		bool waits, tells;	/* for an order; what became of one */
	} calls[FERRY_OUT];
	unsigned waiting;		/* of them */
};

/* As far as it goes without waiting.  True: it is done, or cannot be; errno in l->error. */
bool order_push(struct lent *, struct order *);
void order_free(struct order *);

/* For api_mail.c.  Is this the answer to a call of the ferry's?  Then it is dealt with, and freed. */
bool ferry_takes(struct api *, struct api_got *);
/* What to wait for besides; at most FERRY_LENT. */
int ferry_watch(const struct api *, zmq_pollitem_t *items);
/* Some of that has come. */
void ferry_ready(struct api *);
void ferry_free(struct api *);

#endif
