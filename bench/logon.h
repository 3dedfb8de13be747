/*
 * logon.h - from a connection to a tree: NEGOTIATE, NTLM, keys, TREE_CONNECT.
 */
#ifndef BENCH_LOGON_H
#define BENCH_LOGON_H

#include "bench/wire.h"

struct account {
	uint16_t port;
	const char *share, *user, *password;
};

/* 3.1.1 with AES-128-GMAC, AES-128-GCM if sealed; as raw NTLMSSP, as cifs.ko does. */
void logon(struct wire *, const struct account *, enum protect);

#endif
