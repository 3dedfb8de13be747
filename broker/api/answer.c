/*
 * answer.c - the scripting socket's way out: answers and events.
 *
 * A script that asks and does not read is bounded twice: by messages (ZeroMQ's
 * high-water mark; beyond it they are lost) and by bytes, which we count until
 * libzmq has let go of them; beyond that it gets a failure in place of the answer.
 * Every frame is wiped when it has been sent: tickets are among them.
 */
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

#include "base/fatal.h"
#include "base/log.h"
#include "base/secret.h"
#include "broker/api/api.h"

/* The main thread makes and frees these, a thread of libzmq's only counts down; at 0 nobody else has it. */
struct backlog {
	struct backlog *next;
	uint64_t connection;
	bool told;
	_Atomic size_t bytes;
};

struct parcel {
	struct backlog *of;
	size_t n;
	uint8_t *p;
};

/* ---- what waits ---- */

/* Finds it, and forgets those for whom nothing waits any more. */
static struct backlog *
backlog_find(struct door *d, uint64_t connection)
{
	struct backlog *b, *found = NULL, **at = &d->backlogs;

	while ((b = *at)) {
		if (b->connection == connection) {
			found = b;
		} else if (atomic_load(&b->bytes) == 0) {
			*at = b->next;
			free(b);
			continue;
		}
		at = &b->next;
	}
	if (found)
		return found;
	b	     = xcalloc(1, sizeof *b);
	b->next	     = d->backlogs;
	b->connection = connection;
	d->backlogs  = b;
	return b;
}

static bool
backlog_fits(struct backlog *b, size_t n)
{
	size_t waits = atomic_load(&b->bytes);

	return waits == 0 || (waits <= BYTES_OF_READER && n <= BYTES_OF_READER - waits);
}

/* ---- frames ---- */

static void
parcel_sent(void *data, void *hint)
{
	struct parcel *p = hint;

	(void)data;
	secret_wipe(p->p, p->n);
	free(p->p);
	atomic_fetch_sub(&p->of->bytes, p->n);
	free(p);
}

/* Takes the bytes, whatever becomes of them. */
static bool
parcel_send(void *sock, struct backlog *b, uint8_t *bytes, size_t n, bool more)
{
	struct parcel *p = xcalloc(1, sizeof *p);
	zmq_msg_t m;

	*p = (struct parcel){ .of = b, .n = n, .p = bytes };
	atomic_fetch_add(&b->bytes, n);
	ENSURE(zmq_msg_init_data(&m, bytes, n, parcel_sent, p) == 0);
	if (zmq_msg_send(&m, sock, ZMQ_DONTWAIT | (more ? ZMQ_SNDMORE : 0)) >= 0)
		return true;
	(void)zmq_msg_close(&m);
	return false;
}

static bool
frame_send(void *sock, const void *p, size_t n)
{
	return zmq_send(sock, p, n, ZMQ_DONTWAIT | ZMQ_SNDMORE) >= 0;
}

/* The frames that all have in common. */
static bool
head_send(void *sock, const struct address *to, const char *method)
{
	return frame_send(sock, to->route, to->route_n) && frame_send(sock, "BH1", 3) &&
	       frame_send(sock, to->id, to->id_n) && frame_send(sock, method, strlen(method));
}

static bool
binary_send(void *sock, struct backlog *b, struct span binary)
{
	uint8_t *copy = xcalloc(1, binary.n);

	memcpy(copy, binary.p, binary.n);
	return parcel_send(sock, b, copy, binary.n, false);
}

/* Takes the text. */
static bool
message_send(const struct address *to, struct backlog *b, const char *method, char *text,
	     struct span binary)
{
	struct door *d = to->door;
	bool sent      = head_send(d->sock, to, method);

	if (sent)
		sent = parcel_send(d->sock, b, (uint8_t *)text, strlen(text), binary.n > 0);
	else
		free(text);
	sent	= sent && (binary.n == 0 || binary_send(d->sock, b, binary));
	d->gone = !sent && errno == EHOSTUNREACH;
	if (!sent && d->dropped++ == 0)
		log_warn("an answer could not be given: %s", zmq_strerror(errno));
	d->woken = true; /* a send may swallow the edge of what came meanwhile */
	return sent;
}

/* ---- too much ---- */

#define TOO_MUCH "more than 64 MiB wait for this reader already"

static void
withheld(struct door *d, struct backlog *b)
{
	d->withheld++;
	if (!b->told)
		log_warn("a script does not read what it asked for bytes=%zu", atomic_load(&b->bytes));
	b->told = true;
}

static char *
too_much_answer(void)
{
	nt s	     = STATUS_QUOTA_EXCEEDED;
	json_t *json = json_pack("{s:{s:s, s:I}, s:s}", "status", "name", nt_name(s), "number",
				 (json_int_t)s.code, "message", TOO_MUCH);
	char *text   = json_dumps(json, JSON_COMPACT);

	json_decref(json);
	return text;
}

/* Of a watch there will be no other word. */
static void
watch_end_send(const struct address *to, struct backlog *b, json_t *watch)
{
	json_t *json = json_pack("{s:s, s:s, s:O}", "kind", "ended", "message", TOO_MUCH, "watch",
				 watch);
	char *text   = json_dumps(json, JSON_COMPACT);

	ENSURE(text != NULL);
	(void)message_send(to, b, "event", text, SPAN_NONE);
	json_decref(json);
}

/* ---- answers and events ---- */

void
door_reply(const struct request *rq)
{
	struct door *d	  = rq->from.door;
	struct backlog *b = backlog_find(d, rq->from.connection);
	char *text	  = json_dumps(rq->reply, JSON_COMPACT);
	struct span out	  = rq->out;

	ENSURE(text != NULL);
	if (!backlog_fits(b, strlen(text) + out.n)) {
		withheld(d, b);
		secret_wipe(text, strlen(text));
		free(text);
		text = too_much_answer();
		out  = SPAN_NONE;
		ENSURE(text != NULL);
	}
	(void)message_send(&rq->from, b, rq->method_name, text, out);
}

bool
door_event_binary(const struct address *to, const json_t *json, struct span binary)
{
	struct backlog *b = backlog_find(to->door, to->connection);
	json_t *watch	  = json_object_get(json, "watch");
	char *text	  = json_dumps(json, JSON_COMPACT);

	ENSURE(text != NULL);
	if (backlog_fits(b, strlen(text) + binary.n))
		return message_send(to, b, "event", text, binary);
	free(text);
	withheld(to->door, b);
	to->door->gone = false;
	if (watch)
		watch_end_send(to, b, watch);
	return false;
}

bool
door_event(const struct address *to, const json_t *json)
{
	return door_event_binary(to, json, SPAN_NONE);
}
