/*
 * directory.h - all state of the directory: who is there, who has met whom,
 * which worker serves which identity, who gets which part of the configuration.
 *
 * It sees neither keys nor SMB nor JSON, and is on nobody's path once two
 * processes have met.
 */
#ifndef BROKER_DIRECTORY_H
#define BROKER_DIRECTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/log.h"
#include "base/loop.h"
#include "broker/pulse.h"
#include "broker/tree.h"
#include "broker/wire.h"
#include "ipc/msg/dir.msg.h"
#include "ipc/node.h"

struct outpost;
struct ucred;

struct peer {
	struct peer *next;
	struct directory *dir;
	uint64_t id;
	enum tree_row_no row;		/* ROW_MAX: the spawner, which only logs */
	uint32_t pid, uid, gid, restarts;
	uint64_t started;
	struct link *link;		/* NULL: its channel has closed */
	bool serving, stopping;
	bool joined;			/* nobody's child: its end shows on its channel */
	struct outpost *post;		/* whose child it is; NULL: our spawner's */
	bool foreign;			/* of another pid namespace: its pid says nothing to others */
	uint32_t walls;			/* as it says itself */
	struct key32 key;		/* the same: how peers on other hosts know it */
	char storage[STORAGE_BOUND + 1]; /* an fsd's that has joined with shares of its own */
	struct span part;		/* what this fsd was born with; allocated */
	struct loop_timer deadline;	/* to serve after birth, to end when asked */
	struct pulse pulse;		/* in between */

	/* workers */
	uint64_t tag;
	uint32_t index;
	char name[NAME_BOUND + 1];	/* of the identity */
	uint64_t promised;		/* CLOCK_MONOTONIC ns of the last promise to a logon */

	/* log records: how many in which second */
	uint64_t log_second;
	uint32_t log_n, log_dropped;
};

/* Where processes join that somebody else started. */
struct joins {
	struct loop_fd watch;
	int listener;
	char key[NAME_BOUND + 1];
	struct joiner *first;
	size_t n;
	uint32_t roles;			/* FROM() bits of those that may */
};

struct directory {
	struct loop *loop;
	struct node *node;
	struct wire_end wire;
	enum tree_kind kind;
	uint32_t wanted;		/* FROM() bits of TREE_CHOSEN rows */
	uint32_t restarts;		/* of the directory itself */
	struct peer *peers;
	struct meet *meets;
	struct want *wants;		/* dir_worker_get and dir_session_get calls that wait */
	struct need *needs;		/* dir_need calls that wait */
	struct joins joins;
	struct outpost *outposts;
	struct look *looks;		/* dir_processes calls that wait for the kernel's word */
	struct call *reloading;		/* the dir_reload call in hand */
	char problems[TEXT_BOUND + 1];

	/* the configuration in force */
	struct span records;		/* mapped */
	struct span first;		/* those we began with: some keys hold until a restart */
	struct id16 guid;
	uint32_t n_listeners, n_listening;
	uint32_t max_workers, max_guests;
	uint32_t uid_first;		/* of `worker uids`; 0: not root */
	uint64_t *index_used;		/* one bit per worker uid */
	bool log_json;
	uint8_t log_level;
	uint32_t watchdog_ms;

	struct pulse_clock pulse_clock;
	struct loop_timer pulse_timer;
	uint32_t hung[ROW_MAX];		/* had to be ended for it */

	bool ready, stopping;
	unsigned stop_round;
	struct loop_timer stop_timer;
};

/* ---- directory.c ---- */
/* me->loop is set.  wire: the socket to the spawner. */
void directory_open(struct directory *, uint64_t self, int wire);

/* ---- peers.c ---- */
struct peer *peer_find(struct directory *, uint64_t id);
struct peer *peer_of(struct directory *, const struct link *);
/* The one process of a row, or NULL.  Fsds with a storage's name are not meant. */
struct peer *peer_row(struct directory *, enum tree_row_no);
/* post: whose child it is; NULL: our spawner's. */
void peer_spawned(struct directory *, struct outpost *post, const struct wire *, int fd);
/* The fsd of this storage ("": our own), or NULL. */
struct peer *peer_storage(struct directory *, const char *storage);
/* The pid by which that process knows p; 0: by its uid alone. */
uint32_t peer_pid(const struct peer *p, const struct peer *to);
void peer_exited(struct directory *, uint64_t id);
void peer_hello(struct directory *, struct peer *, uint32_t walls, const struct key32 *);
/* On another host than we: no memory is shared with it, and keys say who is who. */
bool peer_is_afar(const struct peer *) MUST_USE;
void peer_tell_level(struct directory *, struct peer *);
void peer_stop(struct directory *, struct peer *);
void peer_kill(struct directory *, const struct peer *);
/* Everything is up: the spawner is told once. */
void ready_check(struct directory *);

