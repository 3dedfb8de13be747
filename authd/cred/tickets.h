/*
 * tickets.h - the tickets of a login: a credential cache file in wiped memory.
 * Pure; whether a ticket is any good is for who gets to see it.
 */
#ifndef AUTHD_CRED_TICKETS_H
#define AUTHD_CRED_TICKETS_H

#include "authd/cred/login.h"
#include "proto/auth/krb_file.h"

#define TICKETS_BARE_S (10 * 3600u) /* what we take for the life of a ticket that does not say */
#define TICKET_FRESH_S 60u	    /* one with less life is not used any more */

/* The login's client and tickets from such a file.  STATUS_INVALID_PARAMETER; none that fits. */
nt tickets_take_ccache(struct login *, struct span file) MUST_USE;
nt tickets_take_cred(struct login *, struct span der) MUST_USE;
/* One ticket and its key, for the login's client. */
nt tickets_take_bare(struct login *, struct span der, uint16_t etype, struct span key,
		     uint32_t now) MUST_USE;

/* What was got joins what is there: newer ones replace, what has ended goes. */
void tickets_merge(struct login *, struct span ccache, uint32_t now);

struct ticket_row {
	uint32_t index; /* from 1 */
	struct krb_ticket ticket;
};
/* The row behind that index; false at the end. */
bool tickets_next(const struct login *, uint32_t after, struct ticket_row *ret) MUST_USE;
/* One for that service ("cifs/host[@REALM]") with some life left. */
bool tickets_find(const struct login *, const char *spn, uint32_t now,
		  struct ticket_row *ret) MUST_USE;
/* By its whole name, whatever its life. */
bool tickets_find_exact(const struct login *, const char *server, struct ticket_row *ret) MUST_USE;

#endif
