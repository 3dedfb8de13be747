/*
 * access.h - rights to a file: its descriptor, synthesised from owner, group
 * and mode, against the identity.  The kernel judges again at the system call.
 */
#ifndef FSD_ACCESS_H
#define FSD_ACCESS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/nt.h"
#include "fsd/creds.h"
#include "fsd/stat.h"
#include "proto/dtyp/access.h"
#include "proto/dtyp/sd.h"

/* buf holds what *ret borrows. */
void access_descriptor(const struct look *, uint8_t buf[SD_UNIX_MAX], struct sd *ret);
/* Everything who may do with it; parent_writable: a name may be removed there. */
uint32_t access_of(const struct look *, const struct ident *who, bool parent_writable);
/* May names be made and removed in this directory, by its mode? */
bool access_dir_writable(const struct look *dir, const struct ident *who);
/* ... and this one of them in particular (sticky directories). */
bool access_may_unlink(const struct look *dir, const struct look *file, const struct ident *who);
/* Maps generic bits.  STATUS_ACCESS_DENIED for none and for bits that mean nothing. */
nt access_map(uint32_t asked, uint32_t *ret) MUST_USE;

#endif
