/*
 * md4.h - MD4 of one message, for the NT hash alone.  Our own, because
 * OpenSSL's sits in a loadable provider that no sandbox should have to admit.
 * [RFC1320]
 */
#ifndef PROTO_AUTH_MD4_H
#define PROTO_AUTH_MD4_H

#include <stdint.h>

#include "base/cursor.h"

void md4(struct span msg, uint8_t ret[16]);

#endif
