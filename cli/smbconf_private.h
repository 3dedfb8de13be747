/* smbconf_private.h - what the two halves of smbconf.h have from each other. */
#ifndef CLI_SMBCONF_PRIVATE_H
#define CLI_SMBCONF_PRIVATE_H

#include "cli/smbconf.h"

/* Fills what l->was becomes; *dropping: why all of this section is left out, or NULL. */
void smbconf_translate(struct smbconf_line *l, const char **dropping);
/* The first reason stays. */
void smbconf_line_refuse(struct smbconf_line *, const char *why);
char *smbconf_trimmed(const char *);	/* allocated */

#endif
