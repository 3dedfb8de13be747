/*
 * convert.h - tickets as Heimdal holds them and as we do.  For the files of
 * this folder that know its types.
 */
#ifndef AUTHD_CRED_CONVERT_H
#define AUTHD_CRED_CONVERT_H

#include <stdbool.h>

#include <krb5.h>

#include "proto/auth/krb_file.h"

/* *ret is zeroed before, and the caller's to free also on failure. */
krb5_error_code convert_in(krb5_context, const struct krb_ticket *, krb5_creds *ret);
/* Borrows from creds.  False: nothing that we keep. */
bool convert_out(krb5_context, const krb5_creds *creds, struct krb_ticket *ret);

#endif
