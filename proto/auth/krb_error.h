/*
 * krb_error.h - what kind of message a KDC's answer is, and the code of a
 * KRB-ERROR; as much of it as who carries it has to know.  [RFC4120] 5.9.1
 */
#ifndef PROTO_AUTH_KRB_ERROR_H
#define PROTO_AUTH_KRB_ERROR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/cursor.h"
#include "base/nt.h"

#define KRB_ERR_SERVICE_UNAVAILABLE 29
#define KRB_ERR_RESPONSE_TOO_BIG    52

/* Does it begin as an AS-REP, a TGS-REP or a KRB-ERROR, and end where it says? */
bool krb_is_answer(struct span) MUST_USE;
/* The error-code; -1 if it is no KRB-ERROR that can be taken apart. */
int32_t krb_error_code(struct span) MUST_USE;

#endif
