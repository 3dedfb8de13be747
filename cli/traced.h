/*
 * traced.h - one packet that a process has shown: from the api's event, in order of
 * time, into a capture, or to the process that prints it.
 */
#ifndef CLI_TRACED_H
#define CLI_TRACED_H

#include <jansson.h>
#include <stdio.h>

#include "cli/dissect_input.h"
#include "cli/dissect_print.h"
#include "dissect/follow.h"

struct traced {
	struct traced *next;
	uint64_t time;
	bool answer;	/* the server sent it */
	bool opened;	/* it was encrypted */
	struct endpoint client, server;
	uint32_t zeros, missing;	/* bytes behind the n that are here */
	uint64_t lost;	/* packets before it that did not come */
	size_t n;
	uint8_t bytes[];
};

/* From an event of kind "packet"; NULL: it is none. */
struct traced *traced_read(const json_t *event, const uint8_t *bytes, size_t n);

/* ---- in order of time: they come from several processes ---- */
struct traced_queue {
	struct traced *first;
	size_t n;
};
void traced_put(struct traced_queue *, struct traced *);	/* takes it */
/* The oldest, if it is older than `before`; the caller's. */
struct traced *traced_take(struct traced_queue *, uint64_t before);

/* ---- trace_pcap.c: captures with made-up TCP around the messages ---- */
struct capture;
struct capture *capture_new(FILE *);
void capture_drop(struct capture *);
void capture_put(struct capture *, const struct traced *);

/* ---- live.c: over a pipe to `bulkhead dissect -`, which sits behind walls ---- */
#define LIVE_HEAD "BHTR"	/* PCAP_HEAD bytes */
bool live_begin(int fd);
bool live_put(int fd, const struct traced *);
/* The other end, behind LIVE_HEAD, until the pipe ends. */
void live_read(struct input *, struct follow *, struct printer *);

#endif
