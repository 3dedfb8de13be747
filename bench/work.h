/*
 * work.h - what is asked of the server: one row per workload.  A slot is one
 * operation in flight, of one or more requests.
 */
#ifndef BENCH_WORK_H
#define BENCH_WORK_H

#include "bench/wire.h"

#define DEPTH_MAX  256u
#define IDS	   65536u	/* message ids under way are closer together than this */
#define FILE_BYTES (256u << 20) /* of bench.dat, which is there already */
#define FOLDER	   10000u	/* files of the folder "many", fNNNNN */

struct slot {
	bool opened, ending; /* which request of several is next */
	struct smb2_fid fid;
};

enum progress {
	WAIT, /* another answer is under way */
	ASK,  /* ask() has the next request */
	OVER,
};

struct load {
	struct wire wire;
	const struct work *work;
	struct slot slots[DEPTH_MAX];
	uint8_t owner[IDS];  /* message id → slot */
	struct smb2_fid fid; /* of bench.dat */
	uint64_t turn;	     /* operations begun */
	uint64_t bytes;
};

struct work {
	const char *name;
	uint32_t size; /* of one READ or WRITE */
	bool random;
	uint16_t charge;			   /* credits of its dearest request */
	void (*ask)(struct load *, struct slot *); /* its next request */
	enum progress (*told)(struct load *, struct slot *, struct smb2_element *);
};

const struct work *work_find(const char *name); /* NULL: no such row */
void work_open(struct load *);			/* bench.dat, where it is needed */

#endif
