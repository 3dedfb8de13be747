/*
 * heimdal_settle.c - see heimdal_settle.h.  Heimdal 7.8.
 */
#include "authd/heimdal_settle.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <hcrypto/rand.h>

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

/*
 * Its configuration is a text of ours, whatever our caller's environment says:
 * no names are looked up, no key distribution centre is asked by itself, and PACs
 * are left to our own reader (check_pac), so that one decides.
 */
int
heimdal_settle(uint32_t skew_s, const char *more)
{
	int fd = memfd_create("krb5.conf", MFD_CLOEXEC);
	char path[64];

	if (fd < 0)
		fatal("memfd_create: %s", strerror(errno));
	(void)dprintf(fd,
		      "[libdefaults]\n"
		      "clockskew = %u\n"
		      "check_pac = false\n"
		      "dns_lookup_kdc = false\n"
		      "dns_lookup_realm = false\n"
		      "dns_canonicalize_hostname = false\n"
		      "rdns = false\n"
		      "%s",
		      skew_s, more);
	(void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	ENSURE(setenv("KRB5_CONFIG", path, 1) == 0);
	ENSURE(unsetenv("KRB5_KTNAME") == 0 && unsetenv("KRB5CCNAME") == 0);
	RAND_set_rand_method(&random_ours);
	return fd;
}
