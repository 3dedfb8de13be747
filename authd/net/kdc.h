/*
 * kdc.h - which KDCs a realm has: by `kdc` of the configuration, which names
 * those of other realms as REALM=SERVER, or by DNS where it names none.
 */
#ifndef AUTHD_NET_KDC_H
#define AUTHD_NET_KDC_H

#include "authd/net/net.h"
#include "authd/net/resolve.h"

#define REALMS_MAX 32u /* known at once; named by scripts, so bounded */

struct kdcs *kdcs_new(void);
void kdcs_drop(struct kdcs *);
/* Good until the loop's next turn, or as long as one waits for it; NULL: too many realms at once. */
struct finder *kdc_finder(struct net *, const char *realm);
/* What is known of this realm has proved wrong. */
void kdc_forget(struct net *, const char *realm);
/* A new configuration: the lists may be others. */
void kdcs_forget_all(struct net *);

#endif
