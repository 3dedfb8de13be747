/*
 * wire.h - one connection of the load generator: frames out, elements in.
 * Requests gather in a buffer that is sent when there is nothing left to read,
 * as a client with many requests in flight would.  Anything wrong ends the
 * program: a benchmark of failures would be worth nothing.
 */
#ifndef BENCH_WIRE_H
#define BENCH_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cursor.h"
#include "proto/smb2/header.h"
#include "proto/smb2/preauth.h"
#include "proto/smb2/seal.h"
#include "proto/smb2/sign.h"

enum protect { PLAIN, SIGNED, SEALED };

struct wire {
	int fd;
	enum protect protect;
	bool live; /* there are keys: what follows is protected */
	uint64_t session_id, next_id;
	uint32_t tree_id;
	uint32_t credits;
	struct smb2_preauth hash;
	struct smb2_signer *signer;
	struct smb2_sealer *out, *in;
	struct wr tx;
	size_t frame_at, element_at; /* of the frame in the making */
	uint8_t *rx;
	size_t rx_at, rx_n;
	struct smb2_chain chain; /* elements of the last frame, not handed out yet */
};

/* To 127.0.0.1.  The buffers are kept for the next connection. */
void wire_dial(struct wire *, uint16_t port, enum protect);
void wire_drop(struct wire *);

/* A frame's first element, its header written: the body goes to the writer, whose header is at
 * element_at. */
struct wr *wire_begin(struct wire *, uint16_t command, uint16_t charge);
/* One more element, which leans on the one before. */
struct wr *wire_related(struct wire *, uint16_t command);
/* Signs or encrypts; the message as the pre-authentication hash wants it. */
struct span wire_end(struct wire *);

/* The next answer, verified; interim ones only leave their credits. */
void wire_next(struct wire *, struct smb2_element *ret);
void wire_flush(struct wire *);

#endif
