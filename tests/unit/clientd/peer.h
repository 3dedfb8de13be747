/*
 * peer.h - a server that says what the test wants: it sits at the other end of a
 * session's socket on the same loop, and answers each element by the test's rule.
 */
#ifndef TESTS_UNIT_CLIENTD_PEER_H
#define TESTS_UNIT_CLIENTD_PEER_H

#include "tests/unit/clientd/stage.h"

struct peer;

/*
 * What is answered to one element.  h is the answer's header as it should be; body
 * stands behind it.  The rule may change both, or set peer->silent.
 */
typedef void peer_rule(struct peer *, const struct smb2_element *asked, struct smb2_hdr *h,
		       struct wr *body);

struct peer {
	struct stage *stage;
	struct session *session;
	int fd;
	struct loop_fd watch;
	struct smb2_signer *signer;	/* with it, answers are signed */
	peer_rule *rule;		/* after the honest answer is made */
	bool silent, twice, unsigned_, spoiled;
	uint32_t length_plus;		/* added to the transport length */
	unsigned asked, cancels;
	uint16_t grants;		/* credits with each answer */
	uint8_t in[1 << 20];
	size_t n;
};

/* A session that stands, on 3.1.1; key: signed with AES-CMAC, NULL: not at all. */
struct peer *peer_new(struct stage *, const uint8_t *key, peer_rule *);
/* A server to which nobody has connected yet: the other end is the caller's. */
struct peer *peer_at(struct stage *, const uint8_t *key, peer_rule *, int *ret_far);
void peer_drop(struct peer *);
/* The session alone, over that socket. */
struct session *peer_session(struct stage *, int fd, const uint8_t *key);

/* Bytes of a listing of the class that client.ls asks for. */
void listing_put(struct wr *w, const char *const *names, size_t n);

#endif
