/*
 * ticket_file.h - files of tickets and keys, as the command writes them.
 */
#ifndef CLI_TICKET_FILE_H
#define CLI_TICKET_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TICKET_FILE_MAX 65536u /* TOKEN_BOUND of the message it comes in */

/*
 * The form of ticket.export that a path asks for: "keytab:FILE", whose word is cut off, or what
 * the end of the name says; a ccache otherwise.
 */
int ticket_form(const char **path);
/* The digits as bytes, p of TICKET_FILE_MAX.  False: they are none. */
bool ticket_bytes(const char *hex, uint8_t *p, size_t *ret_n);
/* For its owner's eyes: beside the old file first, then in its place.  EXIT_OK or after a message. */
int ticket_file_replace(const char *path, const uint8_t *p, size_t n);

#endif