/* One that joined: role, uid, pid and channel are known. */
void peer_joined(struct directory *, const struct wire *, bool foreign, int fd);

/* ---- alive.c ---- */
/* Who owes a sign of life for so long is ended; 0: nobody.  Again when that changes. */
void alive_begin(struct directory *, uint32_t patience_ms);

/* ---- join.c ---- */
#define JOIN_ID ((uint64_t)1 << 51)	/* above all that the spawner counts */
void join_open(struct directory *, const char *key, int listener);

/* ---- outposts.c ---- */
/*
 * A spawner that has shown the key; roles are its to fill from here on, or the fsd of that storage
 * ("": none).  Takes fd.
 */
void outpost_open(struct directory *, uint64_t id, const struct ucred *, uint32_t roles,
    const char *storage, bool foreign, bool afar, int fd);
bool outpost_roles_free(struct directory *, uint32_t roles);
bool outpost_storage_free(struct directory *, const char *storage);
const char *outpost_storage(const struct outpost *);
/* Who starts processes of this row; NULL: nobody has joined for it. */
struct wire_end *outpost_wire(struct directory *, enum tree_row_no);
struct wire_end *outpost_wire_of(struct directory *, const struct peer *);
bool outpost_is_foreign(const struct outpost *);
bool outpost_is_afar(const struct outpost *);

/* ---- meet.c, meet_who.c ---- */
void meet_everybody(struct directory *, struct peer *);
bool meet_done(struct directory *, const struct peer *, enum tree_row_no with);
bool meet_all_done(struct directory *, const struct peer *);
void meet_gone(struct directory *, uint64_t id);
/* The connection of p to that one is no more, and both live: they meet again. */
void meet_lost(struct directory *, const struct peer *p, uint64_t other);

/* ---- workers.c, wants.c ---- */
nt worker_want(struct directory *, struct call *, enum tree_row_no, const char *identity,
    bool fresh) MUST_USE;
void session_foresee(struct directory *, uint32_t uid);
void worker_met(struct directory *, struct peer *);
void worker_gone(struct directory *, const struct peer *);
void worker_failed(struct directory *, const struct wire *);
/* Somebody waits for this one, and it is not born. */
bool worker_awaited(const struct directory *, enum tree_row_no, uint32_t index);
bool worker_born(const struct directory *, uint32_t index);
/* Nobody is left to start what is waited for in this row. */
void wants_fail(struct directory *, enum tree_row_no);
void worker_taken(struct directory *, const struct peer *);
nt worker_retire(struct directory *, struct peer *) MUST_USE;
void workers_resize(struct directory *);

/* ---- needs.c ---- */
/* Starts those that a process of this row cannot be without and that nobody has asked for yet. */
void need_start(struct directory *, enum tree_row_no);
void needs_check(struct directory *);		/* somebody has met somebody, or is gone */

/* ---- parts.c, parts_send.c ---- */
/* Takes the memfd.  False: it made no sense and nothing has changed. */
bool parts_take(struct directory *, int fd, const struct id16 *guid);
uint32_t parts_owner(const struct directory *);	/* uid of the instance's owner */
/* Does the configuration in force place a share there? */
bool parts_has_storage(const struct directory *, const char *storage);
/* What an outpost has to know: conf_instance and conf_listen. */
void parts_send_outpost(struct directory *, struct wire_end *);
void parts_send_birth(struct directory *, struct peer *, int channel);
void parts_send_all(struct directory *);

/* ---- dirlog.c ---- */
void dirlog_got(void *me, struct link *, enum log_level, struct span text);
/* Our own, in the same form; a log_sink_fn. */
void dirlog_own(void *me, enum log_level, const char *text);

/* ---- dir_methods.c ---- */
#define MSG_ME struct directory
DIR_MESSAGES(MSG_HANDLER)
void look_answered(struct directory *, const struct wire *);
void reload_answered(struct directory *, bool good);

extern const struct ipc_method directory_methods[];
extern const size_t directory_methods_n;

#endif
