/*
 * follow.h - frames of connections as dissected messages, one tree each: decrypted
 * and checked as far as the keys go, answers read by what was asked.
 *
 * Beside "Header" and "Body" a message has "Frame": where it was, and what the
 * connection knows of it (Encryption, Signature, File).
 */
#ifndef DISSECT_FOLLOW_H
#define DISSECT_FOLLOW_H

#include "dissect/keys.h"
#include "dissect/stream.h"
#include "dissect/tree.h"

struct follow_sink {
	/* tree_root() of t is the message; until the callback returns. */
	void (*message)(void *ctx, const struct tree *t);
	void *ctx;
};

struct follow;

/* keys outlives it. */
struct follow *follow_new(struct keys *, struct follow_sink);
void follow_drop(struct follow *);	/* NULL is fine */
DEFINE_CLEANUP(struct follow, follow_drop)

/* What a struct stream_sink wants, with the follow as its ctx. */
void follow_frame(void *follow, const struct frame *);
void follow_gone(void *follow, void *user);

#endif
