/*
 * conf_hosts.h - the ways to write a host or network in `hosts allow`.
 */
#ifndef BROKER_CONF_HOSTS_H
#define BROKER_CONF_HOSTS_H

#include <stdbool.h>
#include <stddef.h>

#define CONF_HOST_TEXT 64

/*
 * "192.0.2.7", "192.0.2.0/24", "192.0.2.0/255.255.255.0", "192.0.2.", "2001:db8::/32",
 * "localhost", "ALL".  Writes "address" or "network/bits", for some words two of
 * them with a blank between.  False for anything else: names need a resolver.
 */
bool conf_host_canonical(const char *word, char *dst, size_t cap);

#endif
