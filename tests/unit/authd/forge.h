/*
 * forge.h - tickets of any kind, made with the service's key as a key
 * distribution centre makes them, and the tokens of a client that holds them.
 */
#ifndef TESTS_UNIT_AUTHD_FORGE_H
#define TESTS_UNIT_AUTHD_FORGE_H

#include "tests/unit/check.h"

#include "authd/krb/heimdal.h"

struct forge {
	const char *client;  /* "alice@TEST.EXAMPLE" */
	const char *service; /* what the ticket says: "cifs/fs@TEST.EXAMPLE" */
	struct keyblock key; /* that it is sealed with */
	int kvno;
	int session_etype;  /* 0: as key */
	int from_s, to_s;   /* validity, from now */
	int clock_s;	    /* the client's clock against ours */
	struct span pac;    /* as it stands; n == 0: none */
	uint32_t auth_time; /* 0: now */
	struct span channel; /* what the token is bound to; n == 0: no channel */
};

struct initiator;

/* Before heimdal_open(): the client's side has settings of its own. */
void forge_begin(void);
struct initiator *initiator_new(const struct forge *);
void initiator_drop(struct initiator *);
/* The first token. */
struct span initiator_token(const struct initiator *);
/* Takes the acceptor's answer; it must be right. */
void initiator_finish(struct initiator *, struct span token);
/* The key that this side has; good until it is asked again. */
struct span initiator_key(struct initiator *);
struct span initiator_mic(struct initiator *, struct span text);
bool initiator_verifies(struct initiator *, struct span text, struct span mic);

/* The 12 bytes by which a server key of AES signs text for a PAC. */
void forge_pac_sum(const struct keyblock *, struct span text, uint8_t ret[12]);

#endif
