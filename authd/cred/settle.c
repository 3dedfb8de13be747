/*
 * settle.c - which encryption types the library may ask KDCs for; the rest of
 * its settings are those of krb as well.
 */
#include <stdio.h>

#include "authd/cred/acquire.h"
#include "authd/heimdal_settle.h"

#define AES "aes256-cts-hmac-sha1-96 aes128-cts-hmac-sha1-96"

void
acquire_settle(uint32_t skew_s, bool rc4)
{
	const char *rest = rc4 ? " arcfour-hmac-md5" : "";
	char more[256];

	(void)snprintf(more, sizeof more,
		       "default_etypes = " AES "%s\n"
		       "default_tgs_etypes = " AES "%s\n",
		       rest, rest);
	(void)heimdal_settle(skew_s, more); /* open as long as we live: threads make contexts */
}
