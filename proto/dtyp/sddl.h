/*
 * sddl.h - security descriptors as text and back: owner, group, DACL and SACL of
 * plain entries.  Not for: object and conditional entries.  [MS-DTYP] 2.5.1
 */
#ifndef PROTO_DTYP_SDDL_H
#define PROTO_DTYP_SDDL_H

#include "proto/dtyp/sd.h"

/* Appends the text without a NUL.  Makes w bad if it is full or the text could not say all of it. */
void sddl_print(struct wr *w, const struct sd *);
/*
 * The lists of *ret lie in acls.  STATUS_INVALID_SECURITY_DESCR for anything that
 * is not well formed to the end.
 */
nt sddl_parse(const char *text, struct wr *acls, struct sd *ret) MUST_USE;

#endif
