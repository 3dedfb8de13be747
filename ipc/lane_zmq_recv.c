/*
 * lane_zmq_recv.c - what comes over ZeroMQ.
 *
 * A message is a batch frame and the payload frames that its records announce.
 * On the ROUTER the sender is who our ZAP handler said it is (User-Id); the
 * routing id it chose is only where the answer goes.
 */
#include "ipc/lane_zmq.h"

#include <stdlib.h>

#include "base/fatal.h"
#include "base/secret.h"

#define ZMQ_RUN 64 /* messages of one socket before others get their turn */

/* False if the message has more frames than anybody honest sends. */
static bool
batch_recv(struct batch *b, void *sock)
{
	bool fits = true;

	b->n    = 0;
	b->next = 0;
	while (zmq_msg_more(b->n ? &b->frames[b->n - 1] : &b->head)) {
		zmq_msg_t *m = &b->frames[b->n];

		zmq_msg_init(m);
		ENSURE(zmq_msg_recv(m, sock, 0) >= 0);
		if (b->n + 1 < FRAMES_MAX) {
			b->n++;
			continue;
		}
		fits = false;	/* drain what is left, one at a time */
		while (zmq_msg_more(m))
			ENSURE(zmq_msg_recv(m, sock, 0) >= 0);
		zmq_msg_close(m);
		break;
	}
	return fits;
}

/* Passwords and session keys travel in heads; payload is files' content and listings. */
static void
batch_close(struct batch *b)
{
	for (size_t i = 0; i < b->n; i++)
		zmq_msg_close(&b->frames[i]);
	secret_wipe(zmq_msg_data(&b->head), zmq_msg_size(&b->head));
	zmq_msg_close(&b->head);
}

static void
batch_run(struct link *l, struct batch *b)
{
	struct rd r = rd_init(SPAN(zmq_msg_data(&b->head), zmq_msg_size(&b->head)));
	struct ipc_rec rec;

	while (l->state != LINK_DEAD && rd_left(&r) > 0) {
		if (nt_failed(rec_read(&r, &rec))) {
			link_nonsense(l, "a record that does not fit");
			return;
		}
		if (rec.data_n > 0) {
			zmq_msg_t *m = b->next < b->n ? &b->frames[b->next++] : NULL;

			if (!m || zmq_msg_size(m) != rec.data_n) {
				link_nonsense(l, "a payload frame that does not fit");
				return;
			}
			rec.data = SPAN(zmq_msg_data(m), zmq_msg_size(m));
		}
		dispatch(l, &rec, NULL);
	}
}

/*
 * Who the ZAP handler admitted, with where to answer.  What a connection had on its way when its
 * process made another is too late.
 */
static struct link *
router_peer(struct node *node, zmq_msg_t *rid)
{
	const char *user = zmq_msg_gets(rid, "User-Id");
	char *end        = NULL;
	struct link *l   = user ? node_find(node, strtoull(user, &end, 10)) : NULL;
	uint64_t number  = l && *end == ':' ? strtoull(end + 1, NULL, 10) : 0;

	if (!l || l->lane == LANE_CHANNEL || l->lane == LANE_DEALER)
		return NULL;
	if (zmq_msg_size(rid) > sizeof l->rid || number < l->connection)
		return NULL;
	l->lane       = LANE_ROUTER;
	l->connection = number;
	l->rid_n = zmq_msg_size(rid);
	memcpy(l->rid, zmq_msg_data(rid), l->rid_n);
	return l;
}

static bool
router_read_one(struct node *node, struct batch *b)
{
	struct link *l;
	zmq_msg_t rid;

	zmq_msg_init(&rid);
	if (zmq_msg_recv(&rid, node->router, ZMQ_DONTWAIT) < 0) {
		zmq_msg_close(&rid);
		return false;
	}
	l = router_peer(node, &rid);
	if (l && node->conf.afar > 0)
		strangers_met(&node->strangers, zmq_msg_get(&rid, ZMQ_SRCFD));
	zmq_msg_init(&b->head);
	if (zmq_msg_more(&rid))
		ENSURE(zmq_msg_recv(&b->head, node->router, 0) >= 0);
	if (!batch_recv(b, node->router) && l)
		link_nonsense(l, "too many payload frames");
	else if (l)
		batch_run(l, b);
	batch_close(b);
	zmq_msg_close(&rid);
	return true;
}

static bool
dealer_read_one(struct link *l, struct batch *b)
{
	zmq_msg_init(&b->head);
	if (zmq_msg_recv(&b->head, l->sock, ZMQ_DONTWAIT) < 0) {
		zmq_msg_close(&b->head);
		return false;
	}
	if (!batch_recv(b, l->sock))
		link_nonsense(l, "too many payload frames");
	else
		batch_run(l, b);
	batch_close(b);
	return true;
}

bool
router_poll(struct node *node, struct batch *b)
{
	for (int i = 0; i < ZMQ_RUN; i++)
		if (!router_read_one(node, b)) {
			node->router_woken = false;
			return i > 0;
		}
	return true;
}

bool
dealer_poll(struct link *l, struct batch *b)
{
	for (int i = 0; i < ZMQ_RUN && l->state != LINK_DEAD; i++)
		if (!dealer_read_one(l, b)) {
			l->woken = false;
			return i > 0;
		}
	return true;
}
