/*
 * name.h - names as clients see them and as the disk has them.
 *
 * Windows forbids characters that Unix allows.  On the wire these stand as
 * private-use characters (the customary mapping of Services for Macintosh,
 * which the Linux client's `mapposix` uses as well):
 *
 *	U+0001-U+001F  U+F001-U+F01F      "  U+F020     *  U+F021     :  U+F022
 *	<  U+F023      >  U+F024          ?  U+F025     \  U+F026     |  U+F027
 *	a blank at the end  U+F028        a dot at the end  U+F029
 *	a byte that is not UTF-8 (0x80-0xFF)  U+F180-U+F1FF, disk to wire only
 *
 * A client's name with the forbidden character itself is refused.
 */
#ifndef FSD_NAME_H
#define FSD_NAME_H

#include <stdbool.h>
#include <stddef.h>

#include "base/nt.h"

#define NAME_DISK (255 + 1)		/* NAME_MAX and a NUL */
#define NAME_WIRE (255 * 3 + 1)		/* each byte may become a three-byte character */

/*
 * One component as sent, to what stands on disk.  STATUS_OBJECT_PATH_SYNTAX_BAD
 * for "..", STATUS_OBJECT_NAME_INVALID for "", ".", a character that names cannot have, a blank or dot at the end,
 * bad UTF-8, or more than the disk takes.
 */
nt name_to_disk(const char *wire, size_t n, char ret[NAME_DISK]) MUST_USE;
/* A name from the disk, as it goes out. */
void name_to_wire(const char *disk, char ret[NAME_WIRE]);
/* A whole path, '/' kept; cut at cap-1 (which a path from path_lookup() never is). */
void name_path_to_wire(const char *disk, char *ret, size_t cap);

#endif
