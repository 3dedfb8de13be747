/*
 * transfer.h - many files from here to there: a plan is made first (which files,
 * how many bytes), then several are moved at a time, each by one question to
 * the session process, which gets the local file as a descriptor.
 *
 * What a kind of transfer does differently stands in its own file:
 * transfer_get.c, transfer_put.c, transfer_copy.c.
 */
#ifndef CLI_TRANSFER_H
#define CLI_TRANSFER_H

#include "cli/api.h"
#include "cli/client.h"
#include "cli/progress.h"
#include "cli/relay.h"

#define JOBS_MAX  64
#define SMALL_MAX 65536u	/* goes as part of question or answer, without a descriptor */

/* client.get and client.put flags, ipc/msg/client.msg.h */
#define MOVE_HASH    1u
#define MOVE_NEW     2u
#define MOVE_RESUME  4u
#define MOVE_WHOLE   16u

/* A file, or a directory that is wanted there. */
struct item {
	char *src, *dst;	/* path in the share, or below the local root */
	bool directory;
	uint64_t size;
	int64_t written, accessed;
};

struct transfer;

/* One file under way. */
struct job {
	const struct item *item;	/* NULL: free */
	uint64_t number;		/* of its first question, for progress and cancelling;
					   the second one has the next */
	unsigned ids[2];		/* questions that are out; 0: none */
	unsigned asking;		/* client.progress that is out */
	bool ok[2];			/* how they were answered */
	int stage;			/* the kind's own */
	int dir, file;			/* local; -1: none */
	char temp[64];			/* name of the file while it is not whole; "": has none */
	uint64_t offset;		/* where it began */
	uint64_t done;			/* bytes, as last heard */
	bool failed, skipped;
	bool small;			/* the answer carries the file */
	struct span binary;		/* of the answer, while next() looks at it */
	bool removable;			/* what there is of it on the server, we made */
	bool worthless;			/* what there is does not stay for --resume */
	struct relay *relay;		/* NULL: none runs */
};

struct transfer_kind {
	const char *verb;
	/* Makes a directory.  Whether it worked; else the failure is noted. */
	bool (*directory)(struct transfer *, const struct item *);
	/* Opens, and asks the first question.  False: finished already, or failed. */
	bool (*start)(struct transfer *, struct job *);
	/* All questions are answered, well.  True: asked another one. */
	bool (*next)(struct transfer *, struct job *, const json_t *answer);
	/* The file no longer is small.  True: asked again; may be NULL. */
	bool (*again)(struct transfer *, struct job *);
	/* Good or bad, it is over: renames or removes; may be NULL. */
	void (*finish)(struct transfer *, struct job *);
	/* After all files, for each directory, the deepest first; may be NULL. */
	void (*settle)(struct transfer *, const struct item *);
};

struct transfer {
	struct cli *c;
	const struct transfer_kind *kind;
	bool recursive, preserve, no_clobber, resume, in_place, checksum, dry_run, quiet;
	unsigned long jobs;
	struct place src, dst;	/* the remote side(s); path "" stands for the share */
	int root;		/* where a get goes; -1: none */
	struct item *items;
	size_t n_items, cap_items;
	uint64_t bytes, bytes_done, files, files_done, skipped;
	json_t *failures;	/* sentences */
	struct job job[JOBS_MAX];
	struct progress progress;
	int64_t asked_progress;
	bool interrupted;
	bool lost;		/* the session is gone: the rest is not tried */
	uint64_t in_flight;	/* most requests that the server had at a time */
};

/* From the options; EXIT_OK or EXIT_USAGE after a message. */
int transfer_init(struct transfer *, struct cli *, const struct transfer_kind *);
/* Does what is planned; reports; frees.  planned: the code of the planning. */
int transfer_run(struct transfer *, int planned);

/* Plans.  EXIT_OK even if something is wrong that transfer_fail() noted. */
int plan_remote(struct transfer *, const struct place *from, const char *dst);
/* top: what the user named may be a symbolic link; what was found below may not. */
int plan_local(struct transfer *, const char *from, const char *dst, bool top);
struct item *plan_add(struct transfer *, const char *src, const char *dst, bool directory);
/* Do --include and --exclude want this file (or directory)? */
bool plan_wants(const struct transfer *, const char *path, bool directory);

/* transfer_report.c: on stdout and stderr, or as one JSON object. */
void transfer_say_plan(const struct transfer *);
void transfer_report(const struct transfer *);
void transfer_report_failures(const struct transfer *);
/* Notes a failure: sentence after what it is about. */
void transfer_fail(struct transfer *, const char *about, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void transfer_fail_status(struct transfer *, const struct place *, const json_t *reply, nt status);
/* Asks on behalf of a job; slot 0 or 1.  False: noted. */
bool job_ask(struct transfer *, struct job *, unsigned slot, const struct place *,
    const char *method, json_t *more);
/* The same with a payload. */
bool job_send(struct transfer *, struct job *, const struct place *, const char *method,
    json_t *more, struct span payload);
/* transfer_small.c.  All of the job's file, if that is no more than SMALL_MAX. */
bool small_read(const struct job *, uint8_t buf[SMALL_MAX + 1], struct span *ret);
/* What the answer carries becomes the job's file.  False: noted. */
bool small_write(struct transfer *, struct job *, uint64_t size);
/* Marks the job as failed, with a sentence. */
void job_fail(struct transfer *, struct job *, const char *about, const char *why);
/* The place of an item on the remote side that src (or dst) is. */
struct place place_at(const struct place *share, const char *path);
/* A directory of the remote side; there already is as good.  False: noted. */
bool remote_directory(struct transfer *, const struct place *);
/* Is anything there?  Only what we made may be removed after a failure. */
bool remote_is_there(struct transfer *, const struct place *);
/* Lends fd to what the question of that slot will ask.  False: noted, and request is consumed. */
bool job_lend(struct transfer *, struct job *, unsigned slot, int fd, json_t *request);
/* Reads the remote file again, hashing it; the answer is awaited in stage. */
bool job_verify(struct transfer *, struct job *, const struct place *, int stage);
/* After it: is the digest that of the local file? */
void job_verified(struct transfer *, struct job *, const struct place *);

extern const struct transfer_kind transfer_get, transfer_put, transfer_copy;

#endif
