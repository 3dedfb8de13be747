/* api_private.h - struct api; for api.c and api_mail.c only. */
#ifndef CLI_API_PRIVATE_H
#define CLI_API_PRIVATE_H

#include <sys/un.h>

#include "cli/api.h"

/* An answer that came while another one was awaited. */
struct api_mail {
	struct api_mail *next;
	struct api_got got;
};

struct api {
	void *context;
	void *socket;
	char path[sizeof((struct sockaddr_un *)0)->sun_path];
	unsigned last_id;
	unsigned *out;		/* ids that were asked and not answered */
	size_t n_out, cap_out;
	struct api_mail *mail;	/* oldest first */
	unsigned patience;	/* seconds that api_call() waits */
	void *monitor;		/* of the connection to another machine; NULL: here */
	struct ferry *ferry;	/* ferry.h; NULL: nothing was lent */
};

/* Before zmq_connect(): the first handshake, and the events besides, will be told.  False: errno. */
bool handshake_watch(struct api *, int besides);
/* After it: the ZMQ_EVENT_ that came first; 0: none did in that time. */
uint16_t handshake_wait(struct api *, int ms);
/* The same, and later ones are told at a->monitor. */
uint16_t handshake_begin(struct api *, int ms);
void handshake_end(struct api *);
/* Somebody accepts on this path? */
enum api_reach api_look(const char *path);
/* As api_next(), but only the answer to id; everything else is kept. */
enum api_wait api_await(struct api *, unsigned id, int ms, struct api_got *ret,
    const char **ret_why);
void api_mail_free(struct api *);

#endif
