/*
 * forge.h - a ticket of our own making, for who holds the service's key: what a
 * KDC would give, without a PAC.  For tests and scripts of the service's owner.
 * [RFC4120] 5.3
 */
#ifndef AUTHD_CRED_FORGE_H
#define AUTHD_CRED_FORGE_H

#include "proto/auth/krb_file.h"

/* Once, before the walls and after acquire_settle(). */
void forge_settle(void);

struct forged {
	uint8_t key[32]; /* of the session; as long as the service's */
	size_t n;
	uint8_t ticket[2048];
	size_t n_ticket;
};

/* client and server with their realms; etype: AES, of the service's key.  STATUS_INVALID_PARAMETER.
 */
nt forge_ticket(const char *client, const char *server, uint16_t etype, struct span service_key,
		uint32_t now, uint32_t life_s, struct forged *ret) MUST_USE;

#endif
