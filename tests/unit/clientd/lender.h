/*
 * lender.h - a server that gives leases, as a test wants it to, and remembers what
 * it was asked.
 */
#ifndef TESTS_UNIT_CLIENTD_LENDER_H
#define TESTS_UNIT_CLIENTD_LENDER_H

#include "clientd/session/cache.h"
#include "proto/smb2/ctx_create.h"
#include "tests/unit/clientd/peer.h"

#define RH (SMB2_LEASE_READ_CACHING | SMB2_LEASE_HANDLE_CACHING)
#define ASKED_OFTEN 3	/* this use of a file is the first that asks for a lease */
#define HOUR_MS 3600000u

struct lender {
	uint32_t grants, flags;
	uint8_t level;
	bool other_key, no_context, cut_context, breaks_first, refuses_lease;
	struct fscc_stat is;
	unsigned creates, leases, closes, reads, acks, queries;
	struct smb2_lease asked;	/* the last lease that was */
	uint32_t acked;			/* … and state that was acknowledged */
};
extern struct lender server;
extern struct peer *peer;

void begin(void);
void end(void);
void serve(struct peer *, const struct smb2_element *, struct smb2_hdr *, struct wr *);
void break_comes(const uint8_t key[16], uint32_t flags, uint32_t to);
nt ask_stat(const char *path);
void ask_get(const char *path);
/* What is not awaited by a call comes all the same. */
void until(const unsigned *counter, unsigned n);
/* Asked about until it is kept. */
void keep(const char *path);

#endif
