/*
 * ea.h - extended attributes that clients set: EA "NAME" is the disk's user.NAME,
 * case aside.  Our own attribute is not among them.  The caller has checked
 * FILE_READ_EA or FILE_WRITE_EA; main thread only.  [MS-FSA] 2.1.5.12, 2.1.5.15
 */
#ifndef FSD_EA_H
#define FSD_EA_H

#include <stdbool.h>
#include <stdint.h>

#include "base/cursor.h"
#include "base/nt.h"

#define EA_LIST_MAX 65536u	/* of one file, encoded; the file system allows less */

/*
 * All of them, or those that names (FileGetEaInformation) asks for, into w.
 * STATUS_NO_EAS_ON_FILE, STATUS_BUFFER_TOO_SMALL if not all fit.
 */
nt ea_list(int fd, struct span names, struct wr *w) MUST_USE;
/* An empty value removes.  STATUS_EA_LIST_INCONSISTENT, STATUS_EA_TOO_LARGE, STATUS_NOT_SUPPORTED. */
nt ea_set(int fd, struct span list) MUST_USE;
/* Bytes of the whole list, as FileEaInformation tells; 0 if there is none. */
uint32_t ea_size(int fd);
/*
 * The same of a name, which is no link, where path_stay_in() is; and whether our
 * own attribute is there, so that listings need not ask in vain.
 */
uint32_t ea_look_name(const char *name, bool *ret_ours);

#endif
