/*
 * settle.c - what the Kerberos library is told before anything is asked of it:
 * settings that no file or environment has a say in, and the kernel's random
 * numbers.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <hcrypto/rand.h>

#include "authd/cred/acquire.h"
#include "base/fatal.h"
#include "base/secret.h"

static int
random_give(unsigned char *p, int n)
{
	random_bytes(p, n > 0 ? (size_t)n : 0);
	return 1;
}

static void
random_seed(const void *p, int n)
{
	(void)p;
	(void)n;
}

static void
random_add(const void *p, int n, double entropy)
{
	(void)p;
	(void)n;
	(void)entropy;
}

static void
random_cleanup(void)
{
}

static int
random_status(void)
{
	return 1;
}

/* hcrypto's own would open files, [RAND_METHOD]. */
static const RAND_METHOD random_ours = { random_seed, random_give, random_cleanup,
					 random_add,  random_give, random_status };

/* Its configuration is a text of ours, whatever our caller's environment says. */
void
acquire_settle(uint32_t skew_s, bool rc4)
{
	const char *etypes = rc4 ? " arcfour-hmac-md5" : "";
	int fd		   = memfd_create("krb5.conf", MFD_CLOEXEC);
	char path[64];

	if (fd < 0)
		fatal("memfd_create: %s", strerror(errno));
	(void)dprintf(fd,
		      "[libdefaults]\n"
		      "clockskew = %u\n"
		      "default_etypes = aes256-cts-hmac-sha1-96 aes128-cts-hmac-sha1-96%s\n"
		      "default_tgs_etypes = aes256-cts-hmac-sha1-96 aes128-cts-hmac-sha1-96%s\n"
		      "check_pac = false\n"
		      "dns_lookup_kdc = false\n"
		      "dns_lookup_realm = false\n"
		      "dns_canonicalize_hostname = false\n"
		      "rdns = false\n",
		      skew_s, etypes, etypes);
	(void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	ENSURE(setenv("KRB5_CONFIG", path, 1) == 0);
	ENSURE(unsetenv("KRB5_KTNAME") == 0 && unsetenv("KRB5CCNAME") == 0);
	RAND_set_rand_method(&random_ours);
}
