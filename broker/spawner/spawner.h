/*
 * spawner.h - all state of the spawner, the only process that stays root.
 *
 * It knows the process table, the listening sockets and one end of every
 * child's channel.  Not for: bytes of strangers, messages, ZeroMQ, threads.
 */
#ifndef BROKER_SPAWNER_H
#define BROKER_SPAWNER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/loop.h"
#include "broker/spawner/options.h"
#include "broker/pulse.h"
#include "broker/tree.h"
#include "broker/wire.h"
#include "ipc/birth.h"

struct child {
	struct child *next;
	enum tree_row_no row;
	uint64_t peer;
	pid_t pid;
	uid_t uid;		/* (uid_t)-1: ours */
	gid_t gid;
	uint64_t tag;
	uint32_t index;
	char name[NAME_BOUND + 1];
	int channel;		/* the directory's end of its channel, kept for the next directory */
	bool told;		/* a directory has heard of it */
	uint64_t started;	/* Unix ns */
	uint64_t born;		/* CLOCK_MONOTONIC ns */
	struct pulse pulse;	/* the directory's */
};

/* A row that is always filled. */
struct seat {
	struct spawner *sp;
	enum tree_row_no row;
	struct child *child;
	uint32_t restarts;
	uint32_t wait_ms;
	struct loop_timer again;
};

/* The api is born with its two local sockets and these. */
#define API_LISTENERS 4
/* So is the bridge with these. */
#define STORAGE_LISTENERS 4

/* What the configuration says about the instance itself. */
struct instance {
	char runtime[PATH_BOUND + 1];
	char state[PATH_BOUND + 1];
	char join_key[PATH_BOUND + 1];	/* a file; empty: the state directory's own */
	uint32_t uid_first, uid_last;	/* 0,0: not root */
	uint32_t max_workers;
	uint32_t external;		/* FROM() bits: seats that joining processes fill */
	uint32_t wanted;		/* FROM() bits: TREE_CHOSEN seats to fill */
	uint32_t watchdog_ms;		/* 0: off */
	bool require_sandbox, serves;
	bool storages;			/* some shares are on fsds that join */
	struct net_addr listen[BIRTH_LISTENERS], api_listen[API_LISTENERS];
	struct net_addr storage_listen[STORAGE_LISTENERS];
	size_t n_listen, n_api_listen, n_storage_listen;
};

#define JOIN_KEY 64	/* hexadecimal digits */

/* A configuration child at work. */
struct configuring {
	pid_t pid;		/* 0: none, or none was needed */
	int records, problems;	/* memfds */
};

/* What makes a spawner an outpost: the directory is another spawner's.  roles 0: it is none. */
struct spawner;
typedef void way_fn(struct spawner *, int fd);	/* -1: it is closed */

struct post {
	uint32_t roles;		/* FROM() bits of the seats that are ours */
	const char *endpoint, *key, *runtime, *state;
	const char *storage;	/* its name, for an fsd that has shares of its own; or NULL */
	const char *listen_text, *server_key;	/* --listen, --server-key: to another host's directory */
	struct net_addr listen;
	struct loop_timer again;
	uint32_t wait_ms;
	struct loop_fd way;	/* a bridgehead that is not open yet */
	way_fn *opened;
	uint64_t directory;	/* which one, last */
	bool away;		/* nobody there; said once */
};

struct spawner {
	struct loop *loop;
	struct options options;
	struct instance inst;
	const char *home;	/* folder of our program and its siblings */
	enum tree_kind kind;
	struct id16 guid;

	struct wire_end wire;	/* to the directory */
	int log_near, log_far;	/* our own log channel; far is the directory's end */
	struct child *children;
	struct seat seats[ROW_MAX];
	uint64_t next_peer;

	int door;		/* the scripting socket's listener, for the api */
	int pass;		/* where callers hand descriptors in, for the api */
	int join;		/* where others join, for the directory; -1 unless some may */
	char join_key[JOIN_KEY + 1];
	int listeners[BIRTH_LISTENERS];
	size_t n_listeners;
	int remote[API_LISTENERS]; /* where scripts of other machines come, for the api */
	size_t n_remote;
	int bridges[STORAGE_LISTENERS]; /* where storages of other hosts join, for the bridge */
	size_t n_bridges;
	int afar;		/* in an outpost for another host's directory: where its fsd is reached; else 0 */

	struct post post;

	int records;		/* memfd: the configuration in force */
	struct configuring reload;
	bool reload_asked;	/* again, when the running one is done */

	uint64_t started;	/* Unix ns */
	bool ready, stopping;
	int exit_code;
	struct loop_timer stop_timer, watchdog, pulse_timer;
	struct pulse_clock pulse_clock;
};

