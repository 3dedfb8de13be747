/*
 * birth.h - how a daemon learns who it is.
 *
 * The spawner execs `bulkhead-fsd fsd --channel 3 --self ID --uid N --gid N
 * --runtime DIR [--state DIR] [--listener FD]... [--require-sandbox]`.
 * The directory then sends the daemon's part of the configuration over the
 * channel, once, before anything else.
 */
#ifndef IPC_BIRTH_H
#define IPC_BIRTH_H

#include <sys/types.h>

#include "ipc/msg.h"

#define BIRTH_LISTENERS 8

struct birth {
	enum peer_role role;
	uint64_t self;			/* own peer id */
	int channel;			/* seqpacket socket to the directory; log records go there too */
	uid_t uid;			/* to run as; (uid_t)-1: stay (not root) */
	gid_t gid;
	const char *runtime;		/* runtime directory of the instance */
	const char *state;		/* state directory or NULL */
	int listeners[BIRTH_LISTENERS];
	size_t n_listeners;
	bool require_sandbox;
	const char *join;		/* --join ENDPOINT: not started by our spawner */
	const char *key;		/* --key FILE that belongs to it */
	struct span part;		/* configuration records, see conf_next(); owned, never freed */
};

/*
 * Parses the arguments, points the log at the channel, waits (up to 10 s) for
 * the configuration part.  Exits with a message when the arguments are wrong:
 * somebody started a daemon by hand.  roles: a FROM() mask this program plays.
 */
void birth_begin(struct birth *ret, int argc, char **argv, const char *program, uint32_t roles);

/* The directory's side: the first datagram on a new channel.  Seals a copy of part. */
nt birth_send_part(int channel, struct span part) MUST_USE;

/*
 * Walks configuration records: true and the next one, or false at the end.
 * Bodies are decoded with conf_*_req_decode() of ipc/msg/conf.msg.h.
 */
bool conf_next(struct rd *, uint16_t *ret_id, struct span *ret_body);
/* A copy of a part, which may hold secrets: what the strings of a record decoded from it borrow from. */
struct conf_copy {
	uint8_t *p;
	size_t n;
};
/*
 * The part's record of this kind into ret, the struct of its row.  The copy that was there before
 * is wiped; where there is no such record nothing changes: STATUS_DATA_ERROR.
 */
nt conf_copy_take(struct conf_copy *, struct span part, const struct msg_desc *, void *ret) MUST_USE;
void conf_copy_drop(struct conf_copy *);

/* The writer's side, used by the configuration child. */
void conf_put(struct wr *, const struct msg_desc *, struct span body);

#endif
