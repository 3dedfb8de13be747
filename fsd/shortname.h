/*
 * shortname.h - the 8.3 name of a file that has a longer one: five characters of
 * it, '~', two digits of a hash, and the extension.  Told to who asks
 * (FileAlternateNameInformation), found by dirindex_find(), never stored.  [MS-FSCC] 2.1.5.2.1
 */
#ifndef FSD_SHORTNAME_H
#define FSD_SHORTNAME_H

#include <stdbool.h>

#define SHORTNAME_MAX 13

/* wire: one component.  A name that is 8.3 already is its own, in capitals. */
void shortname_of(const char *wire, char ret[SHORTNAME_MAX]);
/* Could this be one that shortname_of() made up? */
bool shortname_is_made_up(const char *wire);

#endif