/* ---- serve.c ---- */
struct spawner *spawner_new(void);
/* Reads the configuration; false after its problems have been shown. */
bool spawner_configure(struct spawner *);
/* The rest of its life; the exit code. */
int spawner_run(struct spawner *);
/* We end with who started us; false if that is already over. */
bool spawner_follow(pid_t parent);

/* ---- spawn.c ---- */
struct child *spawn(struct spawner *, enum tree_row_no, uint64_t tag, uint32_t index,
    const char *name);
/* fork and exec of a program beside ours with these descriptors as 3, 4, ...; -1 on failure. */
pid_t spawn_program(const char *home, const char *program, char *const *argv, const int *fds,
    size_t n_fds);

/* ---- supervise.c ---- */
void supervise_start(struct spawner *);
void supervise_ask(struct spawner *, enum tree_row_no);
void supervise_reaped(struct spawner *, pid_t, int status);
void supervise_stop(struct spawner *, int exit_code);
/* Not left to others, or, in an outpost, left to us. */
bool supervise_ours(const struct spawner *, enum tree_row_no) MUST_USE;
struct child *child_by_peer(struct spawner *, uint64_t peer);

/* ---- requests.c ---- */
void requests_open(struct spawner *, int sock);
/* An outpost's: the directory is elsewhere and hears of the children that there are. */
void requests_join(struct spawner *, int sock, loop_fn *gone);
void requests_config(struct spawner *, const struct configuring *, bool good);
void requests_spawned(struct spawner *, struct child *);

/* ---- outpost.c ---- */
void outpost_begin(struct spawner *);

/* ---- outpost_way.c ---- */
bool way_is_good(struct post *) MUST_USE;	/* do these words go together? */
bool way_is_long(const struct post *) MUST_USE;	/* to another host */
/* Where it is long: a socket to speak dir_join on; -1: nobody there. */
int way_wait(const struct spawner *) MUST_USE;
void way_begin(struct spawner *, way_fn *opened);

/* ---- configure.c ---- */
bool configure_start(const struct options *, const char *home, struct configuring *ret);
/* Waits for it; true if the configuration is good. */
bool configure_wait(struct configuring *);
void configure_seal(const struct configuring *);
void configure_done(struct configuring *);	/* closes what is open */
bool configure_instance(int records, struct instance *ret);
/* Copies the problems to stderr. */
void configure_tell(const struct configuring *);

/* ---- reload.c ---- */
void reload_begin(struct spawner *);
bool reload_reaped(struct spawner *, pid_t, int status);	/* true: it was ours */

/* ---- place.c: directories, lock, GUID; false after a message ---- */
bool place_runtime(const struct instance *);
/* None of ours runs yet.  Those of other outposts may, and be on their way to listen. */
void place_sweep(const struct spawner *);
bool place_state(const struct instance *, struct id16 *ret_guid);
bool place_join_key(const struct instance *, char ret[JOIN_KEY + 1]);
bool place_is_root(const struct instance *);
bool place_links_make(const struct instance *);
/* Sockets of processes that are no more.  unborn: and of those that never came to listen; nobody else runs. */
void place_links_sweep(const char *runtime, const char *role, bool unborn);
bool place_complain(const char *path, const char *why);	/* false */

/* ---- temporary.c ---- */
/* A fresh runtime directory in base, for as long as we live; those of the dead go. */
bool place_temporary(struct instance *, const char *base);
void place_remove(const struct instance *);

/* ---- place.c ---- */
uid_t place_uid(const struct instance *, enum tree_row_no, uint32_t index);

/* ---- activate.c ---- */
/* The service manager's listening socket for that address, or -1; ours to take. */
int activated_socket(const struct net_addr *) MUST_USE;
/* Complains about any that no address of ours wants. */
bool activated_all_wanted(const struct spawner *) MUST_USE;

/* ---- listen.c ---- */
bool listen_open(struct spawner *);
bool listen_door(struct spawner *);	/* both sockets of the api */
bool listen_join(struct spawner *);
bool listen_remote(struct spawner *);	/* what `api listen` names */
bool listen_storages(struct spawner *);	/* what `storage listen` names */
bool listen_afar(struct spawner *);	/* where an outpost's fsd is reached from the front end */
void listen_tell(const struct spawner *);	/* "ready ADDR:PORT" */

/* ---- walls.c ---- */
void walls_read(pid_t, struct wire *ret);

/* ---- vigil.c ---- */
/* The directory owes us a sign of life every now and then; again when that changes. */
void vigil_begin(struct spawner *);
void vigil_heard(struct spawner *);

/* ---- notify.c: the service manager, if there is one ---- */
void notify_open(struct spawner *);
void notify_say(const char *text);

#endif
