/* host.h - `hosts allow` and `hosts deny`: addresses and networks, no names. */
#ifndef FSD_HOST_H
#define FSD_HOST_H

#include <stdbool.h>

#include "fsd/share.h"

/* Reads r->who: "192.0.2.7", "192.0.2.0/24", "192.0.2.", "2001:db8::/32", "ALL". */
void host_read(struct share_rule *r);
bool host_matches(const struct share_rule *, const struct net_addr *client);

#endif
