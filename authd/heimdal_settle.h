/*
 * heimdal_settle.h - what the Kerberos library is told before anything is asked
 * of it: settings that no file or environment has a say in, and the kernel's
 * random numbers.  For krb and cred.
 */
#ifndef AUTHD_HEIMDAL_SETTLE_H
#define AUTHD_HEIMDAL_SETTLE_H

#include <stdint.h>

/*
 * Once, before the walls and before any context.  more: further lines of
 * [libdefaults].  Returns a descriptor that must stay open until the last context is made.
 */
int heimdal_settle(uint32_t skew_s, const char *more);

#endif
